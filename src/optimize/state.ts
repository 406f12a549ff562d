import type { Status } from "../config/records.js";
import type { Evaluator } from "./evaluate.js";
import { emptyPoint, type Point } from "./point.js";
import type { Problem } from "./problem.js";
import type { Subproblem } from "./subproblem.js";

/** How a minimization ended. */
export interface End {
  status: Status;
  reason?: string;
}

/** Where a minimization stands: what its parts read and change. */
export interface State {
  readonly problem: Problem;
  readonly functions: Evaluator;
  readonly subproblem: Subproblem;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The iterate, and the point that is tried; an accepted one changes places with it */
  point: Point;
  next: Point;
  /** [m rows, n lower, n upper] of the last subproblem */
  readonly multipliers: Float64Array;
  /** The problem's own Hessian [n × n] */
  readonly hessian: Float64Array;
  /** ∇L at the iterate without the bounds' part [n], as `residuals` leaves it */
  readonly slope: Float64Array;
  /** π of the merit function f + π · infeasibility */
  penalty: number;
  /** How often the penalty was lowered */
  decreases: number;
  iterations: number;
  /** Fresh starts of the Hessian since a step was last accepted, and restorations in all */
  restarts: number;
  restorations: number;
  /** How often the least violation was looked for at an end away from the feasible points */
  settlements: number;
  /** How often the functions were scaled anew */
  rescalings: number;
}

/** The state before anything is evaluated, at x [n]. */
export function createState(
  problem: Problem,
  functions: Evaluator,
  subproblem: Subproblem,
  { x, lower, upper }: { x: Float64Array; lower: Float64Array; upper: Float64Array },
): State {
  const { n, m } = functions;
  const point = emptyPoint(n, m);
  point.x.set(x);
  return {
    problem,
    functions,
    subproblem,
    lower,
    upper,
    point,
    next: emptyPoint(n, m),
    multipliers: new Float64Array(m + 2 * n),
    hessian: new Float64Array(n * n),
    slope: new Float64Array(n),
    penalty: 0,
    decreases: 0,
    iterations: 0,
    restarts: 0,
    restorations: 0,
    settlements: 0,
    rescalings: 0,
  };
}

/** The point that was tried becomes the iterate. */
export function advance(state: State): void {
  const { point, next } = state;
  state.point = next;
  state.next = point;
}

/** B afresh at a point: the problem's own Hessian, or the identity that BFGS starts from. */
export function freshHessian(state: State, point: Point): void {
  if (state.problem.hessian === undefined) state.subproblem.resetHessian(1);
  else state.subproblem.setHessian(exactHessian(state, point.x), point);
}

/** The problem's own Hessian of the Lagrangian [n × n], for scaled functions. */
export function exactHessian({ problem, functions, multipliers, hessian }: State, x: Float64Array): Float64Array {
  const { equalities, m, objectiveScale, constraintScale } = functions;
  // σ_f ∇²f − Σ λ_i σ_i ∇²c_i = σ_f (∇²f − Σ (λ_i σ_i / σ_f) ∇²c_i)
  const unscaled = Float64Array.from(constraintScale, (scale, i) => (multipliers[i]! * scale) / objectiveScale);
  problem.hessian!(
    x,
    { equality: unscaled.subarray(0, equalities), inequality: unscaled.subarray(equalities, m) },
    hessian,
  );
  for (let i = 0; i < hessian.length; i++) hessian[i] = hessian[i]! * objectiveScale;
  return hessian;
}
