import { sum4 } from "./float";
import { get, mul, put } from "./lanes";

/**
 * Σ_i (z_i − t_i)² over n = rows · outputs values, divided by outputs; dz (unless 0) ← 2 (z − t)/n, the gradient of
 * the mean square. dz may be z.
 */
export function squaredError(rows: i32, outputs: i32, z: usize, targets: usize, dz: usize): f64 {
  const n = rows * outputs;
  const scale = f32x4.splat(2 / <f32>n);
  let total: f64 = 0;
  for (let left = n; left > 0; left -= 4) {
    const d = f32x4.sub(get(z, left), get(targets, left));
    total += <f64>sum4(mul(d, d));
    if (dz) {
      put(dz, left, mul(d, scale));
      dz += 16;
    }
    z += 16;
    targets += 16;
  }
  return total / <f64>outputs;
}
