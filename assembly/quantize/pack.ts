/**
 * Fixed-width fields: entry i of `symbols` (int32) minus `offset` takes bits [i·width, (i+1)·width) of `out`,
 * lowest bit first.
 *
 * Up to 8 bits, sixteen entries at a time: neighbours are merged in 16-, 32- and 64-bit lanes, and each 64-bit lane
 * ends with exactly `width` bytes. One loop for each width, since shifts by a constant are one instruction and others
 * four. Writes up to 8 bytes beyond the ⌈n·width/8⌉ of the result; unpackBits reads up to 8 bytes beyond: both buffers
 * are padded.
 */
export function packBits(n: i32, offset: i32, width: i32, symbols: usize, out: usize): void {
  // The vector loops subtract the offset in 16 bits.
  const whole = offset >= -32000 && offset <= 32000 ? n & ~15 : 0;
  switch (width) {
    case 1: { packSingles(symbols, whole, offset, out); break; }
    case 2: { packWhole(symbols, whole, offset, 2, out); break; }
    case 3: { packWhole(symbols, whole, offset, 3, out); break; }
    case 4: { packWhole(symbols, whole, offset, 4, out); break; }
    case 5: { packWhole(symbols, whole, offset, 5, out); break; }
    case 6: { packWhole(symbols, whole, offset, 6, out); break; }
    case 7: { packWhole(symbols, whole, offset, 7, out); break; }
    case 8: { packBytes(symbols, whole, offset, out); break; }
    default: {
      packRest(symbols, n, offset, width, out);
      return;
    }
  }
  packRest(symbols + (<usize>whole << 2), n - whole, offset, width, out + ((<usize>whole * width) >>> 3));
}

// @ts-ignore: decorator
@inline
function packWhole(symbols: usize, n: i32, offset: i32, width: i32, out: usize): void {
  // A product with (1, 2^width) of neighbouring lanes and their sum puts two fields side by side. The offset comes off
  // in 16 bits, after narrowing.
  const bias = i16x8.splat(<i16>offset);
  const pair = i32x4.splat(1 | (1 << (16 + width)));
  const four = i32x4.splat(1 | (1 << (16 + 2 * width)));
  const end = symbols + (<usize>n << 2);
  while (symbols < end) {
    const a = i16x8.sub(i16x8.narrow_i32x4_s(v128.load(symbols), v128.load(symbols, 16)), bias);
    const b = i16x8.sub(i16x8.narrow_i32x4_s(v128.load(symbols, 32), v128.load(symbols, 48)), bias);
    const v = i32x4.dot_i16x8_s(
      i16x8.narrow_i32x4_s(i32x4.dot_i16x8_s(a, pair), i32x4.dot_i16x8_s(b, pair)), four,
    );
    const low = <u64>i64x2.extract_lane(v, 0);
    const high = <u64>i64x2.extract_lane(v, 1);
    store<u64>(out, (low & 0xffffffff) | ((low >>> 32) << (4 * width)));
    store<u64>(out + width, (high & 0xffffffff) | ((high >>> 32) << (4 * width)));
    symbols += 64;
    out += 2 * width;
  }
}

// @ts-ignore: decorator
@inline
function packSingles(symbols: usize, n: i32, offset: i32, out: usize): void {
  const bias = i16x8.splat(<i16>offset);
  const end = symbols + (<usize>n << 2);
  while (symbols < end) {
    const a = i16x8.sub(i16x8.narrow_i32x4_s(v128.load(symbols), v128.load(symbols, 16)), bias);
    const b = i16x8.sub(i16x8.narrow_i32x4_s(v128.load(symbols, 32), v128.load(symbols, 48)), bias);
    // 0 and 1 become 0 and −1, whose signs are the sixteen bits.
    store<u16>(out, <u16>i8x16.bitmask(i8x16.neg(i8x16.narrow_i16x8_u(a, b))));
    symbols += 64;
    out += 2;
  }
}

// @ts-ignore: decorator
@inline
function packBytes(symbols: usize, n: i32, offset: i32, out: usize): void {
  const bias = i16x8.splat(<i16>offset);
  const end = symbols + (<usize>n << 2);
  while (symbols < end) {
    const a = i16x8.sub(i16x8.narrow_i32x4_s(v128.load(symbols), v128.load(symbols, 16)), bias);
    const b = i16x8.sub(i16x8.narrow_i32x4_s(v128.load(symbols, 32), v128.load(symbols, 48)), bias);
    v128.store(out, i8x16.narrow_i16x8_u(a, b));
    symbols += 64;
    out += 16;
  }
}

