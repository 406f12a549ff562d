import type { Ending } from "../../federated/result.js";
import type { CellSummary } from "../../study/analysis/cells.js";
import type { Interval } from "../../study/analysis/intervals.js";
import { budgetAxisName } from "../../study/plan/axes.js";
import { baselineOf, type Grid } from "../../study/plan/grid.js";
import { type Column, formatNumber } from "./table.js";

/** A row of the comparison's table: a cell, with its figures or the reason why it has none. */
export interface ComparisonRow {
  labels: Readonly<Record<string, string>>;
  summary: CellSummary | null;
  failure: string | null;
  baseline: boolean;
}

/** The table for readers: means ± half the 95 % interval. */
export function comparisonColumns(grid: Grid): Column<ComparisonRow>[] {
  const measured = (of: (summary: CellSummary) => string) => (row: ComparisonRow) =>
    row.summary === null ? (row.failure === null ? "–" : "failed") : of(row.summary);
  const figure =
    (of: (summary: CellSummary) => Interval | null, digits?: number, scale = 1) =>
    (row: ComparisonRow) =>
      row.summary === null ? null : withInterval(of(row.summary), digits, scale);
  const accurate = gridHasAccuracy(grid);
  const ordinate: Column<ComparisonRow> = accurate
    ? { label: "accuracy %", value: figure(({ accuracy }) => accuracy, 2, 100) }
    : { label: "test loss", value: figure(({ testLoss }) => testLoss, 4) };
  return [
    ...labelColumns(grid),
    ordinate,
    {
      label: "vs. baseline",
      value: (row) =>
        row.baseline
          ? "baseline"
          : accurate
            ? signed(row.summary?.difference?.accuracy, 2, 100)
            : signed(row.summary?.difference?.testLoss, 4, 1),
    },
    ...(accurate ? [{ label: "last five %", value: figure(({ lateAccuracy }) => lateAccuracy, 2, 100) }] : []),
    { label: "rounds", value: figure(({ rounds }) => rounds, 1) },
    { label: "J", value: figure(({ energy }) => energy) },
    { label: "s", value: figure(({ latency }) => latency) },
    { label: "nominal bits", value: figure((summary) => summary.nominalBitsPerEntry) },
    { label: "wire bits", value: figure((summary) => summary.wireBitsPerEntry) },
    { label: "saved %", value: figure((summary) => summary.nominalSaving, 1, 100) },
    { label: "ended by", value: measured(({ ended }) => endings(ended)) },
  ];
}

/** The table for machines: every figure with its half width, without rounding. */
export function comparisonCsvColumns(grid: Grid): Column<ComparisonRow>[] {
  const figures: [string, (summary: CellSummary) => Interval | null | undefined][] = [
    ["accuracy", (summary) => summary.accuracy],
    ["accuracy_difference", (summary) => summary.difference?.accuracy],
    ["late_accuracy", (summary) => summary.lateAccuracy],
    ["late_accuracy_difference", (summary) => summary.difference?.lateAccuracy],
    ["test_loss", (summary) => summary.testLoss],
    ["test_loss_difference", (summary) => summary.difference?.testLoss],
    ["rounds", (summary) => summary.rounds],
    ["rounds_difference", (summary) => summary.difference?.rounds],
    ["energy_J", (summary) => summary.energy],
    ["latency_s", (summary) => summary.latency],
    ["nominal_bits_per_entry", (summary) => summary.nominalBitsPerEntry],
    ["wire_bits_per_entry", (summary) => summary.wireBitsPerEntry],
    ["nominal_saving", (summary) => summary.nominalSaving],
    ["wire_saving", (summary) => summary.wireSaving],
  ];
  return [
    ...labelColumns(grid),
    ...figures.flatMap(([label, of]): Column<ComparisonRow>[] => [
      { label, value: ({ summary }) => (summary && of(summary)?.mean) ?? null },
      { label: `${label}_half_width`, value: ({ summary }) => (summary && of(summary)?.halfWidth) ?? null },
    ]),
    { label: "runs", value: ({ summary }) => summary?.runs ?? 0 },
    { label: "ended_by", value: ({ summary, failure }) => (summary ? endings(summary.ended) : failure && "failed") },
  ];
}

