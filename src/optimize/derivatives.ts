import { atLeastZero, numbers } from "../config/arguments.js";
import { InputError } from "../config/errors.js";
import { type Constraints, checkShape, type Problem } from "./problem.js";

/** One derivative that differs from its finite difference. */
export interface WrongDerivative {
  of: "gradient" | "equality" | "inequality" | "hessian";
  /** The constraint's number, the Hessian's row; 0 for the gradient */
  row: number;
  /** The variable */
  column: number;
  given: number;
  difference: number;
}

/**
 * Compares a problem's own derivatives with central finite differences at a point: the gradient and Jacobians with
 * differences of the functions, the Hessian of the Lagrangian (all multipliers 1) with differences of the gradients.
 * @param x where; the start if left out. The functions must be defined a step of about 1e-5 around it.
 * @param tolerance on |given − difference| / max(1, |given|, |difference|); rounding alone leaves about 1e-9
 * @returns the wrong entries, the worst first: empty if all is well
 * @throws InputError for an x of another size
 * @example
 * checkDerivatives({
 *   start: [1, 2],
 *   objective: (x) => x[0]! ** 2 * x[1]!,
 *   gradient: (x, out) => out.set([2 * x[0]! * x[1]!, x[0]!]), // the second should be x[0]²: right only at x[0] = 1
 * }, [3, 2]).length; // → 1
 */
export function checkDerivatives(
  problem: Problem,
  x: ArrayLike<number> = problem?.start,
  tolerance = 1e-5,
): WrongDerivative[] {
  checkShape(problem);
  numbers()("x", x);
  atLeastZero("tolerance", tolerance);
  const n = problem.start.length;
  if (x.length !== n) throw new InputError("x", `${x.length} entries where ${n} are needed`);
  const at = Float64Array.from(x);
  const wrong: (WrongDerivative & { error: number })[] = [];

  const compare = (
    of: WrongDerivative["of"],
    rows: number,
    values: (x: Float64Array, out: Float64Array) => void,
    derivative: (x: Float64Array, out: Float64Array) => void,
  ): void => {
    const given = new Float64Array(rows * n);
    derivative(at, given);
    const above = new Float64Array(rows);
    const below = new Float64Array(rows);
    const probe = Float64Array.from(at);
    for (let column = 0; column < n; column++) {
      const step = 6.055454452393343e-6 * Math.max(1, Math.abs(at[column]!));
      const high = at[column]! + step;
      const low = at[column]! - step;
      probe[column] = high;
      values(probe, above);
      probe[column] = low;
      values(probe, below);
      probe[column] = at[column]!;
      for (let row = 0; row < rows; row++) {
        const difference = (above[row]! - below[row]!) / (high - low);
        const value = given[row * n + column]!;
        const error = Math.abs(value - difference) / Math.max(1, Math.abs(value), Math.abs(difference));
        if (!(error <= tolerance)) wrong.push({ of, row, column, given: value, difference, error });
      }
    }
  };

  if (problem.gradient !== undefined) {
    const value = (z: Float64Array, out: Float64Array): void => {
      out[0] = problem.objective(z);
    };
    compare("gradient", 1, value, (z, out) => problem.gradient!(z, out));
  }
  for (const kind of ["equality", "inequality"] as const) {
    const constraints = problem[kind];
    if (constraints?.jacobian !== undefined && constraints.count > 0)
      compare(kind, constraints.count, (z, out) => constraints.values(z, out), jacobianOf(constraints));
  }
  if (problem.hessian !== undefined && problem.gradient !== undefined) {
    const ones = (count = 0): Float64Array => new Float64Array(count).fill(1);
    const multipliers = { equality: ones(problem.equality?.count), inequality: ones(problem.inequality?.count) };
    compare("hessian", n, lagrangianGradient(problem, n), (z, out) => problem.hessian!(z, multipliers, out));
  }
  wrong.sort((a, b) => (Number.isNaN(a.error) ? -1 : Number.isNaN(b.error) ? 1 : b.error - a.error));
  return wrong.map(({ error: _, ...rest }) => rest);
}

function jacobianOf(constraints: Constraints): (x: Float64Array, out: Float64Array) => void {
  return (x, out) => constraints.jacobian!(x, out);
}

/** ∇f − Σ ∇c_i for multipliers of 1. */
function lagrangianGradient(problem: Problem, n: number): (x: Float64Array, out: Float64Array) => void {
  return (x, out) => {
    problem.gradient!(x, out);
    for (const kind of ["equality", "inequality"] as const) {
      const constraints = problem[kind];
      if (constraints === undefined || constraints.count === 0) continue;
      if (constraints.jacobian === undefined) {
        out.fill(Number.NaN);
        return;
      }
      const rows = new Float64Array(constraints.count * n);
      constraints.jacobian(x, rows);
      for (let i = 0; i < constraints.count; i++) for (let j = 0; j < n; j++) out[j] = out[j]! - rows[i * n + j]!;
    }
  };
}
