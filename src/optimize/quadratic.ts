import { borrowQp, type QpWorkspace, qpStatus, returnQp } from "../../bindings/optimize.js";
import { InputError } from "../config/errors.js";
import type { Status } from "../config/records.js";
import { certified, isRay, precision } from "./certificates.js";
import type { Multipliers } from "./problem.js";
import { loadProgram, type QuadraticProgram } from "./program.js";

/** What `solveQp` found. */
export interface QuadraticSolution {
  x: Float64Array;
  value: number;
  /** "converged" only if the conditions below hold to 1e-8 of the size of their terms */
  status: Status;
  /** Changes of the active set */
  iterations: number;
  /** Largest violation of a row or bound at x */
  violation: number;
  /** Largest entry of Hx + g − Σ multiplier · normal */
  stationarity: number;
  /** Largest |multiplier · slack| */
  complementarity: number;
  multipliers: Multipliers;
  /** Numbers of the active constraints: equalities, inequalities, lower bounds, upper bounds, counted through */
  activeSet: Int32Array;
  /**
   * Where the program is infeasible, weights y of the constraints (≥ 0 but on equalities) with Σ y_i normal_i = 0 and
   * Σ y_i right-hand side_i > 0 (Farkas): their weighted sum asks for 0 ≥ something positive.
   */
  certificate?: Multipliers;
  /** Where it is unbounded, a direction along which every point stays feasible and the value falls without end */
  ray?: Float64Array;
  reason?: string;
}

/**
 * Convex quadratic program by a dual active-set method (Goldfarb and Idnani, Math. Programming 27, 1983) in WebAssembly;
 * a singular Hessian is regularized and the regularization removed by proximal-point iterations
 * (Rockafellar, SIAM J. Control 14, 1976), which keep the factors and start from the last active set.
 *
 * @throws InputError for sizes that disagree, numbers that are not finite, crossed bounds, an asymmetric Hessian or one
 *   that is not positive semidefinite
 */
export function solveQp(program: QuadraticProgram): QuadraticSolution {
  const n = program.linear.length;
  if (!(n >= 1)) throw new InputError("linear", "empty; one number a variable is needed");
  const equalities = program.equality?.values.length ?? 0;
  const m = equalities + (program.inequality?.values.length ?? 0);
  const qp = borrowQp(n, m);
  try {
    loadProgram(qp, program, equalities);
    return solveLoaded(qp, program, equalities);
  } finally {
    returnQp(qp);
  }
}

function solveLoaded(qp: QpWorkspace, program: QuadraticProgram, equalities: number): QuadraticSolution {
  const n = qp.variables;
  const m = qp.rows;
  const views = qp.views();
  let warm = 0;
  if (program.activeSet !== undefined) {
    warm = Math.min(n, program.activeSet.length);
    for (let i = 0; i < warm; i++) {
      const id = program.activeSet[i]!;
      if (!(Number.isInteger(id) && id >= 0 && id < m + 2 * n))
        throw new InputError(`activeSet[${i}]`, `${id} is not the number of a constraint (0 … ${m + 2 * n - 1})`);
      views.active[i] = id;
    }
  }
  const limit = program.maxIterations ?? 50 * (n + m) + 100;
  let unit = 0;
  for (let i = 0; i < n; i++) unit = Math.max(unit, views.hessian[i * qp.stride + i]!);
  qp.norms();
  // Pivots below this share of the diagonal are rounding: the Hessian counts as singular.
  if (unit > 0 && qp.factor(0, 1e-13 * n * unit) < 0) {
    const status = qp.solve(equalities, warm, limit);
    return conclude(qp, equalities, status, qp.iterations());
  }
  return proximal(qp, equalities, warm, limit, unit);
}

