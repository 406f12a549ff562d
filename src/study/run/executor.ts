import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import { combineEvaluations, type Executor, inOrder } from "../../federated/executor.js";
import { emptySums, type WeightedUpdate } from "../../federated/sums.js";
import type { ClientReply, ClientTask, Evaluation, ExecutorSetup, StartedTraining } from "../../federated/task.js";
import { sharedDataset, sharedDoubles, sharedFloats } from "./sharing.js";
import { checkPool, openPool, type Pool, type PoolOptions } from "./threads.js";

/** Threads that train the clients of a round, and can load what they train on. */
export interface ThreadedExecutor extends Executor {
  /** As `loadDataset`, in one of the threads: nothing else waits for it. @throws InputError */
  load(data: Config["data"], seed: number): Promise<Dataset>;
}

/**
 * Clients of a round trained on `count` threads, a model each; the results are those of one thread.
 *
 * What a client sends is decoded where it was trained and put into shared memory; once the turn of the next few has
 * come, a thread sums them, or each a range of the parameters where they are many. This thread only says who does what.
 * @example
 * const input = { preset: "quick", rounds: 1, data: { trainExamples: 200 } } as const;
 * const two = await simulate(input, { executor: threadedExecutor(2) });
 * two.fingerprint.results === (await simulate(input)).fingerprint.results; // → true
 */
export function threadedExecutor(count: number, options: PoolOptions = {}): ThreadedExecutor {
  checkPool(count, options);
  const { plugins } = options;
  let pool: Pool | undefined;
  let begun: { setup: ExecutorSetup & Partial<StartedTraining>; run: number } | undefined;
  let testChunks = 0;
  let current: Float32Array = new Float32Array(0);
  let room: RoundRoom | undefined;

  function threads(): Pool {
    if (pool === undefined) {
      pool = openPool(count, { ...(plugins && { plugins }) });
      pool.onQuestion(({ ask }) => (ask === "setup" ? begun?.setup : undefined));
    }
    return pool;
  }
  const number = () => {
    if (begun === undefined) throw new Error("executor: run before start");
    return begun.run;
  };
  const share = (parameters: Float32Array) => {
    if (current.length !== parameters.length) current = sharedFloats(parameters.length);
    current.set(parameters);
    return current;
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
      const shared = { ...setup, dataset: sharedDataset(setup.dataset) };
      const run = (begun?.run ?? 0) + 1;
      begun = { setup: shared, run };
      const { chunks, ...started } = await threads().run<StartedTraining & { chunks: number }>({ kind: "begin", run });
      testChunks = chunks;
      begun.setup = { ...shared, shards: started.shards };
      return started;
    },
    async run(parameters, tasks, receive) {
      const { sums, idle } = room ?? { sums: [], idle: [] };
      room = undefined; // after a failure, threads may still write to it
      const fitting = sums.length === tasks[0]?.weights.length && sums[0]?.length === parameters.length;
      for (const sum of fitting ? sums : []) sum.fill(0);
      const own = fitting ? { sums, idle } : { sums: emptySums(tasks, parameters.length, sharedDoubles), idle: [] };
      const place = { threads: threads(), count, run: number(), parameters: share(parameters), room: own };
      const done = await runRound(place, tasks, receive);
      room = own;
      return done;
    },
    async evaluate(parameters, answers = false) {
      const part = { kind: "evaluate", run: number(), parameters: share(parameters), answers } as const;
      const chunks = Array.from({ length: testChunks }, (_, chunk) => threads().run<Evaluation>({ ...part, chunk }));
      return combineEvaluations(await Promise.all(chunks));
    },
    async close() {
      await pool?.close();
      pool = undefined;
    },
  };
}

/** Updates that are summed at a time. */
const updatesAtOnce = 4;

/** Products of a sum that are worth a message to one more thread. */
const rangeProducts = 2 ** 22;

/** Shared memory for rounds of one training, used again in each. */
interface RoundRoom {
  sums: Float64Array[];
  /** For decoded updates: the one used last is used first, so that few are ever touched */
  idle: Float32Array[];
}

/** Where a round is trained. */
interface RoundPlace {
  threads: Pool;
  count: number;
  run: number;
  /** w_t, on shared memory */
  parameters: Float32Array;
  room: RoundRoom;
}

async function runRound(
  { threads, count, run, parameters, room: { sums, idle } }: RoundPlace,
  tasks: readonly ClientTask[],
  receive: (reply: ClientReply) => void,
): Promise<readonly Float64Array[]> {
  const size = parameters.length;
  const due: WeightedUpdate[] = [];
  let left = tasks.length;

  async function give(task: ClientTask): Promise<{ reply: ClientReply; decoded: Float32Array }> {
    const decoded = idle.pop() ?? sharedFloats(size);
    const reply = await threads.run<ClientReply>({ kind: "client", run, parameters, task, decoded });
    return { reply, decoded };
  }

  async function addDue(): Promise<void> {
    const updates = due.splice(0);
    const parts = Math.max(1, Math.min(count, Math.floor((size * updates.length) / rangeProducts)));
    await Promise.all(
      ranges(size, parts).map(([first, end]) => threads.run({ kind: "sum", sums, updates, first, end })),
    );
    idle.push(...updates.map(({ decoded }) => decoded));
  }

  await inOrder(
    tasks,
    give,
    ({ reply, decoded }, { weights, wantsDecoded }) => {
      receive(wantsDecoded ? { ...reply, decoded } : reply);
      left--;
      return due.push({ weights, decoded }) === updatesAtOnce || left === 0 ? addDue() : undefined;
    },
    count + 1, // one each and one to go on with: the next is given as soon as that has begun
  );
  return sums;
}

/** [0, length) in `count` parts of about the same length, those that are not empty; cut where cache lines are. */
function ranges(length: number, count: number): [number, number][] {
  const step = 16 * Math.ceil(length / count / 16);
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => [i * step, Math.min(length, (i + 1) * step)]);
}
