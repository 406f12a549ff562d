import { oneOf, record, text } from "../../config/arguments.js";
import { InputError, show } from "../../config/errors.js";
import { aStore } from "../checks.js";
import { type Column, courseColumns, runColumns, runFigures, timingColumns } from "./columns.js";
import type { Json, RunName, Store, StoreRecord } from "./contract.js";
import { type TableFormat, type TableRow, writeTable } from "./table.js";

/**
 * Writes a row a run: key, cell, a column for each axis, seed, drop and the figures, sorted by axes, seed and drop.
 * Stores with the same results make the same bytes. Runs that the store has not are left out; those that failed are in.
 * @param runs which, and what they are called; axes stand in the order of the first one's labels. Keys alone go by the
 *   names that the store has
 * @param path where to; its folder is made
 * @throws InputError where there can be no such file
 * @example
 * const store = memoryStore();
 * const jobs = trainingJobs([gridOf({ file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } })]);
 * await runJobs(jobs, { store, place: here() });
 * await exportRuns(store, store.keys("run"), `${folder}/runs.csv`, "csv");
 */
export async function exportRuns(
  store: Store,
  runs: Iterable<RunName | string>,
  path: string,
  format: TableFormat,
): Promise<void> {
  checkExport(store, path, format);
  const table = await layOut(store, runs);
  const figures = runColumns.filter(({ name }) => !["seed", "drop", "trace"].includes(name));
  const columns = [keyColumn, ...table.columns, ...figures];
  await writeTable(path, format, columns, iterate());

  async function* iterate(): AsyncGenerator<TableRow> {
    for (const { key, names, value } of table.rows) {
      const empty = value.rounds === 0;
      yield [key, ...names, ...figures.map(({ name, sent }) => (sent && empty ? null : cell(value[name])))];
    }
  }
}

/**
 * The same with a row a round: cell, axes, seed, drop, the round (0: before the first), and the course after it.
 * @example
 * const store = memoryStore();
 * const jobs = trainingJobs([gridOf({ file: { rounds: 2, model: "softmax", data: { trainExamples: 200 } } })]);
 * await runJobs(jobs, { store, place: here() });
 * await exportRounds(store, store.keys("run"), `${folder}/rounds.csv`, "csv");
 */
export async function exportRounds(
  store: Store,
  runs: Iterable<RunName | string>,
  path: string,
  format: TableFormat,
): Promise<void> {
  checkExport(store, path, format);
  const table = await layOut(store, runs);
  const columns = [...table.columns, roundColumn, ...courseColumns];
  await writeTable(path, format, columns, iterate());

  async function* iterate(): AsyncGenerator<TableRow> {
    let next = 0;
    const keys = table.rows.map(({ key }) => key);
    for await (const { key, value } of store.select(keys, ["course"])) {
      // One that was damaged in the meantime is missing.
      while (table.rows[next]!.key !== key) next++;
      const { names } = table.rows[next++]!;
      const course = (value.course ?? {}) as { readonly [list: string]: readonly Json[] };
      const lists = courseColumns.map(({ list }) => course[list] ?? []);
      const length = Math.max(...lists.map((list) => list.length));
      for (let round = 0; round < length; round++) yield [...names, round, ...lists.map((list) => cell(list[round]))];
    }
  }
}

/**
 * Writes what the jobs took, and where; no result depends on it.
 * @example
 * const store = memoryStore();
 * const jobs = trainingJobs([gridOf({ file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } })]);
 * await runJobs(jobs, { store, place: here() });
 * await exportTimings(store, `${folder}/timings.csv`, "csv");
 */
export async function exportTimings(store: Store, path: string, format: TableFormat): Promise<void> {
  checkExport(store, path, format);
  await writeTable(path, format, timingColumns, iterate());

  async function* iterate(): AsyncGenerator<TableRow> {
    for await (const { key, value } of store.timings()) {
      yield timingColumns.map(({ name }) => (name === "key" ? key : cell(value[name])));
    }
  }
}

export function checkExport(store: Store, path: string, format: TableFormat): void {
  aStore("store", store);
  text("path", path);
  oneOf("format", ["csv", "parquet"] satisfies TableFormat[])("format", format);
}

