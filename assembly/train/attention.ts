import { productTile, slopeTile } from "./attentionTiles";
import { power4, sum4, top4 } from "./float";
import { add, mul } from "./lanes";

/** T positions of D features, shared out over heads; causal = 1: a position sees itself and those before. */
@unmanaged
export class Attention {
  length: i32;
  width: i32;
  heads: i32;
  causal: i32;
}

/**
 * Floats of a head's weights P: T rows and T columns, rounded up to tiles of 4 × 8. What a tile holds beyond T, or of
 * positions that are not seen, is 0; tiles of such positions alone are never written and never read.
 */
export function attentionWeightFloats(g: Attention): i32 {
  return padded(g.length, 4) * weightRow(g.length);
}

/** Floats of scratch for both passes. */
export function attentionWorkFloats(g: Attention): i32 {
  const rows = padded(g.length, 4), columns = padded(g.length, 8), depth = padded(g.width / g.heads, 8);
  return attentionWeightFloats(g) + columns * depth + 8 * rows * depth + rows;
}

/**
 * Scaled dot-product attention: for each example and head, P = softmax(Q Kᵀ/√w), out = P V, w = D/heads.
 *
 * qkv [N][T][3D], the columns of a row Q, K, V with the heads side by side in each; out [N][T][D];
 * p [N][heads][attentionWeightFloats] is kept for the way back, unless it is 0.
 * With causal = 1 position i sees positions 0 … i only, and what it does not see is not computed.
 *
 * All products of a head are made of tiles that read their operands where they lie; only Kᵀ is laid out anew, and heads
 * that are no whole tiles (w not a multiple of 8, T not of 4) are copied, with zeros around.
 */
export function attentionForward(batch: i32, g: Attention, qkv: usize, p: usize, out: usize, work: usize): void {
  const length = g.length, width = g.width, heads = g.heads, causal = g.causal, w = width / heads;
  const rows = padded(length, 4), columns = padded(length, 8), depth = padded(w, 8);
  const whole = rows == length && depth == w;
  const scale: f32 = 1 / Mathf.sqrt(<f32>w);
  const rowP = <usize>weightRow(length) << 2, weights = <usize>rows * rowP, block = <usize>(rows * depth) << 2;
  const transposed = work + weights, copies = transposed + (<usize>(columns * depth) << 2);
  const keep: usize = p ? weights : 0;
  if (!p) p = work;
  for (let n: i32 = 0; n < batch; n++) {
    for (let h: i32 = 0; h < heads; h++) {
      let row = <usize>(3 * width) << 2, rowOut = <usize>width << 2;
      let q = qkv + (<usize>(h * w) << 2), k = q + rowOut, v = k + rowOut;
      const here = out + (<usize>(h * w) << 2);
      let o = here;
      if (!whole) {
        q = copyIn(length, w, q, row, copies);
        k = copyIn(length, w, k, row, copies + block);
        v = copyIn(length, w, v, row, copies + 2 * block);
        o = copies + 3 * block;
        row = rowOut = <usize>depth << 2;
      }
      transpose(rows, depth, k, row, transposed, scale * 1.44269504);
      for (let i: i32 = 0; i < rows; i += 4) {
        const seen = causal ? min(i + 4, length) : length;
        const a = q + <usize>i * row, weight = p + <usize>i * rowP;
        for (let j: i32 = 0; j < seen; j += 8) {
          const b = transposed + (<usize>(j * depth) << 2);
          productTile(a + (<usize>depth << 2), a, row, 4, b, 32, weight + (<usize>j << 2), rowP);
        }
        const count = causal ? min(i + 1, length) : length;
        softmaxRows(count, seen - count, padded(seen, 8), weight, rowP);
        const end = weight + (<usize>seen << 2);
        for (let d: usize = 0; d < <usize>depth << 2; d += 32) {
          productTile(end, weight, rowP, 4, v + d, row, o + <usize>i * rowOut + d, rowOut);
        }
      }
      if (!whole) copyOut(length, w, o, here, <usize>width << 2);
      p += keep;
    }
    qkv += <usize>(length * 3 * width) << 2;
    out += <usize>(length * width) << 2;
  }
}

/**
 * dqkv (overwritten) from dout: dV = Pᵀ dO, dS = P (dO Vᵀ − Σ dO O)/√w, dQ = dS K, dK = dSᵀ Q. The sum over a row of
 * dO O is that of P dP, as O = P V, with fewer terms and known before dP (Dao et al. 2022).
 */
