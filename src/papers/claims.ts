import { cellRuns, type Measure, overSeeds, pairedDifference } from "../study/analysis/cells.js";
import type { Interval } from "../study/analysis/intervals.js";
import type { Cell, Grid } from "../study/plan/grid.js";
import type { RunSummary } from "../study/store/columns.js";

/** The comparison as the authors made it, or with every method at its best. */
export type Form = "as published" | "fair";

/** What a paper says, what we find, and what that means. */
export interface Claim {
  /** "[P]" or "[O]", as in docs/reproduction.md */
  source: string;
  statement: string;
  form: Form;
  /** Where it was measured */
  where: string;
  unit: "points" | "percent";
  /** In the unit; the papers' "up to" and "at least" are bounds over their settings */
  published: { bound: "up to" | "at least" | "better"; value: number };
  /** In the unit; null where nothing could be measured */
  ours: { value: number; low: number; high: number } | null;
  verdict: string;
  /** How many independent samples the interval rests on */
  samples: string;
}

/** What is known of a claim before anything is measured. */
export type ClaimAbout = Pick<Claim, "source" | "statement" | "form" | "where" | "published">;

/**
 * What an interval says of a published gain. A paper's "up to" is the largest of many settings and ours is one
 * setting's mean, so reaching it asks only that the interval's upper end does.
 */
export function verdictOf(published: Claim["published"], ours: Claim["ours"]): string {
  if (ours === null) return "could not be measured";
  const { value, low, high } = ours;
  if (value === 0 && low === high) return "no difference seen";
  if (low === high) return `one sample (${value > 0 ? "same" : "opposite"} direction)`;
  if (high < 0) return "contradicted: the opposite";
  if (low <= 0) return "no difference seen";
  if (published.bound === "better") return "confirmed";
  if (published.bound === "at least")
    return low >= published.value ? "confirmed" : high >= published.value ? "consistent" : "same direction, smaller";
  if (low > published.value) return "exceeded";
  return high >= published.value ? "consistent" : "same direction, smaller";
}

/** The claim of a paired difference between two cells of a grid. */
export function differenceClaim(
  about: ClaimAbout,
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  cells: { better: Readonly<Record<string, string>>; worse: Readonly<Record<string, string>> },
  measure: Measure = (run) => run.final.accuracy,
): Claim {
  const better = cellRuns(grid, findCell(grid, cells.better), runs);
  const worse = cellRuns(grid, findCell(grid, cells.worse), runs);
  const difference = pairedDifference(better, worse, measure);
  return claimOf(about, "points", difference, grid);
}

/** The claim of a cell's own figure, such as its saving. */
export function figureClaim(
  about: ClaimAbout,
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  labels: Readonly<Record<string, string>>,
  measure: Measure,
): Claim {
  return claimOf(about, "percent", overSeeds(cellRuns(grid, findCell(grid, labels), runs), measure), grid);
}

function claimOf(about: ClaimAbout, unit: Claim["unit"], interval: Interval | null, grid: Grid): Claim {
  const ours = inPercent(interval);
  return {
    ...about,
    unit,
    ours,
    verdict: verdictOf(about.published, ours),
    samples: `${counted(interval?.count ?? 0, "seed")} × ${counted(grid.drops, "drop")}`,
  };
}

/** A mean of shares as a claim has it. */
export function inPercent(interval: Interval | null): Claim["ours"] {
  if (interval === null) return null;
  const { mean, halfWidth } = interval;
  return { value: 100 * mean, low: 100 * (mean - halfWidth), high: 100 * (mean + halfWidth) };
}

/** "1 seed", "3 seeds" */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The cell with exactly these labels on the named axes. */
export function findCell(grid: Grid, labels: Readonly<Record<string, string>>): Cell {
  const cell = grid.cells.find((one) => Object.entries(labels).every(([axis, label]) => one.labels[axis] === label));
  if (cell === undefined) throw new Error(`no cell ${JSON.stringify(labels)} among ${grid.cells.map(({ id }) => id)}`);
  return cell;
}
