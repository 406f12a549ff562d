/**
 * Elias-gamma and Golomb–Rice codes of signed symbols, least significant bit first.
 *
 * z = zigzag(m): 0, −1, 1, −2, … → 0, 1, 2, 3, …
 * gamma: u = z + 1 in N zeros, a one, and the N lower bits of u, N = ⌊log2 u⌋.
 * Rice with k: ⌊z/2^k⌋ zeros, a one, the k lower bits of z; 24 zeros and a one announce z itself in 27 bits.
 * |m| < 2²⁵, so no code exceeds 53 bits, and a 64-bit load at any bit position holds one. Writers write up to
 * 8 bytes beyond their result, readers read up to 8 bytes beyond `bits`: both buffers are padded.
 */

// @ts-ignore: decorator
@inline
function zigzag(m: i32): u32 {
  return <u32>((m << 1) ^ (m >> 31));
}

// @ts-ignore: decorator
@inline
function unzigzag(z: u32): i32 {
  return <i32>(z >>> 1) ^ -(<i32>(z & 1));
}

/** @returns the number of bits written */
export function gammaEncode(n: i32, symbols: usize, out: usize): i32 {
  const start = out;
  let held: u64 = 0;
  let fill: u64 = 0;
  for (let i: i32 = 0; i < n; i++) {
    const u = zigzag(load<i32>(symbols)) + 1;
    symbols += 4;
    const length = <u64>(31 - clz(u));
    // (u − 2^N) above the one, the one above N zeros
    held |= ((((<u64>u - ((<u64>1) << length)) << 1) | 1) << length) << fill;
    fill += 2 * length + 1;
    store<u64>(out, held);
    out += <usize>(fill >>> 3);
    held >>>= fill & 56;
    fill &= 7;
  }
  return <i32>((out - start) << 3) + <i32>fill;
}

/** @returns the number of bits read, or −1 − i where the stream breaks off or is wrong at entry i */
export function gammaDecode(bits: i32, n: i32, bytes: usize, symbols: usize): i32 {
  let at: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    if (at >= bits) return -1 - i;
    const window = load<u64>(bytes + <usize>(at >>> 3)) >>> (at & 7);
    const length = <i32>ctz(window);
    if (length > 26) return -1 - i;
    const u = ((<u32>1) << length) | (<u32>(window >>> (length + 1)) & (((<u32>1) << length) - 1));
    store<i32>(symbols, unzigzag(u - 1));
    symbols += 4;
    at += 2 * length + 1;
  }
  return at > bits ? -n : at;
}

/** @returns the number of bits written */
export function riceEncode(n: i32, k: i32, symbols: usize, out: usize): i32 {
  const start = out;
  let held: u64 = 0;
  let fill: u64 = 0;
  const mask = ((<u32>1) << k) - 1;
  for (let i: i32 = 0; i < n; i++) {
    const z = zigzag(load<i32>(symbols));
    symbols += 4;
    const zeros = <u64>(z >>> k);
    if (zeros < 24) {
      held |= ((((<u64>(z & mask)) << 1) | 1) << zeros) << fill;
      fill += zeros + 1 + k;
    } else {
      held |= ((((<u64>z) << 1) | 1) << 24) << fill;
      fill += 52;
    }
    store<u64>(out, held);
    out += <usize>(fill >>> 3);
    held >>>= fill & 56;
    fill &= 7;
  }
  return <i32>((out - start) << 3) + <i32>fill;
}

/** @returns the number of bits read, or −1 − i where the stream breaks off or is wrong at entry i */
export function riceDecode(bits: i32, n: i32, k: i32, bytes: usize, symbols: usize): i32 {
  const mask = ((<u32>1) << k) - 1;
  let at: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    if (at >= bits) return -1 - i;
    const window = load<u64>(bytes + <usize>(at >>> 3)) >>> (at & 7);
    const zeros = <i32>ctz(window);
    if (zeros > 24) return -1 - i;
    const rest = <u32>(window >>> (zeros + 1));
    const z = zeros == 24 ? rest & 0x7ffffff : ((<u32>zeros) << k) | (rest & mask);
    if (zeros == 24 && z >>> k < 24) return -1 - i; // it has a shorter code
    store<i32>(symbols, unzigzag(z));
    symbols += 4;
    at += zeros == 24 ? 52 : zeros + 1 + k;
  }
  return at > bits ? -n : at;
}
