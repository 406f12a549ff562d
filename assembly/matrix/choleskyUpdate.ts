/**
 * What the columns before a block of them take from it, for one pair of large matrices (choleskyBatched.ts):
 * A_iJ −= Σ_k L_ik conj(L_Jk), k ascending.
 *
 * Two rows at a time pass all columns of the block, so that a matrix too large for the caches is read once a block and
 * not once a pair of columns. The rows J are what has to stay near: 32·n·blockColumns bytes of the second-level cache.
 */
import { subtractDot, subtractTile } from "./dotTile";

/** Columns of a block, an even number. */
export const blockColumns: i32 = 16;

/** Columns from … end − 1 of the pair at `a`, rows from `from` on; `from` is a multiple of blockColumns. */
export function subtractEarlier(n: i32, a: usize, from: i32, end: i32): void {
  const row = (<usize>n) << 5;
  for (let i = from; i + 1 < n; i += 2) twoRows(a, i, from, end, row);
  if (n & 1) lastRow(a, n - 1, from, end, row);
}

/** Rows i and i + 1; the last tile may be the diagonal's, of which only (i, i), (i+1, i) and (i+1, i+1) are A's. */
// @ts-ignore: decorator
@inline
function twoRows(a: usize, i: i32, from: i32, end: i32, row: usize): void {
  const length = (<usize>from) << 5;
  const x = a + <usize>i * row;
  let b = a + <usize>from * row;
  let to = x + length;
  for (let j = from; j < min(i, end); j += 2) {
    subtractTile(x, x + row, b, b + row, length, to, to + row, false);
    b += row << 1;
    to += 64;
  }
  if (i >= end) return;
  const first = v128.load(to, 16), last = v128.load(to + row, 48);
  const re = v128.load(to, 32), im = v128.load(to, 48);
  subtractTile(x, x + row, b, b + row, length, to, to + row, false);
  v128.store(to, first, 16);
  v128.store(to + row, last, 48);
  v128.store(to, re, 32);
  v128.store(to, im, 48);
}

/** The last row of an odd number. */
function lastRow(a: usize, i: i32, from: i32, end: i32, row: usize): void {
  const x = a + <usize>i * row;
  const kept = v128.load(x + ((<usize>i) << 5), 16);
  let b = a + <usize>from * row;
  for (let j = from; j < end; j++) {
    subtractDot(from, x, b, x + ((<usize>j) << 5));
    b += row;
  }
  v128.store(x + ((<usize>i) << 5), kept, 16);
}
