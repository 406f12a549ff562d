import { breathe } from "./breathe.js";
import { type ClientRunner, createClientRunner } from "./client.js";
import { sharesOf } from "./shares.js";
import { addUpdates, emptySums } from "./sums.js";
import type { ClientReply, ClientTask, Evaluation, ExecutorSetup, StartedTraining } from "./task.js";

/** Runs the jobs of a round, wherever. */
export interface Executor {
  /**
   * Called before the first round; again where a training begins anew
   * @throws InputError for data that cannot be shared out, or a model that does not fit them
   */
  start(setup: ExecutorSetup): Promise<StartedTraining>;
  /**
   * Trains the clients of a round, decodes what they send, and sums it.
   * @param parameters w_t
   * @param receive called with every reply, in the order of the tasks; and as soon as its turn comes, so that a round
   *   of a thousand clients does not hold a thousand updates
   * @returns Σ_k weight_k · decoded_k for each of the tasks' weights, in float64 and added in the order of the tasks
   *   [weights][d]; valid until the next call
   * @throws RunError of the first client, in their order, that fails
   */
  run(
    parameters: Float32Array,
    tasks: readonly ClientTask[],
    receive: (reply: ClientReply) => void,
  ): Promise<readonly Float64Array[]>;
  /**
   * Loss and accuracy of w on the test examples, in chunks of fixed size
   * @param answers tell of every target whether it is answered rightly
   */
  evaluate(parameters: Float32Array, answers?: boolean): Promise<Evaluation>;
  /** Called once, at the end, whatever happened */
  close(): Promise<void>;
}

/**
 * The executor of the library: one model, the clients one after the other, in this thread.
 * @example
 * const executor = inProcessExecutor();
 * await simulate({ preset: "quick", rounds: 1, data: { trainExamples: 200 } }, { executor });
 * await executor.close();
 */
export function inProcessExecutor(): Executor {
  let runner: ClientRunner | undefined;
  const started = () => {
    if (runner === undefined) throw new Error("executor: run before start");
    return runner;
  };
  return {
    async start(setup) {
      runner?.dispose();
      runner = undefined;
      runner = await createClientRunner({ ...setup, shards: sharesOf(setup.dataset, setup.config) });
      return runner.begin();
    },
    async run(parameters, tasks, receive) {
      const sums = emptySums(tasks, parameters.length);
      const decoded = new Float32Array(parameters.length);
      for (const task of tasks) {
        takeIn(started().run(parameters, task, decoded), task, decoded, sums, receive);
        await breathe();
      }
      return sums;
    },
    async evaluate(parameters, answers) {
      const chunks: Evaluation[] = [];
      for (let chunk = 0; chunk < started().chunks; chunk++) {
        chunks.push(started().evaluate(parameters, chunk, answers));
        await breathe();
      }
      return combineEvaluations(chunks);
    },
    async close() {
      runner?.dispose();
      runner = undefined;
    },
  };
}

/** Hands a reply on, with what it decoded to where that is wanted, and adds it to the sums. */
export function takeIn(
  reply: ClientReply,
  { weights, wantsDecoded }: ClientTask,
  decoded: Float32Array,
  sums: readonly Float64Array[],
  receive: (reply: ClientReply) => void,
): void {
  receive(wantsDecoded ? { ...reply, decoded } : reply);
  addUpdates(sums, [{ weights, decoded }]);
}

/** Tasks of a round that may be under way or done before their turn: workers do not wait for a slow client's reply. */
const tasksAhead = 64;

/**
 * Hands tasks out to workers and their replies on in the tasks' order, with a bounded number of replies alive.
 * @param give starts a task
 * @param receive may take its time: tasks are given meanwhile
 * @param atOnce tasks under way at most
 * @throws what the first task, in their order, failed with
 */
export async function inOrder<T, R>(
  tasks: readonly T[],
  give: (task: T) => Promise<R>,
  receive: (reply: R, task: T) => unknown,
  atOnce = tasksAhead,
): Promise<void> {
  const replies: Promise<R>[] = [];
  let given = 0;
  let running = 0;
  let received = 0;
  let over = false;
  const giveMore = () => {
    while (!over && given < tasks.length && running < atOnce && given - received < tasksAhead) {
      const reply = give(tasks[given++]!);
      running++;
      reply.then(ended, ended); // a failure is heard when its turn comes, if it does
      replies.push(reply);
    }
  };
  const ended = () => {
    running--;
    giveMore();
  };
  try {
    for (giveMore(); received < tasks.length; giveMore()) {
      const reply = await replies.shift()!;
      await receive(reply, tasks[received]!);
      received++;
    }
  } finally {
    over = true;
  }
}

/** The whole test set's figures from its chunks', summed in their order. */
export function combineEvaluations(chunks: readonly Evaluation[]): Evaluation {
  let targets = 0;
  let loss = 0;
  let correct = 0;
  let measured = true;
  for (const chunk of chunks) {
    targets += chunk.targets;
    loss += chunk.loss * chunk.targets;
    if (chunk.accuracy === null) measured = false;
    else correct += Math.round(chunk.accuracy * chunk.targets);
  }
  const answers = chunks.flatMap((chunk) => chunk.answers ?? []);
  return {
    accuracy: measured ? correct / targets : null,
    loss: loss / targets,
    targets,
    ...(answers.length > 0 && { answers: concatenated(answers, targets) }),
  };
}

function concatenated(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
