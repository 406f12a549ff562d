import type { Failure } from "../../config/failure.js";
import type { Dataset } from "../../config/records.js";
import type { ClientTask } from "../../federated/client.js";
import type { Job, JobProgress } from "../jobs/job.js";
import type { StoreRecord } from "../store/record.js";

/** What a worker thread can be asked to do: a whole job, or a part of one run. */
export type WorkerTask =
  | JobTask
  | { kind: "test-chunks" }
  | { kind: "client"; parameters: Float32Array; task: ClientTask }
  | { kind: "evaluate"; parameters: Float32Array; chunk: number };

export interface JobTask {
  kind: "job";
  /** Under which the thread speaks of it */
  id: number;
  job: Job;
  wanted: ReadonlySet<string>;
  kept?: StoreRecord;
  /** Whether half-done work can be kept */
  stateful: boolean;
}

/** A task's answer. */
export type Reply = { ok: unknown } | { failed: Failure };

/** What a thread says or asks while it performs jobs, over a port of its own; `request` is answered under its number. */
export type FromWorker = Word | Question;

export type Word =
  | { say: "progress"; id: number; progress: JobProgress }
  | { say: "made"; key: string; dataset: Dataset | null };

export type Question =
  | { ask: "dataset"; request: number; key: string }
  | { ask: "read-state"; request: number; id: number }
  | { ask: "write-state"; request: number; id: number; bytes: Uint8Array };

/**
 * The answer: of "dataset" the examples, or null where the thread has to make them and say so; of "read-state" the
 * bytes or undefined.
 */
export interface ToWorker {
  request: number;
  answer: unknown;
}
