/**
 * The inner products of the batched kernels. "Paired" layout: one complex number of two matrices is 32 bytes,
 * (re, re') then (im, im'), so that every lane is a matrix and nothing is ever shuffled.
 */

/** sum − Σ_k a_k conj(b_k), k < count, contiguous: one entry at `out` in place. */
// @ts-ignore: decorator
@inline
export function subtractDot(count: i32, a: usize, b: usize, out: usize): void {
  let re = v128.load(out);
  let im = v128.load(out, 16);
  const end = a + ((<usize>count) << 5);
  while (a < end) {
    const ar = v128.load(a);
    const ai = v128.load(a, 16);
    const br = v128.load(b);
    const bi = v128.load(b, 16);
    re = f64x2.sub(re, f64x2.mul(ar, br));
    im = f64x2.sub(im, f64x2.mul(ai, br));
    re = f64x2.sub(re, f64x2.mul(ai, bi));
    im = f64x2.add(im, f64x2.mul(ar, bi));
    a += 32;
    b += 32;
  }
  v128.store(out, re);
  v128.store(out, im, 16);
}

/**
 * Rows a0, a1 of two columns whose earlier parts are the rows b0, b1 (`length` bytes of each): the entries at out0, out1.
 * `finish`: behind those parts stand the columns' own entries, (j, j) and (j+1, j), by which the tile is finished.
 */
// @ts-ignore: decorator
@inline
export function subtractTile(
  a0: usize, a1: usize, b0: usize, b1: usize, length: usize, out0: usize, out1: usize, finish: bool,
): void {
  const end = a0 + length;
  let r00 = v128.load(out0);
  let i00 = v128.load(out0, 16);
  let r01 = v128.load(out0, 32);
  let i01 = v128.load(out0, 48);
  let r10 = v128.load(out1);
  let i10 = v128.load(out1, 16);
  let r11 = v128.load(out1, 32);
  let i11 = v128.load(out1, 48);
  while (a0 < end) {
    const br = v128.load(b0);
    const bi = v128.load(b0, 16);
    const cr = v128.load(b1);
    const ci = v128.load(b1, 16);
    const ar = v128.load(a0);
    r00 = f64x2.sub(r00, f64x2.mul(ar, br));
    r01 = f64x2.sub(r01, f64x2.mul(ar, cr));
    i00 = f64x2.add(i00, f64x2.mul(ar, bi));
    i01 = f64x2.add(i01, f64x2.mul(ar, ci));
    if (b0 == 0) break; // never: it ends a basic block, to whose start V8 on x64 moves all loads
    const ai = v128.load(a0, 16);
    r00 = f64x2.sub(r00, f64x2.mul(ai, bi));
    r01 = f64x2.sub(r01, f64x2.mul(ai, ci));
    i00 = f64x2.sub(i00, f64x2.mul(ai, br));
    i01 = f64x2.sub(i01, f64x2.mul(ai, cr));
    const dr = v128.load(a1);
    r10 = f64x2.sub(r10, f64x2.mul(dr, br));
    r11 = f64x2.sub(r11, f64x2.mul(dr, cr));
    i10 = f64x2.add(i10, f64x2.mul(dr, bi));
    i11 = f64x2.add(i11, f64x2.mul(dr, ci));
    if (b1 == 0) break;
    const di = v128.load(a1, 16);
    r10 = f64x2.sub(r10, f64x2.mul(di, bi));
    r11 = f64x2.sub(r11, f64x2.mul(di, ci));
    i10 = f64x2.sub(i10, f64x2.mul(di, br));
    i11 = f64x2.sub(i11, f64x2.mul(di, cr));
    a0 += 32;
    a1 += 32;
    b0 += 32;
    b1 += 32;
  }
  if (finish) {
    finishRow(out0, r00, i00, r01, i01, b0, b1);
    finishRow(out1, r10, i10, r11, i11, b0, b1);
  } else {
    storeTwo(out0, r00, i00, r01, i01);
    storeTwo(out1, r10, i10, r11, i11);
  }
}

/** Stores the entries (i, j), (i, j+1) at `x`, reduced by the earlier columns, reduced by column j and the two pivots. */
// @ts-ignore: decorator
@inline
export function finishRow(x: usize, r0: v128, i0: v128, r1: v128, i1: v128, diagonal: usize, below: usize): void {
  const inverse = v128.load(diagonal, 16);
  const re = f64x2.mul(r0, inverse);
  const im = f64x2.mul(i0, inverse);
  v128.store(x, re);
  v128.store(x, im, 16);
  const lr = v128.load(below);
  const li = v128.load(below, 16);
  const last = v128.load(below, 48);
  const sr = f64x2.sub(f64x2.sub(r1, f64x2.mul(re, lr)), f64x2.mul(im, li));
  const si = f64x2.add(f64x2.sub(i1, f64x2.mul(im, lr)), f64x2.mul(re, li));
  v128.store(x, f64x2.mul(sr, last), 32);
  v128.store(x, f64x2.mul(si, last), 48);
}

// @ts-ignore: decorator
@inline
function storeTwo(x: usize, r0: v128, i0: v128, r1: v128, i1: v128): void {
  v128.store(x, r0);
  v128.store(x, i0, 16);
  v128.store(x, r1, 32);
  v128.store(x, i1, 48);
}
