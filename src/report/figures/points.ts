import { csvCell } from "../../config/csv.js";
import type { Series } from "./charts.js";

/**
 * The points of a figure's lines side by side, as pgfplots and spreadsheets take them: columns "NAME x", "NAME y" and,
 * where there are bands, "NAME low" and "NAME high". Shares are as they are, 0 to 1. Where a line has no more points: nan.
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
  const rows = Array.from({ length: longest }, (_, i) =>
    columns.map(([, values]) => {
      const value = values[i];
      return value === undefined || !Number.isFinite(value) ? "nan" : String(value);
    }),
  );
  const head = columns.map(([name]) => csvCell(name));
  return [head, ...rows].map((cells) => `${cells.join(",")}\n`).join("");
}
