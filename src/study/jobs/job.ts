import type { Config } from "../../config/config.js";
import type { Dataset, StopSignal } from "../../config/records.js";
import type { StoreRecord } from "../store/record.js";

/**
 * A study is a list of jobs. A job is plain data (it survives JSON): what is to be done, under a key, and nothing of
 * where it is done or where its results go. Performing it is a pure function of it.
 */
export interface Job<Payload = unknown> {
  /** Which function performs it: a name of the table in jobs/index.ts */
  readonly kind: JobKind;
  /** Hash of everything that its results depend on, the `numerics` number included */
  readonly key: string;
  /** What it is called in messages and progress */
  readonly name: string;
  /**
   * Keys of the records that it is done for: where a store has them all, it is not performed again. What else it
   * gives, such as the training behind a run, is kept beside them.
   */
  readonly yields: readonly string[];
  /** How long it takes beside the other jobs of its study, in any unit; the longest begin first */
  readonly cost?: number;
  readonly payload: Payload;
}

/**
 * "training": a trace and the runs priced on it. "pricing": rounds within budgets without training; "priceBlock": the
 * same of many drops, in columns. "tuning": a run judged by examples held out of its training data. "rates": spectral
 * efficiencies of a drop. "quantizer": one part of the quantizer benchmark for one quantizer.
 */
export type JobKind = "training" | "pricing" | "priceBlock" | "tuning" | "rates" | "quantizer";

/** What a job may use while it is performed, wherever that is. */
export interface JobContext {
  /** Those of `yields` that are still wanted */
  readonly wanted: ReadonlySet<string>;
  /** The record under the job's own key, from an earlier study: what it can go on from, such as a training to price anew */
  readonly kept?: StoreRecord;
  /** The examples of a config; shared by all jobs of a place */
  dataset(config: Config): Promise<Dataset>;
  /** Half-done work, so that a long training goes on from its last kept round; absent where nothing can be kept */
  readonly state?: JobState;
  onProgress?(progress: JobProgress): void;
  /** Aborted: the job throws as soon as it can; nobody waits for its records */
  readonly signal?: StopSignal;
}

/** Where a job keeps what it has done so far. Bytes of an earlier, killed attempt are checked by whoever reads them. */
export interface JobState {
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
}

/** How far a job is. */
export interface JobProgress {
  /** Steps done and, as far as can be told, to be done: rounds of a training, drops, parts */
  done: number;
  expected: number;
  /** What a person would like to see beside it, such as "accuracy 61.2 %" */
  note?: string;
}

/** Performs jobs of one kind: every record that it gives is complete in itself. @throws what ended the job */
export type Perform<Payload> = (job: Job<Payload>, context: JobContext) => Promise<StoreRecord[]>;