/** x ← argmin q(x) + ε/2 ‖x − x_k‖² until the regularization's gradient ε (x − x_k) is nothing. */
function proximal(qp: QpWorkspace, equalities: number, warm: number, limit: number, unit: number): QuadraticSolution {
  const n = qp.variables;
  const views = qp.views();
  const linear = Float64Array.from(views.linear);
  let slope = 0;
  for (let i = 0; i < n; i++) slope = Math.max(slope, Math.abs(linear[i]!));
  const epsilon = unit > 0 ? 1e-6 * unit : slope > 0 ? (1e-4 * slope) / extent(qp) : 1;
  if (qp.factor(epsilon, 0) >= 0)
    throw new InputError("hessian", "not positive semidefinite: the program has no convex objective");
  const center = new Float64Array(n);
  const move = new Float64Array(n);
  let iterations = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < n; i++) views.linear[i] = linear[i]! - epsilon * center[i]!;
    const status = qp.solve(equalities, warm, limit);
    iterations += qp.iterations();
    warm = qp.activeCount();
    if (status !== qpStatus.solved) {
      views.linear.set(linear);
      return conclude(qp, equalities, status, iterations);
    }
    let size = 0;
    let largest = 0;
    for (let i = 0; i < n; i++) {
      move[i] = views.solution[i]! - center[i]!;
      center[i] = views.solution[i]!;
      size = Math.max(size, Math.abs(center[i]!));
      largest = Math.max(largest, Math.abs(move[i]!));
    }
    if (epsilon * largest <= 1e-13 * (slope + unit * size)) break;
    if (round > 0 && isRay(qp, equalities, linear, move, largest, unit, slope)) {
      views.linear.set(linear);
      const found = conclude(qp, equalities, qpStatus.solved, iterations);
      for (let i = 0; i < n; i++) move[i] = move[i]! / largest;
      return {
        ...found,
        status: "unbounded",
        ray: move,
        value: Number.NEGATIVE_INFINITY,
        reason: "the objective falls without end along a feasible ray",
      };
    }
  }
  views.linear.set(linear);
  return conclude(qp, equalities, qpStatus.solved, iterations);
}

/** How far from the origin the constraints speak of. */
function extent(qp: QpWorkspace): number {
  const { lower, upper, rightSide, rows } = qp.views();
  let size = 1e-300;
  for (let i = 0; i < qp.variables; i++) {
    if (Number.isFinite(lower[i])) size = Math.max(size, Math.abs(lower[i]!));
    if (Number.isFinite(upper[i])) size = Math.max(size, Math.abs(upper[i]!));
  }
  for (let i = 0; i < qp.rows; i++) {
    let square = 0;
    for (let j = 0; j < qp.variables; j++) square += rows[i * qp.stride + j]! * rows[i * qp.stride + j]!;
    if (square > 0) size = Math.max(size, Math.abs(rightSide[i]!) / Math.sqrt(square));
  }
  return size > 1e-300 ? size : 1;
}

/** The record, its status checked against the residuals. */
function conclude(qp: QpWorkspace, equalities: number, outcome: number, iterations: number): QuadraticSolution {
  const n = qp.variables;
  const m = qp.rows;
  const views = qp.views();
  const split = (values: Float64Array): Multipliers => ({
    equality: values.subarray(0, equalities),
    inequality: values.subarray(equalities, m),
    lower: values.subarray(m, m + n),
    upper: values.subarray(m + n, m + 2 * n),
  });
  const weights = views.multipliers.slice();
  if (outcome !== qpStatus.solved) views.multipliers.fill(0);
  const measured = qp.residual(equalities);
  const solution: QuadraticSolution = {
    x: views.solution.slice(),
    value: measured.value,
    status: "converged",
    iterations,
    violation: measured.violation,
    stationarity: measured.stationarity,
    complementarity: measured.complementarity,
    multipliers: split(outcome === qpStatus.solved ? weights : new Float64Array(m + 2 * n)),
    activeSet: views.active.slice(0, qp.activeCount()),
  };
  if (outcome === qpStatus.infeasible) {
    if (certified(qp, equalities, weights)) {
      solution.status = "infeasible";
      solution.certificate = split(weights);
      solution.reason = "the constraints contradict each other";
    } else {
      solution.status = "numerical";
      solution.reason = "the constraints look contradictory, but no certificate holds";
    }
    return solution;
  }
  if (outcome === qpStatus.iterationLimit) {
    solution.status = "iteration-limit";
    solution.reason = `after ${iterations} changes of the active set`;
    return solution;
  }
  const stationary = measured.stationarity <= precision * measured.forceSize;
  const feasible = measured.violation <= precision * measured.rowSize;
  if (outcome !== qpStatus.solved || !stationary || !feasible) {
    solution.status = "numerical";
    solution.reason = `rounding leaves a stationarity of ${measured.stationarity} and a violation of ${measured.violation}`;
  }
  return solution;
}
