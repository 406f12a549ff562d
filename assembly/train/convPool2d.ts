import { put } from "./lanes";
import { clearPadded, fillPadded, paddedFloats, paddedRowBytes } from "./paddedImage";
import { fourPatches, packFilters } from "./patches";
import { PooledConvolution, imageBytes, patchLength } from "./window";

/**
 * Convolution, ReLU and max-pooling with adjoining windows as one: y = maxpool(relu(x ∗ w + bias)). The convolution's
 * output never leaves the first-level cache.
 *
 * x [N][H][W][C], w [KH][KW][C][F], y [N][PH][PW][F].
 * `winner` i32 [N][PH][PW][F] keeps, for the way back (winners.ts), where the patch of each window's largest pixel
 * begins, the first of equals: bytes from the start of the padded image. `work`: convPoolForwardFloats.
 */

/** Floats of scratch: the padded image, kernels and biases by eight, the pixels of one window and eight filters. */
export function convPoolForwardFloats(g: PooledConvolution): i32 {
  const panels = (g.filters + 7) >> 3;
  return paddedFloats(g) + 8 * panels * (patchLength(g) + 1) + 8 * tilesOf(g) * 4 + 8;
}

/** Fours of a window's pixels. */
// @ts-ignore: decorator
@inline
function tilesOf(g: PooledConvolution): i32 {
  return (g.poolSize * g.poolSize + 3) >> 2;
}

/** @param winner 0 when there is no way back */
export function convPool2dForward(
  batch: i32, g: PooledConvolution, x: usize, w: usize, bias: usize, y: usize, winner: usize, work: usize,
): void {
  const filters = g.filters, size = g.poolSize, poolHeight = g.poolHeight, poolWidth = g.poolWidth;
  const depth = patchLength(g), panels = (filters + 7) >> 3;
  const image = work;
  const kernels = image + (<usize>paddedFloats(g) << 2);
  const biases = kernels + (<usize>(panels * depth) << 5);
  const pixels = biases + (<usize>panels << 5);
  const row = <usize>g.stride * paddedRowBytes(g), column = <usize>(g.stride * g.channels) << 2;
  const pixel = <usize>filters << 2;
  packFilters(depth, filters, w, kernels);
  packFilters(1, filters, bias, biases);
  clearPadded(g, image);
  for (let n: i32 = 0; n < batch; n++) {
    fillPadded(g, x, image);
    for (let i: i32 = 0; i < poolHeight; i++) {
      for (let panel: i32 = 0; panel < panels; panel++) {
        const kernel = kernels + (<usize>(panel * depth) << 5), start = biases + (<usize>panel << 5);
        const left = filters - 8 * panel;
        let corner = <usize>(size * i) * row;
        let to = <usize>panel << 5;
        for (let j: i32 = 0; j < poolWidth; j++) {
          if (size == 2) fourOfWindow(g, image + corner, row, column, kernel, start, pixels);
          else allOfWindow(g, image + corner, row, column, kernel, start, pixels);
          for (let f: i32 = 0; f < left && f < 8; f += 4) {
            const at = to + (<usize>f << 2);
            const from = pixels + (<usize>f << 2);
            if (size == 2) largestOfFour(from, left - f, corner, row, column, y + at, winner ? winner + at : 0);
            else largest(from, size, left - f, corner, row, column, y + at, winner ? winner + at : 0);
          }
          corner += <usize>size * column;
          to += pixel;
        }
      }
      y += <usize>poolWidth * pixel;
      if (winner) winner += <usize>poolWidth * pixel;
    }
    x += imageBytes(g);
  }
}

/** The four pixels of a 2×2 window, eight filters, [4][8]. */
// @ts-ignore: decorator
@inline
function fourOfWindow(
  g: PooledConvolution, corner: usize, row: usize, column: usize, kernel: usize, start: usize, pixels: usize,
): void {
  const run = <usize>(g.kernelWidth * g.channels) << 2;
  fourPatches(g.kernelHeight, run, paddedRowBytes(g), corner, column, row, row + column, kernel, start, 1, pixels, 32);
}

/** All pixels of a window, [size²][8], four at a time; those that the last four have too many repeat the first. */
function allOfWindow(
  g: PooledConvolution, corner: usize, row: usize, column: usize, kernel: usize, start: usize, pixels: usize,
): void {
  const size = g.poolSize, all = size * size;
  const run = <usize>(g.kernelWidth * g.channels) << 2;
  for (let p: i32 = 0; p < all; p += 4) {
    const first = pixelOf(p, size, row, column);
    const second = p + 1 < all ? pixelOf(p + 1, size, row, column) - first : 0;
    const third = p + 2 < all ? pixelOf(p + 2, size, row, column) - first : 0;
    const fourth = p + 3 < all ? pixelOf(p + 3, size, row, column) - first : 0;
    fourPatches(
      g.kernelHeight, run, paddedRowBytes(g), corner + first, second, third, fourth, kernel, start, 1, pixels, 32,
    );
    pixels += 128;
  }
}

/** Bytes from a window's corner to its pixel p. */
// @ts-ignore: decorator
@inline
function pixelOf(p: i32, size: i32, row: usize, column: usize): usize {
  return <usize>(p / size) * row + <usize>(p % size) * column;
}

/** Four filters of one 2×2 window whose pixels lie 32 bytes apart; of the filters only `left` exist. */
// @ts-ignore: decorator
@inline
function largestOfFour(
  pixels: usize, left: i32, corner: usize, row: usize, column: usize, y: usize, winner: usize,
): void {
  const a = v128.load(pixels), b = v128.load(pixels, 32), c = v128.load(pixels, 64), d = v128.load(pixels, 96);
  const top = f32x4.pmax(a, b), bottom = f32x4.pmax(c, d);
  put(y, left, f32x4.pmax(top, bottom));
  if (!winner) return;
  const down = i32x4.splat(<i32>row), right = i32x4.splat(<i32>column);
  put(winner, left, i32x4.add(i32x4.splat(<i32>corner), firstOfFour(a, b, c, d, top, bottom, down, right)));
}

/**
 * Bytes from a 2×2 window's corner to the first of its largest pixels: a b above c d; top and bottom are the larger ones
 * of each row, `down` and `right` the bytes from a pixel to its neighbors.
 */
// @ts-ignore: decorator
@inline
export function firstOfFour(
  a: v128, b: v128, c: v128, d: v128, top: v128, bottom: v128, down: v128, right: v128,
): v128 {
  const below = f32x4.lt(top, bottom);
  const beside = v128.bitselect(f32x4.lt(c, d), f32x4.lt(a, b), below);
  return i32x4.add(v128.and(below, down), v128.and(beside, right));
}

/** The same for windows of any size. */
function largest(
  pixels: usize, size: i32, left: i32, corner: usize, row: usize, column: usize, y: usize, winner: usize,
): void {
  let best = v128.load(pixels), where = i32x4.splat(<i32>corner);
  for (let u: i32 = 0; u < size; u++) {
    let at = corner + <usize>u * row;
    for (let v: i32 = 0; v < size; v++) {
      const value = v128.load(pixels);
      const more = f32x4.lt(best, value);
      best = v128.bitselect(value, best, more);
      where = v128.bitselect(i32x4.splat(<i32>at), where, more);
      at += column;
      pixels += 32;
    }
  }
  put(y, left, best);
  if (winner) put(winner, left, where);
}
