import type { QpWorkspace } from "../../bindings/optimize.js";
import { magnitude } from "./convexify.js";
import type { Point } from "./point.js";

/** The subproblem's matrix B in kernel memory, and whether there is a factor of it. */
export interface HessianState {
  readonly qp: QpWorkspace;
  readonly equalities: number;
  /** [m rows, n lower, n upper] of the last solve: which constraints were active */
  readonly multipliers: Float64Array;
  factored: boolean;
  /** Updates of the factor since it was last made from B */
  updates: number;
}

/** B = scale · I. */
export function resetHessian(state: HessianState, scale: number): void {
  const { variables: n, stride } = state.qp;
  const { hessian } = state.qp.views();
  hessian.fill(0);
  for (let i = 0; i < n; i++) hessian[i * stride + i] = scale;
  factor(state, 0);
}

/** B from the problem's own Hessian [n × n], made positive definite if it is not; `exact` may be changed. */
export function setHessian(state: HessianState, exact: Float64Array, point: Point): void {
  loadHessian(state, exact);
  if (factor(state, 0)) return;
  // Positive definite on the active constraints' null space is all that a minimum promises. Outer products of
  // their normals change nothing there (Nocedal and Wright, section 18.2's augmented Lagrangian argument) …
  let size = 1e-300;
  for (let i = 0; i < exact.length; i++) size = Math.max(size, Math.abs(exact[i]!));
  const original = Float64Array.from(exact);
  let added = 0;
  for (const sigma of [1, 10, 100]) {
    addNormals(state, exact, (sigma - added) * size, point);
    added = sigma;
    loadHessian(state, exact);
    if (factor(state, 0)) return;
  }
  // … where even that is not so it may be singular, or else the eigenvalues' magnitudes give a downhill step of
  // Newton's length.
  exact.set(original);
  loadHessian(state, exact);
  if (size > 1e-300 && factor(state, 1e-9)) return;
  magnitude(exact, state.qp.variables, 1e-8);
  loadHessian(state, exact);
  factor(state, 1e-6);
}

/** The damped BFGS update of B for a step s and the gradient's change y, its factor updated too. */
export function updateHessian(state: HessianState, s: Float64Array, y: Float64Array): void {
  const views = state.qp.views();
  views.step.set(s);
  views.change.set(y);
  // The product form collects rounding: the factor is rebuilt now and then.
  if (state.qp.update() && ++state.updates >= 25) factor(state, 1e-6);
}

/** B + shift·I, the smallest shift of 0, 1e-10, 1e-9, … (at most `most`) of the diagonal for which there is a factor. */
export function factor(state: HessianState, most: number): boolean {
  const { qp } = state;
  const { hessian } = qp.views();
  let unit = 0;
  for (let i = 0; i < qp.variables; i++) unit = Math.max(unit, Math.abs(hessian[i * qp.stride + i]!));
  if (unit === 0) unit = 1;
  state.factored = true;
  state.updates = 0;
  for (let shift = 0; shift <= most; shift = shift === 0 ? 1e-10 : 10 * shift)
    if (qp.factor(shift * unit, 1e-13 * unit) < 0) return true;
  state.factored = false;
  return false;
}

/** Adds σ a a' for the normals a of the equalities and of what was active last. */
function addNormals(state: HessianState, exact: Float64Array, sigma: number, point: Point): void {
  const { equalities, multipliers } = state;
  const { variables: n, rows: m } = state.qp;
  for (let i = 0; i < m; i++) {
    if (i >= equalities && multipliers[i] === 0) continue;
    for (let j = 0; j < n; j++) {
      const part = sigma * point.jacobian[i * n + j]!;
      if (part === 0) continue;
      for (let k = 0; k < n; k++) exact[j * n + k] = exact[j * n + k]! + part * point.jacobian[i * n + k]!;
    }
  }
  for (let j = 0; j < n; j++) {
    if (multipliers[m + j] !== 0 || multipliers[m + n + j] !== 0) exact[j * n + j] = exact[j * n + j]! + sigma;
  }
}

function loadHessian({ qp }: HessianState, from: Float64Array): void {
  const { variables: n, stride } = qp;
  const { hessian } = qp.views();
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) hessian[i * stride + j] = from[i * n + j]!;
}
