import { get } from "./lanes";
import { multiplyAdd } from "./multiplyAdd";
import { clearPadded, fillPadded, paddedFloats, paddedRowBytes, takePadded } from "./paddedImage";
import { PooledConvolution, imageBytes } from "./window";

/**
 * The way back through convolution, ReLU and max-pooling as one (convPool2d.ts, winogradPool2d.ts).
 *
 * Only winners have a gradient. So dw is not a product of matrices with size² − 1 of size² rows zero, but for every
 * window and filter one patch times one number, and dx one kernel times one number, added to that patch: size² times
 * less work. What a ReLU or chance made 0 is left out beforehand.
 *
 * Patches and kernels are `rows` runs of `run` vectors, one row of the padded image apart; a pass keeps what
 * belongs to one filter in registers and goes through the list of that filter's winners in a block of windows. Passes take
 * 3×1, 3×2, 3×3, 2×4, 1×4 or 1×8 rows × vectors. Scratch, convPoolBackwardFloats:
 *   image      the padded image
 *   gradients  the same for dx
 *   lists      [4][windows of a block]   { bytes to the patch, its gradient } of four filters
 *   sums       [F][rows][run][4]         dw with a filter's values together, rows and runs rounded up to whole passes
 *   kernels    [F][rows][run][4]         w likewise, the rest 0
 */

/** Vectors of a run, rounded up to whole passes. */
function runVectors(g: PooledConvolution): i32 {
  const vectors = (g.kernelWidth * g.channels + 3) >> 2;
  return vectors > 3 ? (vectors + 3) & ~3 : vectors;
}

/** Rows of a pass. */
// @ts-ignore: decorator
@inline
function rowsOfPass(vectors: i32): i32 {
  return vectors <= 3 ? 3 : vectors == 4 ? 2 : 1;
}

/** Vectors of a filter's dw. */
function filterVectors(g: PooledConvolution): i32 {
  const vectors = runVectors(g), rows = rowsOfPass(vectors);
  return ((g.kernelHeight + rows - 1) / rows) * rows * vectors;
}

/** Rows of windows at a time: what their patches cover should stay in the first-level cache. */
function windowRows(g: PooledConvolution): i32 {
  const most = 24576 / <i32>paddedRowBytes(g) - g.kernelHeight;
  return max(1, min(g.poolHeight, most / (g.poolSize * g.stride)));
}

// @ts-ignore: decorator
@inline
function listFloats(g: PooledConvolution): i32 {
  return 2 * (windowRows(g) * g.poolWidth + 1);
}

export function convPoolBackwardFloats(g: PooledConvolution): i32 {
  return 2 * paddedFloats(g) + 4 * listFloats(g) + 8 * g.filters * filterVectors(g) + 32;
}

/**
 * dw (overwritten) and, unless dx is 0, dx (overwritten). dy is the gradient before the ReLU, that is 0 where y is 0.
 */
export function convPool2dBackward(
  batch: i32, g: PooledConvolution,
  x: usize, w: usize, winner: usize, dy: usize, dw: usize, dx: usize, work: usize,
): void {
  const filters = g.filters, poolHeight = g.poolHeight;
  const windowRow = <usize>(g.poolWidth * filters) << 2;
  const image = work;
  const gradients = image + (<usize>paddedFloats(g) << 2);
  const lists = gradients + (<usize>paddedFloats(g) << 2);
  const list = <usize>listFloats(g) << 2;
  const sums = lists + 4 * list;
  const filterBytes = <usize>filterVectors(g) << 4;
  const kernels = sums + <usize>filters * filterBytes;
  memory.fill(sums, 0, <usize>filters * filterBytes);
  clearPadded(g, image);
  if (dx) byFilter(g, w, kernels, filterBytes);
  const block = windowRows(g);
  for (let n: i32 = 0; n < batch; n++) {
    fillPadded(g, x, image);
    if (dx) clearPadded(g, gradients);
    for (let i: i32 = 0; i < poolHeight; i += block) {
      const rows = min(block, poolHeight - i);
      for (let f: i32 = 0; f < filters; f += 4) {
        listWinners(rows, filters - f, g, winner + (<usize>f << 2), dy + (<usize>f << 2), lists, list);
        for (let k: i32 = 0; k < 4 && f + k < filters; k++) {
          const from = lists + <usize>k * list, end = load<usize>(from);
          if (from + 8 == end) continue;
          const at = <usize>(f + k) * filterBytes;
          addPatches(g, from + 8, end, image, sums + at);
          if (dx) spreadKernel(g, from + 8, end, kernels + at, gradients);
        }
      }
      winner += <usize>rows * windowRow;
      dy += <usize>rows * windowRow;
    }
    if (dx) {
      takePadded(g, gradients, dx);
      dx += imageBytes(g);
    }
    x += imageBytes(g);
  }
  byPatch(g, sums, filterBytes, dw);
}

