import { able, callable, completeConfig, listOf, optional, record, text, whole } from "../config/arguments.js";

/** What studies are made of, checked where a caller without types hands it in; see config/arguments.ts. */
export const aStore = able("store", "finished", "failed", "keys", "get", "select", "timings", "add", "close");

const performs = able("place", "perform", "close");
export const aPlace: typeof performs = (path, value) => {
  performs(path, value);
  whole(1)(`${path}.slots`, (value as { slots: unknown }).slots);
};

export const aSignal = able("AbortSignal", "addEventListener");

export const aCell = record({ id: text, key: text, labels: record(), config: completeConfig }, "cell of a grid");

export const aGrid = record(
  { cells: listOf(aCell), axes: listOf(record()), seeds: listOf(whole()), drops: whole(1), baseline: aCell },
  "grid (gridOf makes one)",
);

export const aPart = record({ name: text, kind: text, grid: aGrid }, "part of a study (layOutStudy makes them)");

export const aJob = record({ kind: text, key: text, name: text, yields: listOf(text) }, "job");

export const aRecord = record({ kind: text, key: text, value: record() }, "record of a store");

/** What a study is run with, each of it by default. */
export const studyOptions = record({
  store: optional(aStore),
  place: optional(aPlace),
  onProgress: optional(callable),
  signal: optional(aSignal),
});
