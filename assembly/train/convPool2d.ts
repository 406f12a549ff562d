import { Product, gemm } from "./gemm";
import { addColumns, fillColumns } from "./im2col";
import { multiplyAdd } from "./multiplyAdd";
import { PooledConvolution, imageBytes, patchLength } from "./window";

/**
 * Convolution, ReLU and max-pooling with adjoining windows as one: y = maxpool(relu(x ∗ w + bias)), row of windows by
 * row of windows, so that the convolution's output never leaves the cache.
 *
 * x [N][H][W][C], w [KH][KW][C][F], y [N][PH][PW][F]; the convolution's output would be [N][OH][OW][F].
 * `winner` i32 [N][PH][PW][F] keeps, for the way back, which pixel of its window was largest (the first of equals), as
 * its distance u·OW + v from the window's corner. F ≥ 4. `work`: convPoolWorkFloats, gemm's scratch behind them.
 *
 * Only winners have a gradient. So dw is not a product of matrices with size² − 1 of size² rows zero, but for every
 * window and filter one patch times one number: size² times less work.
 */

/** Floats in registers: a chunk of a patch, seven vectors. */
const CHUNK: i32 = 28;

/** Rows of windows at a time: their patches should stay in the first-level cache. */
// @ts-ignore: decorator
@inline
function blockOf(rowPixels: i32, depth: i32): i32 {
  return max(1, 4096 / (rowPixels * depth));
}

// @ts-ignore: decorator
@inline
function padded(depth: i32): i32 {
  return ((depth + CHUNK - 1) / CHUNK) * CHUNK;
}

/** Floats of scratch before gemm's: patches, the convolution's output for them, and dw transposed. */
export function convPoolWorkFloats(g: PooledConvolution): i32 {
  const depth = patchLength(g), filters = g.filters, rowPixels = g.poolSize * g.outWidth;
  const pixels = rowPixels * blockOf(rowPixels, depth);
  return pixels * (depth + filters) + filters * padded(depth) + 2 * CHUNK + 16;
}

/** @param winner 0 when there is no way back */
export function convPool2dForward(
  batch: i32, g: PooledConvolution, x: usize, w: usize, bias: usize, y: usize, winner: usize, work: usize,
): void {
  const outHeight = g.outHeight, outWidth = g.outWidth, filters = g.filters;
  const size = g.poolSize, poolHeight = g.poolHeight, poolWidth = g.poolWidth;
  const depth = patchLength(g);
  const columns = work;
  const gemmWork = work + ((<usize>convPoolWorkFloats(g) << 2) & ~15) + 16;
  const block = blockOf(size * outWidth, depth);
  const maps = columns + (<usize>(size * outWidth * block * depth + CHUNK) << 2);
  const pixel = <usize>filters << 2, mapRow = <usize>outWidth * pixel;
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < poolHeight; i += block) {
      const rows = min(block, poolHeight - i);
      const count = rows * size * outWidth;
      const first = (n * outHeight + i * size) * outWidth;
      fillColumns(first, count, g, x, columns);
      gemm(count, filters, depth, depth, 1, filters, 1, filters, Product.bias | Product.relu, columns, w, bias, maps, gemmWork);
      for (let r: i32 = 0; r < rows; r++) {
        let window = maps + <usize>(r * size) * mapRow;
        for (let j: i32 = 0; j < poolWidth; j++) {
          for (let left = filters; left > 0; left -= 4) {
            // The last vector of a number of filters that four does not divide overlaps the one before.
            const at = <usize>(left < 4 && filters >= 4 ? filters - 4 : filters - left) << 2;
            if (size == 2) largestOfFour(window + at, pixel, mapRow, outWidth, y + at, winner ? winner + at : 0);
            else largest(window + at, pixel, mapRow, size, outWidth, y + at, winner ? winner + at : 0);
          }
          y += pixel;
          if (winner) winner += pixel;
          window += <usize>size * pixel;
        }
      }
    }
  }
}

/** Four filters of one 2×2 window. */
// @ts-ignore: decorator
@inline
function largestOfFour(window: usize, pixel: usize, mapRow: usize, outWidth: i32, y: usize, winner: usize): void {
  const a = v128.load(window), b = v128.load(window + pixel);
  const c = v128.load(window + mapRow), d = v128.load(window + mapRow + pixel);
  const best = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  v128.store(y, best);
  if (!winner) return;
  const below = v128.bitselect(i32x4.splat(outWidth), i32x4.splat(outWidth + 1), f32x4.eq(c, best));
  const where = v128.bitselect(i32x4.splat(1), below, f32x4.eq(b, best));
  v128.store(winner, v128.andnot(where, f32x4.eq(a, best)));
}

function largest(
  window: usize, pixel: usize, mapRow: usize, size: i32, outWidth: i32, y: usize, winner: usize,
): void {
  let best = v128.load(window), where = i32x4.splat(0);
  for (let u: i32 = 0; u < size; u++) {
    let p = window + <usize>u * mapRow;
    for (let v: i32 = 0; v < size; v++) {
      const value = v128.load(p);
      const more = f32x4.lt(best, value);
      best = v128.bitselect(value, best, more);
      where = v128.bitselect(i32x4.splat(u * outWidth + v), where, more);
      p += pixel;
    }
  }
  v128.store(y, best);
  if (winner) v128.store(winner, where);
}

