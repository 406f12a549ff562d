import { borrowQp, qpStatus, returnQp } from "../../bindings/optimize.js";
import { magnitude } from "./convexify.js";
import { infeasibility, linearInfeasibility, type Point } from "./point.js";

/** The quadratic subproblems of one minimization: their memory, the Hessian, the last active set as a warm start. */
export interface Subproblem {
  /** d [n] of the last solve */
  readonly step: Float64Array;
  /** [m rows, n lower, n upper] of the last solve */
  readonly multipliers: Float64Array;
  /** B = scale · I. */
  resetHessian(scale: number): void;
  /** B from the problem's own Hessian [n × n], made positive definite if it is not. */
  setHessian(exact: Float64Array, point: Point): void;
  /** The damped BFGS update of B, its factors updated too. */
  updateHessian(s: Float64Array, y: Float64Array): void;
  /** min g'd + ½ d'Bd at the linearized constraints. @returns "solved", "inconsistent" or "failed" */
  solve(point: Point): "solved" | "inconsistent" | "failed";
  /**
   * The second-order correction: the same program with the constraints' values at x + d in place of their
   * linearization, c(x + d) − J d. @returns the corrected step, undefined if there is none
   */
  correct(point: Point, trial: Float64Array): Float64Array | undefined;
  /** The step of the penalized program, for linearized constraints that contradict each other. */
  elastic(point: Point, penalty: number): ElasticStep | undefined;
  /** The step that lowers the linearization's violation most, whatever the objective. */
  feasibility(point: Point): ElasticStep | undefined;
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
  let factored = false;
  let updates = 0;

  /** H + shift·I, the smallest shift of 0, 1e-10, 1e-9, … of the diagonal for which there is a factor. */
  function factor(most: number): boolean {
    const { hessian } = qp.views();
    let unit = 0;
    for (let i = 0; i < n; i++) unit = Math.max(unit, Math.abs(hessian[i * stride + i]!));
    if (unit === 0) unit = 1;
    factored = true;
    updates = 0;
    for (let shift = 0; shift <= most; shift = shift === 0 ? 1e-10 : 10 * shift)
      if (qp.factor(shift * unit, 1e-13 * unit) < 0) return true;
    factored = false;
    return false;
  }

  /** Adds σ a a' for the normals a of the equalities and of what was active last. */
  function addNormals(exact: Float64Array, sigma: number, point: Point): void {
    for (let i = 0; i < m; i++) {
      if (i >= equalities && self.multipliers[i] === 0) continue;
      for (let j = 0; j < n; j++) {
        const part = sigma * point.jacobian[i * n + j]!;
        if (part === 0) continue;
        for (let k = 0; k < n; k++) exact[j * n + k] = exact[j * n + k]! + part * point.jacobian[i * n + k]!;
      }
    }
    for (let j = 0; j < n; j++) {
      if (self.multipliers[m + j] !== 0 || self.multipliers[m + n + j] !== 0)
        exact[j * n + j] = exact[j * n + j]! + sigma;
    }
  }

  function loadHessian(from: Float64Array): void {
    const { hessian } = qp.views();
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) hessian[i * stride + j] = from[i * n + j]!;
  }

  const self: Subproblem = {
    step: new Float64Array(n),
    multipliers: new Float64Array(m + 2 * n),
    resetHessian(scale) {
      const { hessian } = qp.views();
      hessian.fill(0);
      for (let i = 0; i < n; i++) hessian[i * stride + i] = scale;
      factor(0);
    },
    setHessian(exact, point) {
      loadHessian(exact);
      if (factor(0)) return;
      // Positive definite on the active constraints' null space is all that a minimum promises. Outer products of
      // their normals change nothing there (Nocedal and Wright, section 18.2's augmented Lagrangian argument) …
      let size = 1e-300;
      for (let i = 0; i < exact.length; i++) size = Math.max(size, Math.abs(exact[i]!));
      const original = Float64Array.from(exact);
      let added = 0;
      for (const sigma of [1, 10, 100]) {
        addNormals(exact, (sigma - added) * size, point);
        added = sigma;
        loadHessian(exact);
        if (factor(0)) return;
      }
      // … where even that is not so it may be singular, or else the eigenvalues' magnitudes give a downhill step of
      // Newton's length.
      exact.set(original);
      loadHessian(exact);
      if (size > 1e-300 && factor(1e-9)) return;
      magnitude(exact, n, 1e-8);
      loadHessian(exact);
      factor(1e-6);
    },
    updateHessian(s, y) {
      const views = qp.views();
      views.step.set(s);
      views.change.set(y);
      // The product form collects rounding: the factor is rebuilt now and then.
      if (qp.update() && ++updates >= 25) factor(1e-6);
    },
    solve(point) {
      if (!factored) return "failed";
      const views = qp.views();
      views.linear.set(point.gradient);
      copyRows(point.jacobian, views.rows, n, m, stride);
      for (let i = 0; i < m; i++) views.rightSide[i] = -point.c[i]!;
      for (let j = 0; j < n; j++) {
        views.lower[j] = Math.min(0, lower[j]! - point.x[j]!);
        views.upper[j] = Math.max(0, upper[j]! - point.x[j]!);
      }
      qp.norms();
      let status = qp.solve(equalities, warm, limit);
      if (status > qpStatus.infeasible) {
        factor(1e-6);
        status = qp.solve(equalities, 0, limit);
      }
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
    elastic(point, penalty) {
      const dense = new Float64Array(n * n);
      const { hessian } = qp.views();
      let unit = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) dense[i * n + j] = hessian[i * stride + j]!;
        unit = Math.max(unit, dense[i * n + i]!);
      }
      for (let i = 0; i < n; i++) dense[i * n + i] = dense[i * n + i]! + 1e-9 * unit;
      return elasticStep(point, dense, equalities, lower, upper, penalty);
    },
    feasibility: (point) => feasibilityStep(point, equalities, lower, upper),
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
function elasticStep(
  point: Point,
  hessian: Float64Array,
  equalities: number,
  lower: Float64Array,
  upper: Float64Array,
  penalty: number,
): ElasticStep | undefined {
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
function feasibilityStep(
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

function copyRows(from: Float64Array, to: Float64Array, n: number, m: number, stride: number): void {
  if (stride === n) to.set(from.length === to.length ? from : from.subarray(0, m * n));
  else for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) to[i * stride + j] = from[i * n + j]!;
}
