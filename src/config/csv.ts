/**
 * A cell of comma-separated values (RFC 4180) with every digit of a number; null is an empty one. A text that a
 * spreadsheet would compute has an apostrophe put before it, by which spreadsheets know text.
 */
export function csvCell(cell: string | number | null): string {
  if (cell === null) return "";
  const text = typeof cell === "string" && isFormula(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Signed numbers alone, with a unit or an interval, say nothing else when they are computed. */
function isFormula(text: string): boolean {
  if (!/^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/.test(text)) return false;
  return !/^\s*[+-](?:Infinity|NaN|[\d.,\s%±[\]+−-]|e[+-]?\d|points)*$/.test(text);
}
