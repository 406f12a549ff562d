/**
 * e^x in four float32 lanes, within 2 ulp: x = n ln 2 + r, |r| ≤ ln 2 / 2, Cephes' degree-6 polynomial for e^r.
 * Saturates: below −87.3 it is 0 (no subnormals), above 88.3 it is e^88.3; NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const underflow = f32x4.lt(x, f32x4.splat(-87.3));
  const t = f32x4.pmin(f32x4.splat(88.3), f32x4.pmax(f32x4.splat(-87.3), x));
  const n = f32x4.nearest(f32x4.mul(t, f32x4.splat(1.44269504)));
  let r = f32x4.sub(t, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  const y = v128.andnot(f32x4.mul(p, scale), underflow);
  return v128.bitselect(y, x, f32x4.eq(x, x));
}

/** Sum of the four lanes, ((0 + 1) + (2 + 3)). */
// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}
