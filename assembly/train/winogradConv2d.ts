import { gemm, gemmWorkBytes } from "./gemm";
import { Product } from "./gemmTiles";
import { get, put } from "./lanes";
import { multiplyTiles, tilesAtATime, transformKernels, transformTile } from "./winograd";
import { Convolution, imageBytes } from "./window";

/**
 * conv2d's three passes for 3×3 kernels of stride 1 by Winograd's form (winograd.ts).
 *
 * Forward: 2×2 pixels a tile. dx: the same on dy, with the kernels turned around and channels and filters exchanged. dw,
 * by the chain rule: Gᵀ [ Σ over tiles (Bᵀ d B) ⊙ (A dy Aᵀ) ] G, dy of a tile being its 2×2 pixels: sixteen products of
 * matrices, [C][T] by [T][F].
 */

/** Scratch of `convolve`, floats. */
function convolveFloats(channels: i32, filters: i32): i32 {
  const blocks = (filters + 7) >> 3;
  return 128 * blocks * channels + 16 * (tilesAtATime(channels) * channels + 4) + 544 + 8 * blocks + 16 * channels + 16;
}

/** Tiles at a time for dw, of any image: both transformed should stay in the second-level cache. */
// @ts-ignore: decorator
@inline
function tilesForKernels(g: Convolution): i32 {
  return max(16, min(128, (8192 / (g.channels + g.filters)) & ~3));
}

/** Floats of scratch for any of the three passes, or 0 where this form does not apply. */
export function winogradConvFloats(g: Convolution): i32 {
  if (g.kernelHeight != 3 || g.kernelWidth != 3 || g.stride != 1) return 0;
  const channels = g.channels, filters = g.filters, tiles = tilesForKernels(g);
  const images = convolveFloats(filters, channels) + 9 * channels * filters + channels + 16;
  const kernels = 16 * (tiles * (channels + filters) + 8 + channels * filters) + 16 * channels + 16;
  return max(convolveFloats(channels, filters), max(images, kernels + (gemmWorkBytes() >> 2)));
}

/** y = x ∗ w + bias, followed by ReLU with relu = 1. */
export function winogradConv2dForward(
  batch: i32, relu: i32, g: Convolution, x: usize, w: usize, bias: usize, y: usize, work: usize,
): void {
  convolve(batch, relu, g, x, w, bias, y, work);
}

/** dx (overwritten). */
export function winogradConv2dBackImages(batch: i32, g: Convolution, w: usize, dy: usize, dx: usize, work: usize): void {
  const channels = g.channels, filters = g.filters;
  const back = changetype<Convolution>(work);
  back.height = g.outHeight;
  back.width = g.outWidth;
  back.channels = filters;
  back.outHeight = g.height;
  back.outWidth = g.width;
  back.padTop = 2 - g.padTop;
  back.padLeft = 2 - g.padLeft;
  back.filters = channels;
  const zeros = work + 64;
  const turned = zeros + (<usize>channels << 2);
  memory.fill(zeros, 0, <usize>channels << 2);
  let to = turned;
  for (let place: i32 = 8; place >= 0; place--) {
    for (let f: i32 = 0; f < filters; f++) {
      let from = w + (<usize>(place * channels * filters + f) << 2);
      for (let c: i32 = 0; c < channels; c++) {
        store<f32>(to, load<f32>(from));
        from += <usize>filters << 2;
        to += 4;
      }
    }
  }
  convolve(batch, 0, back, dy, turned, zeros, dx, to);
}

/**
 * Of g: height to padLeft but for the kernel's size and stride, which are 3 and 1, and filters. Scratch:
 *   kernels  [F/8][16][C][8]     G g Gᵀ
 *   tiles    [16][T][C]          Bᵀ d B of T tiles
 *   products [16][4][8]          of four tiles and eight filters
 *   spill    [8]                 outputs where there is no pixel or there are fewer filters
 *   biases   [F/8][8]            padded with zeros
 *   border   [4][4][C]           d of one tile that reaches over the image's edge
 */
