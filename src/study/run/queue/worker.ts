import { hostname } from "node:os";
import type { Job as QueueJob } from "bullmq";
import { InputError, reasonOf } from "../../../config/errors.js";
import { describe } from "../../../config/failure.js";
import { type Departure, pause } from "../departure.js";
import { LostJob, type Place } from "../place.js";
import type { PluginFile } from "../plugins.js";
import { crashRetries } from "../work.js";
import { prefix, type QueueConnection, queueName } from "./connection.js";
import {
  type Announcement,
  obstacle,
  pack,
  type QueuedJob,
  type QueuedResult,
  rememberedResult,
  requirements,
  resultKey,
  stateKey,
  studiesKey,
} from "./messages.js";

export interface QueueWorkerOptions {
  place: Place;
  departure: Departure;
  plugins?: readonly PluginFile[];
  /** Hash of the plan, where it works for no other */
  plan?: string;
  /** Stays when all studies are over, for those that come */
  stay?: boolean;
  /** s without a word after which a job is another worker's */
  lock?: number;
  /** s without a word after which a coordinator is taken for gone; `lock`, and 15 at least, unless given */
  silence?: number;
  say?(line: string): void;
}

export const defaultLock = 60;
/** s between two looks at whether there is a study */
const lookInterval = 2;
/** s: three announcements */
const coordinatorSilence = 15;

/**
 * Works for the studies of a queue until they are over or it has to leave. The place computes on other threads; this
 * one goes on telling the queue that the jobs are worked on.
 * @throws InputError where it is not what a study needs: another version, another plan, a plugin that is missing
 */
export async function workForQueue(
  connection: QueueConnection,
  options: QueueWorkerOptions,
): Promise<{ done: number; failed: number }> {
  const { place, departure, plugins = [], plan, stay = false, lock = defaultLock, say = () => {} } = options;
  const { Worker, UnrecoverableError, DelayedError } = connection.packages.bullmq;
  const { redis } = connection;
  const mine = requirements(plugins);
  const name = `${hostname()}-${process.pid}`;
  const count = { done: 0, failed: 0 };
  const studies = studiesOf(connection, options);
  let misfit: InputError | undefined;

  async function performQueued(queued: QueueJob<QueuedJob>, token: string | undefined): Promise<string> {
    const { job, wanted, kept, needs, study } = queued.data;
    misfit ??= obstacle(needs, mine) ?? otherPlan(study, plan);
    if (misfit !== undefined || departure.drain.aborted) return giveBack(queued, token);
    const keep = (result: QueuedResult) => redis.set(resultKey(job.key), pack(result), "EX", rememberedResult);
    let told = 0;
    try {
      const records = await place.perform(job, {
        ...{ wanted: new Set(wanted), state: stateIn(connection, job.key), signal: departure.stop },
        ...(kept && { kept }),
        onProgress(progress) {
          if (performance.now() - told < 1000) return;
          told = performance.now();
          queued.updateProgress(progress as never).catch(() => {}); // it may have been taken over
        },
      });
      // Before the queue hears of it: whoever hears of it finds it
      await keep({ records, worker: name });
      await redis.del(stateKey(job.key));
      count.done++;
      return name;
    } catch (error) {
      if (departure.stop.aborted) return giveBack(queued, token);
      if (error instanceof LostJob) {
        say(`${job.name}: ${error.message}`);
        if (queued.attemptsMade >= crashRetries) await keep({ failed: describe(error), worker: name });
        throw error; // another attempt
      }
      count.failed++;
      await keep({ failed: describe(error), worker: name });
      throw new UnrecoverableError(reasonOf(error));
    }
  }

  async function giveBack(queued: QueueJob<QueuedJob>, token: string | undefined): Promise<never> {
    // At once where this worker leaves; where it does not fit, another may be quicker than it is to leave
    await queued.moveToDelayed(Date.now() + (misfit === undefined ? 1 : 1000), token);
    throw new DelayedError();
  }

  misfit = await untilThereIsOne();
  if (misfit !== undefined) throw misfit;
  if (departure.drain.aborted) return count;
  const worker = new Worker<QueuedJob, string>(queueName, performQueued, {
    ...{ connection: connection.another(), prefix, name, concurrency: place.slots },
    ...{ lockDuration: 1000 * lock, stalledInterval: 500 * lock, maxStalledCount: crashRetries, drainDelay: 1 },
  });
  worker.on("error", (error) => {
    if (!isWaiting(error)) say(`the queue: ${reasonOf(error)}`);
  });
  while (!departure.drain.aborted && misfit === undefined) {
    await pause(lookInterval, departure.drain);
    if (stay) continue;
    if (areOver(await studies.look())) break;
    if (studies.forgotten()) {
      say(`${connection.address.shown} has forgotten its studies, and nobody announces one (--stay waits)`);
      break;
    }
  }
  await worker.close();
  if (misfit !== undefined) throw misfit;
  return count;

  /** Before it takes a job, it has to know of a study. @returns why it may work for none that is there */
  async function untilThereIsOne(): Promise<InputError | undefined> {
    for (let first = true; !departure.drain.aborted; first = false) {
      const all = await studies.look();
      const obstacles = all.filter(({ over }) => !over).map((one) => obstacle(one, mine) ?? otherPlan(one.plan, plan));
      if (obstacles.length > 0) return obstacles.includes(undefined) ? undefined : obstacles[0];
      if (!stay && all.length > 0) {
        say(`the studies at ${connection.address.shown} are over (--stay waits for others)`);
        return undefined;
      }
      if (first) say(`waiting for a study at ${connection.address.shown}`);
      await pause(lookInterval, departure.drain);
    }
    return undefined;
  }
}

