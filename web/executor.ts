import { revive } from "../src/config/failure.js";
import { createDecoder } from "../src/federated/decoder.js";
import { combineEvaluations, inOrder, takeIn } from "../src/federated/executor.js";
import { sharesOf } from "../src/federated/shares.js";
import { emptySums } from "../src/federated/sums.js";
import type { ClientUpload } from "../src/federated/task.js";
import { type ClientTask, type Evaluation, type Executor, InputError, type StartedTraining } from "../src/index.js";
import type { ClientJob, ClientJobReply } from "./clientWorker.js";
import { openWorker } from "./openWorker.js";

/**
 * Clients of a round trained in `count` workers of the browser, a model each. Their packets are put back in the order of
 * the tasks and decoded here, so the results are those of one worker: a page need not have memory that workers share.
 */
export function workersExecutor(count: number, script: string): Executor {
  const workers: ReturnType<typeof openClient>[] = [];
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
      while (workers.length < count) workers.push(openClient(script));
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

/** A worker of the run has ended by itself: what was trained before is kept, and may be gone on with. */
export class LostWorkerError extends Error {
  constructor(reason: string) {
    super(`a worker that trains clients was lost: ${reason}`);
  }
}

function openClient(script: string) {
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let gone: LostWorkerError | undefined;
  const opened = openWorker<ClientJobReply>(script, "client", {
    heard(reply) {
      const asked = pending.get(reply.id);
      pending.delete(reply.id);
      if ("ok" in reply) asked?.resolve(reply.ok as never);
      else asked?.reject(revive(reply.failed));
    },
    lost(reason) {
      gone = new LostWorkerError(reason);
      for (const { reject } of pending.values()) reject(gone);
      pending.clear();
    },
  });
  return {
    waiting: () => pending.size,
    ask: <T>(id: number, job: ClientJob) =>
      new Promise<T>((resolve, reject) => {
        if (gone !== undefined) return reject(gone);
        pending.set(id, { resolve, reject });
        opened?.worker.postMessage({ id, job });
      }),
    end: () => opened?.end(),
  };
}