export function attentionBackward(
  batch: i32, g: Attention, qkv: usize, p: usize, out: usize, dout: usize, dqkv: usize, work: usize,
): void {
  const length = g.length, width = g.width, heads = g.heads, causal = g.causal, w = width / heads;
  const rows = padded(length, 4), columns = padded(length, 8), depth = padded(w, 8);
  const whole = rows == length && depth == w;
  const scale: f32 = 1 / Mathf.sqrt(<f32>w);
  const rowP = <usize>weightRow(length) << 2, weights = <usize>rows * rowP, block = <usize>(rows * depth) << 2;
  const slopes = work, transposed = work + weights, copies = transposed + (<usize>(columns * depth) << 2);
  const starts = copies + 8 * block;
  for (let n: i32 = 0; n < batch; n++) {
    for (let h: i32 = 0; h < heads; h++) {
      let row = <usize>(3 * width) << 2, rowOut = <usize>width << 2;
      const at = <usize>(h * w) << 2, plane = rowOut;
      let q = qkv + at, k = q + plane, v = k + plane, o = out + at, d = dout + at;
      const here = dqkv + at;
      let dq = here, dk = dq + plane, dv = dk + plane;
      if (!whole) {
        q = copyIn(length, w, q, row, copies);
        k = copyIn(length, w, k, row, copies + block);
        v = copyIn(length, w, v, row, copies + 2 * block);
        o = copyIn(length, w, o, rowOut, copies + 3 * block);
        d = copyIn(length, w, d, rowOut, copies + 4 * block);
        dq = copies + 5 * block;
        dk = dq + block;
        dv = dk + block;
        row = rowOut = <usize>depth << 2;
      }
      transpose(rows, depth, v, row, transposed, scale);
      for (let i: i32 = 0; i < rows; i += 4) {
        const seen = causal ? min(i + 4, length) : length;
        const a = d + <usize>i * rowOut, line = <usize>i * rowP;
        for (let r: usize = 0; r < 4; r++) {
          store<f32>(starts + (r << 2), -scale * dot(depth, a + r * rowOut, o + (<usize>i + r) * rowOut));
        }
        for (let j: i32 = 0; j < seen; j += 8) {
          const b = transposed + (<usize>(j * depth) << 2), c = line + (<usize>j << 2);
          slopeTile(a + (<usize>depth << 2), a, rowOut, b, starts, p + c, slopes + c, rowP);
        }
        const slope = slopes + line, end = slope + (<usize>seen << 2);
        for (let c: usize = 0; c < <usize>depth << 2; c += 32) {
          productTile(end, slope, rowP, 4, k + c, row, dq + <usize>i * row + c, row);
        }
      }
      for (let j: i32 = 0; j < rows; j += 4) {
        const first: usize = causal ? <usize>j : 0, line = first * rowP + (<usize>j << 2);
        const end = <usize>length * rowP + (<usize>j << 2), to = <usize>j * row;
        for (let c: usize = 0; c < <usize>depth << 2; c += 32) {
          productTile(p + end, p + line, 4, rowP, d + first * rowOut + c, rowOut, dv + to + c, row);
          productTile(slopes + end, slopes + line, 4, rowP, q + first * row + c, row, dk + to + c, row);
        }
      }
      if (!whole) {
        copyOut(length, w, dq, here, 3 * plane);
        copyOut(length, w, dk, here + plane, 3 * plane);
        copyOut(length, w, dv, here + 2 * plane, 3 * plane);
      }
      p += weights;
    }
    qkv += <usize>(length * 3 * width) << 2;
    dqkv += <usize>(length * 3 * width) << 2;
    out += <usize>(length * width) << 2;
    dout += <usize>(length * width) << 2;
  }
}

/**
 * From row to row of P: its columns in whole tiles, and an odd number of those. A column of rows that lie multiples of
 * 64 bytes apart shares few sets of a cache, and its products take a tenth longer.
 */
// @ts-ignore: decorator
@inline
function weightRow(length: i32): i32 {
  return padded(length, 8) | 8;
}

/** n rounded up to a multiple of `unit`, a power of two. */
// @ts-ignore: decorator
@inline
function padded(n: i32, unit: i32): i32 {
  return (n + unit - 1) & -unit;
}

/**
 * Four rows x ← 2^x / Σ 2^x over their first entries, the others of `n` ← 0; n a multiple of 8. The first row has `count`
 * entries, each next one has one more until it is `more`.
 *
 * All four together, pass by pass: alone, a row's largest, its sum and the division would be waited for.
 */