/**
 * Lists of the winners of four filters, `left` of which exist: each begins with its own end. Windows are taken column by
 * column, so that neighbors in a list lie in different rows: spreadKernel would else wait for what it has just written.
 */
function listWinners(
  rows: i32, left: i32, g: PooledConvolution, winner: usize, dy: usize, lists: usize, list: usize,
): void {
  const pixel = <usize>g.filters << 2, row = <usize>g.poolWidth * pixel;
  let to0 = lists + 8, to1 = to0 + list, to2 = to1 + list, to3 = to2 + list;
  for (let column: usize = 0; column < row; column += pixel) {
    let at = column;
    for (let i: i32 = 0; i < rows; i++) {
      const where = get(winner + at, left), gradient = get(dy + at, left);
      const present = i32x4.bitmask(f32x4.ne(gradient, f32x4.splat(0)));
      const low = v128.shuffle<f32>(where, gradient, 0, 4, 1, 5), high = v128.shuffle<f32>(where, gradient, 2, 6, 3, 7);
      v128.store64_lane(to0, low, 0);
      v128.store64_lane(to1, low, 1);
      v128.store64_lane(to2, high, 0);
      v128.store64_lane(to3, high, 1);
      to0 += (present & 1) << 3;
      to1 += (present & 2) << 2;
      to2 += (present & 4) << 1;
      to3 += present & 8;
      at += row;
    }
  }
  store<usize>(lists, to0);
  store<usize>(lists + list, to1);
  store<usize>(lists + 2 * list, to2);
  store<usize>(lists + 3 * list, to3);
}

/**
 * sums += Σ over the list of gradient · patch.
 *
 * In the loops, `if (p == sums) break` never breaks: it ends a basic block, because V8 before version 13 loads at a
 * block's start all that the block needs, and would otherwise spill sums.
 */
function addPatches(g: PooledConvolution, list: usize, end: usize, image: usize, sums: usize): void {
  const vectors = runVectors(g), rowBytes = paddedRowBytes(g), rows = rowsOfPass(vectors);
  const step = <usize>rows * rowBytes;
  for (let u: i32 = 0; u < g.kernelHeight; u += rows) {
    if (vectors == 3) add3x3(list, end, image, rowBytes, sums);
    else if (vectors == 2) add3x2(list, end, image, rowBytes, sums);
    else if (vectors == 1) add3x1(list, end, image, rowBytes, sums);
    else if (vectors == 4) add2x4(list, end, image, rowBytes, sums);
    else {
      let v: i32 = 0;
      for (; v + 8 <= vectors; v += 8) add1x8(list, end, image + <usize>(v << 4), rowBytes, sums + <usize>(v << 4));
      if (v < vectors) add1x4(list, end, image + <usize>(v << 4), rowBytes, sums + <usize>(v << 4));
    }
    image += step;
    sums += <usize>(rows * vectors) << 4;
  }
}

function add3x3(list: usize, end: usize, image: usize, rowBytes: usize, sums: usize): void {
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48), s4 = v128.load(sums, 64), s5 = v128.load(sums, 80);
  let s6 = v128.load(sums, 96), s7 = v128.load(sums, 112), s8 = v128.load(sums, 128);
  while (list != end) {
    let p = image + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    s0 = multiplyAdd(gradient, v128.load(p), s0);
    s1 = multiplyAdd(gradient, v128.load(p, 16), s1);
    s2 = multiplyAdd(gradient, v128.load(p, 32), s2);
    p += rowBytes;
    if (p == sums) break;
    s3 = multiplyAdd(gradient, v128.load(p), s3);
    s4 = multiplyAdd(gradient, v128.load(p, 16), s4);
    s5 = multiplyAdd(gradient, v128.load(p, 32), s5);
    p += rowBytes;
    if (p == sums) break;
    s6 = multiplyAdd(gradient, v128.load(p), s6);
    s7 = multiplyAdd(gradient, v128.load(p, 16), s7);
    s8 = multiplyAdd(gradient, v128.load(p, 32), s8);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
  v128.store(sums, s8, 128);
}

