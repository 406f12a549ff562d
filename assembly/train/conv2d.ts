/**
 * Two-dimensional convolution (cross-correlation) as im2col and a matrix product, in blocks of output pixels.
 *
 * x, w, y as the record says (window.ts), in short x [N][H][W][C], w [KH][KW][C][F], y [N][OH][OW][F];
 * y[n,i,j,f] = bias[f] + Σ x[n, i·stride + u − padTop, j·stride + v − padLeft, c] · w[u,v,c,f], zero outside x.
 * `work` holds a block of columns (convBlockRows · KH·KW·C floats) and gemm's scratch behind it.
 */
import { gemm } from "./gemm";
import { Product } from "./gemmTiles";
import { addColumns, fillColumns } from "./im2col";
import { Convolution, imageBytes, patchLength } from "./window";

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

/** flags: of `Product`. */
export function conv2dForward(
  batch: i32, flags: i32, g: Convolution, x: usize, w: usize, bias: usize, y: usize, work: usize,
): void {
  const filters = g.filters;
  const depth = patchLength(g);
  const rows = batch * g.outHeight * g.outWidth;
  const block = blockRows(depth);
  const gemmWork = work + ((<usize>convWorkFloats(depth) << 2) & ~15) + 16;
  for (let first: i32 = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    fillColumns(first, count, g, x, work);
    gemm(count, filters, depth, depth, 1, filters, 1, filters, flags, work, w, bias, y + ((<usize>first * filters) << 2), gemmWork);
  }
}

/**
 * dw = Σ over pixels of column ⊗ dy (overwritten), and, unless dx is 0, dx (overwritten): the columns dy · wᵀ
 * added back where they were taken from.
 */
export function conv2dBackward(
  batch: i32, g: Convolution, x: usize, w: usize, dy: usize, dw: usize, dx: usize, work: usize,
): void {
  const filters = g.filters;
  const depth = patchLength(g);
  const rows = batch * g.outHeight * g.outWidth;
  const block = blockRows(depth);
  const gemmWork = work + ((<usize>convWorkFloats(depth) << 2) & ~15) + 16;
  if (dx) memory.fill(dx, 0, <usize>batch * imageBytes(g));
  for (let first: i32 = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    const out = dy + ((<usize>first * filters) << 2);
    fillColumns(first, count, g, x, work);
    gemm(depth, filters, count, 1, depth, filters, 1, filters, first > 0 ? Product.accumulate : 0, work, out, 0, dw, gemmWork);
    if (dx) {
      gemm(count, depth, filters, filters, 1, 1, filters, depth, 0, out, w, 0, work, gemmWork);
      addColumns(first, count, g, work, dx);
    }
  }
}
