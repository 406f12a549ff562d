import type { Config } from "../config/config.js";
import { publishedSizes } from "../data/sets.js";
import { type Ends, gainInterval, pairedGain, resampledEnds } from "../study/analysis/bootstrap.js";
import { cellRuns, intervalOf, overSeeds, pairedValues } from "../study/analysis/cells.js";
import { type Interval, scaled } from "../study/analysis/intervals.js";
import { accuracy, lateAccuracy, type Measure, type Outcome } from "../study/analysis/outcomes.js";
import type { Cell, Grid } from "../study/plan/grid.js";
import type { RunSummary } from "../study/store/columns.js";

/** The comparison as the authors made it, or with every method at its best. */
export type Form = "as published" | "fair";

/**
 * What a claim may come to, declared before anything is measured. "confirmatory", the reduced scale's and the pricing
 * experiments': enough samples by a power calculation, intervals adjusted for all claims of the family, verdicts.
 * "exploratory", the paper's scale's with its three seeds and the quick scale's: what was seen, and no verdict.
 */
export type Evidence = "confirmatory" | "exploratory";

/** Claims that are adjusted together. */
export type Family = "primary" | "secondary";

/** What a paper says, and what we measure of it. Figures are in the claim's unit. */
export interface MeasuredClaim {
  /** "[P]" or "[O]", as in docs/reproduction.md */
  source: string;
  statement: string;
  form: Form;
  /** Where it was measured */
  where: string;
  unit: "points" | "percent";
  /** The papers' "up to" and "at least" are bounds over their settings */
  published: { bound: "up to" | "at least" | "better"; value: number };
  family: Family;
  evidence: Evidence;
  /** What the samples are, and how many: seeds, or drops where nothing is trained */
  samples: string;
  /** null where nothing could be measured */
  ours: Interval | null;
  /** The second outcome, the mean of the last five models that were tested; null where a claim is not about accuracy */
  late: Interval | null;
  /** Beside the interval, from ten samples on */
  bootstrap: Ends | null;
  /** How far the better side's accuracy lies above chance, in points: no difference can be larger. null where nothing bounds it */
  reach: number | null;
}

/** What is known of a claim before anything is measured. */
export type ClaimAbout = Pick<MeasuredClaim, "source" | "statement" | "form" | "where" | "published"> & {
  /** "secondary" unless given */
  family?: Family;
};

/** Labels of two variants of one axis that are held against one another. */
export interface Pair {
  better: string;
  worse: string;
}

type Labels = Readonly<Record<string, string>>;

/** Claims are what an experiment measures; what a scale declares of them is put in when all of them are there. */
const undeclared = { family: "secondary", evidence: "exploratory", late: null, bootstrap: null, reach: null } as const;

/**
 * The claim of a paired difference between two cells of a grid: in accuracy, unless another outcome is given. Not
 * measured where one side trained no round at all, as where budgets allow none.
 */
export function differenceClaim(
  about: ClaimAbout,
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  cells: { better: Labels; worse: Labels },
  outcome: Outcome = accuracy,
): MeasuredClaim {
  const cell = findCell(grid, cells.better);
  const better = cellRuns(grid, cell, runs);
  const worse = cellRuns(grid, findCell(grid, cells.worse), runs);
  const untrained = [...(neverTrained(better) ? [cells.better] : []), ...(neverTrained(worse) ? [cells.worse] : [])];
  if (untrained.length > 0) {
    const statement = `${about.statement} (${untrained.map(labelOf).join(", ")}: no round was trained)`;
    return { ...undeclared, ...about, statement, unit: "points", ours: null, samples: seedSamples(null, grid) };
  }
  const values = pairedValues(better, worse, outcome);
  const ours = intervalOf(values);
  const late = intervalOf(pairedValues(better, worse, lateAccuracy));
  const ends = resampledEnds(values, 1);
  const [level, chance] = [overSeeds(better, outcome), chanceOf(cell.config)];
  return {
    ...undeclared,
    ...about,
    unit: "points",
    ours: ours && scaled(ours, 100),
    late: late && scaled(late, 100),
    bootstrap: ends && { low: 100 * ends.low, high: 100 * ends.high },
    reach: level === null || chance === null ? null : 100 * (level.mean - chance),
    samples: seedSamples(ours, grid),
  };
}

const labelOf = (labels: Labels): string => Object.values(labels).join(", ");

/** Of networks that no round has changed: over these anything would lead, and by how much says nothing of either method. */
export function neverTrained(runs: readonly (readonly RunSummary[])[]): boolean {
  return runs.flat().length > 0 && runs.flat().every(({ final }) => final.rounds === 0);
}

/** The claim of a cell's own figure, such as its saving. */
export function figureClaim(
  about: ClaimAbout,
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  labels: Labels,
  measure: Measure,
): MeasuredClaim {
  const ours = overSeeds(cellRuns(grid, findCell(grid, labels), runs), measure);
  return {
    ...undeclared,
    ...about,
    unit: "percent",
    ours: ours && scaled(ours, 100),
    samples: seedSamples(ours, grid),
  };
}

/** The claim that the one's sum over paired samples is larger than the other's, such as rounds over drops. */
export function gainClaim(
  about: ClaimAbout,
  pairs: { better: readonly number[]; worse: readonly number[] },
  samples: string,
): MeasuredClaim {
  const { better, worse } = pairs;
  const ours = gainInterval(better, worse);
  const { low, high } = pairedGain(better, worse, 1);
  return {
    ...undeclared,
    ...about,
    unit: "percent",
    // Priced drops cost little, so that there are enough of them; whether there are is judged with the claim.
    evidence: "confirmatory",
    ours: ours && scaled(ours, 100),
    bootstrap: ours === null ? null : { low: 100 * low, high: 100 * high },
    samples,
  };
}

/** Accuracy of guessing; null where nobody knows, or the task has none. */
export function chanceOf({ data }: Pick<Config, "data">): number | null {
  const classes = data.name === "glyphs" ? 10 : publishedSizes[data.name]?.classes;
  return classes === undefined ? null : 1 / classes;
}

export function seedSamples(interval: Interval | null, grid: Grid): string {
  return `${counted(interval?.count ?? 0, "seed")} × ${counted(grid.drops, "drop")}`;
}

/** "1 seed", "3 seeds" */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The cell with exactly these labels on the named axes. */
export function findCell(grid: Grid, labels: Labels): Cell {
  const cell = grid.cells.find((one) => Object.entries(labels).every(([axis, label]) => one.labels[axis] === label));
  if (cell === undefined) throw new Error(`no cell ${JSON.stringify(labels)} among ${grid.cells.map(({ id }) => id)}`);
  return cell;
}
