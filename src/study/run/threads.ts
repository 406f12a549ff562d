import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { listOf, optional, record, text, whole } from "../../config/arguments.js";
import { revive } from "../../config/failure.js";
import type { StopSignal } from "../../config/records.js";
import type { StoreRecord } from "../store/record.js";
import { datasetExchange } from "./exchange.js";
import type { FromWorker, Question, Reply, ToWorker, WorkerTask } from "./messages.js";
import { LostJob, type PerformOptions, type Place } from "./place.js";
import type { PluginFile } from "./plugins.js";

/**
 * Worker threads of this machine: jobs whole in a thread each, with the results of one thread.
 * @example
 * const place = threads(2);
 * const { cells } = await compare(
 *   { file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } }, quantizers: ["emq", "laq"] },
 *   { place },
 * );
 * await place.close();
 * cells.length; // → 2
 */
export function threads(count: number, options: PoolOptions = {}): Place {
  checkPool(count, options);
  const running = new Map<number, PerformOptions>();
  const datasets = datasetExchange<MessagePort>(Math.max(4, count));
  let pool: Pool | undefined;
  let tasks = 0;

  function listen(port: MessagePort): void {
    port.on("message", (message: FromWorker) => {
      if ("say" in message) {
        if (message.say === "progress") running.get(message.id)?.onProgress(message.progress);
        else datasets.made(message.key, message.dataset);
        return;
      }
      const { request } = message;
      const answer = (value: unknown): void => port.postMessage({ request, answer: value } satisfies ToWorker);
      if (message.ask === "dataset") datasets.want(message.key, port, answer);
      else if (message.ask !== "setup")
        void keepState(running.get(message.id), message).then(answer, () => answer(undefined));
    });
    port.on("close", () => datasets.lost(port));
  }

  /** The threads start with the first job: where a store has everything there is none. */
  function started(): Pool {
    if (pool === undefined) {
      pool = openPool(count, options);
      pool.onPort(listen);
    }
    return pool;
  }

  return {
    slots: count,
    async perform(job, options) {
      const id = tasks++;
      const { wanted, kept, state, signal } = options;
      running.set(id, options);
      try {
        return await started().run<StoreRecord[]>(
          { kind: "job", id, job, wanted, ...(kept && { kept }), stateful: state !== undefined },
          signal,
        );
      } finally {
        running.delete(id);
      }
    },
    async close() {
      await pool?.close();
      pool = undefined;
    },
  };
}

/** Threads that a pool may have: each takes memory of its own, a model and its kernels. */
const mostThreads = 1024;

/** @throws InputError for a number of threads that there cannot be, and for modules that are none */
export function checkPool(count: number, options: PoolOptions): void {
  whole(1, mostThreads)("count", count);
  record({ plugins: optional(listOf(record({ path: text }))) })("options", options);
}

/** A half-done job's bytes; of a job that is over, what is said of it is not kept any more. */
async function keepState(
  options: PerformOptions | undefined,
  message: Extract<Question, { id: number }>,
): Promise<Uint8Array | undefined> {
  if (message.ask === "read-state") return options?.state?.read();
  await options?.state?.write(message.bytes);
  return undefined;
}

/** A pool of worker threads running dist/worker.js. */
export interface Pool {
  /** @throws what the task threw, with its class; LostJob where its thread ended without an answer */
  run<T>(task: WorkerTask, signal?: StopSignal): Promise<T>;
  /** Called with the port of each thread that has something to say or to ask, when it opens it */
  onPort(listener: (port: MessagePort) => void): void;
  /** Answers what threads ask with what is there at once */
  onQuestion(answer: (question: Question) => unknown): void;
  close(): Promise<void>;
}

/** What every thread of a pool is given. */
export interface PoolOptions {
  /** Modules with parts of one's own, which every thread loads */
  plugins?: readonly PluginFile[];
}

export function openPool(count: number, options: PoolOptions = {}): Pool {
  const pool = new Piscina({
    filename: workerFile(),
    minThreads: count,
    maxThreads: count,
    // Whole rounds lie between two tasks of a thread: waiting on an Atomics.wait would block its messages meanwhile.
    atomics: "disabled",
    recordTiming: false,
    workerData: options,
  });
  const onPort: Pool["onPort"] = (listener) => {
    pool.on("message", ({ port }: { port?: MessagePort }) => {
      if (port === undefined) return;
      listener(port);
      port.unref(); // a port waits for nothing: the tasks do
    });
  };
  pool.on("error", () => {}); // a thread that ended between two tasks is replaced
  return {
    async run<T>(task: WorkerTask, signal?: StopSignal) {
      let reply: Reply;
      try {
        reply = (await pool.run(task, signal === undefined ? {} : { signal: signal as AbortSignal })) as Reply;
      } catch (error) {
        if (signal?.aborted) throw error;
        throw new LostJob(`its worker thread was lost: ${(error as Error).message}`, { cause: error });
      }
      if ("ok" in reply) return reply.ok as T;
      throw revive(reply.failed);
    },
    onPort,
    onQuestion(answer) {
      onPort((port) =>
        port.on("message", (message: FromWorker) => {
          if ("say" in message) return;
          port.postMessage({ request: message.request, answer: answer(message) } satisfies ToWorker);
        }),
      );
    },
    close: () => pool.destroy(),
  };
}

/** dist/worker.js, seen from the bundle's own folder, from its chunks' folder, or from the sources under test. */
function workerFile(): string {
  const places = ["./worker.js", "../worker.js", "../../../dist/worker.js"].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = places.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`worker threads: none of ${places.join(", ")} exists; run npm run build`);
  return found;
}
