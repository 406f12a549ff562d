import type { QpWorkspace } from "../../bindings/optimize.js";

/** What a residual may be of the size of its terms. */
const precision = 1e-8;

/** A rounding, some thousand times over. */
const rounding = 1e-12;

/**
 * Does the value fall along d for ever, all constraints kept? Entries that are rounding are set to 0. Along a direction
 * whose curvature is only small the value would turn: it must be nothing for as far as numbers go.
 */
export function isRay(qp: QpWorkspace, equalities: number, units: Float64Array, d: Float64Array): boolean {
  const { variables: n, rows: m, stride } = qp;
  const { hessian, linear, rows, lower, upper } = qp.views();
  let length = 0;
  for (let j = 0; j < n; j++) length = Math.max(length, Math.abs(d[j]!) / units[j]!);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) return false;
  let [fall, terms, unit] = [0, 0, 0];
  for (let j = 0; j < n; j++) {
    if (Math.abs(d[j]!) <= 1e-9 * length * units[j]!) d[j] = 0;
    if ((d[j]! < 0 && Number.isFinite(lower[j])) || (d[j]! > 0 && Number.isFinite(upper[j]))) return false;
    fall += linear[j]! * d[j]!;
    terms += Math.abs(linear[j]!) * units[j]! * length;
    unit = Math.max(unit, hessian[j * stride + j]! * units[j]! * units[j]!);
  }
  if (!(fall < -precision * terms)) return false;
  for (let j = 0; j < n; j++) {
    let curvature = 0;
    for (let k = 0; k < n; k++) curvature += hessian[j * stride + k]! * d[k]!;
    if (units[j]! * Math.abs(curvature) > rounding * n * unit * length) return false;
  }
  for (let i = 0; i < m; i++) {
    let [product, reach] = [0, 0];
    for (let j = 0; j < n; j++) {
      product += rows[i * stride + j]! * d[j]!;
      reach += Math.abs(rows[i * stride + j]!) * units[j]! * length;
    }
    if (product < -1e-9 * reach || (i < equalities && product > 1e-9 * reach)) return false;
  }
  return true;
}

/**
 * Farkas: is Σ y_i normal_i nothing while Σ y_i right-hand side_i is positive? Small negative y go to 0, and what
 * rounding leaves of the sum must not be able to make up for the right-hand sides at any point within 10⁸ times the
 * distances that the constraints speak of (or their bounds, where a variable has them).
 */
export function certified(qp: QpWorkspace, equalities: number, units: Float64Array, y: Float64Array): boolean {
  const { variables: n, rows: m, stride } = qp;
  const { rows, rightSide, lower, upper } = qp.views();
  const sum = new Float64Array(n);
  let [right, terms, extent] = [0, 0, 0];
  const include = (weight: number, bound: number): void => {
    right += weight * bound;
    terms += Math.abs(weight * bound);
  };
  for (let i = equalities; i < m + 2 * n; i++) y[i] = Math.max(0, y[i]!);
  for (let i = 0; i < m; i++) {
    let most = 0;
    for (let j = 0; j < n; j++) {
      const entry = rows[i * stride + j]!;
      sum[j] = sum[j]! + y[i]! * entry;
      most = Math.max(most, Math.abs(entry) * units[j]!);
    }
    include(y[i]!, rightSide[i]!);
    if (most > 0) extent = Math.max(extent, Math.abs(rightSide[i]!) / most);
  }
  for (let j = 0; j < n; j++) {
    const [low, high] = [y[m + j]!, y[m + n + j]!];
    if (low > 0) include(low, lower[j]!);
    if (high > 0) include(high, -upper[j]!);
    sum[j] = sum[j]! + low - high;
    for (const bound of [lower[j]!, upper[j]!])
      if (Number.isFinite(bound)) extent = Math.max(extent, Math.abs(bound) / units[j]!);
  }
  let reach = 0;
  for (let j = 0; j < n; j++) {
    const bound = sum[j]! > 0 ? upper[j]! : -lower[j]!;
    const far = 1e8 * extent * units[j]!;
    reach += Math.abs(sum[j]!) * Math.min(far, Number.isFinite(bound) ? Math.abs(bound) : far);
  }
  return right > reach + rounding * terms;
}
