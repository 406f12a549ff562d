import { borrowQp, type QpWorkspace, qpStatus, returnQp } from "../../bindings/optimize.js";
import { InputError } from "../config/errors.js";
import type { Status } from "../config/records.js";
import type { Multipliers } from "./problem.js";

/** Row-major, or an array of rows. */
export type Matrix = ArrayLike<number> | readonly ArrayLike<number>[];

/** min ½ x'Hx + g'x  subject to  equality.matrix x = equality.values, inequality.matrix x ≥ inequality.values, bounds. */
export interface QuadraticProgram {
  /** H [n × n], symmetric, positive semidefinite (zero: a linear program) */
  hessian: Matrix;
  /** g [n] */
  linear: ArrayLike<number>;
  equality?: LinearConstraints;
  inequality?: LinearConstraints;
  /** [n], −Infinity where there is none */
  lower?: ArrayLike<number>;
  /** [n], Infinity where there is none */
  upper?: ArrayLike<number>;
  /** `activeSet` of a similar program's solution: a warm start */
  activeSet?: ArrayLike<number>;
  /** Changes of the active set at most; 50 (n + m) + 100 by default */
  maxIterations?: number;
}

/** Rows of linear constraints. */
export interface LinearConstraints {
  /** [m × n] */
  matrix: Matrix;
  /** [m] */
  values: ArrayLike<number>;
}

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
    load(qp, program, equalities);
    return solveLoaded(qp, program, equalities);
  } finally {
    returnQp(qp);
  }
}

const precision = 1e-8;

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

/** Does the value fall along d for ever, all constraints kept? */
function isRay(
  qp: QpWorkspace,
  equalities: number,
  linear: Float64Array,
  d: Float64Array,
  largest: number,
  unit: number,
  slope: number,
): boolean {
  const n = qp.variables;
  const { hessian, rows, lower, upper } = qp.views();
  const small = precision * largest;
  let fall = 0;
  for (let i = 0; i < n; i++) {
    fall += linear[i]! * d[i]!;
    if ((d[i]! < -small && Number.isFinite(lower[i])) || (d[i]! > small && Number.isFinite(upper[i]))) return false;
    let curvature = 0;
    for (let j = 0; j < n; j++) curvature += hessian[i * qp.stride + j]! * d[j]!;
    if (Math.abs(curvature) > small * unit) return false;
  }
  if (!(fall < -small * slope)) return false;
  for (let i = 0; i < qp.rows; i++) {
    let product = 0;
    let length = 0;
    for (let j = 0; j < n; j++) {
      product += rows[i * qp.stride + j]! * d[j]!;
      length = Math.max(length, Math.abs(rows[i * qp.stride + j]!));
    }
    if (product < -small * length || (i < equalities && product > small * length)) return false;
  }
  return true;
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

/** Farkas: is Σ y_i normal_i nothing beside its terms while Σ y_i right-hand side_i is positive? Small negative y go to 0. */
function certified(qp: QpWorkspace, equalities: number, y: Float64Array): boolean {
  const n = qp.variables;
  const m = qp.rows;
  const { rows, rightSide, lower, upper } = qp.views();
  const sum = new Float64Array(n);
  const terms = new Float64Array(n);
  let right = 0;
  let rightTerms = 0;
  const include = (value: number, bound: number): void => {
    right += value * bound;
    rightTerms += Math.abs(value * bound);
  };
  for (let i = equalities; i < m + 2 * n; i++) y[i] = Math.max(0, y[i]!);
  for (let i = 0; i < m; i++) {
    if (y[i] === 0) continue;
    include(y[i]!, rightSide[i]!);
    for (let j = 0; j < n; j++) {
      const term = y[i]! * rows[i * qp.stride + j]!;
      sum[j] = sum[j]! + term;
      terms[j] = terms[j]! + Math.abs(term);
    }
  }
  for (let j = 0; j < n; j++) {
    const low = y[m + j]!;
    const high = y[m + n + j]!;
    if (low > 0) include(low, lower[j]!);
    if (high > 0) include(high, -upper[j]!);
    sum[j] = sum[j]! + low - high;
    terms[j] = terms[j]! + low + high;
  }
  let largest = 0;
  for (let j = 0; j < n; j++) largest = Math.max(largest, terms[j]!);
  return sum.every((value) => Math.abs(value) <= precision * largest) && right > 1e-13 * rightTerms;
}

function load(qp: QpWorkspace, program: QuadraticProgram, equalities: number): void {
  const n = qp.variables;
  const { stride } = qp;
  const views = qp.views();
  copyMatrix("hessian", program.hessian, n, n, views.hessian, stride, 0);
  views.linear.set(program.linear);
  if (program.equality !== undefined) {
    copyMatrix("equality.matrix", program.equality.matrix, equalities, n, views.rows, stride, 0);
    views.rightSide.set(program.equality.values);
  }
  if (program.inequality !== undefined) {
    copyMatrix("inequality.matrix", program.inequality.matrix, qp.rows - equalities, n, views.rows, stride, equalities);
    views.rightSide.set(program.inequality.values, equalities);
  }
  copyBounds("lower", program.lower, views.lower, Number.NEGATIVE_INFINITY);
  copyBounds("upper", program.upper, views.upper, Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    if (views.lower[i]! > views.upper[i]!)
      throw new InputError(`lower[${i}]`, `${views.lower[i]} is above upper[${i}] = ${views.upper[i]}`);
  }
  if (qp.check() !== 0) complain(qp, equalities);
}

/** Finds what the kernel's check has found, to say where it stands. */
function complain(qp: QpWorkspace, equalities: number): never {
  const n = qp.variables;
  const { hessian, linear, rows, rightSide } = qp.views();
  const finite = (path: string, value: number): void => {
    if (!Number.isFinite(value)) throw new InputError(path, `${value} is not a finite number`);
  };
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) finite(`hessian[${i}][${j}]`, hessian[i * qp.stride + j]!);
  for (let i = 0; i < n; i++) finite(`linear[${i}]`, linear[i]!);
  for (let i = 0; i < qp.rows; i++) {
    const [kind, row] = i < equalities ? ["equality", i] : ["inequality", i - equalities];
    for (let j = 0; j < n; j++) finite(`${kind}.matrix[${row}][${j}]`, rows[i * qp.stride + j]!);
    finite(`${kind}.values[${row}]`, rightSide[i]!);
  }
  let [row, column, worst] = [0, 0, -1];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const gap = Math.abs(hessian[i * qp.stride + j]! - hessian[j * qp.stride + i]!);
      if (gap > worst) [row, column, worst] = [i, j, gap];
    }
  }
  const [a, b] = [hessian[row * qp.stride + column], hessian[column * qp.stride + row]];
  throw new InputError(
    `hessian[${row}][${column}]`,
    `${a} differs from hessian[${column}][${row}] = ${b}: not symmetric`,
  );
}

