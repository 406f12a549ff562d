/**
 * ‖x‖_∞ of n float32 values, as the bit pattern of the largest magnitude.
 *
 * Magnitudes of floats order as their bits do once the sign is cleared, so an integer maximum also carries
 * every NaN and infinity to the top: a result ≥ 0x7f800000 says that there is one. x need not be aligned.
 */
export function maxAbsBits(n: i32, x: usize): u32 {
  const mask = i32x4.splat(0x7fffffff);
  let m0 = i32x4.splat(0);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  let i: i32 = 0;
  for (; i + 16 <= n; i += 16) {
    m0 = i32x4.max_s(m0, v128.and(v128.load(x), mask));
    m1 = i32x4.max_s(m1, v128.and(v128.load(x, 16), mask));
    m2 = i32x4.max_s(m2, v128.and(v128.load(x, 32), mask));
    m3 = i32x4.max_s(m3, v128.and(v128.load(x, 48), mask));
    x += 64;
  }
  m0 = i32x4.max_s(i32x4.max_s(m0, m1), i32x4.max_s(m2, m3));
  let m = max(
    max(i32x4.extract_lane(m0, 0), i32x4.extract_lane(m0, 1)),
    max(i32x4.extract_lane(m0, 2), i32x4.extract_lane(m0, 3)),
  );
  for (; i < n; i++) {
    m = max(m, load<i32>(x) & 0x7fffffff);
    x += 4;
  }
  return <u32>m;
}

/** Index of the first NaN or infinity among n float32 values; n when there is none. */
export function firstNonFinite(n: i32, x: usize): i32 {
  for (let i: i32 = 0; i < n; i++) {
    if ((load<u32>(x + (<usize>i << 2)) & 0x7f800000) == 0x7f800000) return i;
  }
  return n;
}
