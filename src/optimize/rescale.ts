import { chooseScales, type Evaluator } from "./evaluate.js";
import { evaluateAt, type Point, residuals } from "./point.js";
import { freshHessian, type State } from "./state.js";

/** Scales of the objective and the constraints. */
interface Scales {
  objective: number;
  /** [m] */
  constraints: Float64Array;
  /** What a slope is measured by: |∂f/∂x_j| and what the curvature makes of it over max(1, |x_j|) [n], unscaled */
  slopes: Float64Array;
}

/**
 * Do the residuals stay within the tolerance when the functions are scaled by what they are here, not at the start?
 * A huge gradient at the start makes the scaled functions small elsewhere: what is within the tolerance there need not
 * be stationary or feasible at all.
 */
export function holdsHere(state: State, tolerance: number): boolean {
  const { functions, point, multipliers, lower, upper, slope } = state;
  if (!isShrunk(functions)) return true;
  const { equalities, m } = functions;
  const scales = scalesHere(state);
  const byObjective = scales.objective / functions.objectiveScale;
  const byRow = scales.constraints.map((scale, i) => scale / functions.constraintScale[i]!);
  const n = point.x.length;
  const here: Point = {
    x: point.x,
    f: point.f * byObjective,
    c: point.c.map((value, i) => value * byRow[i]!),
    gradient: point.gradient.map((value) => value * byObjective),
    jacobian: point.jacobian.map((value, at) => value * byRow[Math.floor(at / n)]!),
  };
  const weights = multipliers.map((value, i) => value * (i < m ? byObjective / byRow[i]! : byObjective));
  const now = residuals(here, weights, equalities, lower, upper, slope);
  if (!(now.stationarity <= tolerance && now.violation <= tolerance && now.complementarity <= tolerance)) return false;
  // A steep variable does not excuse another: each slope is measured by its own variable's.
  const value = Math.max(1, Math.abs(point.f) / functions.objectiveScale);
  return point.x.every((x, j) => {
    const left = Math.abs(slope[j]! - weights[m + j]! + weights[m + n + j]!) / scales.objective;
    return left * Math.max(1, Math.abs(x)) <= tolerance * Math.max(value, scales.slopes[j]! / 100);
  });
}

/**
 * Scales the functions by what they are here and goes on from a fresh Hessian.
 * @returns false where that would change nothing much, or has been done too often
 */
export function rescale(state: State): boolean {
  const { functions, point } = state;
  if (!isShrunk(functions) || state.rescalings >= 60) return false;
  const scales = scalesHere(state);
  let most = scales.objective / functions.objectiveScale;
  scales.constraints.forEach((scale, i) => {
    most = Math.max(most, scale / functions.constraintScale[i]!);
  });
  if (!(most > 2)) return false;
  state.rescalings++;
  functions.objectiveScale = scales.objective;
  functions.constraintScale.set(scales.constraints);
  if (!evaluateAt(functions, point) || !functions.derivatives(point.x, point.gradient, point.jacobian)) return false;
  state.penalty = 0;
  state.restarts = 0;
  state.multipliers.fill(0);
  freshHessian(state, point);
  return true;
}

/** Is anything scaled down? Only then can a scaled residual be smaller than the user's own. */
function isShrunk({ objectiveScale, constraintScale }: Evaluator): boolean {
  return objectiveScale < 1 || constraintScale.some((scale) => scale < 1);
}

/** The scales for the iterate: from gradients as at the start, and from the objective's curvature over max(1, |x|). */
function scalesHere(state: State): Scales {
  const { functions, point } = state;
  const { objectiveScale, m, n } = functions;
  const old = Float64Array.from(functions.constraintScale);
  functions.objectiveScale = 1;
  functions.constraintScale.fill(1);
  const change = curvatures(state, point.f / objectiveScale);
  const gradient = point.gradient.map((value, j) => Math.abs(value / objectiveScale) + change[j]!);
  const jacobian = point.jacobian.map((value, at) => value / old[Math.floor(at / n)]!);
  chooseScales(
    functions,
    point.x,
    point.f / objectiveScale,
    point.c.map((value, i) => value / old[i]!),
    gradient,
    jacobian,
  );
  const scales: Scales = {
    objective: Math.min(functions.objectiveScale, Math.max(1, objectiveScale)),
    slopes: gradient,
    constraints: functions.constraintScale.map((scale, i) => Math.min(scale, Math.max(1, old[i]!))),
  };
  functions.objectiveScale = objectiveScale;
  for (let i = 0; i < m; i++) functions.constraintScale[i] = old[i]!;
  return scales;
}

/**
 * |∂²f/∂x_j²| · max(1, |x_j|) by second differences of the unscaled objective, the smaller of two (a pole near by makes
 * the wider one huge, rounding the narrower); 0 where it is not defined.
 */
function curvatures({ functions, point, lower, upper }: State, value: number): Float64Array {
  const c = new Float64Array(functions.m);
  const probe = Float64Array.from(point.x);
  return point.x.map((x, j) => {
    const size = Math.max(1, Math.abs(x));
    let least = Number.POSITIVE_INFINITY;
    // A bound may stand at a pole: only half of the way to it is gone, and no further is the curvature believed.
    const room = Math.min(x - lower[j]!, upper[j]! - x);
    if (!(room > 0)) return 0;
    for (const share of [1e-3, 1e-5]) {
      const step = Math.min(share * size, 0.5 * room);
      const at = (t: number): number => {
        probe[j] = t;
        return functions.values(probe, c);
      };
      const second = Math.abs(at(x + step) - 2 * value + at(x - step)) / (step * step);
      if (Number.isFinite(second)) least = Math.min(least, second * Math.min(size, room));
    }
    probe[j] = x;
    return least < Number.POSITIVE_INFINITY ? least : 0;
  });
}
