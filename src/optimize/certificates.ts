import type { QpWorkspace } from "../../bindings/optimize.js";

/** What a residual may be of the size of its terms. */
const precision = 1e-8;

/** A rounding, some thousand times over. */
const rounding = 1e-12;

/**
 * Do the conditions of an optimum hold at the solution and multipliers in the workspace? Each residual is compared with
 * its own terms, in the given units of the variables [n], so that the answer does not depend on the units of the
 * program: a variable in nanometers next to one in kilometers counts as much.
 */
export function isOptimal(qp: QpWorkspace, equalities: number, units: Float64Array): boolean {
  const { variables: n, rows: m, stride } = qp;
  const { hessian, linear, rows, rightSide, lower, upper, solution: x, multipliers: y } = qp.views();
  let size = 0;
  for (let j = 0; j < n; j++) size = Math.max(size, Math.abs(x[j]!) / units[j]!);
  if (!(size < Number.POSITIVE_INFINITY)) return false;
  const slope = Float64Array.from(linear);
  let [force, work, strain] = [0, 0, 0];
  for (let j = 0; j < n; j++) {
    let [pull, sizes] = [0, 0];
    for (let k = 0; k < n; k++) {
      const term = hessian[j * stride + k]! * x[k]!;
      pull += term;
      sizes += Math.abs(term);
    }
    strain = Math.max(strain, units[j]! * sizes);
    const terms = Math.abs(linear[j]!) + Math.abs(pull);
    slope[j] = slope[j]! + pull;
    force = Math.max(force, units[j]! * terms);
    work += Math.abs(x[j]!) * terms;
    slope[j] = slope[j]! - y[m + j]! + y[m + n + j]!;
  }
  let [gap, extent] = [0, 0];
  const fits = (slack: number, multiplier: number, equal: boolean, terms: number, reach: number): boolean => {
    const allowed = precision * terms + rounding * reach;
    gap += Math.abs(multiplier * slack);
    return -slack <= allowed && (Math.abs(slack) <= allowed || (!equal && multiplier === 0));
  };
  for (let i = 0; i < m; i++) {
    let [slack, terms, reach, most] = [-rightSide[i]!, Math.abs(rightSide[i]!), 0, 0];
    for (let j = 0; j < n; j++) {
      const entry = rows[i * stride + j]!;
      slack += entry * x[j]!;
      terms += Math.abs(entry * x[j]!);
      reach += Math.abs(entry) * units[j]! * size;
      most = Math.max(most, Math.abs(entry) * units[j]!);
      slope[j] = slope[j]! - y[i]! * entry;
    }
    if (!fits(slack, y[i]!, i < equalities, terms, reach)) return false;
    if (most > 0) extent = Math.max(extent, Math.abs(rightSide[i]!) / most);
  }
  for (let j = 0; j < n; j++) {
    const reach = units[j]! * size;
    const [low, high] = [lower[j]!, upper[j]!];
    if (low > Number.NEGATIVE_INFINITY && !fits(x[j]! - low, y[m + j]!, false, Math.abs(low), reach)) return false;
    if (high < Number.POSITIVE_INFINITY && !fits(high - x[j]!, y[m + n + j]!, false, Math.abs(high), reach))
      return false;
    for (const bound of [low, high]) if (Number.isFinite(bound)) extent = Math.max(extent, Math.abs(bound) / units[j]!);
    gap += Math.abs(slope[j]! * x[j]!);
  }
  // What rounding leaves of forces that cancel is nothing, unless x has run away to where they are all rounding.
  const noise = size <= 1e6 * extent ? 1e-15 * n * strain : 0;
  for (let j = 0; j < n; j++) if (!(units[j]! * Math.abs(slope[j]!) <= precision * force + noise)) return false;
  // By weak duality the value is within the gap of the optimum.
  return gap <= precision * work + (rounding * force + n * noise) * size;
}

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
