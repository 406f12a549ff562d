import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as isText } from "../../config/arguments.js";
import { InputError } from "../../config/errors.js";
import { type Column, type ColumnType, courseColumns, runColumns, timingColumns } from "./columns.js";
import type { Json } from "./contract.js";
import { journalFolder, readFolderStore } from "./folder.js";
import { type Journals, namesOfJournals, readJournals } from "./journals.js";
import { maximumLine } from "./scan.js";

/** What a query gives: names of its columns, and its rows as JSON has them. */
export interface SqlResult {
  columns: string[];
  rows: Record<string, Json>[];
}

/**
 * Asks a study's folder in SQL, also while it runs, through DuckDB. There are views `runs` (a column for each axis
 * among them), `rounds`, `traces` and `timings`. Damaged lines are not in them, and of several records of a key there
 * is the one that counts.
 * @param tables CSV files that are views too, by their names
 * @throws InputError where there is no study, where the query is wrong, and where DuckDB is not installed
 * @example
 * const plan = { file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } };
 * const store = await openFolderStore(`${folder}/study`, { plan });
 * await compare(plan, { store });
 * await store.close();
 * (await querySql(`${folder}/study`, "select count(*)::int as runs from runs")).rows; // → [{"runs":1}]
 */
export async function querySql(
  directory: string,
  sql: string,
  tables: Readonly<Record<string, string>> = {},
): Promise<SqlResult> {
  isText("directory", directory);
  isText("sql", sql);
  const { DuckDBInstance } = await loadDuckDB();
  const store = await readFolderStore(directory);
  const axes = new Set<string>();
  for await (const { value } of store.select(store.keys("run"), ["labels"])) {
    for (const axis of Object.keys(value.labels ?? {})) axes.add(axis);
  }
  await store.close();
  const source = soundLines(directory);
  try {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    try {
      for (const view of views(source.files, [...axes])) await connection.run(view);
      for (const [name, file] of Object.entries(tables))
        await connection.run(`create view ${quoted(name)} as select * from read_csv(${text(file)}, header = true)`);
      const reader = await connection.runAndReadAll(sql).catch((error: Error) => {
        throw new InputError("sql", error.message, { cause: error });
      });
      return { columns: reader.columnNames(), rows: reader.getRowObjectsJson() as SqlResult["rows"] };
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    source.release();
  }
}

async function loadDuckDB(): Promise<typeof import("@duckdb/node-api")> {
  try {
    return await import("@duckdb/node-api");
  } catch (error) {
    throw new InputError("sql", "needs DuckDB, which is not installed: npm install @duckdb/node-api", { cause: error });
  }
}

/** The journals themselves where every line counts, else a copy of the lines that do. */
function soundLines(directory: string): { files: string[]; release(): void } {
  const folder = join(directory, journalFolder);
  const journals = readJournals(folder);
  journals.refresh();
  const damaged = journals.findings().some(({ kind }) => kind === "damaged");
  if (!damaged && journals.catalog.superseded === 0) {
    journals.close();
    return { files: namesOfJournals(folder).map((name) => join(folder, name)), release() {} };
  }
  const copy = mkdtempSync(join(tmpdir(), "cellfed-sql-"));
  const file = join(copy, "lines.jsonl");
  try {
    copyLines(journals, file);
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    throw error;
  } finally {
    journals.close();
  }
  return { files: [file], release: () => rmSync(copy, { recursive: true, force: true }) };
}

function copyLines(journals: Journals, path: string): void {
  const file = openSync(path, "wx");
  const newline = Buffer.from("\n");
  try {
    for (const entry of [...journals.catalog.entries.values(), ...journals.catalog.timings.values()]) {
      const line = journals.line(entry);
      if (line !== undefined) writeSync(file, Buffer.concat([line, newline]));
    }
  } finally {
    closeSync(file);
  }
}

const sqlTypes: Record<ColumnType, string> = { text: "VARCHAR", whole: "BIGINT", real: "DOUBLE" };

function views(files: readonly string[], axes: readonly string[]): string[] {
  const timings = timingColumns.filter(({ name }) => !["key", "host", "writer"].includes(name));
  const members: Record<string, string> = {
    kind: "VARCHAR",
    key: "VARCHAR",
    failure: "VARCHAR",
    run: struct([{ name: "cell", type: "text" }, ...runColumns], ", labels MAP(VARCHAR, VARCHAR)"),
    "run.course": `STRUCT(${courseColumns.map(({ list }) => `${quoted(list)} DOUBLE[]`).join(", ")})`,
    trace: "JSON",
    "trace.rounds": "JSON",
    timing: struct(timings),
    journal: "STRUCT(host VARCHAR)",
  };
  const types = Object.entries(members).map(([name, type]) => `${text(name)}: ${text(type)}`);
  const options = `format = 'newline_delimited', ignore_errors = true, maximum_object_size = ${maximumLine}, filename = true`;
  const lines =
    files.length === 0
      ? `select ${Object.entries(members).map(([name, type]) => `null::${type} as ${quoted(name)}`)}, null as filename where false`
      : `select * from read_json([${files.map(text)}], columns = {${types.join(", ")}}, ${options})`;
  const taken = new Set(["key", "cell", "failure", ...runColumns.map(({ name }) => name)]);
  const labels = axes.map((axis) => `run.labels[${text(axis)}] as ${quoted(taken.has(axis) ? `axis_${axis}` : axis)}`);
  const figures = runColumns.map(({ name }) => `run.${quoted(name)}`);
  const lists = courseColumns.map(({ name, list }) => `unnest("run.course".${quoted(list)}) as ${quoted(name)}`);
  const names = ["run.cell", ...labels, "run.seed", 'run."drop"'];
  return [
    `create view lines as ${lines}`,
    `create view runs as select key, ${["run.cell", ...labels, ...figures].join(", ")}, failure, "run.course" as course
     from lines where kind = 'run'`,
    `create view rounds as select key, ${names.join(", ")},
       unnest(range(len("run.course".energy))) as round, ${lists.join(", ")} from lines where kind = 'run'`,
    `create view traces as select key, failure, trace, "trace.rounds" as rounds from lines where kind = 'trace'`,
    `create view timings as select key, ${timings.map(({ name }) => `timing.${quoted(name)}`).join(", ")}
     from lines where kind = 'timing'`,
  ];
}

function struct(columns: readonly Pick<Column, "name" | "type">[], more = ""): string {
  return `STRUCT(${columns.map(({ name, type }) => `${quoted(name)} ${sqlTypes[type]}`).join(", ")}${more})`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
