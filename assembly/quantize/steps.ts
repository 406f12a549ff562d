/**
 * Uniform steps: m_i = round_half_even(x_i · inverse), 0 where |x_i| < threshold; q_i = m_i · step.
 *
 * x, q: n float32; m: n int32. The products are float64: x_i is exact there, `inverse` and `step` are the
 * correctly rounded constants, and q_i is the one float32 rounding of the float64 product. |m_i| < 2²⁴.
 * Adding 1.5 · 2⁵² rounds a float64 to an integer, half to even, and leaves it in the low 32 bits.
 */

// @ts-ignore: decorator
@inline const magic: f64 = 6755399441055744.0;

// @ts-ignore: decorator
@inline
function bitLengths(m: v128): v128 {
  // The exponent of float32(|m|): exact below 2²⁴; of zero it is far below 126, and the maximum makes it 0.
  const exponent = i32x4.shr_u(f32x4.convert_i32x4_s(i32x4.abs(m)), 23);
  return i32x4.max_s(i32x4.sub(exponent, i32x4.splat(126)), i32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function roundSteps(x: v128, inverse: v128): v128 {
  const offset = f64x2.splat(magic);
  const low = f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(x), inverse), offset);
  const high = f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)), inverse), offset);
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function store3(range: usize, low: v128, high: v128, bits: v128): void {
  store<i32>(range, min(min(i32x4.extract_lane(low, 0), i32x4.extract_lane(low, 1)), min(i32x4.extract_lane(low, 2), i32x4.extract_lane(low, 3))));
  store<i32>(range, max(max(i32x4.extract_lane(high, 0), i32x4.extract_lane(high, 1)), max(i32x4.extract_lane(high, 2), i32x4.extract_lane(high, 3))), 4);
  store<i32>(range, i32x4.extract_lane(bits, 0) + i32x4.extract_lane(bits, 1) + i32x4.extract_lane(bits, 2) + i32x4.extract_lane(bits, 3), 8);
}

/** range: three int32, min m_i, max m_i and Σ bitlength|m_i|; of no values 0, 0, 0. */
export function quantizeNearest(n: i32, inverse: f64, threshold: f32, x: usize, m: usize, range: usize): void {
  if (n == 0) {
    memory.fill(range, 0, 12);
    return;
  }
  const scale = f64x2.splat(inverse);
  const limit = f32x4.splat(threshold);
  let low = i32x4.splat(i32.MAX_VALUE);
  let high = i32x4.splat(i32.MIN_VALUE);
  let bits = i32x4.splat(0);
  let i: i32 = 0;
  for (; i + 8 <= n; i += 8) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const m0 = v128.and(roundSteps(x0, scale), f32x4.ge(f32x4.abs(x0), limit));
    const m1 = v128.and(roundSteps(x1, scale), f32x4.ge(f32x4.abs(x1), limit));
    v128.store(m, m0);
    v128.store(m, m1, 16);
    low = i32x4.min_s(low, i32x4.min_s(m0, m1));
    high = i32x4.max_s(high, i32x4.max_s(m0, m1));
    bits = i32x4.add(bits, i32x4.add(bitLengths(m0), bitLengths(m1)));
    x += 32;
    m += 32;
  }
  for (; i < n; i++) {
    const value = load<f32>(x);
    const one = select<i32>(<i32>nearest(<f64>value * inverse), 0, abs(value) >= threshold);
    store<i32>(m, one);
    const lane = i32x4.splat(one);
    low = i32x4.min_s(low, lane);
    high = i32x4.max_s(high, lane);
    bits = i32x4.add(bits, i32x4.replace_lane(i32x4.splat(0), 0, 32 - clz(abs(one))));
    x += 4;
    m += 4;
  }
  store3(range, low, high, bits);
}

/**
 * m_i = round_half_even(x_i · factor / divisor), the product exact and the quotient rounded once: where the grid puts
 * entries on ties, as ±‖x‖_∞ with an odd factor and divisor 2‖x‖_∞, a product with 1/step would not see them.
 * Otherwise as quantizeNearest.
 */
export function quantizeQuotient(n: i32, factor: f64, divisor: f64, x: usize, m: usize, range: usize): void {
  if (n == 0) {
    memory.fill(range, 0, 12);
    return;
  }
  const factors = f64x2.splat(factor);
  const divisors = f64x2.splat(divisor);
  const round = f64x2.splat(magic);
  let low = i32x4.splat(i32.MAX_VALUE);
  let high = i32x4.splat(i32.MIN_VALUE);
  let bits = i32x4.splat(0);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const value = v128.load(x);
    const p0 = f64x2.mul(f64x2.promote_low_f32x4(value), factors);
    const p1 = f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(value, value, 2, 3, 2, 3)), factors);
    const r0 = f64x2.add(f64x2.div(p0, divisors), round);
    const r1 = f64x2.add(f64x2.div(p1, divisors), round);
    const one = v128.shuffle<i32>(r0, r1, 0, 2, 4, 6);
    v128.store(m, one);
    low = i32x4.min_s(low, one);
    high = i32x4.max_s(high, one);
    bits = i32x4.add(bits, bitLengths(one));
    x += 16;
    m += 16;
  }
  for (; i < n; i++) {
    const one = <i32>nearest((<f64>load<f32>(x) * factor) / divisor);
    store<i32>(m, one);
    const lane = i32x4.splat(one);
    low = i32x4.min_s(low, lane);
    high = i32x4.max_s(high, lane);
    bits = i32x4.add(bits, i32x4.replace_lane(i32x4.splat(0), 0, 32 - clz(abs(one))));
    x += 4;
    m += 4;
  }
  store3(range, low, high, bits);
}