function add3x2(list: usize, end: usize, image: usize, rowBytes: usize, sums: usize): void {
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32);
  let s3 = v128.load(sums, 48), s4 = v128.load(sums, 64), s5 = v128.load(sums, 80);
  while (list != end) {
    let p = image + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    s0 = multiplyAdd(gradient, v128.load(p), s0);
    s1 = multiplyAdd(gradient, v128.load(p, 16), s1);
    p += rowBytes;
    s2 = multiplyAdd(gradient, v128.load(p), s2);
    s3 = multiplyAdd(gradient, v128.load(p, 16), s3);
    p += rowBytes;
    s4 = multiplyAdd(gradient, v128.load(p), s4);
    s5 = multiplyAdd(gradient, v128.load(p, 16), s5);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
}

function add3x1(list: usize, end: usize, image: usize, rowBytes: usize, sums: usize): void {
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32);
  while (list != end) {
    const p = image + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    s0 = multiplyAdd(gradient, v128.load(p), s0);
    s1 = multiplyAdd(gradient, v128.load(p + rowBytes), s1);
    s2 = multiplyAdd(gradient, v128.load(p + 2 * rowBytes), s2);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
}

function add2x4(list: usize, end: usize, image: usize, rowBytes: usize, sums: usize): void {
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
  let s4 = v128.load(sums, 64), s5 = v128.load(sums, 80), s6 = v128.load(sums, 96), s7 = v128.load(sums, 112);
  while (list != end) {
    let p = image + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    s0 = multiplyAdd(gradient, v128.load(p), s0);
    s1 = multiplyAdd(gradient, v128.load(p, 16), s1);
    s2 = multiplyAdd(gradient, v128.load(p, 32), s2);
    s3 = multiplyAdd(gradient, v128.load(p, 48), s3);
    p += rowBytes;
    if (p == sums) break;
    s4 = multiplyAdd(gradient, v128.load(p), s4);
    s5 = multiplyAdd(gradient, v128.load(p, 16), s5);
    s6 = multiplyAdd(gradient, v128.load(p, 32), s6);
    s7 = multiplyAdd(gradient, v128.load(p, 48), s7);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
}

function add1x4(list: usize, end: usize, image: usize, _rowBytes: usize, sums: usize): void {
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
  while (list != end) {
    const p = image + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    s0 = multiplyAdd(gradient, v128.load(p), s0);
    s1 = multiplyAdd(gradient, v128.load(p, 16), s1);
    s2 = multiplyAdd(gradient, v128.load(p, 32), s2);
    s3 = multiplyAdd(gradient, v128.load(p, 48), s3);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
}

function add1x8(list: usize, end: usize, image: usize, _rowBytes: usize, sums: usize): void {
  let s0 = v128.load(sums), s1 = v128.load(sums, 16), s2 = v128.load(sums, 32), s3 = v128.load(sums, 48);
  let s4 = v128.load(sums, 64), s5 = v128.load(sums, 80), s6 = v128.load(sums, 96), s7 = v128.load(sums, 112);
  while (list != end) {
    const p = image + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    s0 = multiplyAdd(gradient, v128.load(p), s0);
    s1 = multiplyAdd(gradient, v128.load(p, 16), s1);
    s2 = multiplyAdd(gradient, v128.load(p, 32), s2);
    s3 = multiplyAdd(gradient, v128.load(p, 48), s3);
    if (p == sums) break;
    s4 = multiplyAdd(gradient, v128.load(p, 64), s4);
    s5 = multiplyAdd(gradient, v128.load(p, 80), s5);
    s6 = multiplyAdd(gradient, v128.load(p, 96), s6);
    s7 = multiplyAdd(gradient, v128.load(p, 112), s7);
    list += 8;
  }
  v128.store(sums, s0);
  v128.store(sums, s1, 16);
  v128.store(sums, s2, 32);
  v128.store(sums, s3, 48);
  v128.store(sums, s4, 64);
  v128.store(sums, s5, 80);
  v128.store(sums, s6, 96);
  v128.store(sums, s7, 112);
}

/** Every patch of the list in `gradients` += gradient · kernel. */
function spreadKernel(g: PooledConvolution, list: usize, end: usize, kernel: usize, gradients: usize): void {
  const vectors = runVectors(g), rowBytes = paddedRowBytes(g);
  for (let u: i32 = 0; u < g.kernelHeight; u++) {
    let v: i32 = 0;
    for (; v + 8 <= vectors; v += 8) spread8(list, end, kernel + <usize>(v << 4), gradients + <usize>(v << 4));
    for (; v + 4 <= vectors; v += 4) spread4(list, end, kernel + <usize>(v << 4), gradients + <usize>(v << 4));
    for (; v < vectors; v++) spread1(list, end, kernel + <usize>(v << 4), gradients + <usize>(v << 4));
    gradients += rowBytes;
    kernel += <usize>vectors << 4;
  }
}

function spread8(list: usize, end: usize, kernel: usize, gradients: usize): void {
  const k0 = v128.load(kernel), k1 = v128.load(kernel, 16), k2 = v128.load(kernel, 32), k3 = v128.load(kernel, 48);
  const k4 = v128.load(kernel, 64), k5 = v128.load(kernel, 80), k6 = v128.load(kernel, 96), k7 = v128.load(kernel, 112);
  while (list != end) {
    const p = gradients + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    v128.store(p, multiplyAdd(gradient, k0, v128.load(p)));
    v128.store(p, multiplyAdd(gradient, k1, v128.load(p, 16)), 16);
    v128.store(p, multiplyAdd(gradient, k2, v128.load(p, 32)), 32);
    v128.store(p, multiplyAdd(gradient, k3, v128.load(p, 48)), 48);
    v128.store(p, multiplyAdd(gradient, k4, v128.load(p, 64)), 64);
    v128.store(p, multiplyAdd(gradient, k5, v128.load(p, 80)), 80);
    v128.store(p, multiplyAdd(gradient, k6, v128.load(p, 96)), 96);
    v128.store(p, multiplyAdd(gradient, k7, v128.load(p, 112)), 112);
    list += 8;
  }
}

function spread4(list: usize, end: usize, kernel: usize, gradients: usize): void {
  const k0 = v128.load(kernel), k1 = v128.load(kernel, 16), k2 = v128.load(kernel, 32), k3 = v128.load(kernel, 48);
  while (list != end) {
    const p = gradients + <usize>load<u32>(list);
    const gradient = v128.load32_splat(list, 4);
    v128.store(p, multiplyAdd(gradient, k0, v128.load(p)));
    v128.store(p, multiplyAdd(gradient, k1, v128.load(p, 16)), 16);
    v128.store(p, multiplyAdd(gradient, k2, v128.load(p, 32)), 32);
    v128.store(p, multiplyAdd(gradient, k3, v128.load(p, 48)), 48);
    list += 8;
  }
}

function spread1(list: usize, end: usize, kernel: usize, gradients: usize): void {
  const k = v128.load(kernel);
  while (list != end) {
    const p = gradients + <usize>load<u32>(list);
    v128.store(p, multiplyAdd(v128.load32_splat(list, 4), k, v128.load(p)));
    list += 8;
  }
}

/** w [depth][F] as [F][rows][run][4], the rest 0. */
function byFilter(g: PooledConvolution, w: usize, out: usize, filterBytes: usize): void {
  const filters = g.filters, run = g.kernelWidth * g.channels, rowBytes = <usize>runVectors(g) << 4;
  memory.fill(out, 0, <usize>filters * filterBytes);
  for (let u: i32 = 0; u < g.kernelHeight; u++) {
    for (let e: i32 = 0; e < run; e++) {
      let to = out + <usize>u * rowBytes + (<usize>e << 2);
      for (let f: i32 = 0; f < filters; f++) {
        store<f32>(to, load<f32>(w));
        w += 4;
        to += filterBytes;
      }
    }
  }
}

/** The inverse: dw [depth][F]. */
function byPatch(g: PooledConvolution, sums: usize, filterBytes: usize, dw: usize): void {
  const filters = g.filters, run = g.kernelWidth * g.channels, rowBytes = <usize>runVectors(g) << 4;
  for (let u: i32 = 0; u < g.kernelHeight; u++) {
    for (let e: i32 = 0; e < run; e++) {
      let from = sums + <usize>u * rowBytes + (<usize>e << 2);
      for (let f: i32 = 0; f < filters; f++) {
        store<f32>(dw, load<f32>(from));
        dw += 4;
        from += filterBytes;
      }
    }
  }
}