function entriesOf(runs: Iterable<RunName | string>): Iterable<[number, RunName | string]> {
  if (typeof runs === "string" || typeof runs?.[Symbol.iterator] !== "function") {
    throw new InputError("runs", `${show(runs)} is no list of runs or keys`);
  }
  return [...runs].entries();
}

const keyColumn: Column = { name: "key", type: "text", about: "hash of all that it depends on" };
const cellColumn: Column = { name: "cell", type: "text", about: "labels of the axes that have several" };
const roundColumn: Column = { name: "round", type: "whole", about: "from 0, before the first" };

interface Row {
  key: string;
  /** Cell, axes, seed, drop */
  names: TableRow;
  value: StoreRecord["value"];
}

/** The runs that are there, in the order of the table, under the columns that name them. */
async function layOut(store: Store, runs: Iterable<RunName | string>): Promise<{ columns: Column[]; rows: Row[] }> {
  const asked = new Map<string, RunName>();
  for (const [i, run] of entriesOf(runs)) {
    if (typeof run !== "string") record({ key: text })(`runs[${i}]`, run);
    const name = typeof run === "string" ? { key: run } : run;
    if (!asked.has(name.key)) asked.set(name.key, name);
  }
  const found: { record: StoreRecord; name: RunName; labels: Labels }[] = [];
  for await (const record of store.select(asked.keys(), runFigures)) {
    const name = asked.get(record.key)!;
    if (record.kind === "run")
      found.push({ record, name, labels: name.labels ?? (record.value.labels as Labels) ?? {} });
  }
  const named = [...asked.values()].flatMap(({ labels }) => (labels === undefined ? [] : [labels]));
  const axes = named.length > 0 ? axesOf(named) : axesOf(found.map(({ labels }) => labels)).sort();
  const rows = found.map(({ record, name, labels }): Row => {
    const { key, failure } = record;
    // A job that failed before there was a run leaves the reason alone.
    const value = failure === undefined ? record.value : { ended: "failed", reason: failure, ...record.value };
    const place = [cell(value.seed ?? name.seed), cell(value.drop ?? name.drop)];
    const id = name.cell ?? cell(value.cell);
    return { key, value, names: [id, ...axes.map((axis) => labels[axis] ?? null), ...place] };
  });
  // The cell comes last, and the key after it: between runs that differ in nothing that is shown.
  const order = (row: Row) => [...row.names.slice(1), row.names[0]!, row.key];
  const sorted = rows.map((row) => ({ row, order: order(row) })).sort((a, b) => compareRows(a.order, b.order));
  const taken = new Set([...runColumns, ...courseColumns, keyColumn, cellColumn, roundColumn].map(({ name }) => name));
  const axisColumns = axes.map(
    (axis): Column => ({ name: taken.has(axis) ? `axis_${axis}` : axis, type: "text", about: "label of the axis" }),
  );
  const [seed, drop] = ["seed", "drop"].map((wanted) => runColumns.find(({ name }) => name === wanted)!);
  return { columns: [cellColumn, ...axisColumns, seed!, drop!], rows: sorted.map(({ row }) => row) };
}

type Labels = Readonly<Record<string, string>>;

/** In the order in which they come. */
function axesOf(labels: readonly Labels[]): string[] {
  return [...new Set(labels.flatMap((one) => Object.keys(one)))];
}

/** Numbers by size, also those among labels; text by its code units; what is missing first. */
function compareRows(a: TableRow, b: TableRow): number {
  for (let i = 0; i < a.length; i++) {
    const difference = compareCells(a[i]!, b[i]!);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers by size, also those among texts; text by its code units; what is missing first. */
export function compareCells(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  const [x, y] = [Number(a), Number(b)];
  // A number stands before a text, so that the order is one whatever is compared with what.
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  if (!Number.isNaN(x) && x !== y) return x - y;
  return String(a) < String(b) ? -1 : 1;
}

function cell(value: Json | undefined): string | number | null {
  if (value === undefined || value === null) return null;
  return typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value);
}
