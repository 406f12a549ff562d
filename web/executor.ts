import { revive } from "../src/config/failure.js";
import { combineEvaluations, inOrder } from "../src/federated/executor.js";
import { type ClientReply, type Evaluation, type Executor, InputError } from "../src/index.js";
import type { ClientJob, ClientJobReply } from "./clientWorker.js";

/**
 * Clients of a round trained in `count` workers of the browser, a model each. Replies are put back in the order of the
 * tasks, so the results are those of one worker.
 */
export function workersExecutor(count: number): Executor {
  const workers: ReturnType<typeof openWorker>[] = [];
  let next = 0;
  let testChunks = 0;

  /** Each job goes to the worker that has least to do. */
  function give<T>(job: ClientJob): Promise<T> {
    const idle = workers.reduce((best, worker) => (worker.waiting() < best.waiting() ? worker : best));
    return idle.ask<T>(next++, job);
  }

  return {
    async start(setup) {
      if (setup.quantizer !== undefined) throw new InputError("quantizer", "an object cannot be sent to workers");
      while (workers.length < count) workers.push(openWorker());
      const chunks = await Promise.all(workers.map((worker) => worker.ask<number>(next++, { kind: "setup", setup })));
      testChunks = chunks[0]!;
    },
    run: (parameters, tasks, receive) =>
      inOrder(tasks, (task) => give<ClientReply>({ kind: "client", parameters, task }), receive),
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

function openWorker() {
  const worker = new Worker(new URL("./clientWorker.js", import.meta.url), { type: "module" });
  const pending = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  worker.addEventListener("message", ({ data }: MessageEvent<ClientJobReply>) => {
    const asked = pending.get(data.id);
    pending.delete(data.id);
    if ("ok" in data) asked?.resolve(data.ok as never);
    else asked?.reject(revive(data.failed));
  });
  worker.addEventListener("error", (event) => {
    for (const { reject } of pending.values()) reject(new Error(event.message || "a worker could not be started"));
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
