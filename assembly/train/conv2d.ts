/**
 * Two-dimensional convolution (cross-correlation) as im2col and a matrix product, in blocks of output pixels.
 *
 * x [N][H][W][C], w [KH][KW][C][F], y [N][OH][OW][F];
 * y[n,i,j,f] = bias[f] + Σ x[n, i·stride + u − padTop, j·stride + v − padLeft, c] · w[u,v,c,f], zero outside x.
 * `work` holds a block of columns (convBlockRows · KH·KW·C floats) and gemm's scratch behind it.
 */
import { ACCUMULATE, gemm } from "./gemm";
import { addColumns, fillColumns } from "./im2col";

/** Output pixels a block: the columns should stay in the second-level cache. */
// @ts-ignore: decorator
@inline
function blockRows(depth: i32): i32 {
  return min(256, max(16, (65536 / depth) & ~3));
}

/** Floats of scratch before gemm's, for a patch of `depth` = KH·KW·C values. */
export function convWorkFloats(depth: i32): i32 {
  return blockRows(depth) * depth + 16;
}

/** flags: BIAS and RELU of gemm. */
export function conv2dForward(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelHeight: i32, kernelWidth: i32, stride: i32, padTop: i32, padLeft: i32, filters: i32,
  x: usize, w: usize, bias: usize, y: usize, flags: i32, work: usize,
): void {
  const depth = kernelHeight * kernelWidth * channels;
  const rows = batch * outHeight * outWidth;
  const block = blockRows(depth);
  const gemmWork = work + ((<usize>convWorkFloats(depth) << 2) & ~15) + 16;
  for (let first: i32 = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    fillColumns(first, count, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth, stride, padTop, padLeft, x, work);
    gemm(count, filters, depth, work, depth, 1, w, filters, 1, y + ((<usize>first * filters) << 2), filters, flags, bias, gemmWork);
  }
}

/**
 * dw = Σ over pixels of column ⊗ dy (overwritten), and, unless dx is 0, dx (overwritten): the columns dy · wᵀ
 * added back where they were taken from.
 */
export function conv2dBackward(
  batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  kernelHeight: i32, kernelWidth: i32, stride: i32, padTop: i32, padLeft: i32, filters: i32,
  x: usize, w: usize, dy: usize, dw: usize, dx: usize, work: usize,
): void {
  const depth = kernelHeight * kernelWidth * channels;
  const rows = batch * outHeight * outWidth;
  const block = blockRows(depth);
  const gemmWork = work + ((<usize>convWorkFloats(depth) << 2) & ~15) + 16;
  if (dx) memory.fill(dx, 0, (<usize>batch * height * width * channels) << 2);
  for (let first: i32 = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    const out = dy + ((<usize>first * filters) << 2);
    fillColumns(first, count, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth, stride, padTop, padLeft, x, work);
    gemm(depth, filters, count, work, 1, depth, out, filters, 1, dw, filters, first > 0 ? ACCUMULATE : 0, 0, gemmWork);
    if (dx) {
      gemm(count, depth, filters, out, filters, 1, w, 1, filters, work, depth, 0, 0, gemmWork);
      addColumns(first, count, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth, stride, padTop, padLeft, work, dx);
    }
  }
}
