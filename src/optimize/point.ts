import type { Evaluator } from "./evaluate.js";

/** An iterate with everything first-order known there, scaled. */
export interface Point {
  x: Float64Array;
  f: number;
  /** [m], equalities first */
  c: Float64Array;
  gradient: Float64Array;
  /** [m × n] */
  jacobian: Float64Array;
}

export function emptyPoint(n: number, m: number): Point {
  return {
    x: new Float64Array(n),
    f: Number.NaN,
    c: new Float64Array(m),
    gradient: new Float64Array(n),
    jacobian: new Float64Array(m * n),
  };
}

/** Σ |equality| + Σ max(0, −inequality). */
export function infeasibility(c: Float64Array, equalities: number): number {
  let sum = 0;
  for (let i = 0; i < c.length; i++) sum += i < equalities ? Math.abs(c[i]!) : Math.max(0, -c[i]!);
  return sum;
}

/** The same of the linearization c + J d. */
export function linearInfeasibility(point: Point, equalities: number, d: Float64Array): number {
  const n = d.length;
  let sum = 0;
  for (let i = 0; i < point.c.length; i++) {
    let value = point.c[i]!;
    for (let j = 0; j < n; j++) value += point.jacobian[i * n + j]! * d[j]!;
    sum += i < equalities ? Math.abs(value) : Math.max(0, -value);
  }
  return sum;
}

/** The largest violation of a row. */
export function largestViolation(c: Float64Array, equalities: number): number {
  let most = 0;
  for (let i = 0; i < c.length; i++) most = Math.max(most, i < equalities ? Math.abs(c[i]!) : -c[i]!);
  return most;
}

/**
 * The Karush–Kuhn–Tucker residuals at a point with multipliers [m rows, n lower, n upper]:
 * stationarity max_j |∂L/∂x_j| max(1, |x_j|) / max(1, |f|) (Dennis and Schnabel's relative gradient),
 * violation and complementarity of the scaled constraints and the bounds.
 */
export function residuals(
  point: Point,
  multipliers: Float64Array,
  equalities: number,
  lower: Float64Array,
  upper: Float64Array,
  lagrangianGradient: Float64Array,
): { stationarity: number; violation: number; complementarity: number } {
  const { x, f, c, gradient } = point;
  const n = x.length;
  const m = c.length;
  gradientOfLagrangian(point, multipliers, lagrangianGradient, gradient);
  const valueScale = Math.max(1, Math.abs(f));
  let stationarity = 0;
  let violation = 0;
  let complementarity = 0;
  for (let i = 0; i < m; i++) {
    violation = Math.max(violation, i < equalities ? Math.abs(c[i]!) : -c[i]!);
    if (i >= equalities) complementarity = Math.max(complementarity, Math.abs(multipliers[i]! * c[i]!));
  }
  for (let j = 0; j < n; j++) {
    const low = multipliers[m + j]!;
    const high = multipliers[m + n + j]!;
    const slope = lagrangianGradient[j]! - low + high;
    stationarity = Math.max(stationarity, Math.abs(slope) * Math.max(1, Math.abs(x[j]!)));
    if (low !== 0) complementarity = Math.max(complementarity, Math.abs(low * (x[j]! - lower[j]!)));
    if (high !== 0) complementarity = Math.max(complementarity, Math.abs(high * (upper[j]! - x[j]!)));
    violation = Math.max(violation, lower[j]! - x[j]!, x[j]! - upper[j]!);
  }
  return { stationarity: stationarity / valueScale, violation, complementarity: complementarity / valueScale };
}

/** out = gradient − J'λ, without the bounds' multipliers. */
export function gradientOfLagrangian(
  point: Point,
  multipliers: Float64Array,
  out: Float64Array,
  gradient = point.gradient,
): void {
  const n = out.length;
  out.set(gradient);
  for (let i = 0; i < point.c.length; i++) {
    const weight = multipliers[i]!;
    if (weight === 0) continue;
    const row = i * n;
    for (let j = 0; j < n; j++) out[j] = out[j]! - weight * point.jacobian[row + j]!;
  }
}

/** Scaled f and c at x into the point; false where they are not numbers. */
export function evaluateAt(functions: Evaluator, point: Point): boolean {
  point.f = functions.values(point.x, point.c);
  return !Number.isNaN(point.f);
}
