import { multiplyAdd } from "./multiplyAdd";

/** What a product starts from, zero unless said, and ends with; they add up. */
export enum Product {
  /** Start from C */
  accumulate = 1,
  /** Start from `bias` */
  bias = 2,
  /** End with max(·, 0) */
  relu = 4,
}

/**
 * One 4×8 tile of C, A by rows: its four rows lie `row` bytes apart from a on and have k values each; B's eight columns
 * advance by stepB.
 *
 * Two turns of the loop are written out, each with its own addresses of the rows: that is eight additions less than
 * from one address and three distances, and a twentieth faster. V8 moves loads to the front of a basic block, so more
 * than one turn without a branch between would not fit into the registers; an odd k leaves by that branch.
 */
export function rowTile(
  k: i32, a: usize, row: usize, b: usize, stepB: usize, c: usize, rowC: usize, mode: i32, bias: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (mode & (Product.accumulate | Product.bias)) {
    let p = mode & Product.bias ? bias : c;
    const step: usize = mode & Product.bias ? 0 : rowC;
    c00 = v128.load(p);
    c01 = v128.load(p, 16);
    p += step;
    c10 = v128.load(p);
    c11 = v128.load(p, 16);
    p += step;
    c20 = v128.load(p);
    c21 = v128.load(p, 16);
    p += step;
    c30 = v128.load(p);
    c31 = v128.load(p, 16);
  }
  let a1 = a + row, a2 = a1 + row, a3 = a2 + row;
  const whole = a + (<usize>(k & -2) << 2);
  const odd = k & 1 ? whole : 1;
  const end = k & 1 ? whole + 8 : whole;
  while (a != end) {
    const b00 = v128.load(b), b01 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    c00 = multiplyAdd(x0, b00, c00);
    c01 = multiplyAdd(x0, b01, c01);
    const x1 = v128.load32_splat(a1);
    c10 = multiplyAdd(x1, b00, c10);
    c11 = multiplyAdd(x1, b01, c11);
    const x2 = v128.load32_splat(a2);
    c20 = multiplyAdd(x2, b00, c20);
    c21 = multiplyAdd(x2, b01, c21);
    const x3 = v128.load32_splat(a3);
    c30 = multiplyAdd(x3, b00, c30);
    c31 = multiplyAdd(x3, b01, c31);
    if (a == odd) break;
    b += stepB;
    const b10 = v128.load(b), b11 = v128.load(b, 16);
    const y0 = v128.load32_splat(a, 4);
    c00 = multiplyAdd(y0, b10, c00);
    c01 = multiplyAdd(y0, b11, c01);
    const y1 = v128.load32_splat(a1, 4);
    c10 = multiplyAdd(y1, b10, c10);
    c11 = multiplyAdd(y1, b11, c11);
    const y2 = v128.load32_splat(a2, 4);
    c20 = multiplyAdd(y2, b10, c20);
    c21 = multiplyAdd(y2, b11, c21);
    const y3 = v128.load32_splat(a3, 4);
    c30 = multiplyAdd(y3, b10, c30);
    c31 = multiplyAdd(y3, b11, c31);
    b += stepB;
    a += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
  }
  const least = f32x4.splat(mode & Product.relu ? 0 : -Infinity);
  put(c, c00, c01, least);
  put(c + rowC, c10, c11, least);
  put(c + 2 * rowC, c20, c21, least);
  put(c + 3 * rowC, c30, c31, least);
}

/**
 * The same, A by columns: four values side by side at a, the next ones stepA bytes on, up to `end`. No address but a, so
 * one turn is enough: one basic block, each value of A loaded right before its four products, no counter but a.
 */
export function columnTile(
  end: usize, a: usize, stepA: usize, b: usize, stepB: usize, c: usize, rowC: usize, mode: i32, bias: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (mode & (Product.accumulate | Product.bias)) {
    let p = mode & Product.bias ? bias : c;
    const step: usize = mode & Product.bias ? 0 : rowC;
    c00 = v128.load(p);
    c01 = v128.load(p, 16);
    p += step;
    c10 = v128.load(p);
    c11 = v128.load(p, 16);
    p += step;
    c20 = v128.load(p);
    c21 = v128.load(p, 16);
    p += step;
    c30 = v128.load(p);
    c31 = v128.load(p, 16);
  }
  while (a != end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = multiplyAdd(a0, b0, c00);
    c01 = multiplyAdd(a0, b1, c01);
    const a1 = v128.load32_splat(a, 4);
    c10 = multiplyAdd(a1, b0, c10);
    c11 = multiplyAdd(a1, b1, c11);
    const a2 = v128.load32_splat(a, 8);
    c20 = multiplyAdd(a2, b0, c20);
    c21 = multiplyAdd(a2, b1, c21);
    const a3 = v128.load32_splat(a, 12);
    c30 = multiplyAdd(a3, b0, c30);
    c31 = multiplyAdd(a3, b1, c31);
    a += stepA;
    b += stepB;
  }
  const least = f32x4.splat(mode & Product.relu ? 0 : -Infinity);
  put(c, c00, c01, least);
  put(c + rowC, c10, c11, least);
  put(c + 2 * rowC, c20, c21, least);
  put(c + 3 * rowC, c30, c31, least);
}

// @ts-ignore: decorator
@inline
function put(c: usize, left: v128, right: v128, least: v128): void {
  v128.store(c, f32x4.pmax(left, least));
  v128.store(c, f32x4.pmax(right, least), 16);
}
