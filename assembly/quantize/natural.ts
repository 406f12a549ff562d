/**
 * Natural compression (Horváth et al., arXiv 1905.10988): |x| between 2^a and 2^(a+1) becomes one of the two, the
 * upper with probability |x|/2^a − 1. Symbol ±(a + 150) for ±2^a, a = −149 … 127; 0 for 0. words: n × 32 random bits.
 */
export function naturalEncode(n: i32, x: usize, words: usize, m: usize): void {
  const smallestNormal = i32x4.splat(0x00800000);
  const mask = i32x4.splat(0x007fffff);
  for (; n >= 4; n -= 4) {
    const bits = v128.load(x);
    const magnitude = v128.and(bits, i32x4.splat(0x7fffffff));
    const zero = i32x4.eq(magnitude, i32x4.splat(0));
    // Denormals are rare: those four go one by one.
    if (v128.any_true(v128.andnot(i32x4.lt_s(magnitude, smallestNormal), zero))) naturalScalar(x, 4, words, m);
    else {
      const up = i32x4.lt_s(i32x4.shr_u(v128.load(words), 9), v128.and(magnitude, mask));
      let power = i32x4.sub(i32x4.add(i32x4.shr_u(magnitude, 23), i32x4.splat(23)), up);
      power = v128.andnot(i32x4.min_s(power, i32x4.splat(277)), zero);
      const sign = i32x4.shr_s(bits, 31);
      v128.store(m, i32x4.sub(v128.xor(power, sign), sign));
    }
    x += 16;
    words += 16;
    m += 16;
  }
  naturalScalar(x, n, words, m);
}

function naturalScalar(x: usize, n: i32, words: usize, m: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    const bits = load<u32>(x);
    const magnitude = bits & 0x7fffffff;
    let power: i32 = 0;
    if (magnitude != 0) {
      const exponent = magnitude >>> 23;
      let fraction = magnitude & 0x7fffff;
      power = <i32>exponent + 23;
      if (exponent == 0) {
        // Denormal: its leading bit is the power, what is below it the fraction.
        const top = 31 - clz(fraction);
        power = <i32>top + 1;
        fraction = (fraction << (23 - top)) & 0x7fffff;
      }
      power = min(power + <i32>((load<u32>(words) >>> 9) < fraction), 277);
      const sign = <i32>bits >> 31;
      power = (power ^ sign) - sign;
    }
    store<i32>(m, power);
    x += 4;
    words += 4;
    m += 4;
  }
}

export function naturalDecode(n: i32, m: usize, q: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    const symbol = load<i32>(m);
    const power = <u32>abs(symbol);
    const bits = power >= 24 ? (power - 23) << 23 : power > 0 ? (<u32>1) << (power - 1) : 0;
    store<u32>(q, bits | (<u32>symbol & 0x80000000));
    m += 4;
    q += 4;
  }
}
