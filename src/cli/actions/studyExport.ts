import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { csvCell } from "../../config/csv.js";
import { InputError, unknownName } from "../../config/errors.js";
import { textTable } from "../../report/tables/table.js";
import { querySql } from "../../study/store/sql.js";
import { exportPart, type StudyTable, studyTables } from "../../study/store/studyExports.js";
import type { TableFormat } from "../../study/store/table.js";
import { partNamed, type ReadStudy, readStudy } from "../files/studyRead.js";
import { print, printJson } from "../terminal/output.js";

export interface StudyExportOptions {
  format: string;
  to: string;
  table: string;
  part?: string;
  plugin?: string[];
}

/** Writes a part's table whole, or not at all. */
export async function studyExport(folder: string, options: StudyExportOptions): Promise<void> {
  const format = oneOf<TableFormat>("--format", "format", options.format, ["csv", "parquet"]);
  const table = oneOf<StudyTable>("--table", "table", options.table, studyTables);
  await readStudy(folder, options, async ({ layout, store }) => {
    const part = partNamed(layout.parts, options.part);
    if (table === "rounds" && part.kind !== "training")
      throw new InputError("--table", `"rounds" is a table of trainings, and "${part.name}" has jobs "${part.kind}"`);
    await exportPart(part, store, options.to, { format, table });
  });
  print(`${options.to}\n`);
}

function oneOf<Name extends string>(flag: string, what: string, given: string, known: readonly Name[]): Name {
  if (known.includes(given as Name)) return given as Name;
  throw new InputError(flag, unknownName(what, given, known));
}

/** Asks a study in SQL. Beside the views of trainings there is one for each other part, named by its kind or its name. */
export async function studySql(
  folder: string,
  sql: string,
  options: { plugin?: string[]; json?: true; csv?: true },
): Promise<void> {
  const { columns, rows } = await readStudy(folder, options, async (study) => {
    const scratch = mkdtempSync(join(tmpdir(), "cellfed-sql-"));
    try {
      return await querySql(folder, sql, await partTables(study, scratch));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
  if (options.json) printJson(rows);
  else if (options.csv)
    for (const row of [columns, ...rows.map((row) => columns.map((name) => row[name]))])
      print(`${row.map((cell) => csvCell(plain(cell))).join(",")}\n`);
  else
    print(
      `${textTable(
        rows,
        columns.map((label) => ({ label, value: (row: (typeof rows)[number]) => plain(row[label]) })),
      )}\n`,
    );
}

const viewNames = { pricing: "prices", rates: "rates", quantizers: "quantizers" } as const;

/** Tables of the parts whose records do not say what their points are called. */
async function partTables({ layout, store }: ReadStudy, scratch: string): Promise<Record<string, string>> {
  const tables: Record<string, string> = {};
  for (const [i, part] of layout.parts.entries()) {
    if (part.kind === "training") continue;
    const alone = layout.parts.filter(({ kind }) => kind === part.kind).length === 1;
    const path = join(scratch, `${i}.csv`);
    await exportPart(part, store, path, { format: "csv" });
    tables[alone ? viewNames[part.kind] : part.name] = path;
  }
  return tables;
}

function plain(cell: unknown): string | number | null {
  if (cell === null || cell === undefined) return null;
  return typeof cell === "number" || typeof cell === "string" ? cell : JSON.stringify(cell);
}
