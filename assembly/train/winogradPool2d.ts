import { firstOfFour } from "./convPool2d";
import { paddedRowBytes } from "./paddedImage";
import { multiplyTiles, tilesAtATime, transformKernels, transformTile } from "./winograd";
import { PooledConvolution, imageBytes } from "./window";

/**
 * y = maxpool₂(relu(x ∗ w + bias)): 3×3 kernels, stride 1, adjoining 2×2 windows, by Winograd's form (winograd.ts), whose
 * tile is exactly a window: the four pixels are never stored, the largest of them, plus the bias, not below 0, is the output.
 *
 * x [N][H][W][C], w [3][3][C][F], y [N][PH][PW][F]; pixels outside the image are 0. Scratch, winogradPoolFloats:
 *   kernels  [F/8][16][C][8]     G g Gᵀ, the last block padded with zeros
 *   tiles    [16][T][C]          Bᵀ d B of T tiles, a multiple of four
 *   products [16][4][8]          of four tiles and eight filters
 *   spill    [2][4][8]           outputs and winners of eight filters where fewer exist
 *   biases   [F/8][8]            padded with zeros
 *   border   [4][4][C]           d of one tile that reaches over the image's edge
 *   corners  [PH][PW]            where the tiles begin in the padded image, for winners
 */

/** Floats of scratch, or 0 where this form does not apply. */
export function winogradPoolFloats(g: PooledConvolution): i32 {
  if (g.kernelHeight != 3 || g.kernelWidth != 3 || g.stride != 1 || g.poolSize != 2) return 0;
  const channels = g.channels, blocks = (g.filters + 7) >> 3, most = tilesAtATime(channels);
  return 128 * blocks * channels + 16 * (most * channels + 4) + 576 + 8 * blocks + 16 * channels + g.poolHeight * g.poolWidth + 16;
}

/** @param winner as in convPool2dForward; 0 when there is no way back */
export function winogradPool2dForward(
  batch: i32, g: PooledConvolution, x: usize, w: usize, bias: usize, y: usize, winner: usize, work: usize,
): void {
  const channels = g.channels, filters = g.filters, poolHeight = g.poolHeight, poolWidth = g.poolWidth;
  const padTop = g.padTop, padLeft = g.padLeft;
  const blocks = (filters + 7) >> 3;
  const most = tilesAtATime(channels);
  const plane = <usize>(most * channels + 4) << 2;
  const kernels = work;
  const tiles = kernels + (<usize>(128 * blocks * channels) << 2);
  const products = tiles + 16 * plane;
  const spill = products + 2048;
  const biases = spill + 256;
  const border = biases + <usize>(blocks << 5);
  const pixel = <usize>filters << 2;
  const row = paddedRowBytes(g), column = <usize>channels << 2;
  const corners = border + 16 * column;
  memory.fill(biases, 0, <usize>blocks << 5);
  memory.copy(biases, bias, pixel);
  transformKernels(channels, filters, w, kernels);
  const total = poolHeight * poolWidth;
  const image = imageBytes(g);
  if (winner) placeCorners(poolHeight, poolWidth, <i32>row, <i32>column, corners);
  for (let n: i32 = 0; n < batch; n++) {
    for (let first: i32 = 0; first < total; first += most) {
      const count = min(most, total - first);
      let i = first / poolWidth, j = first % poolWidth;
      let into = tiles;
      for (let t: i32 = 0; t < count; t++) {
        transformTile(2 * i - padTop, 2 * j - padLeft, g, x, border, into, plane);
        into += channels << 2;
        if (++j == poolWidth) {
          j = 0;
          i++;
        }
      }
      for (let block: i32 = 0; block < blocks; block++) {
        const kernel = kernels + (<usize>(128 * block * channels) << 2);
        const biasAt = biases + <usize>(block << 5);
        const missing = 8 * block + 8 > filters;
        for (let t: i32 = 0; t < count; t += 4) {
          multiplyTiles(channels, tiles + (<usize>(t * channels) << 2), plane, kernel, products);
          const at = <usize>((first + t) * filters + 8 * block) << 2;
          const present = min(4, count - t);
          const out = missing ? spill : y + at, step: usize = missing ? 32 : pixel;
          if (winner) {
            const where = missing ? spill + 128 : winner + at;
            largestAndWhere(present, step, g, products, biasAt, corners + <usize>((first + t) << 2), out, where);
            if (missing) copyFilters(present, filters - 8 * block, spill + 128, winner + at, pixel);
          } else largest(present, step, products, biasAt, out);
          if (missing) copyFilters(present, filters - 8 * block, spill, y + at, pixel);
        }
      }
    }
    x += image;
    y += <usize>(total * filters) << 2;
    if (winner) winner += <usize>(total * filters) << 2;
  }
}

