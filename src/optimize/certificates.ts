import type { QpWorkspace } from "../../bindings/optimize.js";

/** What a residual may be of the size of its terms. */
export const precision = 1e-8;

/** Does the value fall along d for ever, all constraints kept? */
export function isRay(
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

/** Farkas: is Σ y_i normal_i nothing beside its terms while Σ y_i right-hand side_i is positive? Small negative y go to 0. */
export function certified(qp: QpWorkspace, equalities: number, y: Float64Array): boolean {
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