function convolve(
  batch: i32, relu: i32, g: Convolution, x: usize, w: usize, bias: usize, y: usize, work: usize,
): void {
  const channels = g.channels, filters = g.filters, height = g.outHeight, width = g.outWidth;
  const blocks = (filters + 7) >> 3, most = tilesAtATime(channels);
  const plane = <usize>(most * channels + 4) << 2, pixel = <usize>filters << 2;
  const kernels = work;
  const tiles = kernels + (<usize>(128 * blocks * channels) << 2);
  const products = tiles + 16 * plane;
  const spill = products + 2048;
  const biases = spill + 128;
  const border = biases + <usize>(blocks << 5);
  memory.fill(biases, 0, <usize>blocks << 5);
  memory.copy(biases, bias, pixel);
  transformKernels(channels, filters, w, kernels);
  const least = f32x4.splat(relu ? 0 : -Infinity);
  const across = (width + 1) >> 1, total = ((height + 1) >> 1) * across;
  for (let n: i32 = 0; n < batch; n++) {
    for (let first: i32 = 0; first < total; first += most) {
      const count = min(most, total - first);
      let into = tiles;
      for (let t = first; t < first + count; t++) {
        transformTile(2 * (t / across) - g.padTop, 2 * (t % across) - g.padLeft, g, x, border, into, plane);
        into += channels << 2;
      }
      for (let block: i32 = 0; block < blocks; block++) {
        const kernel = kernels + (<usize>(128 * block * channels) << 2), left = filters - 8 * block;
        for (let t: i32 = 0; t < count; t += 4) {
          multiplyTiles(channels, tiles + (<usize>(t * channels) << 2), plane, kernel, products);
          for (let p: i32 = 0; p < min(4, count - t); p++) {
            const i = 2 * ((first + t + p) / across), j = 2 * ((first + t + p) % across);
            const at = y + <usize>(i * width + j) * pixel + <usize>(block << 5);
            const right = j + 1 < width ? at + pixel : 0, below = i + 1 < height ? <usize>width * pixel : 0;
            const product = products + <usize>(p << 5), start = biases + <usize>(block << 5);
            putPixels(product, start, left, least, at, right, below, spill);
            if (left > 4) putPixels(product + 16, start + 16, left - 4, least, at + 16, right ? right + 16 : 0, below, spill);
          }
        }
      }
    }
    x += imageBytes(g);
    y += <usize>(height * width) * pixel;
  }
}

/**
 * Aᵀ m A + bias, not below `least`, of one tile and four filters, `left` of which exist. `at` and `right` are the tile's
 * upper pixels, the lower ones lie `below` further; 0 where there is none.
 */
// @ts-ignore: decorator
@inline
function putPixels(
  m: usize, bias: usize, left: i32, least: v128, at: usize, right: usize, below: usize, spill: usize,
): void {
  let s = f32x4.add(v128.load(m, 512), v128.load(m, 1024));
  let d = f32x4.sub(v128.load(m, 512), v128.load(m, 1024));
  const t0 = f32x4.add(v128.load(m), s), b0 = f32x4.sub(d, v128.load(m, 1536));
  s = f32x4.add(v128.load(m, 640), v128.load(m, 1152));
  d = f32x4.sub(v128.load(m, 640), v128.load(m, 1152));
  const t1 = f32x4.add(v128.load(m, 128), s), b1 = f32x4.sub(d, v128.load(m, 1664));
  s = f32x4.add(v128.load(m, 768), v128.load(m, 1280));
  d = f32x4.sub(v128.load(m, 768), v128.load(m, 1280));
  const t2 = f32x4.add(v128.load(m, 256), s), b2 = f32x4.sub(d, v128.load(m, 1792));
  s = f32x4.add(v128.load(m, 896), v128.load(m, 1408));
  d = f32x4.sub(v128.load(m, 896), v128.load(m, 1408));
  const t3 = f32x4.add(v128.load(m, 384), s), b3 = f32x4.sub(d, v128.load(m, 1920));
  const start = v128.load(bias);
  const top0 = f32x4.pmax(f32x4.add(f32x4.add(t0, f32x4.add(t1, t2)), start), least);
  const top1 = f32x4.pmax(f32x4.add(f32x4.sub(f32x4.sub(t1, t2), t3), start), least);
  const low0 = f32x4.pmax(f32x4.add(f32x4.add(b0, f32x4.add(b1, b2)), start), least);
  const low1 = f32x4.pmax(f32x4.add(f32x4.sub(f32x4.sub(b1, b2), b3), start), least);
  if (left >= 4) {
    v128.store(at, top0);
    v128.store(right ? right : spill, top1);
    v128.store(below ? at + below : spill, low0);
    v128.store(below && right ? right + below : spill, low1);
  } else {
    put(at, left, top0);
    put(right ? right : spill, left, top1);
    put(below ? at + below : spill, left, low0);
    put(below && right ? right + below : spill, left, low1);
  }
}

/**
 * dw (overwritten). Scratch:
 *   tiles    [16][T][C]          Bᵀ d B of T tiles
 *   changes  [16][T][F]          A dy Aᵀ of the same
 *   sums     [16][C][F]          the sums over all tiles
 *   border   [4][4][C]           d of one tile that reaches over the image's edge
 */
