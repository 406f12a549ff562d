import { firstOfFour } from "./convPool2d";
import { get } from "./lanes";
import { multiplyAdd } from "./multiplyAdd";
import { paddedRowBytes } from "./paddedImage";
import { PooledConvolution, Window, imageBytes } from "./window";

/**
 * y = maxpool₂(relu(x ∗ w + bias)): 3×3 kernels, stride 1, adjoining 2×2 windows, by Winograd's
 * F(2×2, 3×3). Every window is one tile: with the 4×4 pixels d below it and the kernel g, for each channel and filter,
 *
 *   conv = Aᵀ [ Σ_c (G g Gᵀ) ⊙ (Bᵀ d B) ] A,   Bᵀ = ⎛1  0 −1  0⎞  G = ⎛ 1   0   0 ⎞  Aᵀ = ⎛1 1  1  0⎞
 *                                                   ⎜0  1  1  0⎟      ⎜ ½   ½   ½ ⎟       ⎝0 1 −1 −1⎠
 *                                                   ⎜0 −1  1  0⎟      ⎜ ½  −½   ½ ⎟
 *                                                   ⎝0  1  0 −1⎠      ⎝ 0   0   1 ⎠
 *
 * so the four pixels of a window cost 16 products a channel instead of 36, and are never stored: the largest of them,
 * plus the bias, not below 0, is the output.
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

/** Tiles at a time: what is transformed once for all filters should stay in the second-level cache. */
// @ts-ignore: decorator
@inline
function tilesAtATime(channels: i32): i32 {
  return max(4, min(128, 2048 / channels) & ~3);
}

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
          multiply(channels, tiles + (<usize>(t * channels) << 2), plane, kernel, products);
          const at = <usize>((first + t) * filters + 8 * block) << 2;
          const present = min(4, count - t);
          const out = missing ? spill : y + at, step: usize = missing ? 32 : pixel;
          if (winner) {
            const where = missing ? spill + 128 : winner + at;
            largestAndWhere(present, step, products, biasAt, out, corners + <usize>((first + t) << 2), row, column, where);
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

/** G g Gᵀ of every channel, four filters at a time. */
function transformKernels(channels: i32, filters: i32, w: usize, out: usize): void {
  const position = <usize>(channels * filters) << 2; // from one of the kernel's nine places to the next
  const plane = <usize>channels << 5;
  const half = f32x4.splat(0.5);
  for (let first: i32 = 0; first < filters; first += 8) {
    for (let c: i32 = 0; c < channels; c++) {
      for (let f = first; f < first + 8; f += 4) {
        const from = w + (<usize>(c * filters + f) << 2);
        let to = out + <usize>((c << 5) + ((f - first) << 2));
        for (let u: i32 = 0; u < 4; u++) {
          const g0 = kernelRow(u, from, position, filters - f);
          const g1 = kernelRow(u, from + position, position, filters - f);
          const g2 = kernelRow(u, from + 2 * position, position, filters - f);
          const outer = f32x4.add(g0, g2);
          v128.store(to, g0);
          v128.store(to + plane, f32x4.mul(half, f32x4.add(outer, g1)));
          v128.store(to + 2 * plane, f32x4.mul(half, f32x4.sub(outer, g1)));
          v128.store(to + 3 * plane, g2);
          to += 4 * plane;
        }
      }
    }
    out += 16 * plane;
  }
}

/** Row u of G times one of the kernel's columns; 0 for the filters that do not exist. */
function kernelRow(u: i32, column: usize, position: usize, left: i32): v128 {
  if (left <= 0) return f32x4.splat(0);
  const top = get(column, left), bottom = get(column + 6 * position, left);
  if (u == 0) return top;
  if (u == 3) return bottom;
  const outer = f32x4.add(top, bottom), middle = get(column + 3 * position, left);
  return f32x4.mul(f32x4.splat(0.5), u == 1 ? f32x4.add(outer, middle) : f32x4.sub(outer, middle));
}

/**
 * Bᵀ d B of the tile whose corner is pixel (top, left), four channels at a time; up to three floats too many are
 * written, which the next tile overwrites.
 */
// @ts-ignore: decorator
@inline
function transformTile(
  top: i32, left: i32, g: Window, x: usize, border: usize, out: usize, plane: usize,
): void {
  const height = g.height, width = g.width, channels = g.channels;
  const pixel = <usize>channels << 2;
  let row = <usize>width * pixel;
  let from = x + <usize>(top * width + left) * pixel;
  if (top < 0 || left < 0 || top + 4 > height || left + 4 > width) {
    copyTile(top, left, g, x, border);
    from = border;
    row = 4 * pixel;
  }
  const end = from + pixel;
  while (from < end) {
    let p = from;
    const a0 = v128.load(p), a1 = v128.load(p + pixel), a2 = v128.load(p + 2 * pixel), a3 = v128.load(p + 3 * pixel);
    p += row;
    const b0 = v128.load(p), b1 = v128.load(p + pixel), b2 = v128.load(p + 2 * pixel), b3 = v128.load(p + 3 * pixel);
    p += row;
    const c0 = v128.load(p), c1 = v128.load(p + pixel), c2 = v128.load(p + 2 * pixel), c3 = v128.load(p + 3 * pixel);
    p += row;
    let to = out;
    to = rowOf(f32x4.sub(a0, c0), f32x4.sub(a1, c1), f32x4.sub(a2, c2), f32x4.sub(a3, c3), to, plane);
    to = rowOf(f32x4.add(b0, c0), f32x4.add(b1, c1), f32x4.add(b2, c2), f32x4.add(b3, c3), to, plane);
    to = rowOf(f32x4.sub(c0, b0), f32x4.sub(c1, b1), f32x4.sub(c2, b2), f32x4.sub(c3, b3), to, plane);
    const d0 = v128.load(p), d1 = v128.load(p + pixel), d2 = v128.load(p + 2 * pixel), d3 = v128.load(p + 3 * pixel);
    rowOf(f32x4.sub(b0, d0), f32x4.sub(b1, d1), f32x4.sub(b2, d2), f32x4.sub(b3, d3), to, plane);
    from += 16;
    out += 16;
  }
}

/** One row of Bᵀ d times B. @returns where the next row goes */
// @ts-ignore: decorator
@inline
function rowOf(r0: v128, r1: v128, r2: v128, r3: v128, out: usize, plane: usize): usize {
  v128.store(out, f32x4.sub(r0, r2));
  out += plane;
  v128.store(out, f32x4.add(r1, r2));
  out += plane;
  v128.store(out, f32x4.sub(r2, r1));
  out += plane;
  v128.store(out, f32x4.sub(r1, r3));
  return out + plane;
}

/** The 4×4 pixels from (top, left), 0 outside the image. */
function copyTile(top: i32, left: i32, g: Window, x: usize, out: usize): void {
  const height = g.height, width = g.width, channels = g.channels;
  for (let i = top; i < top + 4; i++) {
    for (let j = left; j < left + 4; j++) {
      const inside = i >= 0 && i < height && j >= 0 && j < width;
      const from = x + (<usize>((i * width + j) * channels) << 2);
      for (let c: i32 = 0; c < channels; c++) {
        store<f32>(out, inside ? load<f32>(from + (<usize>c << 2)) : 0);
        out += 4;
      }
    }
  }
}

/** products[p][tile][filter] = Σ_c tiles[p][tile][c] · kernels[p][c][filter] for the sixteen p, four tiles, eight filters. */
function multiply(channels: i32, tiles: usize, plane: usize, kernel: usize, out: usize): void {
  const row = <usize>channels << 2, row2 = row << 1, row3 = row + row2;
  const last = out + 2048;
  while (out != last) {
    let a = tiles;
    const end = a + row;
    let b0 = v128.load(kernel), b1 = v128.load(kernel, 16);
    let v = v128.load32_splat(a);
    let c00 = f32x4.mul(v, b0), c01 = f32x4.mul(v, b1);
    v = v128.load32_splat(a + row);
    let c10 = f32x4.mul(v, b0), c11 = f32x4.mul(v, b1);
    v = v128.load32_splat(a + row2);
    let c20 = f32x4.mul(v, b0), c21 = f32x4.mul(v, b1);
    v = v128.load32_splat(a + row3);
    let c30 = f32x4.mul(v, b0), c31 = f32x4.mul(v, b1);
    a += 4;
    kernel += 32;
    while (a != end) {
      b0 = v128.load(kernel), b1 = v128.load(kernel, 16);
      const a0 = v128.load32_splat(a);
      c00 = multiplyAdd(a0, b0, c00);
      c01 = multiplyAdd(a0, b1, c01);
      const a1 = v128.load32_splat(a + row);
      c10 = multiplyAdd(a1, b0, c10);
      c11 = multiplyAdd(a1, b1, c11);
      const a2 = v128.load32_splat(a + row2);
      c20 = multiplyAdd(a2, b0, c20);
      c21 = multiplyAdd(a2, b1, c21);
      const a3 = v128.load32_splat(a + row3);
      c30 = multiplyAdd(a3, b0, c30);
      c31 = multiplyAdd(a3, b1, c31);
      a += 4;
      kernel += 32;
    }
    v128.store(out, c00);
    v128.store(out, c01, 16);
    v128.store(out, c10, 32);
    v128.store(out, c11, 48);
    v128.store(out, c20, 64);
    v128.store(out, c21, 80);
    v128.store(out, c30, 96);
    v128.store(out, c31, 112);
    out += 128;
    tiles += plane;
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
  count: i32, pixel: usize, products: usize, bias: usize, y: usize, corners: usize, row: usize, column: usize,
  winner: usize,
): void {
  const down = i32x4.splat(<i32>row), right = i32x4.splat(<i32>column);
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
      v128.store(winner + f, firstOfFour(top0, top1, low0, low1, top, bottom, corner, down, right));
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
