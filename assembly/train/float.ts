/**
 * Exponentials and sums of four float32 lanes, for the inside of kernels; IEEE operations alone, the same bits on every
 * engine.
 *
 * The constants stand in memory: x64 engines build a vector constant from immediates in three or four instructions
 * wherever it is used, but load and spread one from memory in one.
 */
const table: usize = memory.data<f32>([
  12582912.0, 1.0, // 0: 1.5·2²³, one
  -87.3, 1.44269504, 0.693359375, 2.12194440e-4, // 2: least argument, 1/ln 2, ln 2 in two parts, of few bits and the rest
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, // 6: polynomial
  -127.0, // 12: least exponent
  1.5353362e-4, 1.3398874e-3, 9.618437e-3, 5.5503324e-2, 0.24022648, 0.6931472, // 13: polynomial of 2^f
]);

// @ts-ignore: decorator
@inline
function c(index: usize): v128 {
  return v128.load32_splat(table + 4 * index);
}

/**
 * e^x for x ≤ 88, within 2 ulp; 0 below −87.3 (no subnormal numbers); NaN stays NaN.
 *
 * x = n ln 2 + r, |r| ≤ ln 2 / 2, Cephes' degree-6 polynomial for e^r. Adding 1.5·2²³ rounds to n and leaves n in the
 * low bits, from where it goes into the exponent.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const t = f32x4.pmax(x, c(2));
  const rounded = f32x4.add(f32x4.mul(t, c(3)), c(0));
  const n = f32x4.sub(rounded, c(0));
  const r = f32x4.add(f32x4.sub(t, f32x4.mul(n, c(4))), f32x4.mul(n, c(5)));
  let p = f32x4.add(f32x4.mul(c(6), r), c(7));
  p = f32x4.add(f32x4.mul(p, r), c(8));
  p = f32x4.add(f32x4.mul(p, r), c(9));
  p = f32x4.add(f32x4.mul(p, r), c(10));
  p = f32x4.add(f32x4.mul(p, r), c(11));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), c(1));
  return v128.andnot(f32x4.mul(p, i32x4.add(i32x4.shl(rounded, 23), c(1))), f32x4.lt(x, c(2)));
}

/**
 * 2^y for y ≤ 127, within 2.1 · 2⁻²⁴ of it where it is a normal number; 0 below −126.5; NaN stays NaN. Taken for e^x with
 * y = x/ln 2 rounded, the error is |x| · 2⁻²⁴ more: what a rounding of x would cause.
 *
 * y = n + f, |f| ≤ ½, exactly; for 2^f the polynomial of degree 6 that is 1 at 0 and has the least relative error,
 * 0.04 · 2⁻²⁴. It is summed in pairs and not by Horner: what limits x64 here is how long the chain is. n = −127 makes the
 * exponent, and with it the result, 0.
 */
// @ts-ignore: decorator
@inline
export function power4(y: v128): v128 {
  const t = f32x4.pmax(y, c(12));
  const rounded = f32x4.add(t, c(0));
  const f = f32x4.sub(t, f32x4.sub(rounded, c(0)));
  const squared = f32x4.mul(f, f);
  let p = f32x4.add(f32x4.mul(squared, c(13)), f32x4.add(f32x4.mul(f, c(14)), c(15)));
  p = f32x4.add(f32x4.mul(p, squared), f32x4.add(f32x4.mul(f, c(16)), c(17)));
  p = f32x4.add(f32x4.mul(p, squared), f32x4.add(f32x4.mul(f, c(18)), c(1)));
  return f32x4.mul(p, i32x4.add(i32x4.shl(rounded, 23), c(1)));
}

/** Sum of the four lanes, ((0 + 1) + (2 + 3)). */
// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** The largest of four lanes. */
// @ts-ignore: decorator
@inline
export function top4(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}
