/**
 * Small floating-point formats: one sign, an exponent, `mantissa` bits. A magnitude a = |x|·inverse becomes the code
 * ⌊·⌋ of exponent and mantissa read as one integer: with E = max(⌊log2 a⌋, lowest) and k = round_half_even(a·2^(mantissa−E))
 * it is (E − lowest)·2^mantissa + k, held to `highest`, the code of the largest finite value; the carry of k into the
 * exponent and the subnormals come out by themselves. The symbol is the code with x's sign.
 */
export function minifloatEncode(
  n: i32, inverse: f64, mantissa: i32, lowest: i32, highest: i32, x: usize, m: usize,
): void {
  const scale = f64x2.splat(inverse);
  const floorBits = i64x2.splat(<i64>(1023 + lowest) << 52);
  const exponentMask = i64x2.splat(0x7ff0000000000000);
  // 2^(mantissa − E) has the exponent field 2·1023 + mantissa − field(E).
  const reflect = i64x2.splat(<i64>(2046 + mantissa) << 52);
  const magic = f64x2.splat(6755399441055744.0);
  const top = i32x4.splat(highest);
  const base = i32x4.splat(1023 + lowest);
  let i: i32 = 0;
  for (; i < n; i += 4) {
    let value: v128;
    if (i + 4 <= n) value = v128.load(x);
    else {
      value = v128.load32_zero(x);
      if (i + 1 < n) value = v128.load32_lane(x, value, 1, 4);
      if (i + 2 < n) value = v128.load32_lane(x, value, 2, 8);
    }
    const magnitude = f32x4.abs(value);
    const a0 = f64x2.mul(f64x2.promote_low_f32x4(magnitude), scale);
    const a1 = f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(magnitude, magnitude, 2, 3, 2, 3)), scale);
    // Positive float64 order as their bits, so the larger exponent is a float maximum.
    const e0 = f64x2.pmax(v128.and(a0, exponentMask), floorBits);
    const e1 = f64x2.pmax(v128.and(a1, exponentMask), floorBits);
    const k0 = f64x2.add(f64x2.mul(a0, i64x2.sub(reflect, e0)), magic);
    const k1 = f64x2.add(f64x2.mul(a1, i64x2.sub(reflect, e1)), magic);
    const k = v128.shuffle<i32>(k0, k1, 0, 2, 4, 6);
    const exponent = i32x4.sub(i32x4.shr_u(v128.shuffle<i32>(e0, e1, 1, 3, 5, 7), 20), base);
    const code = i32x4.min_s(i32x4.add(i32x4.shl(exponent, mantissa), k), top);
    const sign = i32x4.shr_s(value, 31);
    const symbol = i32x4.sub(v128.xor(code, sign), sign);
    if (i + 4 <= n) v128.store(m, symbol);
    else {
      v128.store32_lane(m, symbol, 0);
      if (i + 1 < n) v128.store32_lane(m, symbol, 1, 4);
      if (i + 2 < n) v128.store32_lane(m, symbol, 2, 8);
    }
    x += 16;
    m += 16;
  }
}

/** q_i = float32(±value(code) · scale), saturating. */
export function minifloatDecode(n: i32, scale: f64, mantissa: i32, lowest: i32, m: usize, q: usize): void {
  const mask: u32 = ((<u32>1) << mantissa) - 1;
  for (let i: i32 = 0; i < n; i++) {
    const symbol = load<i32>(m);
    const code = <u32>abs(symbol);
    const exponent = <i32>(code >>> mantissa);
    const k = exponent > 0 ? (code & mask) + mask + 1 : code;
    const unit = reinterpret<f64>(<u64>(1023 + lowest - mantissa + max(exponent, 1) - 1) << 52);
    const value = min(<f64>k * unit * scale, <f64>f32.MAX_VALUE);
    store<f32>(q, <f32>(symbol < 0 ? -value : value));
    m += 4;
    q += 4;
  }
}

/** bfloat16: the upper half of a float32, rounded half to even, at most the largest finite one; symbols as above. */
export function bfloatEncode(n: i32, x: usize, m: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    const bits = load<u32>(x);
    const magnitude = bits & 0x7fffffff;
    const code = <i32>min<u32>((magnitude + 0x7fff + ((magnitude >>> 16) & 1)) >>> 16, 0x7f7f);
    const sign = <i32>bits >> 31;
    store<i32>(m, (code ^ sign) - sign);
    x += 4;
    m += 4;
  }
}

export function bfloatDecode(n: i32, m: usize, q: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    const symbol = load<i32>(m);
    store<u32>(q, (<u32>abs(symbol) << 16) | (<u32>symbol & 0x80000000));
    m += 4;
    q += 4;
  }
}

/**
 * OCP microscaling (MX v1.0): blocks of 32 share a scale 2^s, s = ⌊log2 max⌋ − largest, −127 … 127, where `largest` is
 * the exponent of the element format's largest value. scales: ⌈n/32⌉ int32 s; m: n symbols of minifloatEncode.
 */
export function microscaleEncode(
  n: i32, largest: i32, mantissa: i32, lowest: i32, highest: i32, x: usize, scales: usize, m: usize,
): void {
  for (let i: i32 = 0; i < n; i += 32) {
    const count = min(32, n - i);
    let most: u32 = 0;
    for (let j: i32 = 0; j < count; j++) most = max<u32>(most, load<u32>(x + (<usize>j << 2)) & 0x7fffffff);
    const s = max(min(<i32>(most >>> 23) - 127 - largest, 127), -127);
    store<i32>(scales, s);
    minifloatEncode(count, reinterpret<f64>(<u64>(1023 - s) << 52), mantissa, lowest, highest, x, m);
    scales += 4;
    x += 128;
    m += 128;
  }
}

export function microscaleDecode(n: i32, mantissa: i32, lowest: i32, scales: usize, m: usize, q: usize): void {
  for (let i: i32 = 0; i < n; i += 32) {
    const scale = reinterpret<f64>(<u64>(1023 + load<i32>(scales)) << 52);
    minifloatDecode(min(32, n - i), scale, mantissa, lowest, m, q);
    scales += 4;
    m += 128;
    q += 128;
  }
}
