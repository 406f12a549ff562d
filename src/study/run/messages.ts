import type { Config } from "../../config/config.js";
import type { Failure } from "../../config/failure.js";
import type { Dataset } from "../../config/records.js";
import type { WeightedUpdate } from "../../federated/sums.js";
import type { ClientTask } from "../../federated/task.js";
import type { Job, JobProgress } from "../jobs/job.js";
import type { StoreRecord } from "../store/record.js";

/** What a worker thread can be asked to do: a whole job, or a part of one run. */
export type WorkerTask =
  | JobTask
  | { kind: "load"; data: Config["data"]; seed: number }
  | RunTask
  /** Arrays on shared memory: the updates are added to the sums, in their order, from entry `first` to before `end` */
  | { kind: "sum"; sums: Float64Array[]; updates: WeightedUpdate[]; first: number; end: number };

/** A part of the run of this number, whose setup the thread asks for when it sees the number first. */
export type RunTask = { run: number } /** The first: deals the examples out and draws the model */ & (
  | { kind: "begin" }
  /** @param decoded on shared memory, gets what the client sends */
  | { kind: "client"; parameters: Float32Array; task: ClientTask; decoded: Float32Array }
  | { kind: "evaluate"; parameters: Float32Array; chunk: number; answers: boolean }
);

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
  | { ask: "setup"; request: number }
  | { ask: "dataset"; request: number; key: string }
  | { ask: "read-state"; request: number; id: number }
  | { ask: "write-state"; request: number; id: number; bytes: Uint8Array };

/**
 * The answer: of "setup" the run's RunnerSetup, without shards before it has begun; of "dataset" the examples, or null where the thread has to make them and say so; of "read-state" the
 * bytes or undefined.
 */
export interface ToWorker {
  request: number;
  answer: unknown;
}
