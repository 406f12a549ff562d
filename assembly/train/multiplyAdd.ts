/**
 * a · b + c in four float32 lanes: rounded after the product and after the sum; in the relaxed build, which alone has
 * the instruction, once where the processor fuses them and twice where it does not.
 */
// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}
