import { get } from "./lanes";
import { multiplyAdd } from "./multiplyAdd";
import { Window } from "./window";

/**
 * What the forms of Winograd's F(2×2, 3×3) share. With 4×4 pixels d of the image and the kernel g, for each channel and
 * filter, the 2×2 pixels of a convolution are
 *
 *   Aᵀ [ Σ_c (G g Gᵀ) ⊙ (Bᵀ d B) ] A,   Bᵀ = ⎛1  0 −1  0⎞  G = ⎛ 1   0   0 ⎞  Aᵀ = ⎛1 1  1  0⎞
 *                                            ⎜0  1  1  0⎟      ⎜ ½   ½   ½ ⎟       ⎝0 1 −1 −1⎠
 *                                            ⎜0 −1  1  0⎟      ⎜ ½  −½   ½ ⎟
 *                                            ⎝0  1  0 −1⎠      ⎝ 0   0   1 ⎠
 *
 * 16 products instead of 36. Transformed, a position of the 4×4 is a plane: kernels [F/8][16][C][8], the last block
 * padded with zeros; tiles [16][T][C].
 */

/** Tiles at a time: what is transformed once for all filters should stay in the second-level cache. */
// @ts-ignore: decorator
@inline
export function tilesAtATime(channels: i32): i32 {
  return max(4, min(128, 2048 / channels) & ~3);
}

/** G g Gᵀ of every channel, four filters at a time. */
export function transformKernels(channels: i32, filters: i32, w: usize, out: usize): void {
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
export function transformTile(
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
// @ts-ignore: decorator
@inline
export function multiplyTiles(channels: i32, tiles: usize, plane: usize, kernel: usize, out: usize): void {
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