function copyMatrix(
  path: string,
  from: Matrix,
  count: number,
  n: number,
  to: Float64Array,
  stride: number,
  firstRow: number,
): void {
  const nested = typeof from[0] === "object";
  const expected = nested ? count : count * n;
  if (from.length !== expected) {
    const shape = `${count} × ${n}`;
    throw new InputError(path, `${from.length} ${nested ? "rows" : "entries"} where a ${shape} matrix is needed`);
  }
  if (!nested && stride === n) {
    to.set(from as ArrayLike<number>, firstRow * stride);
    return;
  }
  for (let i = 0; i < count; i++) {
    const row = nested ? (from as readonly ArrayLike<number>[])[i]! : (from as ArrayLike<number>);
    const start = nested ? 0 : i * n;
    if (nested && row.length !== n)
      throw new InputError(`${path}[${i}]`, `${row.length} entries where ${n} are needed`);
    const target = (firstRow + i) * stride;
    for (let j = 0; j < n; j++) to[target + j] = row[start + j]!;
  }
}

function copyBounds(path: string, from: ArrayLike<number> | undefined, to: Float64Array, open: number): void {
  if (from === undefined) {
    to.fill(open);
    return;
  }
  if (from.length !== to.length) throw new InputError(path, `${from.length} entries where ${to.length} are needed`);
  for (let i = 0; i < to.length; i++) {
    if (Number.isNaN(from[i]) || from[i] === -open) throw new InputError(`${path}[${i}]`, `${from[i]} is no bound`);
    to[i] = from[i]!;
  }
}
