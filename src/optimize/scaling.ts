import { log } from "../../bindings/math.js";
import type { QpWorkspace } from "../../bindings/optimize.js";

/**
 * Units in which a quadratic program is solved: x_j = variables_j z_j, row i times rows_i, the objective times
 * objective. All are powers of two, so that nothing is rounded by going there and back.
 */
export interface Scaling {
  /** d [n] */
  variables: Float64Array;
  /** r [m] */
  rows: Float64Array;
  objective: number;
}

/**
 * The units that make H's diagonal 1 (Jacobi scaling, within a factor √n of the best that any diagonal can do for
 * H's condition: van der Sluis, Numer. Math. 14, 1969). Variables without curvature get the unit that balances their
 * columns with the rows (Ruiz, RAL-TR-2001-034), and those in no row the unit of their bounds or slope.
 * They follow the units of the variables, whatever those are.
 */
export function curvatureScaling(qp: QpWorkspace): Scaling {
  const { variables: n, stride } = qp;
  const { hessian } = qp.views();
  const scaling = unitScaling(qp);
  const flat = new Uint8Array(n);
  for (let j = 0; j < n; j++) {
    const curvature = hessian[j * stride + j]!;
    if (curvature > 1e-300) scaling.variables[j] = powerOfTwo(1 / Math.sqrt(curvature));
    else flat[j] = 1;
  }
  if (flat.some((one) => one === 1)) balanceColumns(qp, scaling, flat);
  return completed(qp, scaling);
}

/** The units that balance the rows' columns alone, whatever the Hessian. */
export function rowScaling(qp: QpWorkspace): Scaling {
  const scaling = unitScaling(qp);
  balanceColumns(qp, scaling, new Uint8Array(qp.variables).fill(1));
  return completed(qp, scaling);
}

/** No change. */
function unitScaling(qp: QpWorkspace): Scaling {
  return {
    variables: new Float64Array(qp.variables).fill(1),
    rows: new Float64Array(qp.rows).fill(1),
    objective: 1,
  };
}

/** Are all of the variables' units within a factor of 64 of each other? */
export function isEven({ variables }: Scaling): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const unit of variables) {
    least = Math.min(least, unit);
    most = Math.max(most, unit);
  }
  return most <= 64 * least;
}

/** Units of the columns marked in `flat` such that their entries, in rows of length 1, are about 1. */
function balanceColumns(qp: QpWorkspace, { variables, rows }: Scaling, flat: Uint8Array): void {
  const { variables: n, rows: m, stride } = qp;
  const views = qp.views();
  for (let j = 0; j < n; j++) if (flat[j] === 1) variables[j] = 1;
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < m; i++) rows[i] = 1 / Math.sqrt(spread(views.rows, i * stride, 1, variables));
    for (let j = 0; j < n; j++) if (flat[j] === 1) variables[j] = 1 / Math.sqrt(spread(views.rows, j, stride, rows));
  }
  for (let j = 0; j < n; j++) {
    let met = false;
    for (let i = 0; i < m && !met; i++) met = views.rows[i * stride + j] !== 0;
    if (flat[j] === 1 && !met) variables[j] = ownUnit(qp, j);
    if (flat[j] === 1) variables[j] = powerOfTwo(variables[j]!);
  }
}

/** Least times largest magnitude of the entries from `start` on, `step` apart, times their units; 1 if all are 0. */
function spread(entries: Float64Array, start: number, step: number, units: Float64Array): number {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let k = 0; k < units.length; k++) {
    const size = Math.abs(entries[start + k * step]! * units[k]!);
    if (size === 0) continue;
    least = Math.min(least, size);
    most = Math.max(most, size);
  }
  return most > 0 ? least * most : 1;
}

/** A unit for a variable that no row and no curvature speaks of. */
function ownUnit(qp: QpWorkspace, j: number): number {
  const { lower, upper, linear } = qp.views();
  const sizes = [Math.abs(lower[j]!), Math.abs(upper[j]!)].filter(
    (size) => size > 0 && size < Number.POSITIVE_INFINITY,
  );
  if (sizes.length > 0) return Math.max(...sizes);
  return linear[j] === 0 ? 1 : 1 / Math.abs(linear[j]!);
}

/** With the rows' lengths and the largest slope or curvature made 1 in the variables' units. */
function completed(qp: QpWorkspace, scaling: Scaling): Scaling {
  const { variables: n, rows: m, stride } = qp;
  const views = qp.views();
  const { variables, rows } = scaling;
  for (let i = 0; i < m; i++) {
    let most = 0;
    for (let j = 0; j < n; j++) most = Math.max(most, Math.abs(views.rows[i * stride + j]! * variables[j]!));
    rows[i] = most > 0 ? powerOfTwo(1 / most) : 1;
  }
  let [curvature, slope] = [0, 0];
  for (let j = 0; j < n; j++) {
    curvature = Math.max(curvature, views.hessian[j * stride + j]! * variables[j]! * variables[j]!);
    slope = Math.max(slope, Math.abs(views.linear[j]! * variables[j]!));
  }
  const size = curvature > 0 ? curvature : slope;
  scaling.objective = size > 0 ? powerOfTwo(1 / size) : 1;
  return scaling;
}

function powerOfTwo(size: number): number {
  const exponent = Math.round(log(size) / Math.LN2);
  return 2 ** Math.min(400, Math.max(-400, Number.isFinite(exponent) ? exponent : 0));
}

/** The program in the workspace, into a scaling's units. */
export function enterUnits(qp: QpWorkspace, { variables, rows, objective }: Scaling): void {
  const { variables: n, rows: m, stride } = qp;
  const views = qp.views();
  for (let i = 0; i < n; i++) {
    const unit = variables[i]!;
    for (let j = 0; j < n; j++)
      views.hessian[i * stride + j] = views.hessian[i * stride + j]! * (objective * unit) * variables[j]!;
    views.linear[i] = views.linear[i]! * (objective * unit);
    views.lower[i] = views.lower[i]! / unit;
    views.upper[i] = views.upper[i]! / unit;
  }
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) views.rows[i * stride + j] = views.rows[i * stride + j]! * rows[i]! * variables[j]!;
    views.rightSide[i] = views.rightSide[i]! * rows[i]!;
  }
}

/** The solution in the workspace, and the weights [m + 2n] of its constraints, back into the program's own units. */
export function leaveUnits(qp: QpWorkspace, { variables, rows, objective }: Scaling): void {
  const { variables: n, rows: m } = qp;
  const { solution, multipliers } = qp.views();
  for (let i = 0; i < m; i++) multipliers[i] = (multipliers[i]! * rows[i]!) / objective;
  for (let j = 0; j < n; j++) {
    const unit = variables[j]! * objective;
    solution[j] = solution[j]! * variables[j]!;
    multipliers[m + j] = multipliers[m + j]! / unit;
    multipliers[m + n + j] = multipliers[m + n + j]! / unit;
  }
}