function softmaxRows(count: i32, more: i32, n: i32, x: usize, row: usize): void {
  const bytes = <usize>n << 2;
  for (let r: i32 = 0; r < 4; r++) mask(count + min(r, more), n, x + <usize>r * row);
  const x1 = x + row, x2 = x1 + row, x3 = x2 + row;
  let t0 = v128.load(x), t1 = v128.load(x1), t2 = v128.load(x2), t3 = v128.load(x3);
  for (let j: usize = 16; j < bytes; j += 16) {
    t0 = f32x4.pmax(t0, v128.load(x + j));
    t1 = f32x4.pmax(t1, v128.load(x1 + j));
    t2 = f32x4.pmax(t2, v128.load(x2 + j));
    t3 = f32x4.pmax(t3, v128.load(x3 + j));
  }
  const s0 = exponentials(bytes, x, top4(t0)), s1 = exponentials(bytes, x1, top4(t1));
  const s2 = exponentials(bytes, x2, top4(t2)), s3 = exponentials(bytes, x3, top4(t3));
  t0 = f32x4.splat(1 / s0);
  t1 = f32x4.splat(1 / s1);
  t2 = f32x4.splat(1 / s2);
  t3 = f32x4.splat(1 / s3);
  for (let j: usize = 0; j < bytes; j += 16) {
    v128.store(x + j, mul(v128.load(x + j), t0));
    v128.store(x1 + j, mul(v128.load(x1 + j), t1));
    v128.store(x2 + j, mul(v128.load(x2 + j), t2));
    v128.store(x3 + j, mul(v128.load(x3 + j), t3));
  }
}

/** The entries from `count` on become −∞. */
function mask(count: i32, n: i32, x: usize): void {
  const least = f32x4.splat(-Infinity);
  for (let j = count & -4; j < n; j += 4) {
    const at = x + (<usize>j << 2);
    v128.store(at, v128.bitselect(v128.load(at), least, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count - j))));
  }
}

/** x ← 2^(x − top) @returns the sum */
function exponentials(bytes: usize, x: usize, top: f32): f32 {
  const shift = f32x4.splat(top);
  let even = f32x4.splat(0), odd = even;
  for (const end = x + bytes; x < end; x += 32) {
    const e0 = power4(f32x4.sub(v128.load(x), shift));
    v128.store(x, e0);
    even = add(even, e0);
    const e1 = power4(f32x4.sub(v128.load(x, 16), shift));
    v128.store(x, e1, 16);
    odd = add(odd, e1);
  }
  return sum4(add(even, odd));
}

/** Σ a b over n values, n a multiple of 4. */
// @ts-ignore: decorator
@inline
function dot(n: i32, a: usize, b: usize): f32 {
  let sums = f32x4.splat(0);
  for (const end = a + (<usize>n << 2); a < end; a += 16) {
    sums = add(sums, mul(v128.load(a), v128.load(b)));
    b += 16;
  }
  return sum4(sums);
}

/**
 * factor · [rows][depth] → panels of eight rows, [panel][depth][8], with zeros where there are only four; rows a
 * multiple of 4, depth of 8.
 */
function transpose(rows: i32, depth: i32, from: usize, row: usize, to: usize, factor: f32): void {
  const scale = f32x4.splat(factor);
  for (let r: i32 = 0; r < rows; r += 4) {
    const panel = to + (<usize>((r & -8) * depth) << 2) + (<usize>(r & 4) << 2);
    for (let c: usize = 0; c < <usize>depth; c += 4) {
      transpose4(from + (c << 2), row, panel + (c << 5), scale);
    }
    from += 4 * row;
  }
  if (rows & 4) {
    const half = to + (<usize>((rows & -8) * depth) << 2) + 16;
    for (let c: usize = 0; c < <usize>depth; c++) v128.store(half + (c << 5), f32x4.splat(0));
  }
}

/** Four rows of four floats become four columns, 32 bytes apart, times `scale`. */
// @ts-ignore: decorator
@inline
function transpose4(from: usize, row: usize, to: usize, scale: v128): void {
  const r0 = mul(v128.load(from), scale), r1 = mul(v128.load(from + row), scale);
  const r2 = mul(v128.load(from + 2 * row), scale), r3 = mul(v128.load(from + 3 * row), scale);
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 96);
}

/** [length][w] with rows `row` bytes apart → [length in whole fours][w in whole eights], zeros beyond. @returns `to` */
function copyIn(length: i32, w: i32, from: usize, row: usize, to: usize): usize {
  const width = <usize>w << 2, depth = <usize>padded(w, 8) << 2;
  memory.fill(to, 0, <usize>padded(length, 4) * depth);
  for (let r: i32 = 0; r < length; r++) memory.copy(to + <usize>r * depth, from + <usize>r * row, width);
  return to;
}

function copyOut(length: i32, w: i32, from: usize, to: usize, row: usize): void {
  const width = <usize>w << 2, depth = <usize>padded(w, 8) << 2;
  for (let r: i32 = 0; r < length; r++) memory.copy(to + <usize>r * row, from + <usize>r * depth, width);
}
