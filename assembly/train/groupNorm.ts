import { sum4 } from "./float";
import { add, get, mul, put } from "./lanes";

/** What is normalized together: `pixels` × channels/groups values of one example. */
@unmanaged
export class Grouping {
  pixels: i32;
  channels: i32;
  groups: i32;
}

/**
 * y = γ_c (x − mean)/√(variance + ε) + β_c, mean and variance over the pixels and channels of one group of one example.
 *
 * x, y [N][pixels][C], γ, β [C], C divisible by groups; stats [N][groups][2] keeps mean and 1/√(variance + ε).
 * layerNorm.ts has the case pixels = groups = 1.
 */
export function groupNormForward(
  batch: i32, epsilon: f32, grouping: Grouping, x: usize, gamma: usize, beta: usize, y: usize, stats: usize,
): void {
  const pixels = grouping.pixels, channels = grouping.channels, groups = grouping.groups;
  const width = channels / groups, pixel = <usize>channels << 2;
  const count: f32 = <f32>(pixels * width);
  for (let n: i32 = 0; n < batch; n++) {
    for (let g: i32 = 0; g < groups; g++) {
      const offset = <usize>(g * width) << 2;
      let sum = f32x4.splat(0);
      for (let p = x + offset, i: i32 = 0; i < pixels; i++, p += pixel) {
        for (let q = p, left = width; left > 0; left -= 4, q += 16) sum = add(sum, get(q, left));
      }
      const mean = f32x4.splat(sum4(sum) / count);
      sum = f32x4.splat(0);
      for (let p = x + offset, i: i32 = 0; i < pixels; i++, p += pixel) {
        for (let q = p, left = width; left > 0; left -= 4, q += 16) {
          let d = f32x4.sub(get(q, left), mean);
          if (left < 4) d = v128.and(d, present(left));
          sum = add(sum, mul(d, d));
        }
      }
      const inverse = f32x4.splat(1 / Mathf.sqrt(sum4(sum) / count + epsilon));
      v128.store64_lane(stats, v128.shuffle<f32>(mean, inverse, 0, 4, 0, 4), 0);
      stats += 8;
      for (let p = offset, i: i32 = 0; i < pixels; i++, p += pixel) {
        for (let q: usize = 0, left = width; left > 0; left -= 4, q += 16) {
          const z = mul(f32x4.sub(get(x + p + q, left), mean), inverse);
          put(y + p + q, left, add(mul(z, get(gamma + offset + q, left)), get(beta + offset + q, left)));
        }
      }
    }
    x += <usize>pixels * pixel;
    y += <usize>pixels * pixel;
  }
}

/**
 * dγ, dβ and, unless dx is 0, dx = (1/σ)(γ dy − mean(γ dy) − z mean(γ dy z)), z the normalized x; all overwritten.
 */
export function groupNormBackward(
  batch: i32, grouping: Grouping,
  x: usize, gamma: usize, stats: usize, dy: usize, dgamma: usize, dbeta: usize, dx: usize,
): void {
  const pixels = grouping.pixels, channels = grouping.channels, groups = grouping.groups;
  const width = channels / groups, pixel = <usize>channels << 2;
  const count = f32x4.splat(<f32>(pixels * width));
  memory.fill(dgamma, 0, pixel);
  memory.fill(dbeta, 0, pixel);
  for (let n: i32 = 0; n < batch; n++) {
    for (let g: i32 = 0; g < groups; g++) {
      const offset = <usize>(g * width) << 2;
      const mean = v128.load32_splat(stats), inverse = v128.load32_splat(stats, 4);
      stats += 8;
      let sum = f32x4.splat(0), weighted = sum;
      for (let p = offset, i: i32 = 0; i < pixels; i++, p += pixel) {
        for (let q: usize = 0, left = width; left > 0; left -= 4, q += 16) {
          const d = get(dy + p + q, left), at = offset + q;
          const z = mul(f32x4.sub(get(x + p + q, left), mean), inverse);
          const slope = mul(d, z);
          put(dgamma + at, left, add(get(dgamma + at, left), slope));
          put(dbeta + at, left, add(get(dbeta + at, left), d));
          const scale = get(gamma + at, left);
          sum = add(sum, mul(d, scale));
          weighted = add(weighted, mul(slope, scale));
        }
      }
      if (!dx) continue;
      const meanSlope = f32x4.div(f32x4.splat(sum4(sum)), count);
      const meanWeighted = f32x4.div(f32x4.splat(sum4(weighted)), count);
      for (let p = offset, i: i32 = 0; i < pixels; i++, p += pixel) {
        for (let q: usize = 0, left = width; left > 0; left -= 4, q += 16) {
          const z = mul(f32x4.sub(get(x + p + q, left), mean), inverse);
          const slope = f32x4.sub(mul(get(dy + p + q, left), get(gamma + offset + q, left)), meanSlope);
          put(dx + p + q, left, mul(inverse, f32x4.sub(slope, mul(z, meanWeighted))));
        }
      }
    }
    x += <usize>pixels * pixel;
    dy += <usize>pixels * pixel;
    if (dx) dx += <usize>pixels * pixel;
  }
}

/** All ones in the first `count` lanes, count 1 … 3. */
function present(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}
