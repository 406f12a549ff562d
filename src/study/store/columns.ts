import { record as isRecord, optional } from "../../config/arguments.js";
import type { TestAnswers } from "../../federated/answers.js";
import type { Ending, RunResult } from "../../federated/result.js";
import { aRecord } from "../checks.js";
import type { Json, StoreRecord } from "./record.js";

/** A run of a grid: the closing figures, and its course as plain numbers. */
export interface RunSummary {
  key: string;
  /** Key of the training it was priced on */
  trace: string;
  cell: string;
  labels: Readonly<Record<string, string>>;
  seed: number;
  drop: number;
  ended: { by: Ending; reason: string };
  final: RunResult["final"];
  fingerprint: RunResult["fingerprint"];
  course: Course;
  /** Which test examples its last models answered rightly, where the config asks for it */
  answers?: TestAnswers;
}

/** Round by round; entry 0 of `accuracy` and `loss` is the untrained model, entry t of all of them is after round t. */
export interface Course {
  /** Test accuracy; null where it was not measured */
  accuracy: (number | null)[];
  /** Test loss, likewise */
  loss: (number | null)[];
  /** Used so far: J, s, bits; entry 0 is 0 */
  energy: number[];
  latency: number[];
  nominalBits: number[];
  wireBits: number[];
}

/** "whole": at most 2⁵³ in size; "real": double precision. Any of them may be null. */
export type ColumnType = "text" | "whole" | "real";

/** A column of a table: the one place that knows its name, its type and what it means. */
export interface Column {
  name: string;
  type: ColumnType;
  unit?: string;
  about: string;
}

/** A column of a run: where a summary has the figure. */
export interface RunColumn extends Column {
  /** Names of the fields on the way, points between them */
  field: string;
  /** Counted on what was sent: nothing where the run had no round */
  sent?: true;
}

/** The figures of a run, as records keep them and exports write them, between its names and its course. */
export const runColumns: readonly RunColumn[] = [
  { name: "trace", type: "text", field: "trace", about: "key of the training that it was priced on" },
  { name: "seed", type: "whole", field: "seed", about: "of everything random" },
  { name: "drop", type: "whole", field: "drop", about: "number of the network drop, from 0" },
  {
    name: "ended",
    type: "text",
    field: "ended.by",
    about: "what ended it: rounds, energy, latency, infeasible, stopped or failed",
  },
  { name: "reason", type: "text", field: "ended.reason", about: "the same in words" },
  { name: "accuracy", type: "real", field: "final.accuracy", about: "test accuracy last measured, 0 to 1" },
  { name: "test_loss", type: "real", field: "final.testLoss", about: "test loss last measured" },
  { name: "rounds", type: "whole", field: "final.rounds", about: "rounds that were finished" },
  { name: "energy", type: "real", unit: "J", field: "final.energy", about: "used in all rounds by all clients" },
  { name: "latency", type: "real", unit: "s", field: "final.latency", about: "of all rounds, one after the other" },
  {
    name: "nominal_bits_per_entry",
    type: "real",
    unit: "bit",
    field: "final.nominalBitsPerEntry",
    sent: true,
    about: "nominal bits for each entry of the updates that were sent",
  },
  {
    name: "wire_bits_per_entry",
    type: "real",
    unit: "bit",
    field: "final.wireBitsPerEntry",
    sent: true,
    about: "bits of the bytes that were sent, likewise",
  },
  {
    name: "nominal_saving",
    type: "real",
    field: "final.nominalSaving",
    sent: true,
    about: "1 − nominal bits over 32 bits for each entry of every client in every round",
  },
  { name: "wire_saving", type: "real", field: "final.wireSaving", sent: true, about: "the same of the bytes" },
  {
    name: "downlink_nominal_bits_per_entry",
    type: "real",
    unit: "bit",
    field: "final.downlinkNominalBitsPerEntry",
    sent: true,
    about:
      "nominal bits that the server sent, for each entry of the model and round; nothing where that is not counted",
  },
  {
    name: "downlink_wire_bits_per_entry",
    type: "real",
    unit: "bit",
    field: "final.downlinkWireBitsPerEntry",
    sent: true,
    about: "bits of the bytes, likewise",
  },
  { name: "fingerprint_version", type: "whole", field: "fingerprint.version", about: "rule of the fingerprints" },
  { name: "config_fingerprint", type: "text", field: "fingerprint.config", about: "hash of the config" },
  { name: "results_fingerprint", type: "text", field: "fingerprint.results", about: "hash of the rounds' results" },
];

