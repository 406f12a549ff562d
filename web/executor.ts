import { revive } from "../src/config/failure.js";
import { createDecoder } from "../src/federated/decoder.js";
import { combineEvaluations, inOrder, takeIn } from "../src/federated/executor.js";
import { sharesOf } from "../src/federated/shares.js";
import { emptySums } from "../src/federated/sums.js";
import type { ClientUpload } from "../src/federated/task.js";
import { type ClientTask, type Evaluation, type Executor, InputError, type StartedTraining } from "../src/index.js";
import type { ClientJob, ClientJobReply } from "./clientWorker.js";

/**
 * Clients of a round trained in `count` workers of the browser, a model each. Their packets are put back in the order of
 * the tasks and decoded here, so the results are those of one worker: a page need not have memory that workers share.
 */
export function workersExecutor(count: number, script: string): Executor {
  const workers: ReturnType<typeof openWorker>[] = [];
  let next = 0;
  let testChunks = 0;
  let decode: ReturnType<typeof createDecoder> | undefined;

  /** Each job goes to the worker that has least to do. */
  function give<T>(job: ClientJob): Promise<T> {
    const idle = workers.reduce((best, worker) => (worker.waiting() < best.waiting() ? worker : best));
    return idle.ask<T>(next++, job);
  }

  return {
    async start(setup) {
      if (setup.quantizer !== undefined) throw new InputError("quantizer", "an object cannot be sent to workers");
      while (workers.length < count) workers.push(openWorker(script));
      const shards = sharesOf(setup.dataset, setup.config);
      const runnerSetup = { ...setup, shards };
      const chunks = await Promise.all(
        workers.map((worker) => worker.ask<number>(next++, { kind: "setup", setup: runnerSetup })),
      );
      testChunks = chunks[0]!;
      const started = await give<StartedTraining>({ kind: "begin" });
      decode = createDecoder(setup, started.tensors);
      return started;
    },
    async run(parameters, tasks, receive) {
      const sums = emptySums(tasks, parameters.length);
      const decoded = new Float32Array(parameters.length);
      const ask = (task: ClientTask) =>
        give<ClientUpload>({ kind: "client", parameters, task: { ...task, decoder: new Map() } });
      await inOrder(tasks, ask, (upload, task) =>
        takeIn(decode!(parameters, task, upload, decoded), task, decoded, sums, receive),
      );
      return sums;
    },
    async evaluate(parameters) {
      const chunks = Array.from({ length: testChunks }, (_, chunk) =>
        give<Evaluation>({ kind: "evaluate", parameters, chunk }),
      );
      return combineEvaluations(await Promise.all(chunks));
    },
    async close() {
      for (const worker of workers.splice(0)) worker.end();
    },
  };
}

function openWorker(script: string) {
  const worker = new Worker(script, { type: "module", name: "client" });
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  worker.addEventListener("message", ({ data }: MessageEvent<ClientJobReply>) => {
    const asked = pending.get(data.id);
    pending.delete(data.id);
    if ("ok" in data) asked?.resolve(data.ok as never);
    else asked?.reject(revive(data.failed));
  });
  worker.addEventListener("error", (event) => {
    for (const { reject } of pending.values())
      reject(new Error(event.message || "a client's worker was lost or could not be started"));
    pending.clear();
  });
  return {
    waiting: () => pending.size,
    ask: <T>(id: number, job: ClientJob) =>
      new Promise<T>((resolve, reject) => {
        pending.set(id, { resolve, reject });
        worker.postMessage({ id, job });
      }),
    end: () => worker.terminate(),
  };
}
