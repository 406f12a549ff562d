import { infeasibility, type Point } from "./point.js";
import type { State } from "./state.js";

/** A step to be tried, and what the linearization says of it. */
export interface Direction {
  /** d [n] */
  step: Float64Array;
  /** Σ violation of the linearized constraints that it leaves */
  left: number;
  /** The linearized constraints do not contradict each other: it is the subproblem's own step */
  consistent: boolean;
}

/** What the line search asks of a step. */
export interface Descent {
  /** The merit function at the iterate */
  start: number;
  /** Its slope along the step, at least by the model */
  slope: number;
  /** What of the merit function is rounding */
  noise: number;
}

/** f + π(Σ|equality| + Σ max(0, −inequality)), the l1 merit function. */
export function merit({ penalty, functions }: State, at: Point): number {
  return at.f + penalty * infeasibility(at.c, functions.equalities);
}

/**
 * The penalty that makes a step a descent direction of the merit function, whatever the objective wants
 * (Nocedal and Wright, Algorithm 18.3), and the descent it then promises. `state.slope` must hold ∇L at the iterate.
 */
export function steerPenalty(state: State, { step, left, consistent }: Direction): Descent {
  const { point, multipliers, slope: lagrangian } = state;
  const { n, m, equalities } = state.functions;
  const before = infeasibility(point.c, equalities);
  const slope = dot(point.gradient, step);
  // d'Bd = −d'∇L, by the subproblem's own stationarity.
  let curvature = 0;
  for (let j = 0; j < n; j++) curvature -= step[j]! * (lagrangian[j]! - multipliers[m + j]! + multipliers[m + n + j]!);
  curvature = Math.max(0, curvature);
  let price = 0;
  for (let i = 0; i < m; i++) price = Math.max(price, Math.abs(multipliers[i]!));
  if (state.decreases < 20 && state.penalty > 4 * price && consistent) {
    // An early estimate far too high makes for tiny steps; lowering it a bounded number of times keeps the proof.
    state.penalty = 2 * price;
    state.decreases++;
  }
  if (before - left > 0) {
    // Either is enough for descent: the model's decrease, or a penalty above every multiplier.
    const needed = (slope + 0.5 * curvature) / (0.9 * (before - left));
    if (needed > state.penalty && (!consistent || 1.1 * price > state.penalty))
      state.penalty = consistent ? Math.min(2 * needed, 1.5 * price) : 2 * needed;
  }
  return {
    start: merit(state, point),
    slope: slope - state.penalty * (before - left),
    noise: 1e-15 * (Math.abs(point.f) + state.penalty * before + 1),
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
