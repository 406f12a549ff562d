import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import type { ClientReply, ClientTask, Evaluation, ExecutorSetup, InitialModel } from "../../federated/client.js";
import { combineEvaluations, type Executor, inOrder } from "../../federated/executor.js";
import { emptySums, type WeightedUpdate } from "../../federated/sums.js";
import { sharedCopy, sharedFloats } from "./shared.js";
import { openPool, type Pool, type PoolOptions } from "./threads.js";

/** Threads that train the clients of a round, and can load what they train on. */
export interface ThreadedExecutor extends Executor {
  /** As `loadDataset`, in one of the threads: nothing else waits for it. @throws InputError */
  load(data: Config["data"], seed: number): Promise<Dataset>;
}

/** Updates that are summed at a time: each thread takes a range of the parameters. */
const updatesAtOnce = 16;

/**
 * Clients of a round trained on `count` threads, a model each; the results are those of one thread.
 *
 * What a client sends is decoded where it was trained and put into shared memory; once the turn of the next few has
 * come, the threads sum them, a range of the parameters each. This thread only says who does what.
 */
export function threadedExecutor(count: number, { plugins }: PoolOptions = {}): ThreadedExecutor {
  let pool: Pool | undefined;
  let run: { setup: ExecutorSetup; number: number } | undefined;
  let testChunks = 0;
  let shared: Float32Array = new Float32Array(0);

  function threads(): Pool {
    if (pool === undefined) {
      pool = openPool(count, { ...(plugins && { plugins }) });
      pool.onQuestion(({ ask }) => (ask === "setup" ? run?.setup : undefined));
    }
    return pool;
  }
  const running = () => {
    if (run === undefined) throw new Error("executor: run before start");
    return run.number;
  };
  const share = (parameters: Float32Array) => {
    if (shared.length !== parameters.length) shared = sharedFloats(parameters.length);
    shared.set(parameters);
    return shared;
  };

  return {
    load: (data, seed) => threads().run<Dataset>({ kind: "load", data, seed }),
    async start(setup) {
      if (setup.quantizer !== undefined) {
        throw new InputError(
          "quantizer",
          `"${setup.quantizer.name}" was passed as an object, which cannot be sent to worker threads: leave out the executor`,
        );
      }
      run = {
        setup: { ...setup, dataset: shareDataset(setup.dataset), shards: shareShards(setup.shards) },
        number: (run?.number ?? 0) + 1,
      };
      const { chunks, ...model } = await threads().run<InitialModel & { chunks: number }>({
        kind: "initial",
        run: run.number,
      });
      testChunks = chunks;
      return model;
    },
    async run(parameters, tasks, receive) {
      const number = running();
      const current = share(parameters);
      const sums = emptySums(tasks, parameters.length).map(sharedCopy);
      const slots = updateSlots(parameters.length);
      let due: WeightedUpdate[] = [];
      let left = tasks.length;
      const addDue = async () => {
        await Promise.all(
          ranges(parameters.length, count).map(([first, end]) =>
            threads().run({ kind: "sum", sums, updates: due, first, end }),
          ),
        );
        slots.giveBack(due.map(({ decoded }) => decoded));
        due = [];
      };
      const give = async (task: ClientTask) => {
        const decoded = slots.take();
        const reply = await threads().run<ClientReply>({
          kind: "client",
          run: number,
          parameters: current,
          task,
          decoded,
        });
        return { reply, decoded };
      };
      await inOrder(
        tasks,
        give,
        ({ reply, decoded }, { weights, wantsDecoded }) => {
          receive(wantsDecoded ? { ...reply, decoded } : reply);
          due.push({ weights, decoded });
          left--;
          return due.length === updatesAtOnce || left === 0 ? addDue() : undefined;
        },
        2 * count, // one each and one to go on with
      );
      return sums;
    },
    async evaluate(parameters) {
      const number = running();
      const current = share(parameters);
      const chunks = Array.from({ length: testChunks }, (_, chunk) =>
        threads().run<Evaluation>({ kind: "evaluate", run: number, parameters: current, chunk }),
      );
      return combineEvaluations(await Promise.all(chunks));
    },
    async close() {
      await pool?.close();
      pool = undefined;
    },
  };
}

/** Shared memory for decoded updates [size]: the one given back last is taken first, so that few are ever touched. */
function updateSlots(size: number) {
  const idle: Float32Array[] = [];
  return {
    take: () => idle.pop() ?? sharedFloats(size),
    giveBack: (slots: readonly Float32Array[]) => idle.push(...slots),
  };
}

/** [0, length) in `count` parts of about the same length, those that are not empty; cut where cache lines are. */
function ranges(length: number, count: number): [number, number][] {
  const step = 16 * Math.ceil(length / count / 16);
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => [i * step, Math.min(length, (i + 1) * step)]);
}

/** The same data on shared memory, so that threads do not each hold a copy. */
function shareDataset(dataset: Dataset): Dataset {
  const part = (examples: Dataset["train"]) => ({
    ...examples,
    inputs: sharedCopy(examples.inputs),
    targets: sharedCopy(examples.targets),
  });
  return { ...dataset, train: part(dataset.train), test: part(dataset.test) };
}

/** Shards one after the other in one piece of shared memory. */
function shareShards(shards: readonly Int32Array[]): Int32Array[] {
  const length = shards.reduce((sum, shard) => sum + shard.length, 0);
  const all = new Int32Array(new SharedArrayBuffer(4 * length));
  let at = 0;
  return shards.map((shard) => {
    const place = all.subarray(at, at + shard.length);
    place.set(shard);
    at += shard.length;
    return place;
  });
}
