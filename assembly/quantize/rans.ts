/**
 * A range coder: rANS (Duda, "Asymmetric numeral systems", arXiv 1311.2540; word-aligned form of Giesen,
 * "Interleaved entropy coders", arXiv 1402.3392). Four states, entry i in state i mod 4, each in [2¹⁶, 2³²);
 * symbol s with frequency f_s of 2^precision and cumulative start b_s:
 *   encode  x ← ⌊x/f_s⌋·2^precision + b_s + x mod f_s, after x ≥ f_s·2^(32−precision) has given away 16 bits,
 *   decode  slot = x mod 2^precision, x ← f_s·⌊x/2^precision⌋ + slot − b_s, then x < 2¹⁶ takes 16 bits.
 * The encoder runs from the last entry to the first and writes downwards, so the decoder reads upwards.
 * table: for each symbol f_s and b_s, two uint16. Frequencies lie in 1 … 2^precision − 1 for what occurs.
 */

// @ts-ignore: decorator
@inline
export const floor16: u32 = 0x10000;

/**
 * symbols: n int32, coded as (m_i − min) >> shift. Writes below `end`: four uint32 states, then uint16 words.
 * @returns where the states begin; at most 2n + 16 bytes below end
 */
export function ransEncode(
  n: i32, min: i32, shift: i32, precision: i32, symbols: usize, table: usize, end: usize,
): usize {
  let out = end;
  const limit = 32 - precision;
  let x0 = floor16;
  let x1 = floor16;
  let x2 = floor16;
  let x3 = floor16;
  let i: i32 = n - 1;
  // The last n mod 4 entries, so that the rest comes in fours.
  for (; (i & 3) != 3; i--) {
    const lane = i & 3;
    let x = lane == 0 ? x0 : lane == 1 ? x1 : x2;
    const entry = load<u32>(table + (<usize>(<u32>(load<i32>(symbols + (<usize>i << 2)) - min) >>> shift) << 2));
    const f = entry & 0xffff;
    if (x >= f << limit) {
      out -= 2;
      store<u16>(out, <u16>x);
      x >>>= 16;
    }
    const q = x / f;
    x = (q << precision) + (entry >>> 16) + (x - q * f);
    if (lane == 0) x0 = x;
    else if (lane == 1) x1 = x;
    else x2 = x;
  }
  let p = symbols + (<usize>i << 2);
  for (; i >= 0; i -= 4) {
    const e3 = load<u32>(table + (<usize>(<u32>(load<i32>(p) - min) >>> shift) << 2));
    const e2 = load<u32>(table + (<usize>(<u32>(load<i32>(p - 4) - min) >>> shift) << 2));
    const e1 = load<u32>(table + (<usize>(<u32>(load<i32>(p - 8) - min) >>> shift) << 2));
    const e0 = load<u32>(table + (<usize>(<u32>(load<i32>(p - 12) - min) >>> shift) << 2));
    const f3 = e3 & 0xffff;
    const f2 = e2 & 0xffff;
    const f1 = e1 & 0xffff;
    const f0 = e0 & 0xffff;
    if (x3 >= f3 << limit) {
      out -= 2;
      store<u16>(out, <u16>x3);
      x3 >>>= 16;
    }
    if (x2 >= f2 << limit) {
      out -= 2;
      store<u16>(out, <u16>x2);
      x2 >>>= 16;
    }
    if (x1 >= f1 << limit) {
      out -= 2;
      store<u16>(out, <u16>x1);
      x1 >>>= 16;
    }
    if (x0 >= f0 << limit) {
      out -= 2;
      store<u16>(out, <u16>x0);
      x0 >>>= 16;
    }
    const q3 = x3 / f3;
    const q2 = x2 / f2;
    const q1 = x1 / f1;
    const q0 = x0 / f0;
    x3 = (q3 << precision) + (e3 >>> 16) + (x3 - q3 * f3);
    x2 = (q2 << precision) + (e2 >>> 16) + (x2 - q2 * f2);
    x1 = (q1 << precision) + (e1 >>> 16) + (x1 - q1 * f1);
    x0 = (q0 << precision) + (e0 >>> 16) + (x0 - q0 * f0);
    p -= 16;
  }
  out -= 16;
  store<u32>(out, x0);
  store<u32>(out, x1, 4);
  store<u32>(out, x2, 8);
  store<u32>(out, x3, 12);
  return out;
}

