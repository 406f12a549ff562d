import type { Stream } from "../../../bindings/random.js";

export type Row = number[];

export function normals(random: Stream, count: number): Row {
  return Array.from({ length: count }, () => random.normal());
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j]!, 0);
}

/** Σ w_i row_i */
export function combination(weights: Row, rows: Row[]): Row {
  return rows[0]!.map((_, j) => weights.reduce((sum, weight, i) => sum + weight * rows[i]![j]!, 0));
}

/** 10^u, u uniform within ±spread */
export function powerOfTen(random: Stream, spread: number): number {
  return 10 ** (spread * (2 * random.uniform() - 1));
}

/** A unit of 10^±spread: an end of the range as often as between. */
export function unitOf(random: Stream, spread: number): number {
  return random.integer(2) === 0 ? 10 ** (spread * (2 * random.integer(2) - 1)) : powerOfTen(random, spread);
}