/** At least one says so, and the others say nothing any more. */
function areOver(studies: readonly { over: boolean; silent: boolean }[]): boolean {
  return studies.some(({ over }) => over) && studies.every(({ over, silent }) => over || silent);
}

/** Looks at the studies of a queue, and which of their coordinators say nothing any more. */
function studiesOf(connection: QueueConnection, options: QueueWorkerOptions) {
  const { redis } = connection;
  const { lock = defaultLock, departure } = options;
  const silence = 1000 * (options.silence ?? Math.max(coordinatorSilence, lock));
  const heard = new Map<string, { text: string; since: number }>();
  /** When the server first said that it knows of no study; undefined while it knows of one */
  let none: number | undefined;
  return {
    async look(): Promise<(Announcement & { silent: boolean })[]> {
      const all = await Promise.race([redis.hgetall(studiesKey), pause(10, departure.drain)]).catch(() => undefined);
      // A server that is away for a while says nothing, and is waited for
      if (all === undefined) return [];
      const now = performance.now();
      const studies = Object.entries(all);
      none = studies.length === 0 ? (none ?? now) : undefined;
      return studies.map(([coordinator, text]) => {
        const known = heard.get(coordinator);
        if (known?.text !== text) heard.set(coordinator, { text, since: now });
        const silent = known?.text === text && now - known.since > silence;
        return { ...(JSON.parse(text) as Announcement), silent };
      });
    },
    /** It knew of studies, has lost its memory since, and no coordinator has told it again. */
    forgotten: () => heard.size > 0 && none !== undefined && performance.now() - none > silence,
  };
}

function otherPlan(study: string, plan: string | undefined): InputError | undefined {
  if (plan === undefined || plan === study) return undefined;
  return new InputError("PLAN.json", `the study in the queue is that of another plan (${study} there, ${plan} here)`);
}

/** Half-done work, for whoever takes the job over. */
function stateIn({ redis }: QueueConnection, key: string) {
  return {
    read: async () => (await redis.getBuffer(stateKey(key))) ?? undefined,
    async write(bytes: Uint8Array) {
      await redis.set(stateKey(key), Buffer.from(bytes), "EX", rememberedResult).catch(() => {}); // it is no result
    },
  };
}

/** What a connection says while it waits for its server. */
function isWaiting(error: unknown): boolean {
  return /ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|LOADING|Connection is closed/.test(String(error));
}
