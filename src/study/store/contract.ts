import type { JobState } from "../jobs/job.js";
import type { RunRequest } from "../plan/grid.js";
import type { Json, RecordKind, StoreRecord } from "./record.js";

/** Results under their keys. What `add` was awaited for survives a kill. */
export interface Store {
  /** Keys of all records that are there and did not fail, timings apart; it grows as records come in */
  finished(): ReadonlySet<string>;
  /** Keys of which there is a failure and nothing finished */
  failed(): ReadonlySet<string>;
  /** Keys of the finished records of a kind, in the order of the keys */
  keys(kind: RecordKind): string[];
  /** The record of a key: the finished one where there are several, else the last failure; never a timing */
  get(key: string): Promise<StoreRecord | undefined>;
  /**
   * Records of some keys, in the order of the keys; missing ones are left out.
   * @param columns read no more of each value than these, which is faster for summaries of many runs
   */
  select(keys: Iterable<string>, columns?: readonly string[]): AsyncIterable<StoreRecord>;
  /** All timings, by key */
  timings(): AsyncIterable<StoreRecord>;
  /**
   * Adds records; each is there whole or not at all after a kill in the middle of it. What is there already with the
   * same content is not written again.
   * @throws TypeError for values that no store holds, before anything is written
   */
  add(records: readonly StoreRecord[]): Promise<void>;
  /** Half-done work of a job, where a store keeps such; it is taken away when the job is done */
  state?(key: string): JobState & { remove(): void };
  /** What could not be read when the store was opened, and what two writers disagree about */
  readonly findings: readonly Finding[];
  close(): Promise<void>;
}

/** Something that is wrong with a store, in words and as data. */
export interface Finding {
  /**
   * "damaged": bytes that are no sound record; "unfinished": the last line of a file, which its writer was killed in or
   * is still writing; "conflict": two finished records of one key that differ.
   */
  kind: "damaged" | "unfinished" | "conflict";
  /** File and line, where it is in a file */
  where: string;
  /** Where it can be told; of a damaged line it may be damaged itself */
  key?: string;
  /** Whether a result is missing: false where the key's record is there, from elsewhere or computed again; null where it cannot be told */
  lost: boolean | null;
  reason: string;
}

/** What an export asks for: a run by its key, and what it is called there where that is not what the store has. */
export type RunName = Pick<RunRequest, "key"> & Partial<Pick<RunRequest, "cell" | "labels" | "seed" | "drop">>;

export type { Json, RecordKind, StoreRecord };
