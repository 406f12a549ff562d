import { InputError, show, unknownName } from "../config/errors.js";

/** The columns of a devices file, and the section of the config that each fills. */
const columns = {
  frequency: "devices.frequency",
  cyclesPerSample: "devices.cyclesPerSample",
  capacitance: "devices.capacitance",
  battery: "devices.battery.charge",
} as const;
type Column = keyof typeof columns;

const names = ["client", ...Object.keys(columns)];

/**
 * The settings of a devices file: CSV with a header, or JSON rows, one a client in their order; `client`, from 0, may
 * stand beside the columns frequency (Hz), cyclesPerSample, capacitance and battery (J), of which any may be left out.
 * Figures of processors switch the CPU model on, those of batteries the batteries.
 *
 * @returns settings as `resolveConfig` takes them
 * @throws InputError naming the row and the column
 */
export function devicesSettings(text: string, name: string): string[] {
  const rows = /^\s*\[/.test(text) ? jsonRows(text, name) : csvRows(text, name);
  if (rows.length === 0) throw new InputError(name, "has no rows");
  const present = (Object.keys(columns) as Column[]).filter((column) => Object.hasOwn(rows[0]!, column));
  if (present.length === 0) throw new InputError(name, `has none of the columns ${Object.keys(columns).join(", ")}`);
  const values = Object.fromEntries(present.map((column) => [column, new Array<number>(rows.length)]));
  for (const [i, row] of rows.entries()) {
    const at = `${name} row ${i + 1}`;
    const client = row.client === undefined ? i : figure(row.client, "client", at);
    if (!Number.isInteger(client) || client >= rows.length || values[present[0]!]![client] !== undefined) {
      throw new InputError(at, `client is ${show(row.client)} (allowed: each of 0 to ${rows.length - 1} once)`);
    }
    for (const column of present) values[column]![client] = figure(row[column], column, at);
  }
  const processors = present.some((column) => column !== "battery");
  return [
    ...(processors ? ["budgets.compute.cpu.enabled=true"] : []),
    ...(present.includes("battery") ? ["devices.battery.enabled=true"] : []),
    ...present.flatMap((column) => [
      `${columns[column]}.distribution=given`,
      `${columns[column]}.values=${JSON.stringify(values[column])}`,
    ]),
  ];
}

type Row = Readonly<Record<string, unknown>>;

function csvRows(text: string, name: string): Row[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const cells = (line: string) => line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
  const header = cells(lines[0] ?? "");
  checkColumns(header, `${name} line 1`);
  return lines.slice(1).map((line, i) => {
    const row = cells(line);
    if (row.length !== header.length)
      throw new InputError(`${name} line ${i + 2}`, `${row.length} cells under ${header.length} columns`);
    return Object.fromEntries(header.map((column, j) => [column, row[j]]));
  });
}

function jsonRows(text: string, name: string): Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(name, `is no JSON: ${(error as Error).message}`, { cause: error });
  }
  return (value as unknown[]).map((row, i) => {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw new InputError(`${name} row ${i + 1}`, `${show(row)} is no row (allowed: { ${names.join(", ")} })`);
    }
    checkColumns(Object.keys(row), `${name} row ${i + 1}`);
    return row as Row;
  });
}

function checkColumns(given: readonly string[], at: string): void {
  for (const column of given) {
    if (!names.includes(column)) throw new InputError(at, unknownName("column", column, names));
  }
}

function figure(given: unknown, column: string, at: string): number {
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw new InputError(at, `${column} is ${show(given)} (allowed: a number of at least 0)`);
}
