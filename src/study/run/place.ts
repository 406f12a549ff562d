import type { Job, JobContext } from "../jobs/job.js";
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

/** What a job is given wherever it is performed; the examples are the place's to find. */
export type PerformOptions = Omit<JobContext, "dataset"> & Required<Pick<JobContext, "onProgress">>;

/** Whoever performed a job is gone without an answer: its thread ended, its machine was switched off. */
export class LostJob extends Error {
  override name = "LostJob";
}
