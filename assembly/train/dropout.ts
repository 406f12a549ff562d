import { get, mul, put } from "./lanes";

/**
 * y_i = x_i · scale where words_i ≥ threshold (as unsigned), else 0: with random words, threshold = p·2³² and
 * scale = 1/(1 − p), dropout; the same call on dy gives dx.
 */
export function dropout(n: i32, threshold: u32, scale: f32, x: usize, words: usize, y: usize): void {
  const limit = i32x4.splat(threshold), factor = f32x4.splat(scale);
  for (let left = n; left > 0; left -= 4) {
    const keep = i32x4.ge_u(v128.load(words), limit);
    put(y, left, v128.and(mul(get(x, left), factor), keep));
    x += 16;
    words += 16;
    y += 16;
  }
}
