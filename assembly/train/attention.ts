import { exp4, sum4 } from "./float";
import { gemm } from "./gemm";
import { add, get, mul, put } from "./lanes";

/** T positions of D features, shared out over heads; causal = 1: a position sees itself and those before. */
@unmanaged
export class Attention {
  length: i32;
  width: i32;
  heads: i32;
  causal: i32;
}

/**
 * Scaled dot-product attention: for each example and head, P = softmax(Q Kᵀ/√w), out = P V, w = D/heads.
 *
 * qkv [N][T][3D], the columns of a row Q, K, V with the heads side by side in each; out [N][T][D];
 * p [N][heads][T][T] is kept for the way back. With causal = 1 position i sees positions 0 … i only. work: gemm's.
 */
export function attentionForward(
  batch: i32, g: Attention, qkv: usize, p: usize, out: usize, work: usize,
): void {
  const length = g.length, width = g.width, heads = g.heads, causal = g.causal;
  const w = width / heads, row = 3 * width;
  const scale: f32 = 1 / Mathf.sqrt(<f32>w);
  for (let n: i32 = 0; n < batch; n++) {
    for (let h: i32 = 0; h < heads; h++) {
      const q = qkv + (<usize>(h * w) << 2), k = q + (<usize>width << 2), v = k + (<usize>width << 2);
      gemm(length, length, w, row, 1, 1, row, length, 0, q, k, 0, p, work);
      for (let i: i32 = 0; i < length; i++) {
        softmax(length, causal ? i + 1 : length, p + (<usize>(i * length) << 2), scale);
      }
      gemm(length, w, length, length, 1, row, 1, width, 0, p, v, 0, out + (<usize>(h * w) << 2), work);
      p += <usize>(length * length) << 2;
    }
    qkv += <usize>(length * row) << 2;
    out += <usize>(length * width) << 2;
  }
}

/**
 * dqkv (overwritten) from dout: dV = Pᵀ dO, dP = dO Vᵀ, dS = P (dP − Σ P dP)/√w, dQ = dS K, dK = dSᵀ Q.
 * @param scores T·T floats of scratch
 */
export function attentionBackward(
  batch: i32, g: Attention, qkv: usize, p: usize, dout: usize, dqkv: usize, scores: usize, work: usize,
): void {
  const length = g.length, width = g.width, heads = g.heads;
  const w = width / heads, row = 3 * width;
  const scale: f32 = 1 / Mathf.sqrt(<f32>w);
  for (let n: i32 = 0; n < batch; n++) {
    for (let h: i32 = 0; h < heads; h++) {
      const at = <usize>(h * w) << 2, plane = <usize>width << 2;
      const q = qkv + at, k = q + plane, v = k + plane;
      const dq = dqkv + at, dk = dq + plane, dv = dk + plane;
      const d = dout + at;
      gemm(length, w, length, 1, length, width, 1, row, 0, p, d, 0, dv, work);
      gemm(length, length, w, width, 1, 1, row, length, 0, d, v, 0, scores, work);
      for (let i: i32 = 0; i < length; i++) {
        const offset = <usize>(i * length) << 2;
        softmaxSlope(length, p + offset, scores + offset, scale);
      }
      gemm(length, w, length, length, 1, row, 1, row, 0, scores, k, 0, dq, work);
      gemm(length, w, length, 1, length, row, 1, row, 0, scores, q, 0, dk, work);
      p += <usize>(length * length) << 2;
    }
    qkv += <usize>(length * row) << 2;
    dqkv += <usize>(length * row) << 2;
    dout += <usize>(length * width) << 2;
  }
}

/** x ← softmax(scale · x) over its first `count` entries, the rest of n ← 0. */
function softmax(n: i32, count: i32, x: usize, scale: f32): void {
  let top = load<f32>(x);
  for (let j: i32 = 1; j < count; j++) {
    const value = load<f32>(x + (<usize>j << 2));
    if (top < value) top = value;
  }
  const shift = f32x4.splat(top), factor = f32x4.splat(scale);
  let sums = f32x4.splat(0);
  let p = x;
  for (let left = count; left > 0; left -= 4, p += 16) {
    let e = exp4(mul(f32x4.sub(get(p, left), shift), factor));
    if (left < 4) e = v128.and(e, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)));
    put(p, left, e);
    sums = add(sums, e);
  }
  const inverse = f32x4.splat(1 / sum4(sums));
  p = x;
  for (let left = count; left > 0; left -= 4, p += 16) put(p, left, mul(get(p, left), inverse));
  memory.fill(x + (<usize>count << 2), 0, <usize>(n - count) << 2);
}

/** d ← p (d − Σ p d) · scale. */
function softmaxSlope(n: i32, p: usize, d: usize, scale: f32): void {
  let sums = f32x4.splat(0);
  for (let left = n, i: usize = 0; left > 0; left -= 4, i += 16) sums = add(sums, mul(get(p + i, left), get(d + i, left)));
  const mean = f32x4.splat(sum4(sums)), factor = f32x4.splat(scale);
  for (let left = n, i: usize = 0; left > 0; left -= 4, i += 16) {
    put(d + i, left, mul(mul(get(p + i, left), f32x4.sub(get(d + i, left), mean)), factor));
  }
}
