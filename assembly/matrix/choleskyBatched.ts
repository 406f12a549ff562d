/**
 * A = L L^H of many Hermitian positive definite matrices, float64, left-looking by pairs of columns.
 *
 * a: [pairs][n][n] in the paired layout (dotTile.ts); the lower triangle is read and replaced by L, the upper one is
 * left alone. The diagonal of L is real: its imaginary half holds 1/L_jj, which the solvers use.
 * status: [2·pairs] i32: −1, or the first pivot that was not above n·2⁻⁵²·a_jj (not positive definite, or numerically
 * singular). From that pivot the matrix is treated as if the row were zero: nothing becomes NaN or infinite.
 */
import { subtractDot, subtractDotTile } from "./dotTile";

export function choleskyBatched(a: usize, n: i32, pairs: i32, status: usize): void {
  const row = (<usize>n) << 5;
  for (let p = 0; p < pairs; p++) {
    let failed = i64x2.splat(-1);
    let j: i32 = 0;
    for (; j + 2 <= n; j += 2) {
      const rowJ = a + <usize>j * row;
      const rowK = rowJ + row;
      const at = (<usize>j) << 5;
      // Diagonal tile: (j, j), (j+1, j), (j+1, j+1); what is above the diagonal is not touched.
      const above = rowJ + at + 32;
      const keepRe = v128.load(above);
      const keepIm = v128.load(above, 16);
      const d0 = v128.load(rowJ + at);
      const d1 = v128.load(rowK + at + 32);
      if (j > 0) subtractDotTile(rowJ, rowK, rowJ, rowK, j, rowJ + at, rowK + at);
      failed = pivot(rowJ + at, d0, n, j, failed);
      scaleByInverse(rowK + at, rowJ + at);
      subtractSquare(rowK + at, rowK + at + 32);
      failed = pivot(rowK + at + 32, d1, n, j + 1, failed);
      v128.store(above, keepRe);
      v128.store(above, keepIm, 16);
      let i = j + 2;
      let rowI = rowK + row;
      for (; i + 2 <= n; i += 2) {
        const rowM = rowI + row;
        if (j > 0) subtractDotTile(rowI, rowM, rowJ, rowK, j, rowI + at, rowM + at);
        finish(rowI + at, rowJ + at, rowK + at);
        finish(rowM + at, rowJ + at, rowK + at);
        rowI = rowM + row;
      }
      if (i < n) {
        subtractDot(rowI, rowJ, j, rowI + at);
        subtractDot(rowI, rowK, j, rowI + at + 32);
        finish(rowI + at, rowJ + at, rowK + at);
      }
    }
    if (j < n) {
      const rowJ = a + <usize>j * row;
      const at = (<usize>j) << 5;
      const d = v128.load(rowJ + at);
      subtractDot(rowJ, rowJ, j, rowJ + at);
      failed = pivot(rowJ + at, d, n, j, failed);
    }
    store<i32>(status, i32x4.extract_lane(failed, 0));
    store<i32>(status, i32x4.extract_lane(failed, 2), 4);
    status += 8;
    a += <usize>n * row;
  }
}

/** L_jj = √s and 1/L_jj from the reduced diagonal entry at `at`; `whole` is what it was before. */
// @ts-ignore: decorator
@inline
function pivot(at: usize, whole: v128, n: i32, j: i32, failed: v128): v128 {
  const s = v128.load(at);
  const good = f64x2.gt(s, f64x2.mul(f64x2.splat(<f64>n * 2.220446049250313e-16), f64x2.abs(whole)));
  const root = v128.and(f64x2.sqrt(s), good);
  v128.store(at, root);
  v128.store(at, v128.and(f64x2.div(f64x2.splat(1.0), root), good), 16);
  const first = v128.and(v128.not(good), i64x2.eq(failed, i64x2.splat(-1)));
  return v128.bitselect(i64x2.splat(j), failed, first);
}

/** The entries (i, j), (i, j+1) at `x`, reduced by the earlier columns: by the column j itself and the two pivots. */
// @ts-ignore: decorator
@inline
function finish(x: usize, diagonal: usize, below: usize): void {
  const inverse = v128.load(diagonal, 16);
  const re = f64x2.mul(v128.load(x), inverse);
  const im = f64x2.mul(v128.load(x, 16), inverse);
  v128.store(x, re);
  v128.store(x, im, 16);
  const lr = v128.load(below);
  const li = v128.load(below, 16);
  const last = v128.load(below, 48);
  const sr = f64x2.sub(f64x2.sub(v128.load(x, 32), f64x2.mul(re, lr)), f64x2.mul(im, li));
  const si = f64x2.add(f64x2.sub(v128.load(x, 48), f64x2.mul(im, lr)), f64x2.mul(re, li));
  v128.store(x, f64x2.mul(sr, last), 32);
  v128.store(x, f64x2.mul(si, last), 48);
}

// @ts-ignore: decorator
@inline
function scaleByInverse(x: usize, diagonal: usize): void {
  const inverse = v128.load(diagonal, 16);
  v128.store(x, f64x2.mul(v128.load(x), inverse));
  v128.store(x, f64x2.mul(v128.load(x, 16), inverse), 16);
}

/** The real part at `d` minus |x|². */
// @ts-ignore: decorator
@inline
function subtractSquare(x: usize, d: usize): void {
  const re = v128.load(x);
  const im = v128.load(x, 16);
  v128.store(d, f64x2.sub(f64x2.sub(v128.load(d), f64x2.mul(re, re)), f64x2.mul(im, im)));
}
