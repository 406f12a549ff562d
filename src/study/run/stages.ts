import type { Job } from "../jobs/job.js";
import type { Store } from "../store/contract.js";
import { type JobsOutcome, type RunJobsOptions, runJobs } from "./run.js";

/** Jobs that may follow from what earlier ones gave: asked for once those are in the store. */
export type Stage = (store: Store) => readonly Job[] | Promise<readonly Job[]>;

/**
 * Runs stages one after the other, each with what is in the store by then. A stage in which something failed does not
 * keep the next from being laid out; an interruption does. Going on is running the same stages again: what the store has
 * is not performed twice.
 */
export async function runStages(stages: readonly Stage[], options: RunJobsOptions): Promise<JobsOutcome> {
  const failures: JobsOutcome["failures"][number][] = [];
  for (const stage of stages) {
    const outcome = await runJobs(await stage(options.store), options);
    failures.push(...outcome.failures);
    if (outcome.interrupted) return { failures, interrupted: true };
  }
  return { failures, interrupted: false };
}
