import { borrowQp, type QpWorkspace, qpStatus, returnQp } from "../../bindings/optimize.js";
import { InputError } from "../config/errors.js";
import type { Status } from "../config/records.js";
import { certified, isRay } from "./certificates.js";
import type { Multipliers } from "./problem.js";
import { checkShape, loadProgram, type QuadraticProgram } from "./program.js";
import { curvatureScaling, enterUnits, isEven, leaveUnits, rowScaling, type Scaling } from "./scaling.js";

/** What `solveQp` found. */
export interface QuadraticSolution {
  x: Float64Array;
  value: number;
  /** "converged" only if the conditions below hold to 1e-8 of the size of their terms, whatever the variables' units */
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
 * (Rockafellar, SIAM J. Control 14, 1976), which keep the factors and start from the last active set. Variables in units
 * far apart are first brought into units that make the Hessian's diagonal even; what comes out is judged in the program's
 * own.
 *
 * @throws InputError for sizes that disagree, numbers that are not finite, crossed bounds, an asymmetric Hessian or one
 *   that is not positive semidefinite
 * @example
 * // The point of x + y ≥ 2 nearest to the origin
 * const { x } = solveQp({
 *   hessian: [[1, 0], [0, 1]],
 *   linear: [0, 0],
 *   inequality: { matrix: [[1, 1]], values: [2] },
 * });
 * x.map((value) => Math.round(value * 1000) / 1000); // → [1,1]
 */
export function solveQp(program: QuadraticProgram): QuadraticSolution {
  checkShape(program);
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

/** A program in its workspace, and what its solutions are judged by. */
interface Loaded {
  qp: QpWorkspace;
  program: QuadraticProgram;
  equalities: number;
  limit: number;
}

/**
 * In the program's own units if they are alike, else in units that make them so; what does not hold in the end is tried
 * in others.
 */
function solveLoaded(qp: QpWorkspace, program: QuadraticProgram, equalities: number): QuadraticSolution {
  const limit = program.maxIterations ?? 50 * (qp.variables + qp.rows) + 100;
  const loaded: Loaded = { qp, program, equalities, limit };
  const curvature = qp.evenUnits() ? undefined : curvatureScaling(qp);
  if (curvature !== undefined) qp.views().units.set(curvature.variables);
  const first = curvature !== undefined && isEven(curvature) ? undefined : curvature;
  const solution = solveIn(loaded, first);
  if (solution.status !== "numerical") return solution;
  for (const other of [first === undefined ? (curvature ?? curvatureScaling(qp)) : undefined, rowScaling(qp)]) {
    const again = solveIn(loaded, other);
    if (again.status !== "numerical") return again;
  }
  return solution;
}

/** How a solve went; the point, its multipliers or the certificate stand in the workspace. */
interface Outcome {
  status: number;
  iterations: number;
  ray?: Float64Array;
}

/** Solved in a scaling's units (the program's own if there is none), judged in the program's. */
function solveIn(loaded: Loaded, scaling: Scaling | undefined): QuadraticSolution {
  const { qp, program, equalities } = loaded;
  if (scaling === undefined) return conclude(loaded, runLoaded(loaded));
  enterUnits(qp, scaling);
  const outcome = runLoaded(loaded);
  leaveUnits(qp, scaling);
  outcome.ray?.forEach((entry, j, ray) => {
    ray[j] = entry * scaling.variables[j]!;
  });
  loadProgram(qp, program, equalities);
  return conclude(loaded, outcome);
}

function runLoaded(loaded: Loaded): Outcome {
  const { qp, program, equalities, limit } = loaded;
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
  let unit = 0;
  for (let i = 0; i < n; i++) unit = Math.max(unit, views.hessian[i * qp.stride + i]!);
  qp.norms();
  // Pivots below this share of the diagonal are rounding: the Hessian counts as singular.
  if (unit > 0 && qp.factor(0, 1e-13 * n * unit) < 0) {
    const status = qp.solve(equalities, warm, limit);
    return { status, iterations: qp.iterations() };
  }
  return proximal(loaded, warm, unit);
}

/** x ← argmin q(x) + ε/2 ‖x − x_k‖² until the regularization's gradient ε (x − x_k) is nothing. */
function proximal({ qp, equalities, limit }: Loaded, warm: number, unit: number): Outcome {
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
  const ones = new Float64Array(n).fill(1);
  let iterations = 0;
  let guess = warm;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < n; i++) views.linear[i] = linear[i]! - epsilon * center[i]!;
    const status = qp.solve(equalities, guess, limit);
    views.linear.set(linear);
    iterations += qp.iterations();
    guess = qp.activeCount();
    if (status !== qpStatus.solved) return { status, iterations };
    if (unit === 0 && slope === 0) {
      // Nothing pulls: any feasible point will do, and what holds it is the regularization alone.
      views.multipliers.fill(0);
      return { status, iterations };
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
    if (round > 0 && isRay(qp, equalities, ones, move))
      return { status: qpStatus.solved, iterations, ray: move.map((entry) => entry / largest) };
  }
  return { status: qpStatus.solved, iterations };
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

/** The record, its status checked in the program's own units. */
function conclude({ qp, equalities }: Loaded, { status: outcome, iterations, ray }: Outcome): QuadraticSolution {
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
  const { value, violation, stationarity, complementarity, optimal } = qp.residual(equalities);
  const { units } = views;
  const solution: QuadraticSolution = {
    x: views.solution.slice(),
    value,
    status: "converged",
    iterations,
    violation,
    stationarity,
    complementarity,
    multipliers: split(outcome === qpStatus.solved ? weights : new Float64Array(m + 2 * n)),
    activeSet: views.active.slice(0, qp.activeCount()),
  };
  const ended = (status: Status, reason: string, more: Partial<QuadraticSolution> = {}): QuadraticSolution => ({
    ...solution,
    status,
    reason,
    ...more,
  });
  if (outcome === qpStatus.infeasible) {
    if (certified(qp, equalities, units, weights))
      return ended("infeasible", "the constraints contradict each other", { certificate: split(weights) });
    return ended("numerical", "the constraints look contradictory, but no certificate holds");
  }
  if (outcome === qpStatus.iterationLimit)
    return ended("iteration-limit", `after ${iterations} changes of the active set`);
  if (ray !== undefined && isRay(qp, equalities, units, ray))
    return ended("unbounded", "the objective falls without end along a feasible ray", {
      ray,
      value: Number.NEGATIVE_INFINITY,
    });
  if (outcome !== qpStatus.solved || !optimal)
    return ended("numerical", `rounding leaves a stationarity of ${stationarity} and a violation of ${violation}`);
  return solution;
}
