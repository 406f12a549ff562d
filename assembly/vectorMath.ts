/**
 * Elementary functions on two float64 lanes, for the inside of kernels: polynomials and scalings of fdlibm
 * (within 1 ulp of the exact value), the same bits on every engine. Where a lane lies outside the range of the polynomials
 * (zeros, subnormal numbers, infinities, NaN, results that are no normal numbers), math.ts stands in for both lanes.
 *
 * The constants stand in memory: x64 engines build a vector constant from immediates in four instructions wherever it is
 * used, but load and duplicate one from memory in one.
 */
import { exp, log } from "./math";

const table: usize = memory.data<f64>([
  4503599627370496.0 + 1023.0, 1.0, 2.0, 0.5, // 0: exponent bias, one, two, half
  1.531383769920937332e-1, 2.222219843214978396e-1, 3.999999999940941908e-1, // 4: Lg6 Lg4 Lg2
  1.479819860511658591e-1, 1.818357216161805012e-1, 2.857142874366239149e-1, 6.666666666666735130e-1, // 7: Lg7 Lg5 Lg3 Lg1
  1.90821492927058770002e-10, 6.93147180369123816490e-1, // 11: ln 2, low and high
  6755399441055744.0, 1.44269504088896338700, // 13: 1.5·2⁵², 1/ln 2
  4.13813679705723846039e-8, -1.65339022054652515390e-6, 6.61375632143793436117e-5, -2.77777777770155933842e-3, 1.66666666666666019037e-1, // 15
  1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6, -1.98412698298579493134e-4, 8.33333333332248946124e-3, -1.66666666666666324348e-1, // 20
  -1.13596475577881948265e-11, 2.08757232129817482790e-9, -2.75573143513906633035e-7, 2.48015872894767294178e-5, -1.38888888888741095749e-3, 4.16666666666666019037e-2, // 26
  2.2250738585072014e-308, 1.7976931348623157e308, 700.0, // 32: least and largest normal number, bound of the exponential
]);
const bits: usize = memory.data<u64>([
  0x00095f6200000000, // 0: 0x3ff00000 − 0x3fe6a09e in the high word, so that the mantissa ends in [√½, √2)
  0x4330000000000000, 0x000fffffffffffff, 0x3fe6a09e00000000, // 1: 2⁵², mantissa, √½
  0x3ff0000000000000, // 4: 1.0
]);

// @ts-ignore: decorator
@inline
function c(index: usize): v128 {
  return v128.load64_splat(table + 8 * index);
}

// @ts-ignore: decorator
@inline
function b(index: usize): v128 {
  return v128.load64_splat(bits + 8 * index);
}

/** a·x + table[index]. */
// @ts-ignore: decorator
@inline
function poly(x: v128, a: v128, index: usize): v128 {
  return f64x2.add(f64x2.mul(a, x), c(index));
}

/** Natural logarithm (e_log.c: f = m − 1, s = f/(2 + f), even and odd polynomial in s²). */
// @ts-ignore: decorator
@inline
export function log2Lanes(x: v128): v128 {
  const normal = v128.and(f64x2.ge(x, c(32)), f64x2.le(x, c(33)));
  return i64x2.all_true(normal) ? normalLogarithm(x) : f64x2(log(f64x2.extract_lane(x, 0)), log(f64x2.extract_lane(x, 1)));
}

// @ts-ignore: decorator
@inline
function normalLogarithm(x: v128): v128 {
  const shifted = i64x2.add(x, b(0));
  const k = f64x2.sub(v128.or(i64x2.shr_u(shifted, 52), b(1)), c(0));
  const m = i64x2.add(v128.and(shifted, b(2)), b(3));
  const f = f64x2.sub(m, c(1));
  const s = f64x2.div(f, f64x2.add(f, c(2)));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  const even = f64x2.mul(w, poly(w, poly(w, c(4), 5), 6));
  const odd = f64x2.mul(z, poly(w, poly(w, poly(w, c(7), 8), 9), 10));
  const half = f64x2.mul(c(3), f64x2.mul(f, f));
  const low = f64x2.add(f64x2.mul(s, f64x2.add(half, f64x2.add(even, odd))), f64x2.mul(k, c(11)));
  return f64x2.add(f64x2.add(f64x2.sub(low, half), f), f64x2.mul(k, c(12)));
}

/** e^x (e_exp.c: x = k ln 2 + r, rational function of r, for |x| < 700). */
// @ts-ignore: decorator
@inline
export function exp2Lanes(x: v128): v128 {
  const normal = f64x2.lt(f64x2.abs(x), c(34));
  return i64x2.all_true(normal) ? normalExponential(x) : f64x2(exp(f64x2.extract_lane(x, 0)), exp(f64x2.extract_lane(x, 1)));
}

// @ts-ignore: decorator
@inline
function normalExponential(x: v128): v128 {
  const rounded = f64x2.add(f64x2.mul(x, c(14)), c(13)); // adding 1.5·2⁵² leaves the rounded number in the low bits
  const k = f64x2.sub(rounded, c(13));
  const hi = f64x2.sub(x, f64x2.mul(k, c(12)));
  const lo = f64x2.mul(k, c(11));
  const r = f64x2.sub(hi, lo);
  const z = f64x2.mul(r, r);
  const q = f64x2.sub(r, f64x2.mul(z, poly(z, poly(z, poly(z, poly(z, c(15), 16), 17), 18), 19)));
  const y = f64x2.add(c(1), f64x2.add(f64x2.sub(f64x2.div(f64x2.mul(r, q), f64x2.sub(c(2), q)), lo), hi));
  return f64x2.mul(y, i64x2.add(i64x2.shl(rounded, 52), b(4)));
}

/** sin t for |t| ≤ π/4 (k_sin.c); z = t². */
// @ts-ignore: decorator
@inline
export function sinKernel(t: v128, z: v128): v128 {
  const p = poly(z, poly(z, poly(z, poly(z, poly(z, c(20), 21), 22), 23), 24), 25);
  return f64x2.add(t, f64x2.mul(f64x2.mul(t, z), p));
}

/** cos t for |t| ≤ π/4 (k_cos.c); z = t². */
// @ts-ignore: decorator
@inline
export function cosKernel(z: v128): v128 {
  const p = poly(z, poly(z, poly(z, poly(z, poly(z, c(26), 27), 28), 29), 30), 31);
  const half = f64x2.mul(c(3), z);
  const w = f64x2.sub(c(1), half);
  return f64x2.add(w, f64x2.add(f64x2.sub(f64x2.sub(c(1), w), half), f64x2.mul(f64x2.mul(z, z), p)));
}
