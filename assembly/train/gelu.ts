import { addColumnSums } from "./columnSums";
import { power4 } from "./float";
import { add, get, mul, put } from "./lanes";
import { multiplyVectors } from "./sums";

/** In memory for the reason given in float.ts. */
const table: usize = memory.data<f32>([
  -0.5 * 1.44269504, 0.3275911 * 0.7071067811865476, 1.0, // 0: of the exponent of 2; p/√2; one
  0.5 * 1.061405429, 0.5 * -1.453152027, 0.5 * 1.421413741, 0.5 * -0.284496736, 0.5 * 0.254829592, // 3: half of a₅ … a₁
  0.3989422804, 0.5, -0.0, // 8: 1/√(2π); half; a sign
]);

// @ts-ignore: decorator
@inline
function c(index: usize): v128 {
  return v128.load32_splat(table + 4 * index);
}

/**
 * y = x Φ(x), Φ the normal distribution function, and unless `slope` is 0 the derivative Φ(x) + x φ(x) for the way back;
 * n values. y and slope may each be x.
 *
 * Φ(−|x|) = ½ t (a₁ + t (a₂ + …)) e^{−x²/2}, t = 1/(1 + p|x|/√2) (Abramowitz, Stegun 7.1.26: error below 1.5e-7,
 * and relative to Φ small far out, because the exponential is a factor). On the other side x Φ(x) = x − x Φ(−x), and
 * the derivative is 1 − that at −x.
 */
export function geluForward(n: i32, x: usize, y: usize, slope: usize): void {
  let left = n;
  if (slope) {
    for (; left >= 8; left -= 8) {
      // Step by step for both: of one after the other, the second starts when the processor's queues have room again.
      const x0 = v128.load(x), x1 = v128.load(x, 16), size0 = f32x4.abs(x0), size1 = f32x4.abs(x1);
      const e0 = gauss(x0), e1 = gauss(x1);
      const lower0 = distribution(size0, e0), lower1 = distribution(size1, e1);
      v128.store(y, product(x0, size0, lower0));
      v128.store(y, product(x1, size1, lower1), 16);
      v128.store(slope, derivative(x0, size0, e0, lower0));
      v128.store(slope, derivative(x1, size1, e1, lower1), 16);
      x += 32;
      y += 32;
      slope += 32;
    }
    for (; left > 0; left -= 4) {
      const value = get(x, left), size = f32x4.abs(value), e = gauss(value), lower = distribution(size, e);
      put(y, left, product(value, size, lower));
      put(slope, left, derivative(value, size, e, lower));
      x += 16;
      y += 16;
      slope += 16;
    }
    return;
  }
  for (; left >= 8; left -= 8) {
    const x0 = v128.load(x), x1 = v128.load(x, 16), size0 = f32x4.abs(x0), size1 = f32x4.abs(x1);
    const e0 = gauss(x0), e1 = gauss(x1);
    const lower0 = distribution(size0, e0), lower1 = distribution(size1, e1);
    v128.store(y, product(x0, size0, lower0));
    v128.store(y, product(x1, size1, lower1), 16);
    x += 32;
    y += 32;
  }
  for (; left > 0; left -= 4) {
    const value = get(x, left), size = f32x4.abs(value);
    put(y, left, product(value, size, distribution(size, gauss(value))));
    x += 16;
    y += 16;
  }
}

/** e^{−x²/2} */
// @ts-ignore: decorator
@inline
function gauss(x: v128): v128 {
  return power4(mul(mul(x, x), c(0)));
}

/** x Φ(x), given |x| and Φ(−|x|). */
// @ts-ignore: decorator
@inline
function product(x: v128, size: v128, lower: v128): v128 {
  return f32x4.sub(f32x4.pmax(x, f32x4.splat(0)), mul(size, lower));
}

/** Φ(x) + x φ(x), given |x|, e^{−x²/2} and Φ(−|x|). */
// @ts-ignore: decorator
@inline
function derivative(x: v128, size: v128, e: v128, lower: v128): v128 {
  const below = f32x4.sub(lower, mul(size, mul(e, c(8))));
  return add(c(9), v128.xor(f32x4.sub(c(9), below), v128.and(x, c(10))));
}

/** Rows that the nearest cache holds between the product and the sum. */
const block: i32 = 16;

/** dy ← dy · slope, both [rows][columns], and sums[j] = Σ_i dy[i][j]: the way back to a dense layer and its bias. */
export function geluBackward(rows: i32, columns: i32, slope: usize, dy: usize, sums: usize): void {
  const stride = <usize>columns << 2;
  memory.fill(sums, 0, stride);
  for (let first: i32 = 0; first < rows; first += block) {
    const some = min(block, rows - first);
    multiplyVectors(some * columns, dy, slope, dy);
    addColumnSums(some, columns, dy, sums);
    slope += <usize>block * stride;
    dy += <usize>block * stride;
  }
}

/** Φ(−x) for x ≥ 0, given e = e^{−x²/2}. */
// @ts-ignore: decorator
@inline
function distribution(x: v128, e: v128): v128 {
  const t = f32x4.div(c(2), add(c(2), mul(x, c(1))));
  const squared = mul(t, t);
  const p = add(mul(add(mul(c(3), squared), add(mul(c(4), t), c(5))), squared), add(mul(c(6), t), c(7)));
  return mul(mul(p, t), e);
}
