import type { ReproductionResults } from "../../papers/reproduce.js";
import { type Claim, intervalText, valueText, verdictWords } from "../../papers/verdicts.js";
import { summarizeGrid } from "../../study/analysis/cells.js";
import { endsAt } from "../../study/analysis/intervals.js";
import { escapeMarkdown } from "../escape.js";
import { type ComparisonRow, comparisonColumns, comparisonRows } from "../tables/comparison.js";
import { shownCells } from "../tables/reproduction.js";
import { type Column, markdownTable } from "../tables/table.js";
import { claimSentences } from "./reproduction.js";

/**
 * The claims as a docs page shows them: what was found, the interval that the verdict rests on, and in words no more than
 * the verdict allows.
 */
export function claimsForDocs(claims: readonly Claim[]): string {
  const rows = claims.map((claim) => ({ claim, ends: claim.adjusted ?? (claim.ours && endsAt(claim.ours)) }));
  const columns: Column<(typeof rows)[number]>[] = [
    { label: "claim", value: ({ claim }) => `${claim.source} ${claim.statement}` },
    { label: "form", value: ({ claim }) => claim.form },
    { label: "where", value: ({ claim }) => claim.where },
    { label: "ours", value: ({ claim, ends }) => `${valueText(claim)}${intervalText(ends)}` },
    { label: "verdict", value: ({ claim }) => verdictWords[claim.verdict] },
  ];
  const primary = claims.filter(({ family }) => family === "primary");
  return `${markdownTable(rows, columns)}\n\n${claimSentences(primary)}`;
}

const shownColumns = ["accuracy %", "vs. baseline", "last five %", "rounds", "nominal bits", "wire bits"];

/**
 * An experiment's grids as a docs page shows them: the cells of one axis, the others at the baseline's, a table for each
 * grid of each scenario.
 */
export function cellsForDocs(results: ReproductionResults, name: string): string {
  const found = results.training.find(({ experiment }) => experiment.name === name);
  if (found === undefined) throw new Error(`${name} is not among the report's experiments`);
  return found.scenarios
    .flatMap(({ scenario, grids, runs }) =>
      grids
        .filter(({ mapped }) => mapped !== true)
        .map(({ grid, title }) => {
          const shown = shownCells(grid);
          const all = comparisonRows(grid, summarizeGrid(grid, runs));
          const rows = shown.map((cell) => all[grid.cells.indexOf(cell)]!);
          const varied = grid.axes.filter(
            ({ name: axis }) => new Set(shown.map(({ labels }) => labels[axis])).size > 1,
          );
          const columns: Column<ComparisonRow>[] = comparisonColumns(grid).filter(
            ({ label }) => shownColumns.includes(label) || varied.some(({ name: axis }) => axis === label),
          );
          return `${escapeMarkdown(`${title}; ${scenario.title}`)}:\n\n${markdownTable(rows, columns)}\n\n`;
        }),
    )
    .join("");
}
