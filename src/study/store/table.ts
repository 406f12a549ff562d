import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { csvCell } from "../../config/csv.js";
import { streamWhole, unwritable, writeBytes } from "../../disk/files.js";
import type { Column, ColumnType } from "./columns.js";

export type TableFormat = "csv" | "parquet";

/** One value for each column. */
export type TableRow = readonly (string | number | null)[];

/**
 * Writes a table, whole or not at all, row by row in bounded memory: the same rows make the same bytes.
 * @throws RunError where there can be no such file
 */
export async function writeTable(
  path: string,
  format: TableFormat,
  columns: readonly Column[],
  rows: AsyncIterable<TableRow>,
): Promise<void> {
  try {
    await streamWhole(path, async (file) => {
      const sink = format === "csv" ? csvSink(file, columns) : parquetSink(file, columns);
      for await (const row of rows) sink.add(row);
      sink.end();
    });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unwritable(path, error);
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
    writeBytes(file, Buffer.from(text));
    text = "";
  };
  put(columns.map(({ name }) => name));
  return { add: put, end: flush };
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
    writeBytes(file, new Uint8Array(bytes.buffer, 0, bytes.index));
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
