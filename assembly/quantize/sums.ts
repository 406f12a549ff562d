/** Sums over float32 vectors in float64, two lanes and a fixed order. */

// @ts-ignore: decorator
@inline
function total(a: v128, b: v128): f64 {
  const sum = f64x2.add(a, b);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** Σ x_i y_i; with y = x the sum of squares. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let low = f64x2.splat(0.0);
  let high = low;
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const a = v128.load(x);
    const b = v128.load(y);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)));
    high = f64x2.add(high, f64x2.mul(
      f64x2.promote_low_f32x4(v128.shuffle<i32>(a, a, 2, 3, 2, 3)),
      f64x2.promote_low_f32x4(v128.shuffle<i32>(b, b, 2, 3, 2, 3)),
    ));
    x += 16;
    y += 16;
  }
  let sum = total(low, high);
  for (; i < n; i++) {
    sum += <f64>load<f32>(x) * <f64>load<f32>(y);
    x += 4;
    y += 4;
  }
  return sum;
}

/** Σ |x_i| */
export function sumAbs(n: i32, x: usize): f64 {
  let low = f64x2.splat(0.0);
  let high = low;
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const a = f32x4.abs(v128.load(x));
    low = f64x2.add(low, f64x2.promote_low_f32x4(a));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(a, a, 2, 3, 2, 3)));
    x += 16;
  }
  let sum = total(low, high);
  for (; i < n; i++) {
    sum += <f64>abs(load<f32>(x));
    x += 4;
  }
  return sum;
}

/** out_i = x_i + factor · y_i in float32, held to the finite ones; out may be x. */
export function addScaled(n: i32, factor: f32, x: usize, y: usize, out: usize): void {
  const scale = f32x4.splat(factor);
  const top = f32x4.splat(f32.MAX_VALUE);
  const bottom = f32x4.splat(-f32.MAX_VALUE);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const sum = f32x4.add(v128.load(x), f32x4.mul(scale, v128.load(y)));
    v128.store(out, f32x4.pmax(f32x4.pmin(sum, top), bottom));
    x += 16;
    y += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<f32>(out, max<f32>(min<f32>(load<f32>(x) + factor * load<f32>(y), f32.MAX_VALUE), -f32.MAX_VALUE));
    x += 4;
    y += 4;
    out += 4;
  }
}

/** out_i = float32(x_i · factor), the product in float64, held to the finite ones; out may be x. */
export function scaleValues(n: i32, factor: f64, x: usize, out: usize): void {
  const scale = f64x2.splat(factor);
  const top = f64x2.splat(<f64>f32.MAX_VALUE);
  const bottom = f64x2.splat(-<f64>f32.MAX_VALUE);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const a = v128.load(x);
    let low = f64x2.mul(f64x2.promote_low_f32x4(a), scale);
    let high = f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(a, a, 2, 3, 2, 3)), scale);
    low = f64x2.pmax(f64x2.pmin(low, top), bottom);
    high = f64x2.pmax(f64x2.pmin(high, top), bottom);
    v128.store(out, v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5));
    x += 16;
    out += 16;
  }
  for (; i < n; i++) {
    store<f32>(out, <f32>max(min(<f64>load<f32>(x) * factor, <f64>f32.MAX_VALUE), -<f64>f32.MAX_VALUE));
    x += 4;
    out += 4;
  }
}
