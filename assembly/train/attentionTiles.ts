import { multiplyAdd } from "./multiplyAdd";

/**
 * Tiles of 4×8 of attention's products. A's four rows lie `row` bytes apart from a on and advance by stepA up to `end`,
 * B's eight columns advance by stepB.
 *
 * The loop's body is in the shape of gemm's, which V8 compiles without a spill. Its turns go by eights, as two loops: for
 * products as short as a head's that is a seventh faster on x64 than one loop of 16 to 64 turns.
 */
const turns: usize = 8;

/** C ← A·B */
export function productTile(
  end: usize, a: usize, row: usize, stepA: usize, b: usize, stepB: usize, c: usize, rowC: usize,
): void {
  const row2 = row + row, row3 = row2 + row;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  while (a != end) {
    const stop = min(a + turns * stepA, end);
    do {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
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
      a += stepA;
      b += stepB;
    } while (a != stop);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += rowC;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += rowC;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += rowC;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** C ← (A·B + row's number at `starts`) ∘ P, P as C; A by rows, B [k][8] */
export function slopeTile(
  end: usize, a: usize, row: usize, b: usize, starts: usize, p: usize, c: usize, rowC: usize,
): void {
  const row2 = row + row, row3 = row2 + row;
  let c00 = v128.load32_splat(starts), c01 = c00;
  let c10 = v128.load32_splat(starts, 4), c11 = c10;
  let c20 = v128.load32_splat(starts, 8), c21 = c20;
  let c30 = v128.load32_splat(starts, 12), c31 = c30;
  while (a != end) {
    const stop = min(a + turns * 4, end);
    do {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
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
      b += 32;
    } while (a != stop);
  }
  times(c, p, c00, c01);
  times(c + rowC, p + rowC, c10, c11);
  times(c + 2 * rowC, p + 2 * rowC, c20, c21);
  times(c + 3 * rowC, p + 3 * rowC, c30, c31);
}

// @ts-ignore: decorator
@inline
function times(c: usize, p: usize, c0: v128, c1: v128): void {
  v128.store(c, f32x4.mul(v128.load(p), c0));
  v128.store(c, f32x4.mul(v128.load(p, 16), c1), 16);
}
