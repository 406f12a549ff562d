import { sum4 } from "./float";
import { add, get, mul, put } from "./lanes";

/**
 * y = γ (x − mean)/√(variance + ε) + β, mean and variance over each of `rows` rows of n values; stats [rows][2] keeps mean
 * and 1/√(variance + ε). groupNorm.ts does the same over groups of channels and pixels.
 *
 * The variance is the mean square of x − mean, in a pass of its own over a row that is in the nearest cache by then: its
 * relative error is about n/4 roundings however large the mean is, which no formula of one pass can promise.
 */
export function layerNormForward(
  rows: i32, n: i32, epsilon: f32, x: usize, gamma: usize, beta: usize, y: usize, stats: usize,
): void {
  const whole = <usize>(n & -4) << 2, rest = n & 3, step = <usize>n << 2;
  for (let r: i32 = 0; r < rows; r++) {
    let even = f32x4.splat(0), odd = even;
    let q: usize = 0;
    for (; q + 32 <= whole; q += 32) {
      even = add(even, v128.load(x + q));
      odd = add(odd, v128.load(x + q, 16));
    }
    if (q < whole) even = add(even, v128.load(x + q));
    if (rest) odd = add(odd, get(x + whole, rest));
    const mean = f32x4.splat(sum4(add(even, odd)) / <f32>n);
    even = odd = f32x4.splat(0);
    for (q = 0; q + 32 <= whole; q += 32) {
      const d0 = f32x4.sub(v128.load(x + q), mean), d1 = f32x4.sub(v128.load(x + q, 16), mean);
      even = add(even, mul(d0, d0));
      odd = add(odd, mul(d1, d1));
    }
    if (q < whole) {
      const d = f32x4.sub(v128.load(x + q), mean);
      even = add(even, mul(d, d));
    }
    if (rest) {
      const d = v128.and(f32x4.sub(get(x + whole, rest), mean), i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(rest)));
      odd = add(odd, mul(d, d));
    }
    const inverse = f32x4.splat(1 / Mathf.sqrt(sum4(add(even, odd)) / <f32>n + epsilon));
    v128.store64_lane(stats, v128.shuffle<f32>(mean, inverse, 0, 4, 0, 4), 0);
    for (q = 0; q < whole; q += 16) {
      const z = mul(f32x4.sub(v128.load(x + q), mean), inverse);
      v128.store(y + q, add(mul(z, v128.load(gamma + q)), v128.load(beta + q)));
    }
    if (rest) {
      const z = mul(f32x4.sub(get(x + q, rest), mean), inverse);
      put(y + q, rest, add(mul(z, get(gamma + q, rest)), get(beta + q, rest)));
    }
    stats += 8;
    x += step;
    y += step;
  }
}

/** dγ, dβ and, unless dx is 0, dx = (1/σ)(γ dy − mean(γ dy) − z mean(γ dy z)), z the normalized x; all overwritten. */
export function layerNormBackward(
  rows: i32, n: i32, x: usize, gamma: usize, stats: usize, dy: usize, dgamma: usize, dbeta: usize, dx: usize,
): void {
  const whole = <usize>(n & -4) << 2, rest = n & 3, step = <usize>n << 2;
  const share = f32x4.splat(1 / <f32>n);
  memory.fill(dgamma, 0, step);
  memory.fill(dbeta, 0, step);
  for (let r: i32 = 0; r < rows; r++) {
    const mean = v128.load32_splat(stats), inverse = v128.load32_splat(stats, 4);
    let sum = f32x4.splat(0), weighted = sum;
    for (let q: usize = 0; q < whole; q += 16) {
      const d = v128.load(dy + q), z = mul(f32x4.sub(v128.load(x + q), mean), inverse), slope = mul(d, z);
      const scale = v128.load(gamma + q);
      v128.store(dgamma + q, add(v128.load(dgamma + q), slope));
      v128.store(dbeta + q, add(v128.load(dbeta + q), d));
      sum = add(sum, mul(d, scale));
      weighted = add(weighted, mul(slope, scale));
    }
    if (rest) {
      const d = get(dy + whole, rest), z = mul(f32x4.sub(get(x + whole, rest), mean), inverse), slope = mul(d, z);
      const scale = get(gamma + whole, rest);
      put(dgamma + whole, rest, add(get(dgamma + whole, rest), slope));
      put(dbeta + whole, rest, add(get(dbeta + whole, rest), d));
      sum = add(sum, mul(d, scale));
      weighted = add(weighted, mul(slope, scale));
    }
    if (dx) {
      const meanSlope = mul(f32x4.splat(sum4(sum)), share), meanWeighted = mul(f32x4.splat(sum4(weighted)), share);
      for (let q: usize = 0; q < whole; q += 16) {
        const z = mul(f32x4.sub(v128.load(x + q), mean), inverse);
        const slope = f32x4.sub(mul(v128.load(dy + q), v128.load(gamma + q)), meanSlope);
        v128.store(dx + q, mul(inverse, f32x4.sub(slope, mul(z, meanWeighted))));
      }
      if (rest) {
        const z = mul(f32x4.sub(get(x + whole, rest), mean), inverse);
        const slope = f32x4.sub(mul(get(dy + whole, rest), get(gamma + whole, rest)), meanSlope);
        put(dx + whole, rest, mul(inverse, f32x4.sub(slope, mul(z, meanWeighted))));
      }
      dx += step;
    }
    stats += 8;
    x += step;
    dy += step;
  }
}
