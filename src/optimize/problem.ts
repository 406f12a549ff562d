import { callable, numberArray, optional, record } from "../config/arguments.js";
import { InputError } from "../config/errors.js";
import type { Status } from "../config/records.js";

/** c(x) = 0, or c(x) ≥ 0: `count` functions. */
export interface Constraints {
  count: number;
  /** c(x) into out [count] */
  values(x: Float64Array, out: Float64Array): void;
  /** ∂c_i/∂x_j into out [count × n], row-major; left out: finite differences */
  jacobian?(x: Float64Array, out: Float64Array): void;
}

/**
 * min f(x)  subject to  equality(x) = 0,  inequality(x) ≥ 0,  lower ≤ x ≤ upper.
 * The functions may throw or give NaN outside their domain: the line search then backs off.
 */
export interface Problem {
  start: ArrayLike<number>;
  objective(x: Float64Array): number;
  /** ∇f into out [n]; left out: central finite differences */
  gradient?(x: Float64Array, out: Float64Array): void;
  /**
   * Hessian of the Lagrangian f − Σ λ_i equality_i − Σ μ_i inequality_i into out [n × n], both triangles; left out: damped BFGS.
   * A Hessian that is not positive definite is shifted by a multiple of the identity until it is.
   */
  hessian?(x: Float64Array, multipliers: { equality: Float64Array; inequality: Float64Array }, out: Float64Array): void;
  lower?: ArrayLike<number>;
  upper?: ArrayLike<number>;
  equality?: Constraints;
  inequality?: Constraints;
  /** On the scaled stationarity, violation and complementarity; 1e-8 by default */
  tolerance?: number;
  /** 200 by default */
  maxIterations?: number;
}

/** Lagrange multipliers of the constraints. */
export interface Multipliers {
  equality: Float64Array;
  /** ≥ 0 */
  inequality: Float64Array;
  /** ≥ 0, of the bounds */
  lower: Float64Array;
  upper: Float64Array;
}

/** What `minimize` found. */
export interface Solution {
  x: Float64Array;
  value: number;
  /** "converged" only if stationarity, violation and complementarity are within the tolerance */
  status: Status;
  iterations: number;
  /** Calls of the objective */
  evaluations: number;
  /** Largest violation of a constraint or bound, unscaled */
  violation: number;
  /** Largest |∂L/∂x_j| · max(1, |x_j|) / max(1, |f|), scaled: what is compared with the tolerance */
  stationarity: number;
  complementarity: number;
  multipliers: Multipliers;
  /** Why, where the status is not "converged" */
  reason?: string;
  /** What was changed before starting, such as a start outside the bounds */
  notes: string[];
}

const constraints = optional(record({ values: callable, jacobian: optional(callable) }));

/** What a problem is made of, for callers without types. @throws InputError */
export function checkShape(problem: Problem): void {
  record()("problem", problem);
  numberArray("start", problem.start);
  callable("objective", problem.objective);
  for (const name of ["gradient", "hessian"] as const) optional(callable)(name, problem[name]);
  for (const name of ["lower", "upper"] as const) optional(numberArray)(name, problem[name]);
  for (const name of ["equality", "inequality"] as const) constraints(name, problem[name]);
}

/** The problem with its sizes checked, the start inside the bounds and a note if it was not. */
export function checkedProblem(problem: Problem): {
  x: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
  notes: string[];
} {
  checkShape(problem);
  const n = problem.start.length;
  if (!(n >= 1)) throw new InputError("start", "empty; one number a variable is needed");
  const x = Float64Array.from(problem.start);
  const lower = bound("lower", problem.lower, n, Number.NEGATIVE_INFINITY);
  const upper = bound("upper", problem.upper, n, Number.POSITIVE_INFINITY);
  const moved: number[] = [];
  for (let i = 0; i < n; i++) {
    if (typeof problem.start[i] !== "number" || !Number.isFinite(x[i]))
      throw new InputError(`start[${i}]`, `${x[i]} is not a finite number`);
    if (lower[i]! > upper[i]! || lower[i] === Number.POSITIVE_INFINITY || upper[i] === Number.NEGATIVE_INFINITY)
      throw new InputError(`lower[${i}]`, `${lower[i]} is above upper[${i}] = ${upper[i]} or leaves nothing between`);
    const inside = Math.min(Math.max(x[i]!, lower[i]!), upper[i]!);
    if (inside !== x[i]) moved.push(i);
    x[i] = inside;
  }
  for (const kind of ["equality", "inequality"] as const) {
    const count = problem[kind]?.count;
    if (count !== undefined && !(Number.isInteger(count) && count >= 0))
      throw new InputError(`${kind}.count`, `${count} is not an integer, 0 or more`);
  }
  checkSetting("tolerance", problem.tolerance, (value) => value > 0 && value < 1);
  checkSetting("maxIterations", problem.maxIterations, (value) => Number.isInteger(value) && value >= 0);
  const notes = moved.length > 0 ? [`start moved onto the bounds in ${moved.map((i) => `x[${i}]`).join(", ")}`] : [];
  return { x, lower, upper, notes };
}

function bound(path: string, given: ArrayLike<number> | undefined, n: number, open: number): Float64Array {
  if (given === undefined) return new Float64Array(n).fill(open);
  if (given.length !== n) throw new InputError(path, `${given.length} entries where ${n} are needed`);
  const values = Float64Array.from(given);
  for (let i = 0; i < n; i++) if (Number.isNaN(values[i])) throw new InputError(`${path}[${i}]`, "NaN");
  return values;
}

function checkSetting(path: string, value: number | undefined, allowed: (value: number) => boolean): void {
  if (value !== undefined && !allowed(value)) throw new InputError(path, `${value} is out of range`);
}
