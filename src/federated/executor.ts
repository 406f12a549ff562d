import {
  type ClientReply,
  type ClientTask,
  createClientRunner,
  type Evaluation,
  type ExecutorSetup,
} from "./client.js";

/** Runs the jobs of a round, wherever; replies come in the order of the tasks, so that sums have a fixed order. */
export interface Executor {
  /** Called once, before the first round */
  start(setup: ExecutorSetup): Promise<void>;
  /**
   * Trains the clients of a round.
   * @param parameters w_t
   */
  run(parameters: Float32Array, tasks: readonly ClientTask[]): Promise<ClientReply[]>;
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
    async run(parameters, tasks) {
      const replies: ClientReply[] = [];
      for (const task of tasks) {
        replies.push(started().run(parameters, task));
        await breathe();
      }
      return replies;
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

/** Lets timers, messages and signals in between two clients: a page can pause, Ctrl-C is heard. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