export function winogradConv2dBackKernels(batch: i32, g: Convolution, x: usize, dy: usize, dw: usize, work: usize): void {
  const channels = g.channels, filters = g.filters, height = g.outHeight, width = g.outWidth;
  const most = tilesForKernels(g);
  const plane = <usize>(most * channels + 4) << 2, changePlane = <usize>(most * filters + 4) << 2;
  const sumPlane = <usize>(channels * filters) << 2;
  const tiles = work;
  const changes = tiles + 16 * plane;
  const sums = changes + 16 * changePlane;
  const border = sums + 16 * sumPlane;
  const gemmWork = border + (<usize>channels << 6) + 16;
  const across = (width + 1) >> 1, each = ((height + 1) >> 1) * across, total = batch * each;
  const pixel = <usize>filters << 2;
  for (let first: i32 = 0; first < total; first += most) {
    const count = min(most, total - first);
    for (let t: i32 = 0; t < count; t++) {
      const n = (first + t) / each, i = 2 * ((first + t) % each / across), j = 2 * ((first + t) % each % across);
      const image = x + <usize>n * imageBytes(g);
      transformTile(i - g.padTop, j - g.padLeft, g, image, border, tiles + (<usize>(t * channels) << 2), plane);
      const at = dy + <usize>((n * height + i) * width + j) * pixel;
      const right = j + 1 < width ? pixel : 0, below = i + 1 < height ? <usize>width * pixel : 0;
      transformChanges(filters, at, right, below, changes + (<usize>(t * filters) << 2), changePlane);
    }
    const flags = first > 0 ? Product.accumulate : 0;
    for (let p: usize = 0; p < 16; p++) {
      gemm(
        channels, filters, count, 1, channels, filters, 1, filters, flags,
        tiles + p * plane, changes + p * changePlane, 0, sums + p * sumPlane, gemmWork,
      );
    }
  }
  const place = sumPlane;
  for (let at: usize = 0; at < sumPlane; at += 16) {
    kernelsOf(<i32>((sumPlane - at) >> 2), sums + at, place, dw + at);
  }
}

/** A dy Aᵀ of one tile, 0 for pixels that do not exist; up to three floats too many are written, as in transformTile. */
function transformChanges(filters: i32, dy: usize, right: usize, below: usize, out: usize, plane: usize): void {
  const zero = f32x4.splat(0);
  for (let end = dy + (<usize>filters << 2); dy < end; dy += 16) {
    const a = v128.load(dy), b = right ? v128.load(dy + right) : zero;
    const c = below ? v128.load(dy + below) : zero, d = right && below ? v128.load(dy + right + below) : zero;
    let to = out;
    to = changeRow(a, b, to, plane);
    to = changeRow(f32x4.add(a, c), f32x4.add(b, d), to, plane);
    to = changeRow(f32x4.sub(a, c), f32x4.sub(b, d), to, plane);
    changeRow(f32x4.neg(c), f32x4.neg(d), to, plane);
    out += 16;
  }
}

/** One row of A dy times Aᵀ. @returns where the next row goes */
// @ts-ignore: decorator
@inline
function changeRow(left: v128, right: v128, out: usize, plane: usize): usize {
  v128.store(out, left);
  out += plane;
  v128.store(out, f32x4.add(left, right));
  out += plane;
  v128.store(out, f32x4.sub(left, right));
  out += plane;
  v128.store(out, f32x4.neg(right));
  return out + plane;
}

/** dw = Gᵀ m G for four channels and filters, `left` of which exist; planes of m and of dw lie `plane` apart. */
function kernelsOf(left: i32, m: usize, plane: usize, dw: usize): void {
  const half = f32x4.splat(0.5);
  for (let u: i32 = 0; u < 3; u++) {
    const a = changedRow(u, left, m, plane), b = changedRow(u, left, m + plane, plane);
    const c = changedRow(u, left, m + 2 * plane, plane), d = changedRow(u, left, m + 3 * plane, plane);
    const sum = f32x4.mul(half, f32x4.add(b, c));
    put(dw, left, f32x4.add(a, sum));
    put(dw + plane, left, f32x4.mul(half, f32x4.sub(b, c)));
    put(dw + 2 * plane, left, f32x4.add(sum, d));
    dw += 3 * plane;
  }
}

/** Row u of Gᵀ times one column of m. */
// @ts-ignore: decorator
@inline
function changedRow(u: i32, left: i32, column: usize, plane: usize): v128 {
  const half = f32x4.splat(0.5);
  const b = get(column + 4 * plane, left), c = get(column + 8 * plane, left);
  if (u == 1) return f32x4.mul(half, f32x4.sub(b, c));
  const sum = f32x4.mul(half, f32x4.add(b, c));
  return f32x4.add(sum, u == 0 ? get(column, left) : get(column + 12 * plane, left));
}