/** What a reader must be told besides the table: failures, runs without a round, single seeds. */
export function comparisonNotes(grid: Grid, rows: readonly ComparisonRow[]): string[] {
  const notes: string[] = [];
  for (const [i, { summary, failure }] of rows.entries()) {
    const id = grid.cells[i]!.id;
    if (failure !== null) notes.push(`${id}: ${summary === null ? "failed" : "some runs failed"}: ${failure}`);
    if (summary === null) continue;
    const { by, reason, seed, drop } = summary.reasons.find((one) => one.by === "infeasible") ?? {};
    if (by !== undefined) {
      notes.push(
        `${id}: ${summary.ended.infeasible} of ${summary.asked} runs ended by an infeasible allocation: ${reason} (seed ${seed}, drop ${drop})`,
      );
    }
    if (summary.rounds.mean === 0) {
      const first = summary.reasons[0];
      notes.push(`${id}: the budgets allow no round: ${first?.reason} (seed ${first?.seed}, drop ${first?.drop})`);
    }
    if (summary.runs < summary.asked) {
      notes.push(
        `${id}: ${summary.asked - summary.runs} of ${summary.asked} runs are missing or failed and do not count`,
      );
    }
  }
  notes.push(
    grid.seeds.length > 1
      ? `± is half the 95 % interval (Student's t) of the mean over ${grid.seeds.length} seeds; a seed's ${grid.drops} drops are averaged first. ${testSetNote(rows)}`
      : `One seed with ${grid.drops} ${grid.drops === 1 ? "drop" : "drops"}: no interval can be given.`,
    "Bits are per entry of the uploaded updates; “saved” is against 32 bits an entry from every client in every round, so that skipped uploads count as saved.",
    ...(grid.cells.some(({ config }) => config.aggregation.by === "over-the-air")
      ? ["Over the air updates are sent as amplitudes: there are no bits."]
      : []),
    `Differences are taken from "${baselineName(grid)}", seed by seed and drop by drop: the same data, splits, first weights, shuffles and networks.`,
  );
  return notes;
}

/** For which test examples the intervals of the accuracies hold. */
function testSetNote(rows: readonly ComparisonRow[]): string {
  const known = rows.flatMap(({ summary }) => summary?.accuracy ?? []);
  if (known.length === 0) return "";
  return known.every(({ testShare }) => testShare !== null)
    ? "Those of accuracies hold for other test examples too, which are a second, crossed sample."
    : "Those of accuracies hold for these test examples; evaluation.answers=true makes them hold for others.";
}

function baselineName({ axes, baseline, equalBudgets }: Grid): string {
  if (!equalBudgets) return baseline.id;
  const labels = axes
    .filter(({ variants }) => variants.length > 1)
    .map(({ name }) => (name === budgetAxisName ? "the same budget" : baseline.labels[name]));
  return labels.join(" · ");
}

/** The cells of a grid as rows. */
export function comparisonRows(
  grid: Grid,
  cells: readonly { summary: CellSummary | null; failure: string | null }[],
): ComparisonRow[] {
  return grid.cells.map((cell, i) => ({
    labels: cell.labels,
    summary: cells[i]!.summary,
    failure: cells[i]!.failure,
    baseline: cell === baselineOf(grid, cell),
  }));
}

/** "12.3 ± 0.4"; without the ± where there is one value only. */
export function withInterval(of: Interval | null | undefined, digits?: number, scale = 1): string | null {
  if (of === null || of === undefined) return null;
  const text = (value: number) =>
    digits === undefined ? formatNumber(Number((scale * value).toPrecision(3))) : formatNumber(scale * value, digits);
  return of.halfWidth === null ? text(of.mean) : `${text(of.mean)} ± ${text(of.halfWidth)}`;
}

function signed(of: Interval | null | undefined, digits: number, scale: number): string | null {
  if (of === null || of === undefined) return null;
  return `${of.mean >= 0 ? "+" : ""}${withInterval(of, digits, scale)}`;
}

function labelColumns(grid: Grid): Column<ComparisonRow>[] {
  return grid.axes.map(({ name }) => ({ label: name, value: ({ labels }) => labels[name] ?? null }));
}

function gridHasAccuracy(grid: Grid): boolean {
  return grid.cells.some(({ config }) => config.data.name !== "regression");
}

function endings(counts: Partial<Record<Ending, number>>): string {
  const entries = Object.entries(counts);
  return entries.length === 1 ? entries[0]![0] : entries.map(([by, count]) => `${by} ${count}`).join(", ");
}
