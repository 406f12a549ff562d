import type { Json, StoreRecord } from "./record.js";

/** Results under their keys. What `add` was awaited for survives a kill. */
export interface Store {
  /** Keys of all records that are there and did not fail */
  finished(): ReadonlySet<string>;
  /** The record of a key: the finished one where there are several, else the last failure */
  get(key: string): Promise<StoreRecord | undefined>;
  /**
   * Records of some keys, in the order of the keys; missing ones are left out.
   * @param columns read no more of each value than these, which is faster for summaries of many runs
   */
  select(keys: Iterable<string>, columns?: readonly string[]): AsyncIterable<StoreRecord>;
  /** Adds records, all or none of which are there after a kill in the middle of it where they are of one job. */
  add(records: readonly StoreRecord[]): Promise<void>;
  /** What could not be read when the store was opened, and what two writers disagree about */
  readonly findings: readonly Finding[];
  close(): Promise<void>;
}

/** Something that is wrong with a store, in words and as data. */
export interface Finding {
  kind: "damaged" | "conflict";
  /** File and line, where it is in a file */
  where: string;
  /** Where it can be told */
  key?: string;
  reason: string;
}

export type { Json, StoreRecord };
