import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { InputError } from "../../config/errors.js";
import { makeFolder } from "../../disk/folders.js";
import type { Column, ColumnType } from "./columns.js";
import { partialName, syncFolder } from "./whole.js";

export type TableFormat = "csv" | "parquet";

/** One value for each column. */
export type TableRow = readonly (string | number | null)[];

/**
 * Writes a table, whole or not at all, row by row in bounded memory: the same rows make the same bytes.
 * @throws InputError where there can be no such file
 */
export async function writeTable(
  path: string,
  format: TableFormat,
  columns: readonly Column[],
  rows: AsyncIterable<TableRow>,
): Promise<void> {
  const partial = partialName(path);
  let file: number;
  try {
    makeFolder(dirname(path));
    file = openSync(partial, "wx");
  } catch (error) {
    throw new InputError(path, `cannot be written: ${(error as Error).message}`, { cause: error });
  }
  try {
    try {
      const sink = format === "csv" ? csvSink(file, columns) : parquetSink(file, columns);
      for await (const row of rows) sink.add(row);
      sink.end();
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    await syncFolder(dirname(path));
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

interface Sink {
  add(row: TableRow): void;
  end(): void;
}

/** Comma-separated values (RFC 4180) with every digit of the numbers; null is an empty cell. */
function csvSink(file: number, columns: readonly Column[]): Sink {
  let text = "";
  const put = (cells: TableRow) => {
    text += `${cells.map(csvCell).join(",")}\n`;
    if (text.length > stretch) flush();
  };
  const flush = () => {
    writeAll(file, Buffer.from(text));
    text = "";
  };
  put(columns.map(({ name }) => name));
  return { add: put, end: flush };
}

function csvCell(cell: string | number | null): string {
  if (cell === null) return "";
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const parquetTypes: Record<ColumnType, "STRING" | "INT64" | "DOUBLE"> = {
  text: "STRING",
  whole: "INT64",
  real: "DOUBLE",
};

/** Groups of rows, each on the disk before the next is begun. */
function parquetSink(file: number, columns: readonly Column[]): Sink {
  const bytes = new ByteWriter();
  const flush = () => {
    writeAll(file, new Uint8Array(bytes.buffer, 0, bytes.index));
    bytes.index = 0;
  };
  const typed = columns.map(({ name, type }) => ({ name, type: parquetTypes[type], nullable: true, data: [] }));
  const writer = new ParquetWriter({
    writer: Object.assign(bytes, { flush, finish: flush }),
    schema: schemaFromColumnData({ columnData: typed }),
    createdBy: "cellfed",
  });
  let rows: TableRow[] = [];
  const writeGroup = () => {
    const columnData = columns.map(({ name, type }, i) => ({
      name,
      data: rows.map((row) => parquetValue(row[i]!, type)),
    }));
    writer.write({ columnData, rowGroupSize: rowsOfGroup });
    rows = [];
  };
  return {
    add(row) {
      if (rows.push(row) === rowsOfGroup) writeGroup();
    },
    end() {
      if (rows.length > 0) writeGroup();
      writer.finish();
    },
  };
}

function parquetValue(value: string | number | null, type: ColumnType): string | number | bigint | null {
  return type === "whole" && typeof value === "number" ? BigInt(value) : value;
}

const rowsOfGroup = 50_000;
const stretch = 2 ** 20;

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
