import { InputError } from "../../config/errors.js";
import type { ClientReply, ClientTask, Evaluation } from "../../federated/client.js";
import { combineEvaluations, type Executor, inOrder } from "../../federated/executor.js";
import { openPool, type Pool, type PoolOptions, shareDataset } from "./threads.js";

/** Clients of a round trained on `count` threads, a model each; the results are those of one thread. */
export function threadedExecutor(count: number, { plugins }: PoolOptions = {}): Executor {
  let pool: Pool | undefined;
  let testChunks = 0;
  let shared: Float32Array = new Float32Array(0);
  const running = () => {
    if (pool === undefined) throw new Error("executor: run before start");
    return pool;
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
      await pool?.close();
      pool = openPool(count, {
        ...(plugins && { plugins }),
        setup: { ...setup, dataset: shareDataset(setup.dataset) },
      });
      testChunks = await pool.run<number>({ kind: "test-chunks" });
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
      await pool?.close();
      pool = undefined;
    },
  };
}
