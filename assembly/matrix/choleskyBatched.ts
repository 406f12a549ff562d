/**
 * A = L L^H of many Hermitian positive definite matrices, float64, left-looking by pairs of columns. Matrices too large
 * for the caches are taken by blocks of columns (choleskyUpdate.ts): the same sums in the same order, so that how a matrix
 * is cut moves no bit.
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
import { blockColumns, subtractEarlier } from "./choleskyUpdate";
import { finishRow, subtractDot, subtractTile } from "./dotTile";

/** The largest order that is factored as one block: two such matrices are half of a small second-level cache, 512 KiB. */
const wholeOrder: i32 = 128;

export function choleskyBatched(n: i32, pairs: i32, a: usize, status: usize): void {
  const row = (<usize>n) << 5;
  const whole = <usize>n * row;
  if (n > wholeOrder) {
    for (let p = 0; p < pairs; p++) byBlocks(n, a + <usize>p * whole, status + ((<usize>p) << 3));
    return;
  }
  const together = max(1, min(8, 24576 / max(<i32>whole, 1)));
  const least = f64x2.splat(<f64>n * 2.220446049250313e-16);
  while (pairs > 0) {
    const group = min(pairs, together);
    for (let p = 0; p < group; p++) store<i64>(status + ((<usize>p) << 3), -1);
    for (let j = 0; j < n; j += 2)
      for (let p = 0; p < group; p++) 
        twoColumns(a + <usize>p * whole, n, 0, j, row, 0, least, status + ((<usize>p) << 3));
    a += <usize>group * whole;
    status += (<usize>group) << 3;
    pairs -= group;
  }
}

/** One pair of matrices. What a pivot is compared with, the diagonal as it was, waits where its inverse will be. */
function byBlocks(n: i32, a: usize, status: usize): void {
  const row = (<usize>n) << 5;
  const least = f64x2.splat(<f64>n * 2.220446049250313e-16);
  store<i64>(status, -1);
  for (let d = a; d < a + <usize>n * row; d += row + 32) v128.store(d, v128.load(d), 16);
  for (let from = 0; from < n; from += blockColumns) {
    const end = min(from + blockColumns, n);
    if (from > 0) subtractEarlier(n, a, from, end);
    for (let j = from; j < end; j += 2) twoColumns(a, n, from, j, row, 16, least, status);
  }
}

/**
 * Columns j and j + 1 (or the last one alone) of the two matrices at `a`, from which those before `from` are subtracted
 * already. `kept`: where the diagonal entries as they were lie, behind their real parts.
 */
// @ts-ignore: decorator
@inline
function twoColumns(a: usize, n: i32, from: i32, j: i32, row: usize, kept: usize, least: v128, status: usize): void {
  const at = (<usize>(j - from)) << 5;
  const rowJ = a + <usize>j * row + ((<usize>from) << 5);
  const rowK = rowJ + row;
  if (j + 1 == n) {
    const d = v128.load(rowJ + at + kept);
    subtractDot(j - from, rowJ, rowJ, rowJ + at);
    pivot(rowJ + at, v128.load(rowJ + at), d, least, j, status);
    return;
  }
  diagonalTile(rowJ, rowK, at, kept, least, j, status);
  let i = j + 2;
  let rowI = rowK + row;
  for (; i + 2 <= n; i += 2) {
    const x = rowI + at;
    subtractTile(rowI, rowI + row, rowJ, rowK, at, x, x + row, true);
    rowI += row << 1;
  }
  if (i < n) {
    const x = rowI + at;
    subtractDot(j - from, rowI, rowJ, x);
    subtractDot(j - from, rowI, rowK, x + 32);
    finishRow(x, v128.load(x), v128.load(x, 16), v128.load(x, 32), v128.load(x, 48), rowJ + at, rowK + at);
  }
}

/** The entries (j, j), (j+1, j), (j+1, j+1); what is above the diagonal is not touched. */
// @ts-ignore: decorator
@inline
function diagonalTile(rowJ: usize, rowK: usize, at: usize, kept: usize, least: v128, j: i32, status: usize): void {
  const end = rowJ + at;
  const below = rowK + at;
  const d0 = v128.load(end + kept);
  const d1 = v128.load(below + kept, 32);
  let r0 = v128.load(end);
  let re = v128.load(below);
  let im = v128.load(below, 16);
  let r1 = v128.load(below, 32);
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
