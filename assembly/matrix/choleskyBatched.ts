/**
 * A = L L^H of many Hermitian positive definite matrices, float64, left-looking by pairs of columns.
 *
 * a: [pairs][n][n] in the paired layout (dotTile.ts); the lower triangle is read and replaced by L, the upper one is
 * left alone. The diagonal of L is real: its imaginary half holds 1/L_jj, which the solvers use.
 * status: [2·pairs] i32: −1, or the first pivot that was not above n·2⁻⁵²·a_jj or was not a normal number (not positive
 * definite, or numerically singular). From that pivot the matrix is treated as if the row were zero: nothing becomes NaN
 * or infinite.
 *
 * A pivot is a chain of a square root and a division. Pairs that fit the first-level cache together advance column by
 * column, so that the processor works on one's rows while another's pivots are under way.
 */
import { subtractDot } from "./dotTile";

export function choleskyBatched(n: i32, pairs: i32, a: usize, status: usize): void {
  const row = (<usize>n) << 5;
  const whole = <usize>n * row;
  const together = max(1, min(8, 24576 / max(<i32>whole, 1)));
  const least = f64x2.splat(<f64>n * 2.220446049250313e-16);
  while (pairs > 0) {
    const group = min(pairs, together);
    for (let p = 0; p < group; p++) store<i64>(status + ((<usize>p) << 3), -1);
    for (let j = 0; j < n; j += 2)
      for (let p = 0; p < group; p++) twoColumns(a + <usize>p * whole, n, j, row, least, status + ((<usize>p) << 3));
    a += <usize>group * whole;
    status += (<usize>group) << 3;
    pairs -= group;
  }
}

/** Columns j and j + 1 (or the last one alone) of the two matrices at `a`. */
function twoColumns(a: usize, n: i32, j: i32, row: usize, least: v128, status: usize): void {
  const rowJ = a + <usize>j * row;
  const rowK = rowJ + row;
  const at = (<usize>j) << 5;
  if (j + 1 == n) {
    const d = v128.load(rowJ + at);
    subtractDot(j, rowJ, rowJ, rowJ + at);
    pivot(rowJ + at, v128.load(rowJ + at), d, least, j, status);
    return;
  }
  diagonalTile(rowJ, rowK, at, least, j, status);
  let i = j + 2;
  let rowI = rowK + row;
  for (; i + 2 <= n; i += 2) {
    tile(rowI, rowI + row, rowJ, rowK, at);
    rowI += row << 1;
  }
  if (i < n) {
    const x = rowI + at;
    subtractDot(j, rowI, rowJ, x);
    subtractDot(j, rowI, rowK, x + 32);
    finish(x, v128.load(x), v128.load(x, 16), v128.load(x, 32), v128.load(x, 48), rowJ + at, rowK + at);
  }
}

/** The entries (j, j), (j+1, j), (j+1, j+1); what is above the diagonal is not touched. */
// @ts-ignore: decorator
@inline
function diagonalTile(rowJ: usize, rowK: usize, at: usize, least: v128, j: i32, status: usize): void {
  const end = rowJ + at;
  const below = rowK + at;
  const d0 = v128.load(end);
  const d1 = v128.load(below, 32);
  let r0 = d0;
  let re = v128.load(below);
  let im = v128.load(below, 16);
  let r1 = d1;
  let y = rowK;
  for (let x = rowJ; x < end; x += 32) {
    const xr = v128.load(x);
    const xi = v128.load(x, 16);
    const yr = v128.load(y);
    const yi = v128.load(y, 16);
    r0 = f64x2.sub(r0, f64x2.mul(xr, xr));
    re = f64x2.sub(re, f64x2.mul(yr, xr));
    im = f64x2.add(im, f64x2.mul(yr, xi));
    r1 = f64x2.sub(r1, f64x2.mul(yr, yr));
    r0 = f64x2.sub(r0, f64x2.mul(xi, xi));
    re = f64x2.sub(re, f64x2.mul(yi, xi));
    im = f64x2.sub(im, f64x2.mul(yi, xr));
    r1 = f64x2.sub(r1, f64x2.mul(yi, yi));
    y += 32;
  }
  const inverse = pivot(end, r0, d0, least, j, status);
  re = f64x2.mul(re, inverse);
  im = f64x2.mul(im, inverse);
  v128.store(below, re);
  v128.store(below, im, 16);
  pivot(below + 32, f64x2.sub(f64x2.sub(r1, f64x2.mul(re, re)), f64x2.mul(im, im)), d1, least, j + 1, status);
}

/** L_jj = √s and 1/L_jj, which is returned, from the reduced diagonal entry s; `before` is what it was. */
// @ts-ignore: decorator
@inline
function pivot(at: usize, s: v128, before: v128, least: v128, j: i32, status: usize): v128 {
  // s ≤ before: false also where `before` is negative or not a number. The smallest normal number keeps 1/s finite.
  const good = f64x2.gt(s, f64x2.add(f64x2.mul(least, before), f64x2.splat(2.2250738585072014e-308)));
  let root = f64x2.sqrt(s);
  let inverse = f64x2.mul(root, f64x2.div(f64x2.splat(1.0), s)); // the division does not wait for the root
  if (!i64x2.all_true(good)) {
    root = v128.and(root, good);
    inverse = v128.and(inverse, good);
    if (!i64x2.extract_lane(good, 0) && load<i32>(status) < 0) store<i32>(status, j);
    if (!i64x2.extract_lane(good, 1) && load<i32>(status, 4) < 0) store<i32>(status, j, 4);
  }
  v128.store(at, root);
  v128.store(at, inverse, 16);
  return inverse;
}

/** Rows a0, a1 of columns j, j + 1 (rows b0, b1 hold the earlier part of these columns), `at` = 32 j. */
// @ts-ignore: decorator
@inline
function tile(a0: usize, a1: usize, b0: usize, b1: usize, at: usize): void {
  const out0 = a0 + at;
  const out1 = a1 + at;
  const diagonal = b0 + at;
  const below = b1 + at;
  let r00 = v128.load(out0);
  let i00 = v128.load(out0, 16);
  let r01 = v128.load(out0, 32);
  let i01 = v128.load(out0, 48);
  let r10 = v128.load(out1);
  let i10 = v128.load(out1, 16);
  let r11 = v128.load(out1, 32);
  let i11 = v128.load(out1, 48);
  while (a0 < out0) {
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
  finish(out0, r00, i00, r01, i01, diagonal, below);
  finish(out1, r10, i10, r11, i11, diagonal, below);
}

/** Stores the entries (i, j), (i, j+1) at `x`, reduced by the earlier columns, reduced by column j and the two pivots. */
// @ts-ignore: decorator
@inline
function finish(x: usize, r0: v128, i0: v128, r1: v128, i1: v128, diagonal: usize, below: usize): void {
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
