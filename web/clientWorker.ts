import { describe, type Failure } from "../src/config/failure.js";
import { type ClientRunner, createClientRunner } from "../src/federated/client.js";
import type { RunnerSetup } from "../src/federated/task.js";
import type { ClientTask } from "../src/index.js";
import { scopeOf } from "./workerScope.js";

/** A worker of a run: trains clients and evaluates parts of the test set, one job after the other. */

export type ClientJob =
  /** Answered with the number of chunks of the test set */
  | { kind: "setup"; setup: RunnerSetup }
  | { kind: "begin" }
  | { kind: "client"; parameters: Float32Array; task: ClientTask }
  | { kind: "evaluate"; parameters: Float32Array; chunk: number };

export type ClientJobReply = { id: number; ok: unknown } | { id: number; failed: Failure };

let runner: ClientRunner | undefined;

export function begin(): void {
  const scope = scopeOf<ClientJobReply>();
  scope.addEventListener("message", async ({ data: { id, job } }: MessageEvent<{ id: number; job: ClientJob }>) => {
    try {
      scope.postMessage({ id, ok: await perform(job) });
    } catch (error) {
      scope.postMessage({ id, failed: describe(error) });
    }
  });
}

async function perform(job: ClientJob): Promise<unknown> {
  if (job.kind === "setup") {
    runner?.dispose();
    runner = await createClientRunner(job.setup);
    return runner.chunks;
  }
  if (runner === undefined) throw new Error("a job came before the setup");
  if (job.kind === "begin") return runner.begin();
  return job.kind === "client" ? runner.encode(job.parameters, job.task) : runner.evaluate(job.parameters, job.chunk);
}
