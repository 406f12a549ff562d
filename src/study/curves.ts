import { overSeeds } from "./comparison.js";
import type { RunSummary } from "./job.js";

/** A mean accuracy with its 95 % interval along an axis. */
export interface Curve {
  x: number[];
  y: number[];
  low: number[];
  high: number[];
}

type Runs = readonly (readonly RunSummary[])[];

/** Mean test accuracy after each round, as far as every seed has a run that gets there, so that no seed drops out of the mean. */
export function accuracyOverRounds(runs: Runs): Curve {
  const seeds = runs.filter((drops) => drops.length > 0);
  const reach = Math.min(...seeds.map((drops) => Math.max(...drops.map((run) => run.final.rounds))));
  const rounds = Array.from({ length: Number.isFinite(reach) ? reach + 1 : 0 }, (_, round) => round);
  return curve(runs, rounds, (run, round) => run.course.accuracy[round] ?? null);
}

/** Mean test accuracy that had been reached when so many joules or seconds were used; an ended run keeps its last. */
export function accuracyOverUse(runs: Runs, what: "energy" | "latency", points = 60): Curve {
  const most = Math.max(0, ...runs.flat().map((run) => run.course[what].at(-1) ?? 0));
  return curve(runs, evenly(most, points), (run, used) => accuracyAt(run, lastWithin(run.course[what], used)));
}

/**
 * Mean accuracy at the end of a run whose budgets are a share of those given. A method whose powers do not change
 * when both budgets shrink alike (all of ours) would have run exactly so.
 */
export function accuracyOverBudget(
  runs: Runs,
  budgets: { energy: number | null; latency: number | null },
  points = 40,
): Curve {
  return curve(runs, evenly(1, points), (run, share) => {
    const reach = (["energy", "latency"] as const).map((what) => {
      const budget = budgets[what];
      return budget === null ? run.final.rounds : lastWithin(run.course[what], share * budget);
    });
    return accuracyAt(run, Math.min(...reach));
  });
}

/** Means over the rounds of a run: what a round costs. */
export function roundCost(run: RunSummary, what: "energy" | "latency"): number | null {
  return run.final.rounds === 0 ? null : run.final[what] / run.final.rounds;
}

function curve(runs: Runs, x: readonly number[], value: (run: RunSummary, x: number) => number | null): Curve {
  const result: Curve = { x: [], y: [], low: [], high: [] };
  for (const at of x) {
    const interval = overSeeds(runs, (run) => value(run, at));
    if (interval === null) continue;
    result.x.push(at);
    result.y.push(interval.mean);
    // Student's interval of few seeds may be wider than accuracies can be.
    result.low.push(Math.max(0, interval.mean - interval.halfWidth));
    result.high.push(Math.min(1, interval.mean + interval.halfWidth));
  }
  return result;
}

/** The last round after which no more than `limit` was used. */
function lastWithin(used: readonly number[], limit: number): number {
  let round = 0;
  // The running sums at the full budget may exceed `1 · budget` by nothing: they were compared so when the run ended.
  while (round + 1 < used.length && used[round + 1]! <= limit) round++;
  return round;
}

/** The last measured accuracy up to a round. */
function accuracyAt({ course }: RunSummary, round: number): number | null {
  for (let at = Math.min(round, course.accuracy.length - 1); at >= 0; at--) {
    const accuracy = course.accuracy[at];
    if (accuracy !== null && accuracy !== undefined) return accuracy;
  }
  return null;
}

function evenly(most: number, points: number): number[] {
  return most > 0 ? Array.from({ length: points + 1 }, (_, i) => (most * i) / points) : [];
}
