import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import { makeFolder } from "../../disk/folders.js";
import type { JobOutcome, RunSummary, StoredTrace } from "../jobs/training.js";
import type { RunRequest } from "../plan/grid.js";

/** Finished trainings and runs in one database file; each job is written in one transaction, so a kill loses only what was under way. */
export interface ResultsStore {
  /** Keys of the runs that are there and did not fail */
  finished(): Promise<Set<string>>;
  runs(keys: readonly string[]): Promise<RunSummary[]>;
  trace(key: string): Promise<StoredTrace | undefined>;
  add(key: string, outcome: JobOutcome): Promise<void>;
  /** Writes some runs to a file, under the names they are asked for by, with one row a run or one a round. */
  export(file: string, what: "runs" | "rounds", requests: readonly RunRequest[]): Promise<void>;
  close(): void;
}

export const databaseName = "results.duckdb";

/**
 * Opens (or begins) the database of a results folder.
 * @param resume what to do with one that is there already: go on, or refuse
 * @throws InputError when it is there and `resume` is false, is no such database, or another process has it open
 */
export async function openStore(directory: string, resume: boolean): Promise<ResultsStore> {
  const file = join(directory, databaseName);
  const there = existsSync(file);
  try {
    makeFolder(directory);
  } catch (error) {
    throw new InputError("--out", `cannot make the folder ${directory}: ${(error as Error).message}`);
  }
  const store = await openDatabase(file);
  if (there && !resume && (await store.finished()).size > 0) {
    store.close();
    throw new InputError(
      "--out",
      `${file} holds the results of an earlier run: add --resume, or choose another folder`,
    );
  }
  return store;
}

/** The same store in memory, for comparisons that keep nothing. */
export function memoryStore(): Promise<ResultsStore> {
  return openDatabase(":memory:");
}

const tables = [
  `create table if not exists traces (
     key varchar primary key, parameters bigint, initial json, failure varchar, rounds json)`,
  `create table if not exists runs (
     key varchar primary key, trace varchar, cell varchar, labels json, seed bigint, "drop" integer,
     ended varchar, reason varchar, accuracy double, test_loss double, rounds integer, energy double, latency double,
     nominal_bits_per_entry double, wire_bits_per_entry double, nominal_saving double, wire_saving double,
     config_fingerprint varchar, results_fingerprint varchar,
     course struct(accuracy double[], loss double[], energy double[], latency double[], nominal_bits double[], wire_bits double[]))`,
];

const course = {
  accuracy: ["DOUBLE"],
  loss: ["DOUBLE"],
  energy: ["DOUBLE"],
  latency: ["DOUBLE"],
  nominal_bits: ["DOUBLE"],
  wire_bits: ["DOUBLE"],
};

const columns = {
  key: "VARCHAR",
  trace: "VARCHAR",
  cell: "VARCHAR",
  labels: "JSON",
  seed: "BIGINT",
  drop: "INTEGER",
  ended: "VARCHAR",
  reason: "VARCHAR",
  accuracy: "DOUBLE",
  test_loss: "DOUBLE",
  rounds: "INTEGER",
  energy: "DOUBLE",
  latency: "DOUBLE",
  nominal_bits_per_entry: "DOUBLE",
  wire_bits_per_entry: "DOUBLE",
  nominal_saving: "DOUBLE",
  wire_saving: "DOUBLE",
  config_fingerprint: "VARCHAR",
  results_fingerprint: "VARCHAR",
  course,
};

/** @throws InputError when the package, which is not part of an installation, is missing */
async function duckdb() {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new InputError("@duckdb/node-api", "is not installed: npm install @duckdb/node-api", { cause });
  }
}

