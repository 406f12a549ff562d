import { exp, log } from "../../bindings/math.js";
import type { Stream } from "../../bindings/random.js";

/**
 * A draw from the symmetric Dirichlet distribution: independent Gamma(α, 1) variables divided by their sum.
 *
 * The variables are kept as logarithms, because at a small α all of them may be too small for a number
 * (Gamma(α) = Gamma(α + 1) · U^{1/α}) while their ratios are not.
 *
 * @param alpha > 0
 * @returns `size` proportions that sum to 1 up to rounding
 */
export function dirichlet(random: Stream, size: number, alpha: number): Float64Array {
  const values = new Float64Array(size);
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < size; i++) {
    values[i] = logGamma(random, alpha);
    largest = Math.max(largest, values[i]!);
  }
  let sum = 0;
  for (let i = 0; i < size; i++) {
    values[i] = exp(values[i]! - largest);
    sum += values[i]!;
  }
  for (let i = 0; i < size; i++) values[i]! /= sum;
  return values;
}

/**
 * Whole numbers in the ratio of the proportions that sum to `total` exactly: floors, then one more for the
 * largest remainders (the earlier of equal ones).
 */
export function apportion(proportions: Float64Array, total: number): Int32Array {
  const counts = Int32Array.from(proportions, (share) => Math.floor(share * total));
  let missing = total;
  for (const count of counts) missing -= count;
  const order = Array.from(proportions, (share, i) => ({ i, remainder: share * total - counts[i]! }));
  order.sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  // Rounding may leave more than one for each, or have given one too many: go around until it fits.
  for (let j = 0; missing > 0; j = (j + 1) % order.length, missing--) counts[order[j]!.i]!++;
  for (let j = order.length - 1; missing < 0; j = (j + order.length - 1) % order.length) {
    if (counts[order[j]!.i]! > 0) {
      counts[order[j]!.i]!--;
      missing++;
    }
  }
  return counts;
}

/** log of a Gamma(shape, 1) variable (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000). */
function logGamma(random: Stream, shape: number): number {
  if (shape < 1) return logGamma(random, shape + 1) + log(positive(random)) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(positive(random)) < 0.5 * x * x + d * (1 - v + log(v))) return log(d * v);
  }
}

/** Uniform on (0, 1): the logarithm of 0 must not come up. */
function positive(random: Stream): number {
  return random.uniform() + 2 ** -54;
}