function packRest(symbols: usize, n: i32, offset: i32, width: i32, out: usize): void {
  let held: u64 = 0;
  let fill: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
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
export function unpackBits(n: i32, offset: i32, width: i32, bytes: usize, symbols: usize): void {
  const whole = n & ~15;
  switch (width) {
    case 1: { unpackWhole(bytes, whole, offset, 1, symbols); break; }
    case 2: { unpackWhole(bytes, whole, offset, 2, symbols); break; }
    case 3: { unpackWhole(bytes, whole, offset, 3, symbols); break; }
    case 4: { unpackWhole(bytes, whole, offset, 4, symbols); break; }
    case 5: { unpackWhole(bytes, whole, offset, 5, symbols); break; }
    case 6: { unpackWhole(bytes, whole, offset, 6, symbols); break; }
    case 7: { unpackWhole(bytes, whole, offset, 7, symbols); break; }
    case 8: { unpackWhole(bytes, whole, offset, 8, symbols); break; }
    default: {
      unpackRest(bytes, n, offset, width, symbols);
      return;
    }
  }
  unpackRest(bytes + ((<usize>whole * width) >>> 3), n - whole, offset, width, symbols + (<usize>whole << 2));
}

// @ts-ignore: decorator
@inline
function unpackWhole(bytes: usize, n: i32, offset: i32, width: i32, symbols: usize): void {
  const bias = i32x4.splat(offset);
  const field = i32x4.splat((1 << width) - 1);
  const low32 = i64x2.splat(((<i64>1) << (4 * width)) - 1);
  const top32 = i64x2.shl(low32, 32);
  const low16 = i32x4.splat((1 << (2 * width)) - 1);
  const top16 = i32x4.shl(low16, 16);
  const end = symbols + (<usize>n << 2);
  while (symbols < end) {
    let v = v128.load64_lane(bytes + width, v128.load64_zero(bytes), 1);
    // Four fields to each 32-bit lane, two to each 16-bit lane, then one to each 32-bit lane of four vectors.
    if (width < 8) {
      v = v128.or(v128.and(v, low32), v128.and(i64x2.shl(v, 32 - 4 * width), top32));
      v = v128.or(v128.and(v, low16), v128.and(i32x4.shl(v, 16 - 2 * width), top16));
    }
    const a = i32x4.extend_low_i16x8_u(v);
    const b = i32x4.extend_high_i16x8_u(v);
    const a0 = v128.and(a, field);
    const a1 = i32x4.shr_u(a, width);
    const b0 = v128.and(b, field);
    const b1 = i32x4.shr_u(b, width);
    v128.store(symbols, i32x4.add(v128.shuffle<i32>(a0, a1, 0, 4, 1, 5), bias));
    v128.store(symbols, i32x4.add(v128.shuffle<i32>(a0, a1, 2, 6, 3, 7), bias), 16);
    v128.store(symbols, i32x4.add(v128.shuffle<i32>(b0, b1, 0, 4, 1, 5), bias), 32);
    v128.store(symbols, i32x4.add(v128.shuffle<i32>(b0, b1, 2, 6, 3, 7), bias), 48);
    symbols += 64;
    bytes += 2 * width;
  }
}

function unpackRest(bytes: usize, n: i32, offset: i32, width: i32, symbols: usize): void {
  const mask: u64 = ((<u64>1) << width) - 1;
  let bit: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    store<i32>(symbols, <i32>((load<u64>(bytes) >>> bit) & mask) + offset);
    symbols += 4;
    bit += width;
    bytes += bit >> 3;
    bit &= 7;
  }
}

/** out_i = the `shift` lower bits of symbols_i − offset: what a coder of the upper bits leaves over. */
export function lowerBits(n: i32, offset: i32, shift: i32, symbols: usize, out: usize): void {
  const mask = (1 << shift) - 1;
  for (let i: i32 = 0; i < n; i++) {
    store<i32>(out, (load<i32>(symbols) - offset) & mask);
    symbols += 4;
    out += 4;
  }
}

/** symbols_i += lower_i */
export function addSymbols(n: i32, symbols: usize, lower: usize): void {
  for (let i: i32 = 0; i < n; i++) {
    store<i32>(symbols, load<i32>(symbols) + load<i32>(lower));
    symbols += 4;
    lower += 4;
  }
}