/** Where 2×2 windows begin in a padded image, bytes from its start. */
function placeCorners(poolHeight: i32, poolWidth: i32, row: i32, column: i32, out: usize): void {
  for (let i: i32 = 0; i < poolHeight; i++) {
    for (let j: i32 = 0; j < poolWidth; j++) {
      store<i32>(out, 2 * (i * row + j * column));
      out += 4;
    }
  }
}

/** y = max(0, bias + the largest of Aᵀ m A) for `count` tiles and eight filters. */
function largest(count: i32, pixel: usize, products: usize, bias: usize, y: usize): void {
  for (let t: i32 = 0; t < count; t++) {
    let m = products + <usize>(t << 5);
    for (let f: usize = 0; f < 32; f += 16) {
      // Aᵀ m first, column by column; then A.
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
      const top = f32x4.pmax(f32x4.add(t0, f32x4.add(t1, t2)), f32x4.sub(f32x4.sub(t1, t2), t3));
      const bottom = f32x4.pmax(f32x4.add(b0, f32x4.add(b1, b2)), f32x4.sub(f32x4.sub(b1, b2), b3));
      v128.store(y + f, f32x4.pmax(f32x4.add(f32x4.pmax(top, bottom), v128.load(bias + f)), f32x4.splat(0)));
      m += 16;
    }
    y += pixel;
  }
}

/** The same, and where the largest's patch begins: a second function, because evaluation has no use for it. */
function largestAndWhere(
  count: i32, pixel: usize, g: PooledConvolution, products: usize, bias: usize, corners: usize, y: usize, winner: usize,
): void {
  const down = i32x4.splat(<i32>paddedRowBytes(g)), right = i32x4.splat(g.channels << 2);
  for (let t: i32 = 0; t < count; t++) {
    let m = products + <usize>(t << 5);
    const corner = v128.load32_splat(corners);
    for (let f: usize = 0; f < 32; f += 16) {
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
      const top0 = f32x4.add(t0, f32x4.add(t1, t2)), top1 = f32x4.sub(f32x4.sub(t1, t2), t3);
      const low0 = f32x4.add(b0, f32x4.add(b1, b2)), low1 = f32x4.sub(f32x4.sub(b1, b2), b3);
      const top = f32x4.pmax(top0, top1), bottom = f32x4.pmax(low0, low1);
      v128.store(y + f, f32x4.pmax(f32x4.add(f32x4.pmax(top, bottom), v128.load(bias + f)), f32x4.splat(0)));
      v128.store(winner + f, i32x4.add(corner, firstOfFour(top0, top1, low0, low1, top, bottom, down, right)));
      m += 16;
    }
    corners += 4;
    y += pixel;
    winner += pixel;
  }
}

/** The filters that exist, of `count` tiles. */
function copyFilters(count: i32, filters: i32, from: usize, to: usize, pixel: usize): void {
  for (let t: i32 = 0; t < count; t++) {
    for (let f: usize = 0; f < <usize>(filters << 2); f += 4) store<f32>(to + f, load<f32>(from + f));
    from += 32;
    to += pixel;
  }
}
