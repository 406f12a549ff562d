import type { RoundRecord, RunResult } from "../../federated/result.js";
import { meanInterval } from "../../study/analysis/intervals.js";
import { type Abscissa, abscissae } from "./abscissae.js";
import type { Series } from "./charts.js";

/** Runs that differ only by their random numbers: one line of a figure. */
export interface RunGroup {
  name: string;
  runs: readonly RunResult[];
}

/** What runs up: test accuracy where the task has one, test loss otherwise. */
export type Ordinate = "accuracy" | "testLoss";

/** Steps of the common grid of several runs over seconds or joules. */
const gridSteps = 120;

/**
 * How accuracy (or loss) grows. One run is drawn at the rounds where it was evaluated. Of several the mean is drawn
 * with the 95 % interval of Student's t, on a common grid; between its evaluations, and after a budget has ended it,
 * a run counts with its last value, since that is the model it has then.
 */
export function learningCurve({ name, runs }: RunGroup, along: Abscissa, ordinate: Ordinate): Series {
  const curves = runs.map((run) => evaluatedPoints(run.rounds, along, ordinate)).filter(({ x }) => x.length > 0);
  if (curves.length === 0) return { name, x: [], y: [] };
  if (curves.length === 1) return { name, ...curves[0]! };
  const first = Math.max(...curves.map(({ x }) => x[0]!));
  const last = Math.max(...curves.map(({ x }) => x.at(-1)!));
  const grid = along === "round" ? commonRounds(curves, first) : evenGrid(first, last);
  const intervals = grid.map((at) => meanInterval(curves.map((curve) => valueAt(curve, at))));
  return {
    name,
    x: grid,
    y: intervals.map(({ mean }) => mean),
    // Of two curves and more, each with a value everywhere on the grid.
    low: intervals.map(({ mean, halfWidth }) => mean - halfWidth!),
    high: intervals.map(({ mean, halfWidth }) => mean + halfWidth!),
  };
}

/** Accuracy where any run has one. */
export function ordinateOf(groups: readonly RunGroup[]): Ordinate {
  const accurate = groups.some(({ runs }) => runs.some((run) => run.rounds.some((round) => round.accuracy !== null)));
  return accurate ? "accuracy" : "testLoss";
}

interface Curve {
  x: number[];
  y: number[];
}

function evaluatedPoints(rounds: readonly RoundRecord[], along: Abscissa, ordinate: Ordinate): Curve {
  const evaluated = rounds.filter((round) => round[ordinate] !== null);
  return {
    x: evaluated.map((round) => abscissae[along].of(round)),
    y: evaluated.map((round) => round[ordinate]!),
  };
}

function commonRounds(curves: readonly Curve[], first: number): number[] {
  return [...new Set(curves.flatMap(({ x }) => x))].filter((round) => round >= first).sort((a, b) => a - b);
}

function evenGrid(first: number, last: number): number[] {
  return Array.from({ length: gridSteps + 1 }, (_, i) => first + ((last - first) * i) / gridSteps);
}

/** The value at the last point not beyond `at`; the grid starts where every curve has one. */
function valueAt({ x, y }: Curve, at: number): number {
  let low = 0;
  let high = x.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= at) low = middle;
    else high = middle;
  }
  return y[low]!;
}
