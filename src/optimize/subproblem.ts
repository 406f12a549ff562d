import { borrowQp, qpStatus, returnQp } from "../../bindings/optimize.js";
import { linearInfeasibility, type Point } from "./point.js";

/** The quadratic subproblems of one minimization: their memory, the active set of the last one as a warm start. */
export interface Subproblem {
  /** d [n] of the last solve */
  readonly step: Float64Array;
  /** [m rows, n lower, n upper] of the last solve */
  readonly multipliers: Float64Array;
  /** What had to be added to the Hessian's diagonal */
  shift: number;
  /** min g'd + ½ d'Bd at the linearized constraints. @returns "solved", "inconsistent" or "failed" */
  solve(point: Point, hessian: Float64Array): "solved" | "inconsistent" | "failed";
  /**
   * The second-order correction: the same program with the constraints' values at x + d in place of their
   * linearization, c(x + d) − J d. @returns the corrected step, undefined if there is none
   */
  correct(point: Point, trial: Float64Array): Float64Array | undefined;
  release(): void;
}

export function createSubproblem(
  n: number,
  equalities: number,
  m: number,
  lower: Float64Array,
  upper: Float64Array,
): Subproblem {
  const qp = borrowQp(n, m);
  const { stride } = qp;
  const limit = 50 * (n + m) + 100;
  let warm = 0;

  function loadBounds(x: Float64Array): void {
    const views = qp.views();
    for (let j = 0; j < n; j++) {
      views.lower[j] = Math.min(0, lower[j]! - x[j]!);
      views.upper[j] = Math.max(0, upper[j]! - x[j]!);
    }
  }

  const self: Subproblem = {
    step: new Float64Array(n),
    multipliers: new Float64Array(m + 2 * n),
    shift: 0,
    solve(point, hessian) {
      const views = qp.views();
      let largest = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) views.hessian[i * stride + j] = hessian[i * n + j]!;
        largest = Math.max(largest, Math.abs(hessian[i * n + i]!));
      }
      views.linear.set(point.gradient);
      copyRows(point.jacobian, views.rows, n, m, stride);
      for (let i = 0; i < m; i++) views.rightSide[i] = -point.c[i]!;
      loadBounds(point.x);
      // A singular or indefinite Hessian gets a multiple of the identity (Nocedal and Wright, Algorithm 3.3).
      const unit = largest > 0 ? largest : 1;
      self.shift = 0;
      while (qp.factor(self.shift, 1e-13 * unit) >= 0) {
        self.shift = self.shift === 0 ? 1e-10 * unit : 10 * self.shift;
        if (!(self.shift < 1e12 * unit)) return "failed";
      }
      qp.norms();
      let status = qp.solve(equalities, warm, limit);
      if (status > qpStatus.infeasible && warm > 0) status = qp.solve(equalities, 0, limit);
      warm = status === qpStatus.solved ? qp.activeCount() : 0;
      if (status === qpStatus.infeasible) return "inconsistent";
      if (status !== qpStatus.solved) return "failed";
      self.step.set(qp.views().solution);
      self.multipliers.set(qp.views().multipliers);
      return "solved";
    },
    correct(point, trial) {
      const views = qp.views();
      for (let i = 0; i < m; i++) {
        let product = 0;
        for (let j = 0; j < n; j++) product += point.jacobian[i * n + j]! * self.step[j]!;
        views.rightSide[i] = product - trial[i]!;
      }
      const status = qp.solve(equalities, warm, limit);
      return status === qpStatus.solved ? Float64Array.from(qp.views().solution) : undefined;
    },
    release: () => returnQp(qp),
  };
  return self;
}

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
 */
export function elasticStep(
  point: Point,
  hessian: Float64Array,
  shift: number,
  equalities: number,
  lower: Float64Array,
  upper: Float64Array,
  penalty: number,
): ElasticStep | undefined {
  const n = point.x.length;
  const before = linearInfeasibility(point, equalities, new Float64Array(n));
  const proximal = new Float64Array(n * n);
  for (let j = 0; j < n; j++) proximal[j * n + j] = 1e-4;
  const ideal = penalized(point, proximal, 0, new Float64Array(n), equalities, lower, upper, 1);
  if (ideal === undefined) return undefined;
  const possible = before - ideal.left;
  if (possible <= 1e-5 * before) return { ...ideal, penalty, stationary: true };
  let weight = Math.max(penalty, 1);
  for (let attempt = 0; attempt < 12; attempt++, weight *= 10) {
    const relaxed = penalized(point, hessian, shift, point.gradient, equalities, lower, upper, weight);
    if (relaxed === undefined) break;
    if (before - relaxed.left >= 0.1 * possible) return { ...relaxed, penalty: weight, stationary: false };
  }
  return { ...ideal, penalty: weight, stationary: false };
}

/** Variables [d, s, t, r]: J d + s − t = −c for equalities, J d + r ≥ −c for inequalities, s, t, r ≥ 0 at price π. */
function penalized(
  point: Point,
  hessian: Float64Array,
  shift: number,
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
    views.hessian[i * stride + i] = hessian[i * n + i]! + shift;
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

function copyRows(from: Float64Array, to: Float64Array, n: number, m: number, stride: number): void {
  if (stride === n) to.set(from.length === to.length ? from : from.subarray(0, m * n));
  else for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) to[i * stride + j] = from[i * n + j]!;
}
