/**
 * An adaptive binary range coder: a message is a number in [low, low + range), and each bit keeps a part of that
 * interval in proportion to its probability (Martin, 1979; the carry runs back through the bytes that are written).
 *
 *   bound = ⌊range / 2¹⁶⌋ · p, a one keeps the first `bound`, a zero the rest; below 2²⁴ both grow by a byte.
 *
 * A model is a uint32: the probability of a one in its upper 22 bits, the number of bits seen in the lower 10. A bit
 * moves the probability by 1/(n + 1½) of the way, until n has reached the model's limit.
 */

/** low, 32 bits and the carry; the decoder's is that of the encoder modulo 2³². */
let low: u64 = 0;
let range: u32 = 0;
/** Decoder: what has been read, less low */
let code: u32 = 0;
let at: usize = 0;
let first: usize = 0;
let end: usize = 0;
/** 65536/(n + 1½) for n = 0 … 1023 */
let rates: usize = 0;

// @ts-ignore: decorator
@inline const smallest: u32 = 0x1000000;

/** Models to begin with: `p` of 65536 for a one. */
export function clearModels(count: i32, p: u32, models: usize): void {
  for (let i: i32 = 0; i < count; i++) {
    store<u32>(models, p << 16);
    models += 4;
  }
}

/** table: 1024 uint32 */
export function adaptationRates(table: usize): void {
  for (let n: u32 = 0; n < 1024; n++) store<u32>(table + (<usize>n << 2), 131072 / (2 * n + 3));
}

// @ts-ignore: decorator
@inline
function moved(model: u32, bit: u32, limit: u32): u32 {
  const n = model & 1023;
  const p = <i32>(model >>> 10);
  const way = (<i32>(0 - bit) & 0x3fffff) - p;
  const next = p + <i32>((<i64>way * <i64>load<u32>(rates + (<usize>n << 2))) >> 16);
  return (<u32>next << 10) | (n + <u32>(n < limit));
}

export function beginEncoding(bytes: usize, table: usize): void {
  low = 0;
  range = 0xffffffff;
  first = bytes;
  at = bytes;
  rates = table;
}

/** So far */
// @ts-ignore: decorator
@inline
export function encodedBytes(): i32 {
  return <i32>(at - first);
}

// @ts-ignore: decorator
@inline
function emit(): void {
  while (range < smallest) {
    if (low >> 32 != 0) carry();
    store<u8>(at, <u8>(low >> 24));
    at++;
    low = (low << 8) & 0xffffffff;
    range <<= 8;
  }
}

function carry(): void {
  low &= 0xffffffff;
  let p = at - 1;
  while (load<u8>(p) == 255) {
    store<u8>(p, 0);
    p--;
  }
  store<u8>(p, load<u8>(p) + 1);
}

/** `bit` by the model at `place`, which learns from it. */
// @ts-ignore: decorator
@inline
export function encodeBit(bit: u32, place: usize, limit: u32): void {
  const model = load<u32>(place);
  const bound = (range >>> 16) * ((model >>> 16) | 1);
  if (bit != 0) range = bound;
  else {
    low += <u64>bound;
    range -= bound;
  }
  store<u32>(place, moved(model, bit, limit));
  emit();
}

/** A bit that is as often one as zero. */
export function encodeEven(bit: u32): void {
  const bound = range >>> 1;
  if (bit != 0) range = bound;
  else {
    low += <u64>bound;
    range -= bound;
  }
  emit();
}

/** The number with the most zeros at its end in low … low + range − 1. */
// @ts-ignore: decorator
@inline
function shortest(from: u64, length: u32): u64 {
  for (let k: u64 = 32; k > 0; k--) {
    const mask = ((<u64>1) << k) - 1;
    const value = (from + mask) & ~mask;
    if (value - from < <u64>length) return value;
  }
  return from;
}

/** @returns the bytes written; zeros at their end are left out */
export function endEncoding(): i32 {
  low = shortest(low, range);
  if (low >> 32 != 0) carry();
  for (let i = 0; i < 4; i++) {
    store<u8>(at, <u8>(low >> 24));
    at++;
    low = (low << 8) & 0xffffffff;
  }
  while (at > first && load<u8>(at - 1) == 0) at--;
  return <i32>(at - first);
}

export function beginDecoding(bytes: usize, length: i32, table: usize): void {
  low = 0;
  range = 0xffffffff;
  code = 0;
  at = bytes;
  first = bytes;
  end = bytes + length;
  rates = table;
  for (let i = 0; i < 4; i++) code = (code << 8) | next();
}

/** Behind the end there are the zeros that were left out. */
// @ts-ignore: decorator
@inline
function next(): u32 {
  const byte = at < end ? <u32>load<u8>(at) : 0;
  at++;
  return byte;
}

// @ts-ignore: decorator
@inline
function take(): void {
  while (range < smallest) {
    code = (code << 8) | next();
    low = (low << 8) & 0xffffffff;
    range <<= 8;
  }
}

// @ts-ignore: decorator
@inline
export function decodeBit(place: usize, limit: u32): u32 {
  const model = load<u32>(place);
  const bound = (range >>> 16) * ((model >>> 16) | 1);
  const bit = <u32>(code < bound);
  if (bit != 0) range = bound;
  else {
    low += <u64>bound;
    code -= bound;
    range -= bound;
  }
  store<u32>(place, moved(model, bit, limit));
  take();
  return bit;
}

export function decodeEven(): u32 {
  const bound = range >>> 1;
  const bit = <u32>(code < bound);
  if (bit != 0) range = bound;
  else {
    low += <u64>bound;
    code -= bound;
    range -= bound;
  }
  take();
  return bit;
}

/** @returns 0 where the bytes end as the encoder ends them: all read, no zero at their end, and the shortest number */
export function endDecoding(): i32 {
  if (at < end || (end > first && load<u8>(end - 1) == 0)) return 1;
  const from = low & 0xffffffff;
  return <u32>shortest(from, range) == <u32>from + code ? 0 : 2;
}
