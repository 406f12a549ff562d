import { fingerprint } from "../../federated/fingerprint.js";
import { summarizeGrid } from "../../study/analysis/cells.js";
import type { Grid } from "../../study/plan/grid.js";
import type { RunSummary } from "../../study/store/columns.js";
import { comparisonFigures } from "../figures/comparisonFigures.js";
import { drawingFiles } from "../figures/drawing.js";
import {
  type ComparisonRow,
  comparisonColumns,
  comparisonCsvColumns,
  comparisonNotes,
  comparisonRows,
} from "../tables/comparison.js";
import { csv } from "../tables/table.js";
import { htmlReport, tableOf } from "./html.js";

/** A comparison as it is shown: rows of the table, and what has to be said beside them. */
export interface ComparisonView {
  rows: ComparisonRow[];
  notes: string[];
}

/** @param failures what could not be run at all, in words */
export function comparisonView(
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  failures: readonly string[],
): ComparisonView {
  const rows = comparisonRows(grid, summarizeGrid(grid, runs));
  return { rows, notes: [...comparisonNotes(grid, rows), ...failures] };
}

/** What a comparison's page says of how it came about. */
export interface ComparisonOrigin {
  name: string;
  command: string;
  versions: Readonly<Record<string, string>>;
  interrupted: boolean;
}

/** The files of a comparison's folder beside its exports, by their names: report.html, table.csv, summary.json, figures. */
export async function comparisonFiles(
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  view: ComparisonView,
  { name, command, versions, interrupted }: ComparisonOrigin,
): Promise<Map<string, string>> {
  const { rows, notes } = view;
  const figures = await comparisonFigures(grid, runs);
  const report = htmlReport({
    title: `cellfed compare: ${name}`,
    lead: `${grid.cells.length} cells, ${grid.seeds.length} seeds × ${grid.drops} drops, at equal budgets${interrupted ? "; broken off: not all of them are there" : ""}`,
    command,
    versions,
    fingerprint: runsFingerprint(runs),
    config: grid.baseline.config,
    sections: [
      {
        heading: "Comparison",
        content: [{ table: tableOf(rows, comparisonColumns(grid)) }, { notes }],
      },
      { heading: "Figures", content: figures.map(({ svg }) => ({ svg })) },
    ],
  });
  return new Map([
    ["table.csv", csv(rows, comparisonCsvColumns(grid))],
    ["summary.json", `${JSON.stringify({ versions, ...comparisonJson(grid, view) }, null, 2)}\n`],
    ...figures.flatMap((figure) => drawingFiles(`figures/${figure.file}`, figure)),
    ["report.html", report],
  ]);
}

/** A comparison as data, the same however it came about. */
export function comparisonJson(grid: Grid, { rows, notes }: ComparisonView): object {
  return {
    seeds: grid.seeds,
    drops: grid.drops,
    baseline: grid.baseline.id,
    cells: rows.map(({ labels, summary, failure }, i) => {
      const { cell: _cell, ...figures } = summary ?? {};
      return {
        id: grid.cells[i]!.id,
        labels,
        failure,
        ...(summary === null ? { failed: true } : figures),
        config: grid.cells[i]!.config,
      };
    }),
    notes,
  };
}

/** Of all runs' results, in the order of their keys. */
export function runsFingerprint(runs: ReadonlyMap<string, RunSummary>): string {
  return fingerprint(
    [...runs].map(([key, run]) => [key, run.fingerprint.results]).sort((a, b) => (a[0]! < b[0]! ? -1 : 1)),
  );
}
