/**
 * Fixed-width fields: entry i of `symbols` (int32) minus `offset` takes bits [i·width, (i+1)·width) of `out`,
 * lowest bit first.
 *
 * Up to 8 bits, sixteen entries become bytes of a vector, neighbours are merged in 16-, 32- and 64-bit lanes, and
 * each 64-bit lane ends with exactly `width` bytes. Writes up to 8 bytes beyond the ⌈n·width/8⌉ of the result;
 * unpackBits reads up to 8 bytes beyond: both buffers are padded.
 */
export function packBits(symbols: usize, n: i32, offset: i32, width: i32, out: usize): void {
  let i: i32 = 0;
  if (width <= 8) {
    const bias = i32x4.splat(offset);
    const low8 = i16x8.splat(0x00ff);
    const low16 = i32x4.splat(0x0000ffff);
    const low32 = i64x2.splat(0x00000000ffffffff);
    const shift8 = 8 - width;
    const shift16 = 16 - 2 * width;
    const shift32 = 32 - 4 * width;
    for (; i + 16 <= n; i += 16) {
      const a = i16x8.narrow_i32x4_s(i32x4.sub(v128.load(symbols), bias), i32x4.sub(v128.load(symbols, 16), bias));
      const b = i16x8.narrow_i32x4_s(i32x4.sub(v128.load(symbols, 32), bias), i32x4.sub(v128.load(symbols, 48), bias));
      let v = i8x16.narrow_i16x8_u(a, b);
      v = v128.or(v128.and(v, low8), i16x8.shr_u(v128.andnot(v, low8), shift8));
      v = v128.or(v128.and(v, low16), i32x4.shr_u(v128.andnot(v, low16), shift16));
      v = v128.or(v128.and(v, low32), i64x2.shr_u(v128.andnot(v, low32), shift32));
      store<i64>(out, i64x2.extract_lane(v, 0));
      store<i64>(out + width, i64x2.extract_lane(v, 1));
      symbols += 64;
      out += 2 * width;
    }
  }
  let held: u64 = 0;
  let fill: i32 = 0;
  for (; i < n; i++) {
    held |= (<u64>(<u32>(load<i32>(symbols) - offset))) << fill;
    fill += width;
    symbols += 4;
    if (fill >= 32) {
      store<u32>(out, <u32>held);
      out += 4;
      held >>= 32;
      fill -= 32;
    }
  }
  while (fill > 0) {
    store<u8>(out, <u8>held);
    out += 1;
    held >>= 8;
    fill -= 8;
  }
}

/** The inverse: symbols_i = field_i + offset. Reads only the ⌈n·width/8⌉ bytes and up to 8 of padding. */
export function unpackBits(bytes: usize, n: i32, offset: i32, width: i32, symbols: usize): void {
  let i: i32 = 0;
  if (width <= 8) {
    const bias = i32x4.splat(offset);
    const field: i32 = (1 << width) - 1;
    const mask8 = i16x8.splat(<i16>field);
    const mask16 = i32x4.splat((1 << (2 * width)) - 1);
    const mask32 = i64x2.splat(((<i64>1) << (4 * width)) - 1);
    const shift8 = 8 - width;
    const shift16 = 16 - 2 * width;
    const shift32 = 32 - 4 * width;
    const top8 = i16x8.shl(mask8, 8);
    const top16 = i32x4.shl(mask16, 16);
    const top32 = i64x2.shl(mask32, 32);
    for (; i + 16 <= n; i += 16) {
      let v = v128.load64_lane(bytes + width, v128.load64_zero(bytes), 1);
      v = v128.or(v128.and(v, mask32), v128.and(i64x2.shl(v, shift32), top32));
      v = v128.or(v128.and(v, mask16), v128.and(i32x4.shl(v, shift16), top16));
      v = v128.or(v128.and(v, mask8), v128.and(i16x8.shl(v, shift8), top8));
      const a = i16x8.extend_low_i8x16_u(v);
      const b = i16x8.extend_high_i8x16_u(v);
      v128.store(symbols, i32x4.add(i32x4.extend_low_i16x8_u(a), bias));
      v128.store(symbols, i32x4.add(i32x4.extend_high_i16x8_u(a), bias), 16);
      v128.store(symbols, i32x4.add(i32x4.extend_low_i16x8_u(b), bias), 32);
      v128.store(symbols, i32x4.add(i32x4.extend_high_i16x8_u(b), bias), 48);
      symbols += 64;
      bytes += 2 * width;
    }
  }
  const mask: u64 = ((<u64>1) << width) - 1;
  let bit: i32 = 0;
  for (; i < n; i++) {
    store<i32>(symbols, <i32>((load<u64>(bytes) >>> bit) & mask) + offset);
    symbols += 4;
    bit += width;
    bytes += bit >> 3;
    bit &= 7;
  }
}
