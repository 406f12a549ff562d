/**
 * Latin hypercube sampling of fading magnitudes (McKay, Beckman, Conover 1979): over all realizations, every complex
 * normal's u = e^(−|z|²/2), which is uniform, falls once into each of `total` strata. Realization i of dimension d is moved
 * to u' = (π_d(i) + u)/total, π_d a permutation; its direction stays. Marginally nothing changes, and what a rate owes to
 * each magnitude alone no longer adds to the error of its mean.
 *
 * white: [count] paired complex of variance 2, in place, lanes realizations `first` and `first` + 1; keys: [count] of three
 * u32 that make π_d, the first two odd; total ≤ 2^bits.
 */
import { exp2Lanes, log2Lanes } from "../vectorMath";

export function stratify(count: i32, first: u32, total: u32, bits: u32, keys: usize, white: usize): void {
  const share = f64x2.splat(1.0 / <f64>total);
  for (let d = 0; d < count; d++) {
    const re = v128.load(white);
    const im = v128.load(white, 16);
    const power = f64x2.max(f64x2.add(f64x2.mul(re, re), f64x2.mul(im, im)), f64x2.splat(1e-30));
    const u = exp2Lanes(f64x2.mul(power, f64x2.splat(-0.5)));
    const stratum = f64x2(<f64>permuted(first, total, bits, keys), <f64>permuted(first + 1, total, bits, keys));
    const moved = f64x2.mul(f64x2.add(stratum, u), share);
    const scale = f64x2.sqrt(f64x2.div(f64x2.mul(f64x2.splat(-2.0), log2Lanes(f64x2.min(moved, f64x2.splat(1.0)))), power));
    v128.store(white, f64x2.mul(re, scale));
    v128.store(white, f64x2.mul(im, scale), 16);
    white += 32;
    keys += 12;
  }
}

/** Steps that each permute the numbers of `bits` bits, repeated until the result is below `total` again. */
// @ts-ignore: decorator
@inline
function permuted(i: u32, total: u32, bits: u32, keys: usize): u32 {
  const mask: u32 = (1 << bits) - 1;
  const half = (bits + 1) >> 1;
  const a = load<u32>(keys);
  const b = load<u32>(keys, 4);
  const c = load<u32>(keys, 8);
  let x = i;
  do {
    x = (x * a + c) & mask;
    x ^= x >> half;
    x = (x * b) & mask;
    x ^= x >> half;
    x = (x * a) & mask;
    x ^= x >> half;
  } while (x >= total);
  return x;
}