async function openDatabase(file: string): Promise<ResultsStore> {
  const { DuckDBInstance } = await duckdb();
  const instance = await DuckDBInstance.create(file).catch((error: Error) => {
    const locked = /lock/i.test(error.message);
    throw new InputError(
      "--out",
      `${file} ${locked ? "is in use by another process" : `cannot be opened: ${error.message}`}`,
    );
  });
  const connection = await instance.connect();
  const query = async (sql: string, values: string[] = []) =>
    (await connection.runAndReadAll(sql, values)).getRowObjectsJson() as Record<string, unknown>[];
  for (const table of tables) await connection.run(table);
  let writing: Promise<void> = Promise.resolve();

  async function write(key: string, { trace, runs }: JobOutcome): Promise<void> {
    await connection.run("begin");
    try {
      await connection.run("insert or replace into traces values ($1, $2, $3, $4, $5)", [
        key,
        trace.parameters,
        JSON.stringify(trace.initial),
        trace.failure ?? null,
        JSON.stringify(trace.rounds, plainArrays),
      ]);
      await connection.run(`insert or replace into runs ${fromJson(columns)}`, [JSON.stringify(runs.map(toRow))]);
      await connection.run("commit");
    } catch (error) {
      await connection.run("rollback");
      throw error;
    }
  }

  return {
    async finished() {
      return new Set((await query("select key from runs where ended <> 'failed'")).map((row) => row.key as string));
    },
    async runs(keys) {
      const rows = await query(
        "select * from runs where key in (select unnest(from_json($1::json, '[\"VARCHAR\"]')))",
        [JSON.stringify(keys)],
      );
      const found = new Map(rows.map((row) => [row.key as string, fromRow(row)]));
      return keys.flatMap((key) => found.get(key) ?? []);
    },
    async trace(key) {
      const [row] = await query("select * from traces where key = $1", [key]);
      return row && traceFromRow(row);
    },
    async add(key, outcome) {
      // One connection has one transaction at a time: outcomes that arrive together are written one after the other.
      const turn = writing.then(() => write(key, outcome));
      writing = turn.catch(() => {});
      await turn;
    },
    async export(file, what, requests) {
      // The database may hold more runs than those of this grid, and know these by the labels of an earlier one.
      await connection.run(
        `create or replace temp table asked as ${fromJson({ key: "VARCHAR", cell: "VARCHAR", labels: "JSON" })}`,
        [JSON.stringify(requests.map(({ key, cell, labels }) => ({ key, cell, labels })))],
      );
      const format = file.endsWith(".parquet") ? "format parquet" : "format csv, header";
      // Without a round there are no entries that bits could be counted on.
      const sent = ["nominal_bits_per_entry", "wire_bits_per_entry", "nominal_saving", "wire_saving"]
        .map((name) => `if(rounds > 0, ${name}, null) as ${name}`)
        .join(", ");
      const source =
        what === "runs"
          ? `select asked.key, asked.cell, asked.labels, runs.* exclude (key, cell, labels, course, trace) replace (${sent})
             from runs join asked using (key) order by seed, asked.cell, "drop"`
          : `select asked.cell, seed, "drop", unnest(range(len(course.energy))) as round,
               unnest(course.accuracy) as accuracy, unnest(course.loss) as test_loss,
               unnest(course.energy) as energy, unnest(course.latency) as latency,
               unnest(course.nominal_bits) as nominal_bits, unnest(course.wire_bits) as wire_bits
             from runs join asked using (key) order by seed, asked.cell, "drop", round`;
      await connection.run(`copy (${source}) to '${file.replaceAll("'", "''")}' (${format})`);
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Rows of an array of records, the statement's first value. */
function fromJson(types: object): string {
  return `select unnest(from_json($1::json, '${JSON.stringify([types])}'), max_depth := 2)`;
}

function toRow(run: RunSummary): Record<keyof typeof columns, unknown> {
  const { final, course } = run;
  return {
    key: run.key,
    trace: run.trace,
    cell: run.cell,
    labels: run.labels,
    seed: run.seed,
    drop: run.drop,
    ended: run.ended.by,
    reason: run.ended.reason,
    accuracy: final.accuracy,
    test_loss: final.testLoss,
    rounds: final.rounds,
    energy: final.energy,
    latency: final.latency,
    nominal_bits_per_entry: final.nominalBitsPerEntry,
    wire_bits_per_entry: final.wireBitsPerEntry,
    nominal_saving: final.nominalSaving,
    wire_saving: final.wireSaving,
    config_fingerprint: run.fingerprint.config,
    results_fingerprint: run.fingerprint.results,
    course: { ...course, nominal_bits: course.nominalBits, wire_bits: course.wireBits },
  };
}

function fromRow(row: Record<string, unknown>): RunSummary {
  const course = row.course as Record<string, never>;
  return {
    key: row.key as string,
    trace: row.trace as string,
    cell: row.cell as string,
    labels: JSON.parse(row.labels as string),
    seed: Number(row.seed),
    drop: row.drop as number,
    ended: { by: row.ended as RunSummary["ended"]["by"], reason: row.reason as string },
    final: {
      accuracy: row.accuracy as number | null,
      testLoss: row.test_loss as number | null,
      rounds: row.rounds as number,
      energy: row.energy as number,
      latency: row.latency as number,
      nominalBitsPerEntry: row.nominal_bits_per_entry as number,
      wireBitsPerEntry: row.wire_bits_per_entry as number,
      nominalSaving: row.nominal_saving as number,
      wireSaving: row.wire_saving as number,
    },
    fingerprint: { config: row.config_fingerprint as string, results: row.results_fingerprint as string },
    course: {
      accuracy: course.accuracy!,
      loss: course.loss!,
      energy: course.energy!,
      latency: course.latency!,
      nominalBits: course.nominal_bits!,
      wireBits: course.wire_bits!,
    },
  };
}

function traceFromRow(row: Record<string, unknown>): StoredTrace {
  const rounds = JSON.parse(row.rounds as string) as (StoredTrace["rounds"][number] & Record<string, never>)[];
  return {
    parameters: Number(row.parameters),
    initial: JSON.parse(row.initial as string),
    rounds: rounds.map((round) => ({
      ...round,
      nominalBits: Float64Array.from(round.nominalBits),
      wireBits: Float64Array.from(round.wireBits),
      examples: Float64Array.from(round.examples),
    })),
    ...(row.failure !== null && { failure: row.failure as string }),
  };
}

function plainArrays(_key: string, value: unknown): unknown {
  return value instanceof Float64Array ? [...value] : value;
}
