import { setMaxListeners } from "node:events";
import type { Job as QueueJob } from "bullmq";
import { RunError } from "../../../config/errors.js";
import { revive } from "../../../config/failure.js";
import type { Job } from "../../jobs/job.js";
import type { StoreRecord } from "../../store/record.js";
import { LostJob, type PerformOptions, type Place } from "../place.js";
import type { PluginFile } from "../plugins.js";
import { crashRetries } from "../work.js";
import { prefix, type QueueConnection, queueName } from "./connection.js";
import {
  type Announcement,
  idOf,
  type QueuedJob,
  type QueuedResult,
  rememberedEnd,
  rememberedStudy,
  requirements,
  resultKey,
  studiesKey,
  unpack,
} from "./messages.js";

export interface QueuePlaceOptions {
  /** Hash of the plan, and what it is called */
  study: { plan: string; name: string };
  plugins?: readonly PluginFile[];
  /** Jobs that are in the queue at a time; more workers than that have nothing to do */
  slots?: number;
  /** s between two looks at what nobody told of: jobs that were lost with the server's memory, words that were not heard */
  look?: number;
}

/** Enough for a thousand cores, and little to remember for a server. */
const defaultSlots = 1024;

interface Waiting {
  data: QueuedJob;
  ended: Promise<void>;
  resolve(records: StoreRecord[]): void;
  reject(error: unknown): void;
  onProgress: PerformOptions["onProgress"];
}

/** Machines that come and go: jobs go to a queue on a Redis server, and their results come back through it. */
export interface QueuePlace extends Place {
  /** Says that nothing is left to do, so that workers may leave */
  over(): Promise<void>;
}

/**
 * What the queue says is only a hint. A job counts as done by its records, which are looked for under its key; one that
 * is in no queue any more is put there again. So it does not matter what the server forgets, who else coordinates the
 * same study, or what was not heard.
 */
export async function queuePlace(connection: QueueConnection, options: QueuePlaceOptions): Promise<QueuePlace> {
  const { study, plugins = [], slots = defaultSlots, look = 5 } = options;
  const { Queue, QueueEvents } = connection.packages.bullmq;
  const { redis } = connection;
  const needs = requirements(plugins);
  const waiting = new Map<string, Waiting>();
  const queue = new Queue<QueuedJob>(queueName, { connection: redis, prefix });
  const events = new QueueEvents(queueName, { connection: connection.another(), prefix });
  queue.on("error", () => {}); // what the server does not do now is done at the next look
  events.on("error", () => {});
  events.on("completed", ({ jobId }) => void settle(jobId));
  events.on("failed", ({ jobId }) => void settle(jobId));
  events.on("progress", ({ jobId, data }) => waiting.get(jobId)?.onProgress(data as never));

  const { announce, over } = announcer(connection, { ...needs, ...study });

  function add(id: string, data: QueuedJob): Promise<unknown> {
    return queue.add(data.job.kind, data, {
      ...{ jobId: id, attempts: 1 + crashRetries, removeOnComplete: true, removeOnFail: false },
    });
  }

  /** Takes what there is of a job's result; what is of no use makes room for another attempt. */
  async function settle(id: string): Promise<void> {
    const entry = waiting.get(id);
    if (entry === undefined) return;
    const { key } = entry.data.job;
    try {
      const bytes = await redis.getBuffer(resultKey(key));
      const result = bytes === null ? undefined : unpack(bytes);
      if (!waiting.has(id)) return;
      if (result !== undefined && "records" in result && hasAll(result, entry.data.wanted)) {
        waiting.delete(id);
        entry.resolve(result.records);
        return;
      }
      if (bytes !== null && (result === undefined || "records" in result)) await redis.del(resultKey(key));
      const queued = await queue.getJob(id);
      const state = await queued?.getState();
      if (queued !== undefined && state === "failed") await fail(id, entry, queued, result);
      else if (queued === undefined || state === "unknown" || state === "completed") {
        await queued?.remove();
        await add(id, entry.data);
      }
    } catch {
      // The server does not answer now: the next look finds the same.
    }
  }

  async function fail(id: string, entry: Waiting, queued: QueueJob<QueuedJob>, result: QueuedResult | undefined) {
    waiting.delete(id);
    await queued.remove();
    await redis.del(resultKey(entry.data.job.key));
    if (result !== undefined && "failed" in result) entry.reject(revive(result.failed));
    else entry.reject(new RunError(reasonOfLoss(queued.failedReason)));
  }

  await announce();
  const timer = setInterval(async () => {
    try {
      await announce();
      // One after the other: a thousand questions at once would be a burst, every few seconds
      for (const id of [...waiting.keys()]) await settle(id);
    } catch {
      // As above.
    }
  }, 1000 * look);

  return {
    slots,
    async perform(job: Job, options: PerformOptions) {
      const { wanted, kept, signal } = options;
      const id = idOf(job.key);
      if (signal !== undefined) setMaxListeners(0, signal as AbortSignal); // all jobs of a study end with one
      // One training asked for with details and without is two jobs of one key: one after the other
      while (waiting.has(id) && !signal?.aborted) await waiting.get(id)!.ended;
      const data: QueuedJob = { job, wanted: [...wanted], ...(kept && { kept }), study: study.plan, needs };
      const records = enter(waiting, id, data, options);
      void settle(id);
      return records;
    },
    over,
    async close() {
      clearInterval(timer);
      await Promise.allSettled([events.close(), queue.close()]);
      await connection.close();
    },
  };
}

/** Says again and again that there is this study, until it is over. */
function announcer({ redis }: QueueConnection, about: Omit<Announcement, "over" | "beat">) {
  const coordinator = `${about.plan}-${crypto.randomUUID()}`;
  let over = false;
  let beat = 0;
  async function announce(): Promise<void> {
    const word: Announcement = { ...about, over, beat: beat++ };
    await redis.hset(studiesKey, coordinator, JSON.stringify(word));
    await redis.expire(studiesKey, over ? rememberedEnd : rememberedStudy);
  }
  return {
    announce,
    async over() {
      over = true;
      await announce();
    },
  };
}

/** A job among those that wait for their records; it leaves them however it ends. */
function enter(
  waiting: Map<string, Waiting>,
  id: string,
  data: QueuedJob,
  { signal, onProgress }: PerformOptions,
): Promise<StoreRecord[]> {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let onAbort = (): void => {};
  return new Promise<StoreRecord[]>((resolve, reject) => {
    onAbort = () => {
      waiting.delete(id);
      reject(new LostJob("broken off"));
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    waiting.set(id, { data, ended, resolve, reject, onProgress });
  }).finally(() => {
    signal?.removeEventListener("abort", onAbort);
    end();
  });
}

function hasAll(result: { records: readonly StoreRecord[] }, wanted: readonly string[]): boolean {
  const keys = new Set(result.records.map(({ key }) => key));
  return wanted.every((key) => keys.has(key));
}

function reasonOfLoss(reason: string | undefined): string {
  return /stalled/.test(reason ?? "")
    ? `its worker was lost ${crashRetries + 1} times, and said nothing`
    : (reason ?? "its worker said nothing");
}
