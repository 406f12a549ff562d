import { borrowQp, qpStatus, returnQp } from "../../bindings/optimize.js";
import { infeasibility, linearInfeasibility, type Point } from "./point.js";

/** The step of the l1-penalized subproblem, for linearized constraints that contradict each other. */
export interface ElasticStep {
  step: Float64Array;
  /** [m rows, n lower, n upper] */
  multipliers: Float64Array;
  penalty: number;
  /** Σ violation of the linearization after the step */
  left: number;
  /** The violation cannot be lowered to first order */
  stationary: boolean;
}

/**
 * min g'd + ½ d'Bd + π Σ violation of the linearization, π raised until the step lowers the violation by at least
 * a tenth of the most that any step can (the steering rule).
 * @param settled the violation is nothing already: one that cannot be lowered then says nothing
 */
export function elasticStep(
  point: Point,
  hessian: Float64Array,
  equalities: number,
  lower: Float64Array,
  upper: Float64Array,
  penalty: number,
  settled: boolean,
): ElasticStep | undefined {
  if (settled) {
    let price = Math.max(penalty, 1);
    for (const slope of point.gradient) price = Math.max(price, 10 * Math.abs(slope));
    const relaxed = penalized(point, hessian, point.gradient, equalities, lower, upper, price);
    return relaxed && { ...relaxed, penalty: price, stationary: false };
  }
  const ideal = feasibilityStep(point, equalities, lower, upper);
  if (ideal === undefined || ideal.stationary) return ideal;
  const before = infeasibility(point.c, equalities);
  const possible = before - ideal.left;
  let weight = Math.max(penalty, 1);
  for (let attempt = 0; attempt < 12; attempt++, weight *= 10) {
    const relaxed = penalized(point, hessian, point.gradient, equalities, lower, upper, weight);
    if (relaxed === undefined) break;
    if (before - relaxed.left >= 0.1 * possible) return { ...relaxed, penalty: weight, stationary: false };
  }
  return { ...ideal, penalty: weight };
}

/** The same without an objective, kept short by a little curvature. */
export function feasibilityStep(
  point: Point,
  equalities: number,
  lower: Float64Array,
  upper: Float64Array,
): ElasticStep | undefined {
  const n = point.x.length;
  const proximal = new Float64Array(n * n);
  for (let j = 0; j < n; j++) proximal[j * n + j] = 1e-4;
  const ideal = penalized(point, proximal, new Float64Array(n), equalities, lower, upper, 1);
  if (ideal === undefined) return undefined;
  const before = infeasibility(point.c, equalities);
  return { ...ideal, penalty: 1, stationary: before - ideal.left <= 1e-5 * before };
}

/** Variables [d, s, t, r]: J d + s − t = −c for equalities, J d + r ≥ −c for inequalities, s, t, r ≥ 0 at price π. */
function penalized(
  point: Point,
  hessian: Float64Array,
  gradient: Float64Array,
  equalities: number,
  lower: Float64Array,
  upper: Float64Array,
  weight: number,
): { step: Float64Array; multipliers: Float64Array; left: number } | undefined {
  const n = point.x.length;
  const m = point.c.length;
  const total = n + m + equalities;
  const qp = borrowQp(total, m);
  const { stride } = qp;
  const views = qp.views();
  views.hessian.fill(0);
  views.rows.fill(0);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) views.hessian[i * stride + j] = hessian[i * n + j]!;
    views.linear[i] = gradient[i]!;
    views.lower[i] = Math.min(0, lower[i]! - point.x[i]!);
    views.upper[i] = Math.max(0, upper[i]! - point.x[i]!);
  }
  for (let k = n; k < total; k++) {
    // The kernel needs strict convexity; this much bends the price of a violation by a millionth per unit.
    views.hessian[k * stride + k] = 1e-6 * weight;
    views.linear[k] = weight;
    views.lower[k] = 0;
    views.upper[k] = Number.POSITIVE_INFINITY;
    views.active[k - n] = m + k;
  }
  copyRows(point.jacobian, views.rows, n, m, stride);
  for (let i = 0; i < m; i++) {
    views.rightSide[i] = -point.c[i]!;
    views.rows[i * stride + n + i] = 1;
    if (i < equalities) views.rows[i * stride + n + m + i] = -1;
  }
  let answer: { step: Float64Array; multipliers: Float64Array; left: number } | undefined;
  if (qp.factor(0, 0) < 0) {
    qp.norms();
    if (qp.solve(equalities, total - n, 50 * (total + m) + 100) === qpStatus.solved) {
      const { solution, multipliers } = qp.views();
      const step = Float64Array.from(solution.subarray(0, n));
      const kept = new Float64Array(m + 2 * n);
      kept.set(multipliers.subarray(0, m + n));
      kept.set(multipliers.subarray(m + total, m + total + n), m + n);
      answer = { step, multipliers: kept, left: linearInfeasibility(point, equalities, step) };
    }
  }
  returnQp(qp);
  return answer;
}

/** Rows of n values to rows that are `stride` apart. */
export function copyRows(from: Float64Array, to: Float64Array, n: number, m: number, stride: number): void {
  if (stride === n) to.set(from.length === to.length ? from : from.subarray(0, m * n));
  else for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) to[i * stride + j] = from[i * n + j]!;
}