/**
 * dw (overwritten) and, unless dx is 0, dx (overwritten). dy is the gradient before the ReLU, that is 0 where y is 0.
 */
export function convPool2dBackward(
  batch: i32, g: PooledConvolution,
  x: usize, w: usize, winner: usize, dy: usize, dw: usize, dx: usize, work: usize,
): void {
  const outHeight = g.outHeight, outWidth = g.outWidth, filters = g.filters;
  const size = g.poolSize, poolHeight = g.poolHeight, poolWidth = g.poolWidth;
  const depth = patchLength(g);
  const columns = work;
  const gemmWork = work + ((<usize>convPoolWorkFloats(g) << 2) & ~15) + 16;
  const block = blockOf(size * outWidth, depth);
  const maps = columns + (<usize>(size * outWidth * block * depth + CHUNK) << 2);
  const transposed = maps + (<usize>(size * outWidth * block * filters) << 2);
  const windowRow = <usize>(poolWidth * filters) << 2;
  memory.fill(transposed, 0, <usize>(filters * padded(depth)) << 2);
  if (dx) memory.fill(dx, 0, <usize>batch * imageBytes(g));
  for (let n: i32 = 0; n < batch; n++) {
    for (let i: i32 = 0; i < poolHeight; i += block) {
      const rows = min(block, poolHeight - i);
      const count = rows * size * outWidth;
      const first = (n * outHeight + i * size) * outWidth;
      fillColumns(first, count, g, x, columns);
      let into = transposed;
      for (let f: i32 = 0; f < filters; f++) {
        for (let d: i32 = 0; d < depth; d += CHUNK) {
          addWinners(rows, g, columns + (<usize>d << 2), dy + (<usize>f << 2), winner + (<usize>f << 2), into);
          into += CHUNK << 2;
        }
      }
      if (dx) {
        scatter(rows, g, dy, winner, maps);
        gemm(count, depth, filters, filters, 1, 1, filters, depth, 0, maps, w, 0, columns, gemmWork);
        addColumns(first, count, g, columns, dx);
      }
      dy += <usize>rows * windowRow;
      winner += <usize>rows * windowRow;
    }
  }
  for (let d: i32 = 0; d < depth; d++) {
    for (let f: i32 = 0; f < filters; f++) {
      store<f32>(dw, load<f32>(transposed + (<usize>(f * padded(depth) + d) << 2)));
      dw += 4;
    }
  }
}

/** out[0 … 27] += Σ over windows of dy · (the winner's patch)[0 … 27], for one filter. */
function addWinners(rows: i32, g: PooledConvolution, columns: usize, dy: usize, winner: usize, out: usize): void {
  const size = g.poolSize, outWidth = g.outWidth, poolWidth = g.poolWidth;
  const patch = <usize>patchLength(g) << 2, pixel = <usize>g.filters << 2;
  let s0 = v128.load(out), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48);
  let s4 = v128.load(out, 64), s5 = v128.load(out, 80), s6 = v128.load(out, 96);
  const step = <usize>size * patch;
  for (let r: i32 = 0; r < rows; r++) {
    let window = columns + <usize>(r * size * outWidth) * patch;
    const end = dy + <usize>poolWidth * pixel;
    while (dy != end) {
      const p = window + <usize>load<i32>(winner) * patch;
      const g = v128.load32_splat(dy);
      s0 = multiplyAdd(g, v128.load(p), s0);
      s1 = multiplyAdd(g, v128.load(p, 16), s1);
      s2 = multiplyAdd(g, v128.load(p, 32), s2);
      s3 = multiplyAdd(g, v128.load(p, 48), s3);
      s4 = multiplyAdd(g, v128.load(p, 64), s4);
      s5 = multiplyAdd(g, v128.load(p, 80), s5);
      s6 = multiplyAdd(g, v128.load(p, 96), s6);
      dy += pixel;
      winner += pixel;
      window += step;
    }
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
  v128.store(out, s4, 64);
  v128.store(out, s5, 80);
  v128.store(out, s6, 96);
}

/** The convolution's own dy for some rows of windows: dy at the winners, 0 elsewhere. */
function scatter(rows: i32, g: PooledConvolution, dy: usize, winner: usize, maps: usize): void {
  const size = g.poolSize, outWidth = g.outWidth, poolWidth = g.poolWidth, filters = g.filters;
  memory.fill(maps, 0, <usize>(rows * size * outWidth * filters) << 2);
  for (let r: i32 = 0; r < rows; r++) {
    for (let j: i32 = 0; j < poolWidth; j++) {
      const corner = maps + (<usize>((r * size * outWidth + j * size) * filters) << 2);
      for (let f: i32 = 0; f < filters; f++) {
        store<f32>(corner + (<usize>(load<i32>(winner) * filters + f) << 2), load<f32>(dy));
        dy += 4;
        winner += 4;
      }
    }
  }
}