/** slots: 2^precision entries of uint64, symbol + (f_s << 16) + ((slot − b_s) << 32), from the table of `size` symbols. */
export function ransSlots(size: i32, table: usize, slots: usize): void {
  for (let s: i32 = 0; s < size; s++) {
    const f = <u32>load<u16>(table + (<usize>s << 2));
    const entry = <u64>s | ((<u64>f) << 16);
    for (let j: u32 = 0; j < f; j++) {
      store<u64>(slots, entry | ((<u64>j) << 32));
      slots += 8;
    }
  }
}

/**
 * bytes … end: the states and the words. symbols_i = (s << shift) + min.
 * @returns 0 for a stream that ends where and as the encoder ended it, 1 when it runs out, 2 otherwise
 */
export function ransDecode(
  n: i32, precision: i32, min: i32, shift: i32, bytes: usize, end: usize, slots: usize, symbols: usize,
): i32 {
  let x0 = load<u32>(bytes);
  let x1 = load<u32>(bytes, 4);
  let x2 = load<u32>(bytes, 8);
  let x3 = load<u32>(bytes, 12);
  bytes += 16;
  const mask: u32 = (1 << precision) - 1;
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    // Four words at most a turn: one look at the end is enough while eight bytes are left.
    if (bytes + 8 > end) break;
    const e0 = load<u64>(slots + (<usize>(x0 & mask) << 3));
    const e1 = load<u64>(slots + (<usize>(x1 & mask) << 3));
    const e2 = load<u64>(slots + (<usize>(x2 & mask) << 3));
    const e3 = load<u64>(slots + (<usize>(x3 & mask) << 3));
    x0 = <u32>((e0 >>> 16) & 0xffff) * (x0 >>> precision) + <u32>(e0 >>> 32);
    x1 = <u32>((e1 >>> 16) & 0xffff) * (x1 >>> precision) + <u32>(e1 >>> 32);
    x2 = <u32>((e2 >>> 16) & 0xffff) * (x2 >>> precision) + <u32>(e2 >>> 32);
    x3 = <u32>((e3 >>> 16) & 0xffff) * (x3 >>> precision) + <u32>(e3 >>> 32);
    store<i32>(symbols, (<i32>(e0 & 0xffff) << shift) + min);
    store<i32>(symbols, (<i32>(e1 & 0xffff) << shift) + min, 4);
    store<i32>(symbols, (<i32>(e2 & 0xffff) << shift) + min, 8);
    store<i32>(symbols, (<i32>(e3 & 0xffff) << shift) + min, 12);
    symbols += 16;
    if (x0 < floor16) {
      x0 = (x0 << 16) | <u32>load<u16>(bytes);
      bytes += 2;
    }
    if (x1 < floor16) {
      x1 = (x1 << 16) | <u32>load<u16>(bytes);
      bytes += 2;
    }
    if (x2 < floor16) {
      x2 = (x2 << 16) | <u32>load<u16>(bytes);
      bytes += 2;
    }
    if (x3 < floor16) {
      x3 = (x3 << 16) | <u32>load<u16>(bytes);
      bytes += 2;
    }
  }
  for (; i < n; i++) {
    const e = load<u64>(slots + (<usize>(x0 & mask) << 3));
    let x = <u32>((e >>> 16) & 0xffff) * (x0 >>> precision) + <u32>(e >>> 32);
    store<i32>(symbols, (<i32>(e & 0xffff) << shift) + min);
    symbols += 4;
    if (x < floor16) {
      if (bytes + 2 > end) return 1;
      x = (x << 16) | <u32>load<u16>(bytes);
      bytes += 2;
    }
    x0 = x1;
    x1 = x2;
    x2 = x3;
    x3 = x;
  }
  return bytes == end && x0 == floor16 && x1 == floor16 && x2 == floor16 && x3 == floor16 ? 0 : 2;
}
