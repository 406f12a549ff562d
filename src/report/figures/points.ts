import { csvCell } from "../../config/csv.js";
import type { IntervalRow, Series } from "./charts.js";

/*
 * What a figure draws, as numbers: comma-separated values that pgfplots, spreadsheets and R take. Shares are as they are,
 * 0 to 1. A number that there is not is nan.
 */

/**
 * The points of a figure's lines side by side: columns "NAME x", "NAME y" and, where there are bands, "NAME low" and
 * "NAME high". Where a line has no more points: nan.
 */
export function pointsTable(series: readonly Series[]): string {
  const columns = series.flatMap(({ name, x, y, low, high }): [string, ArrayLike<number>][] => [
    [`${name} x`, x],
    [`${name} y`, y],
    ...(low === undefined || high === undefined
      ? []
      : ([
          [`${name} low`, low],
          [`${name} high`, high],
        ] as [string, ArrayLike<number>][])),
  ]);
  const longest = Math.max(0, ...columns.map(([, values]) => values.length));
  const rows = Array.from({ length: longest }, (_, i) => columns.map(([, values]) => values[i]));
  return table(
    columns.map(([name]) => name),
    rows,
  );
}

/** Values with their intervals: a row each, "name", "value", "low", "high", and "group" where there are any. */
export function intervalsTable(rows: readonly IntervalRow[]): string {
  const grouped = rows.some(({ group }) => group !== undefined);
  return table(
    ["name", ...(grouped ? ["group"] : []), "value", "low", "high"],
    rows.map(({ name, group, value, low, high }) => [name, ...(grouped ? [group ?? ""] : []), value, low, high]),
  );
}

/** A map's points: a row each, "x", "y", "value", x running fastest, as pgfplots' `mesh/cols` takes a matrix. */
export function planeTable(plane: {
  x: { values: readonly number[] };
  y: { values: readonly number[] };
  /** [y][x]; null where there is none */
  values: readonly (readonly (number | null)[])[];
}): string {
  const { x, y, values } = plane;
  return table(
    ["x", "y", "value"],
    y.values.flatMap((row, j) => x.values.map((column, i) => [column, row, values[j]?.[i]])),
  );
}

/** Rows of a table under its heads. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string {
  const cell = (value: string | number | null | undefined): string => {
    if (typeof value === "string") return csvCell(value);
    return value === null || value === undefined || !Number.isFinite(value) ? "nan" : String(value);
  };
  return [head, ...rows].map((cells) => `${cells.map(cell).join(",")}\n`).join("");
}
