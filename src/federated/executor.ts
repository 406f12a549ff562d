import { breathe } from "./breathe.js";
import {
  type ClientReply,
  type ClientTask,
  createClientRunner,
  type Evaluation,
  type ExecutorSetup,
} from "./client.js";

/** Runs the jobs of a round, wherever. */
export interface Executor {
  /** Called before the first round; again where a training begins anew */
  start(setup: ExecutorSetup): Promise<void>;
  /**
   * Trains the clients of a round.
   * @param parameters w_t
   * @param receive called with every reply, in the order of the tasks, so that sums have a fixed order; and as soon as
   *   its turn comes, so that a round of a thousand clients does not hold a thousand packets
   */
  run(parameters: Float32Array, tasks: readonly ClientTask[], receive: (reply: ClientReply) => void): Promise<void>;
  /** Loss and accuracy of w on the test examples, in chunks of fixed size */
  evaluate(parameters: Float32Array): Promise<Evaluation>;
  /** Called once, at the end, whatever happened */
  close(): Promise<void>;
}

/** The executor of the library: one model, the clients one after the other, in this thread. */
export function inProcessExecutor(): Executor {
  let runner: ReturnType<typeof createClientRunner> | undefined;
  const started = () => {
    if (runner === undefined) throw new Error("executor: run before start");
    return runner;
  };
  return {
    async start(setup) {
      runner?.dispose();
      runner = createClientRunner(setup);
    },
    async run(parameters, tasks, receive) {
      for (const task of tasks) {
        receive(started().run(parameters, task));
        await breathe();
      }
    },
    async evaluate(parameters) {
      const chunks: Evaluation[] = [];
      for (let chunk = 0; chunk < started().chunks; chunk++) {
        chunks.push(started().evaluate(parameters, chunk));
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

/** Tasks of a round that may be under way or done before their turn: workers do not wait for a slow client's reply. */
const tasksAhead = 64;

/**
 * Hands tasks out to workers and their replies on in the tasks' order, with a bounded number of replies alive.
 * @param give starts a task
 * @throws what the first task, in their order, failed with
 */
export async function inOrder<T, R>(
  tasks: readonly T[],
  give: (task: T) => Promise<R>,
  receive: (reply: R) => void,
): Promise<void> {
  const running: Promise<R>[] = [];
  let next = 0;
  const giveNext = () => {
    if (next >= tasks.length) return;
    const reply = give(tasks[next++] as T);
    reply.catch(() => {}); // heard when its turn comes, if it does
    running.push(reply);
  };
  while (next < Math.min(tasksAhead, tasks.length)) giveNext();
  for (let first = running.shift(); first !== undefined; first = running.shift()) {
    const reply = await first;
    giveNext();
    receive(reply);
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
  return { accuracy: measured ? correct / targets : null, loss: loss / targets, targets };
}
