import type { Job, JobProgress } from "../jobs/job.js";
import type { StoreRecord } from "../store/record.js";

/** Where jobs are performed: in this thread, on worker threads, and later on other machines. */
export interface Place {
  /** Jobs that it performs at the same time */
  readonly slots: number;
  /**
   * @param wanted those of the job's records that the store has not
   * @throws InputError, RunError or another error of the job, with its class
   */
  perform(job: Job, wanted: ReadonlySet<string>, options: PerformOptions): Promise<StoreRecord[]>;
  /** Ends it; what is under way is broken off */
  close(): Promise<void>;
}

export interface PerformOptions {
  /** A record of the store that the job can go on from, by its key */
  kept(key: string): Promise<StoreRecord | undefined>;
  onProgress(progress: JobProgress): void;
  /** Breaks the job off */
  signal?: AbortSignal;
}
