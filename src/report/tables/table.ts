import { csvCell } from "../../config/csv.js";
import { escapeMarkdown } from "../escape.js";

/** One column of a table. */
export interface Column<Row> {
  label: string;
  value(row: Row): string | number | null;
  /** Digits after the point of numbers; default: up to 4 significant digits */
  digits?: number;
}

/** A table for a terminal: labels, a rule, rows; numbers stand right, text left. */
export function textTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const texts = cells.map((row) => row.map((cell, i) => cellText(cell, columns[i]!.digits)));
  const rightward = columns.map((_, i) => cells.length > 0 && cells.every((row) => typeof row[i] !== "string"));
  const widths = columns.map(({ label }, i) => Math.max(width(label), ...texts.map((row) => width(row[i]!))));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => {
        const space = " ".repeat(widths[i]! - width(text));
        return rightward[i] ? space + text : text + space;
      })
      .join("  ")
      .trimEnd();
  return [
    line(columns.map(({ label }) => label)),
    widths.map((size) => "─".repeat(size)).join("  "),
    ...texts.map(line),
  ].join("\n");
}

/** Labels and values below one another. */
export function factTable(facts: readonly (readonly [label: string, value: string])[]): string {
  const widest = Math.max(0, ...facts.map(([label]) => width(label)));
  return facts.map(([label, value]) => `${label}${" ".repeat(widest - width(label))}  ${value}`).join("\n");
}

/**
 * The same rows as a Markdown table.
 * @param ownWords the cells are the project's own, and may hold Markdown
 */
export function markdownTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { ownWords = false } = {},
): string {
  const safe = (cell: string): string => (ownWords ? cell.replaceAll("|", "\\|") : escapeMarkdown(cell));
  const line = (cells: readonly string[]): string => `| ${cells.map(safe).join(" | ")} |`;
  return [
    line(columns.map(({ label }) => label)),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column) => cellText(column.value(row), column.digits)))),
  ].join("\n");
}

/** Comma-separated values (RFC 4180) with every digit of the numbers; null is an empty cell. */
export function csv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const line = (cells: readonly (string | number | null)[]): string => cells.map(csvCell).join(",");
  return [line(columns.map(({ label }) => label)), ...rows.map((row) => line(columns.map(({ value }) => value(row))))]
    .map((text) => `${text}\n`)
    .join("");
}

/** A number at a reader's precision: 4 significant digits, powers of ten beyond 10⁻⁴ and 10⁷. */
export function formatNumber(value: number, digits?: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  if (digits !== undefined) return value.toFixed(digits);
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(2);
  return Number.isInteger(value) ? value.toString() : Number(value.toPrecision(4)).toString();
}

function cellText(cell: string | number | null, digits?: number): string {
  if (cell === null) return "–";
  return typeof cell === "string" ? cell : formatNumber(cell, digits);
}

/** Characters as a terminal counts them, near enough: combining marks take no room. */
function width(text: string): number {
  return [...text.replace(/\p{Mark}/gu, "")].length;
}
