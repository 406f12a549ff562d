import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { InputError, RunError } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import type { ClientReply, ClientTask, Evaluation, ExecutorSetup } from "../../federated/client.js";
import { combineEvaluations, type Executor, inOrder } from "../../federated/executor.js";
import type { Failure, WorkerTask } from "./worker.js";

/** A pool of worker threads running dist/worker.js. */
export type Threads = <T>(task: WorkerTask) => Promise<T>;

/** @param setup what every thread of a single run needs; left out for pools whose tasks are whole runs */
export function openThreads(count: number, setup?: ExecutorSetup): { run: Threads; close(): Promise<void> } {
  const pool = new Piscina({
    filename: workerFile(),
    minThreads: count,
    maxThreads: count,
    // Whole rounds lie between two tasks of a thread: waiting on an Atomics.wait would block its messages meanwhile.
    atomics: "disabled",
    workerData: setup,
  });
  return {
    async run<T>(task: WorkerTask) {
      const reply = (await pool.run(task, "progress" in task ? { transferList: [task.progress] } : {})) as
        | { ok: T }
        | { failed: Failure };
      if ("ok" in reply) return reply.ok;
      throw revive(reply.failed);
    },
    close: () => pool.destroy(),
  };
}

/** Clients of a round trained on `count` threads, a model each; the results are those of one thread. */
export function threadedExecutor(count: number): Executor {
  let threads: ReturnType<typeof openThreads> | undefined;
  let testChunks = 0;
  let shared: Float32Array = new Float32Array(0);
  const running = () => {
    if (threads === undefined) throw new Error("executor: run before start");
    return threads;
  };
  const share = (parameters: Float32Array) => {
    if (shared.length !== parameters.length) shared = new Float32Array(new SharedArrayBuffer(parameters.byteLength));
    shared.set(parameters);
    return shared;
  };
  return {
    async start(setup) {
      if (setup.quantizer !== undefined) {
        throw new InputError(
          "quantizer",
          `"${setup.quantizer.name}" was passed as an object, which cannot be sent to worker threads: leave out the executor`,
        );
      }
      await threads?.close();
      const dataset = shareDataset(setup.dataset);
      threads = openThreads(count, { ...setup, dataset });
      testChunks = await threads.run<number>({ kind: "test-chunks" });
    },
    async run(parameters, tasks, receive) {
      const current = share(parameters);
      const give = (task: ClientTask) => running().run<ClientReply>({ kind: "client", parameters: current, task });
      await inOrder(tasks, give, receive);
    },
    async evaluate(parameters) {
      const current = share(parameters);
      const chunks = Array.from({ length: testChunks }, (_, chunk) =>
        running().run<Evaluation>({ kind: "evaluate", parameters: current, chunk }),
      );
      return combineEvaluations(await Promise.all(chunks));
    },
    async close() {
      await threads?.close();
      threads = undefined;
    },
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

/** Errors lose their class on the way between threads. */
function revive(failure: Failure): Error {
  const error =
    failure.kind === "input"
      ? new InputError(failure.path, failure.message)
      : failure.kind === "run"
        ? new RunError(failure.message)
        : new Error(failure.message);
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
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
