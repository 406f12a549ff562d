import type { RunSummary } from "../store/columns.js";
import { overSeeds } from "./cells.js";

/** What runs up: test accuracy, or test loss for tasks without one. */
export type Ordinate = "accuracy" | "loss";

/** A mean along an axis with its 95 % interval over the seeds: NaN where there is one seed, absent where there is nowhere more. */
export interface Curve {
  x: number[];
  y: number[];
  low?: number[];
  high?: number[];
}

type Runs = readonly (readonly RunSummary[])[];

/** The mean after each round, as far as every seed has a run that gets there, so that no seed drops out of the mean. */
export function meanOverRounds(runs: Runs, ordinate: Ordinate = "accuracy"): Curve {
  const seeds = runs.filter((drops) => drops.length > 0);
  const reach = Math.min(...seeds.map((drops) => Math.max(...drops.map((run) => run.final.rounds))));
  const rounds = Array.from({ length: Number.isFinite(reach) ? reach + 1 : 0 }, (_, round) => round);
  return curve(runs, ordinate, rounds, (run, round) => run.course[ordinate][round] ?? null);
}

/** The mean that had been reached when so many joules or seconds were used; an ended run keeps its last value. */
export function meanOverUse(
  runs: Runs,
  what: "energy" | "latency",
  ordinate: Ordinate = "accuracy",
  points = 60,
): Curve {
  const most = Math.max(0, ...runs.flat().map((run) => run.course[what].at(-1) ?? 0));
  return curve(runs, ordinate, evenly(most, points), (run, used) =>
    valueAt(run, ordinate, lastWithin(run.course[what], used)),
  );
}

/**
 * The mean at the end of runs whose budgets are a share of those given. A method whose powers do not change
 * when both budgets shrink alike (all of ours) would have run exactly so.
 */
export function meanOverBudget(
  runs: Runs,
  budgets: { energy: number | null; latency: number | null },
  ordinate: Ordinate = "accuracy",
  points = 40,
): Curve {
  return curve(runs, ordinate, evenly(1, points), (run, share) => {
    const reach = (["energy", "latency"] as const).map((what) => {
      const budget = budgets[what];
      return budget === null ? run.final.rounds : lastWithin(run.course[what], share * budget);
    });
    return valueAt(run, ordinate, Math.min(...reach));
  });
}

/** Means over the rounds of a run: what a round costs. */
export function roundCost(run: RunSummary, what: "energy" | "latency"): number | null {
  return run.final.rounds === 0 ? null : run.final[what] / run.final.rounds;
}

function curve(
  runs: Runs,
  ordinate: Ordinate,
  x: readonly number[],
  value: (run: RunSummary, x: number) => number | null,
): Curve {
  const most = ordinate === "accuracy" ? 1 : Number.POSITIVE_INFINITY;
  const result = { x: [] as number[], y: [] as number[], low: [] as number[], high: [] as number[] };
  for (const at of x) {
    const interval = overSeeds(runs, (run) => value(run, at));
    if (interval === null) continue;
    result.x.push(at);
    result.y.push(interval.mean);
    const half = interval.halfWidth ?? Number.NaN;
    // Student's interval of few seeds may be wider than the values can be.
    result.low.push(Math.max(0, interval.mean - half));
    result.high.push(Math.min(most, interval.mean + half));
  }
  const { x: along, y } = result;
  return result.low.every(Number.isNaN) ? { x: along, y } : result;
}

/** The last round after which no more than `limit` was used. */
function lastWithin(used: readonly number[], limit: number): number {
  let round = 0;
  // The running sums at the full budget may exceed `1 · budget` by nothing: they were compared so when the run ended.
  while (round + 1 < used.length && used[round + 1]! <= limit) round++;
  return round;
}

/** The last measured value up to a round. */
function valueAt({ course }: RunSummary, ordinate: Ordinate, round: number): number | null {
  for (let at = Math.min(round, course[ordinate].length - 1); at >= 0; at--) {
    const value = course[ordinate][at];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

function evenly(most: number, points: number): number[] {
  return most > 0 ? Array.from({ length: points + 1 }, (_, i) => (most * i) / points) : [];
}
