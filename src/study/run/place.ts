import type { Job, JobProgress, JobState } from "../jobs/job.js";
import type { StoreRecord } from "../store/record.js";

/**
 * Where jobs are performed: in this thread, on worker threads, on other machines. Everything that goes there and comes
 * back is plain data.
 */
export interface Place {
  /** Jobs that it performs at the same time */
  readonly slots: number;
  /**
   * @throws InputError, RunError or another error of the job, with its class; LostJob where whoever performed it is
   *   gone, so that it may go well elsewhere
   */
  perform(job: Job, options: PerformOptions): Promise<StoreRecord[]>;
  /** Ends it; what is under way is broken off */
  close(): Promise<void>;
}

export interface PerformOptions {
  /** Those of the job's records that the store has not */
  wanted: ReadonlySet<string>;
  /** The store's record under the job's own key, where there is one to go on from */
  kept?: StoreRecord;
  /** Where the job's half-done work is kept */
  state?: JobState;
  onProgress(progress: JobProgress): void;
  /** Breaks the job off: `perform` throws soon */
  signal?: AbortSignal;
}

/** Whoever performed a job is gone without an answer: its thread ended, its machine was switched off. */
export class LostJob extends Error {
  override name = "LostJob";
}