/** How `quantizeFloor` rounds. */
@unmanaged
export class FloorRounding {
  inverse: f64;
  offset: f64;
  threshold: f32;
  lowest: i32;
  highest: i32;
}

/**
 * m_i = ⌊x_i · inverse + offset + u_i⌋ held to lowest … highest, 0 where |x_i| < threshold. u_i = words_i / 2³², so
 * that with offset 0 E m_i = x_i · inverse to 2⁻³³; words = 0: u_i = 0. Otherwise as quantizeNearest.
 */
export function quantizeFloor(
  n: i32, rounding: FloorRounding, x: usize, words: usize, m: usize, range: usize,
): void {
  const inverse = rounding.inverse, offset = rounding.offset, threshold = rounding.threshold;
  const lowest = rounding.lowest, highest = rounding.highest;
  if (n == 0) {
    memory.fill(range, 0, 12);
    return;
  }
  const scale = f64x2.splat(inverse);
  const limit = f32x4.splat(threshold);
  // Without words, x stands in for them and counts for nothing: one loop serves both.
  const unit: f64 = words == 0 ? 0.0 : 1.0 / 4294967296.0;
  if (words == 0) words = x;
  const units = f64x2.splat(unit);
  const offsets = f64x2.splat(offset);
  const top = i32x4.splat(highest);
  const bottom = i32x4.splat(lowest);
  const round = f64x2.splat(magic);
  let low = i32x4.splat(i32.MAX_VALUE);
  let high = i32x4.splat(i32.MIN_VALUE);
  let bits = i32x4.splat(0);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const value = v128.load(x);
    const word = v128.load(words);
    const u0 = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_u(word), units), offsets);
    const u1 = f64x2.add(f64x2.mul(f64x2.convert_low_i32x4_u(v128.shuffle<i32>(word, word, 2, 3, 2, 3)), units), offsets);
    const v0 = f64x2.mul(f64x2.promote_low_f32x4(value), scale);
    const v1 = f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(value, value, 2, 3, 2, 3)), scale);
    const r0 = f64x2.add(f64x2.floor(f64x2.add(v0, u0)), round);
    const r1 = f64x2.add(f64x2.floor(f64x2.add(v1, u1)), round);
    let one = i32x4.max_s(i32x4.min_s(v128.shuffle<i32>(r0, r1, 0, 2, 4, 6), top), bottom);
    one = v128.and(one, f32x4.ge(f32x4.abs(value), limit));
    v128.store(m, one);
    low = i32x4.min_s(low, one);
    high = i32x4.max_s(high, one);
    bits = i32x4.add(bits, bitLengths(one));
    x += 16;
    m += 16;
    words += 16;
  }
  for (; i < n; i++) {
    const value = load<f32>(x);
    const u = <f64>load<u32>(words) * unit + offset;
    const held = max(min(<i32>floor(<f64>value * inverse + u), highest), lowest);
    const one = select<i32>(held, 0, abs(value) >= threshold);
    store<i32>(m, one);
    const lane = i32x4.splat(one);
    low = i32x4.min_s(low, lane);
    high = i32x4.max_s(high, lane);
    bits = i32x4.add(bits, i32x4.replace_lane(i32x4.splat(0), 0, 32 - clz(abs(one))));
    x += 4;
    m += 4;
    words += 4;
  }
  store3(range, low, high, bits);
}

/** q_i = float32((m_i + shift) · step), saturating at the largest finite float32; shift is 0, or ½ for grids without a zero. */
export function dequantizeSteps(n: i32, step: f64, shift: f64, m: usize, q: usize): void {
  const scale = f64x2.splat(step);
  const half = f64x2.splat(shift);
  const top = f64x2.splat(<f64>f32.MAX_VALUE);
  const bottom = f64x2.splat(-<f64>f32.MAX_VALUE);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const one = v128.load(m);
    let low = f64x2.mul(f64x2.add(f64x2.convert_low_i32x4_s(one), half), scale);
    let high = f64x2.mul(f64x2.add(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(one, one, 2, 3, 2, 3)), half), scale);
    low = f64x2.pmax(f64x2.pmin(low, top), bottom);
    high = f64x2.pmax(f64x2.pmin(high, top), bottom);
    v128.store(q, v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5));
    m += 16;
    q += 16;
  }
  for (; i < n; i++) {
    store<f32>(q, <f32>max(min((<f64>load<i32>(m) + shift) * step, <f64>f32.MAX_VALUE), -<f64>f32.MAX_VALUE));
    m += 4;
    q += 4;
  }
}
