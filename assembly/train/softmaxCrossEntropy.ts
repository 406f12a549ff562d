/**
 * Mean softmax cross-entropy over rows: loss = (1/rows) Σ_i (log Σ_j e^{z_ij} − z_{i,label_i}).
 *
 * z [rows][classes], labels i32 [rows] in 0 … classes − 1; dz (unless 0) ← (softmax(z) − onehot)/rows, may be z itself.
 * @returns the sum over rows (not the mean) of the losses
 */
import { exp4, sum4 } from "./float";
import { get, put } from "./lanes";

export function softmaxCrossEntropy(rows: i32, classes: i32, z: usize, labels: usize, dz: usize, scratch: usize): f64 {
  const bytes = <usize>classes << 2;
  const scale: f32 = 1.0 / <f32>rows;
  let loss: f64 = 0;
  for (let i: i32 = 0; i < rows; i++) {
    const label = <usize>load<i32>(labels + (<usize>i << 2)) << 2;
    let top = load<f32>(z);
    for (let c: usize = 4; c < bytes; c += 4) {
      const value = load<f32>(z + c);
      if (top < value) top = value;
    }
    const atLabel = load<f32>(z + label);
    const shift = f32x4.splat(top);
    let sums = f32x4.splat(0), last = sums;
    let c: usize = 0;
    for (let left = classes; left > 0; left -= 4) {
      const e = exp4(f32x4.sub(get(z + c, left), shift));
      put(scratch + c, left, e);
      if (left >= 4) sums = f32x4.add(sums, e);
      else last = e;
      c += 16;
    }
    let total = sum4(sums);
    if (classes & 3) total += f32x4.extract_lane(last, 0);
    if ((classes & 3) > 1) total += f32x4.extract_lane(last, 1);
    if ((classes & 3) > 2) total += f32x4.extract_lane(last, 2);
    loss += NativeMath.log(<f64>total) + (<f64>top - <f64>atLabel);
    if (dz) {
      const factor = scale / total;
      for (c = 0; c + 16 <= bytes; c += 16) {
        v128.store(dz + c, f32x4.mul(v128.load(scratch + c), f32x4.splat(factor)));
      }
      for (; c < bytes; c += 4) store<f32>(dz + c, load<f32>(scratch + c) * factor);
      store<f32>(dz + label, load<f32>(dz + label) - scale);
      dz += bytes;
    }
    z += bytes;
  }
  return loss;
}

/** How many rows have their (first) largest value at the label. */
export function countCorrect(rows: i32, classes: i32, z: usize, labels: usize): i32 {
  let correct: i32 = 0;
  for (let i: i32 = 0; i < rows; i++) {
    let best = load<f32>(z);
    let at: i32 = 0;
    for (let j: i32 = 1; j < classes; j++) {
      const value = load<f32>(z + (<usize>j << 2));
      if (best < value) {
        best = value;
        at = j;
      }
    }
    if (at == load<i32>(labels + (<usize>i << 2))) correct++;
    z += <usize>classes << 2;
  }
  return correct;
}
