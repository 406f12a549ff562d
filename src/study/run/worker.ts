import { type MessagePort, workerData } from "node:worker_threads";
import type { Config } from "../../config/config.js";
import { InputError, RunError } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import { type ClientTask, createClientRunner, type ExecutorSetup } from "../../federated/client.js";

import { simulate } from "../../federated/simulate.js";
import { performJob, type StoredTrace } from "../jobs/training.js";
import type { TraceJob } from "../plan/grid.js";

/** What a worker thread can be asked to do. */
export type WorkerTask =
  | { kind: "test-chunks" }
  | { kind: "client"; parameters: Float32Array; task: ClientTask }
  | { kind: "evaluate"; parameters: Float32Array; chunk: number }
  | { kind: "simulate"; config: Config; dataset?: Dataset; drop?: number; progress: MessagePort }
  | { kind: "trace"; job: TraceJob; dataset: Dataset; stored?: StoredTrace; progress: MessagePort };

export type Failure =
  | { kind: "input"; path: string; message: string; stack?: string }
  | { kind: "run" | "other"; message: string; stack?: string };

let runner: ReturnType<typeof createClientRunner> | undefined;

/** The thread's entry: errors go back as data, since their class would be lost. */
export default async function work(task: WorkerTask): Promise<{ ok: unknown } | { failed: Failure }> {
  try {
    return { ok: await perform(task) };
  } catch (error) {
    return { failed: describe(error as Error) };
  }
}

async function perform(task: WorkerTask): Promise<unknown> {
  if (task.kind === "simulate") {
    try {
      return await simulate(task.config, {
        ...(task.dataset && { dataset: task.dataset }),
        ...(task.drop !== undefined && { drop: task.drop }),
        onRound: (record, run) => task.progress.postMessage({ record, run }),
      });
    } finally {
      task.progress.close();
    }
  }
  if (task.kind === "trace") {
    try {
      return await performJob(task.job, {
        dataset: task.dataset,
        ...(task.stored && { stored: task.stored }),
        onProgress: (progress) => task.progress.postMessage(progress),
      });
    } finally {
      task.progress.close();
    }
  }
  runner ??= createClientRunner(workerData as ExecutorSetup);
  if (task.kind === "test-chunks") return runner.chunks;
  if (task.kind === "evaluate") return runner.evaluate(task.parameters, task.chunk);
  return runner.run(task.parameters, task.task);
}

function describe(error: Error): Failure {
  const stack = error.stack === undefined ? {} : { stack: error.stack };
  if (error instanceof InputError) {
    return { kind: "input", path: error.path, message: error.message.slice(error.path.length + 2), ...stack };
  }
  return { kind: error instanceof RunError ? "run" : "other", message: error.message, ...stack };
}