/** A column of a run's course: a list in the record, whose entry t is after round t, and 0 before the first. */
export interface CourseColumn extends Column {
  /** Name of the list in a record */
  list: string;
  field: keyof RunSummary["course"];
}

export const courseColumns: readonly CourseColumn[] = [
  {
    name: "accuracy",
    list: "accuracy",
    type: "real",
    field: "accuracy",
    about: "test accuracy; nothing where it was not measured",
  },
  { name: "test_loss", list: "loss", type: "real", field: "loss", about: "test loss, likewise" },
  { name: "energy", list: "energy", type: "real", unit: "J", field: "energy", about: "used so far" },
  { name: "latency", list: "latency", type: "real", unit: "s", field: "latency", about: "used so far" },
  { name: "nominal_bits", list: "nominal_bits", type: "real", unit: "bit", field: "nominalBits", about: "sent so far" },
  {
    name: "wire_bits",
    list: "wire_bits",
    type: "real",
    unit: "bit",
    field: "wireBits",
    about: "sent so far, in bytes times eight",
  },
];

/** Of the table of times, which no result depends on. */
export const timingColumns: readonly Column[] = [
  { name: "key", type: "text", about: "of the job" },
  { name: "job", type: "text", about: "its kind" },
  { name: "name", type: "text", about: "what it is called in messages" },
  { name: "seconds", type: "real", unit: "s", about: "of wall time" },
  { name: "host", type: "text", about: "machine of the writer" },
  { name: "writer", type: "text", about: "whose journal it is in" },
];

/** The names a run goes by in a comparison. */
export type RunNames = Pick<RunSummary, "cell" | "labels">;

/** What a record keeps of a run: its names, its figures, its course. */
export function runValue(run: Omit<RunSummary, keyof RunNames> & Partial<RunNames>): StoreRecord["value"] {
  const figures = runColumns.map(({ name, field }) => [name, at(run, field)]);
  const course = courseColumns.map(({ list, field }) => [list, run.course[field]]);
  return {
    ...(run.cell !== undefined && { cell: run.cell }),
    ...(run.labels !== undefined && { labels: run.labels }),
    ...Object.fromEntries(figures.filter(([, figure]) => figure !== undefined)),
    course: Object.fromEntries(course),
    ...(run.answers !== undefined && { answers: run.answers as unknown as Json }),
  };
}

/**
 * A run from its record; its course is empty where the record was read without.
 * @param names what it is called, where that is not what the record says
 * @returns undefined for a job that failed before there was a run
 * @example
 * const store = memoryStore();
 * await runJobs(trainingJobs([gridOf({ file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } })]), { store, place: here() });
 * for await (const record of store.select(store.keys("run"))) console.log(runSummary(record)?.final.accuracy);
 */
export function runSummary(record: StoreRecord, names?: Partial<RunNames>): RunSummary | undefined {
  aRecord("record", record);
  optional(isRecord())("names", names);
  const { key, value } = record;
  if (value.ended === undefined) return undefined;
  const lists = (value.course ?? {}) as { readonly [list: string]: Json };
  const run = {
    key,
    cell: names?.cell ?? value.cell ?? "",
    labels: names?.labels ?? value.labels ?? {},
    course: Object.fromEntries(courseColumns.map(({ list, field }) => [field, lists[list] ?? []])),
    ...(value.answers !== undefined && { answers: value.answers }),
  };
  for (const { name, field } of runColumns) {
    if (value[name] !== undefined) put(run, field, value[name]);
  }
  return run as unknown as RunSummary;
}

/** Columns to select where the course is not needed. */
export const runFigures: readonly string[] = ["cell", "labels", ...runColumns.map(({ name }) => name)];

function at(of: object, field: string): Json | undefined {
  return field
    .split(".")
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], of) as Json | undefined;
}

function put(into: object, field: string, value: Json): void {
  const names = field.split(".");
  const last = names.pop()!;
  let inner = into as Record<string, unknown>;
  for (const name of names) {
    inner[name] ??= {};
    inner = inner[name] as Record<string, unknown>;
  }
  inner[last] = value;
}
