import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { revive } from "../../config/failure.js";
import type { Dataset } from "../../config/records.js";
import type { ExecutorSetup } from "../../federated/client.js";
import type { StoreRecord } from "../store/record.js";
import { datasetExchange } from "./exchange.js";
import type { FromWorker, Question, Reply, ToWorker, WorkerTask } from "./messages.js";
import { LostJob, type PerformOptions, type Place } from "./place.js";
import type { PluginFile } from "./plugins.js";

/** Worker threads of this machine: jobs whole in a thread each, with the results of one thread. */
export function threads(count: number, options: PoolOptions = {}): Place {
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
      else void keepState(running.get(message.id), message).then(answer, () => answer(undefined));
    });
    port.on("close", () => datasets.lost(port));
    port.unref(); // a port waits for nothing: the tasks do
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

/** A half-done job's bytes; of a job that is over, what is said of it is not kept any more. */
async function keepState(
  options: PerformOptions | undefined,
  message: Exclude<Question, { ask: "dataset" }>,
): Promise<Uint8Array | undefined> {
  if (message.ask === "read-state") return options?.state?.read();
  await options?.state?.write(message.bytes);
  return undefined;
}

/** A pool of worker threads running dist/worker.js. */
export interface Pool {
  /** @throws what the task threw, with its class; LostJob where its thread ended without an answer */
  run<T>(task: WorkerTask, signal?: AbortSignal): Promise<T>;
  /** Called with the port of each thread that performs jobs, when it opens it */
  onPort(listener: (port: MessagePort) => void): void;
  close(): Promise<void>;
}

/** What every thread of a pool is given. */
export interface PoolOptions {
  /** What the threads of a single run need; left out for pools whose tasks are whole jobs */
  setup?: ExecutorSetup;
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
    workerData: options,
  });
  pool.on("error", () => {}); // a thread that ended between two tasks is replaced
  return {
    async run<T>(task: WorkerTask, signal?: AbortSignal) {
      let reply: Reply;
      try {
        reply = (await pool.run(task, signal === undefined ? {} : { signal })) as Reply;
      } catch (error) {
        if (signal?.aborted) throw error;
        throw new LostJob(`its worker thread was lost: ${(error as Error).message}`, { cause: error });
      }
      if ("ok" in reply) return reply.ok as T;
      throw revive(reply.failed);
    },
    onPort(listener) {
      pool.on("message", ({ port }: { port?: MessagePort }) => {
        if (port !== undefined) listener(port);
      });
    },
    close: () => pool.destroy(),
  };
}

/** The same data on shared memory, so that threads do not each hold a copy. */
export function shareDataset(dataset: Dataset): Dataset {
  const part = (examples: Dataset["train"]) => ({
    ...examples,
    inputs: sharedCopy(examples.inputs),
    targets: sharedCopy(examples.targets),
  });
  return { ...dataset, train: part(dataset.train), test: part(dataset.test) };
}

function sharedCopy<T extends Uint8Array | Float32Array | Int32Array>(values: T): T {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const TypedArray = values.constructor as new (buffer: SharedArrayBuffer) => T;
  const copy = new TypedArray(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
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
