import { log2 } from "../math";
import { floor16 } from "./rans";

/**
 * What entries tell of others: the entries at up to three fixed distances before entry i choose the frequencies that
 * it is range coded with.
 *
 *   c_j = [x ≥ low_j] + [x ≥ high_j] − [x ≤ −low_j] − [x ≤ −high_j], x = m_{i − d_j} (0 before the first entry),
 *   key = Σ_j w_j · c_j, context = |key|, folded = key < 0 ? −m_i : m_i.
 *
 * With odd mixed radices as weights a key stands for one combination, and the opposite one has the opposite key: an
 * entry among negative neighbors is coded as its mirror image among positive ones, with half as many frequencies.
 * `neighbors`: three times int32 d, w, low, high; w = 0 where one is not used (d is then 1).
 */

// @ts-ignore: decorator
@inline const NEIGHBOR: usize = 16;

/**
 * out[i − first] = context · (2·half + 1) + folded + half for the n entries from `first` on; |m| ≤ half.
 * m: int32, from the very first entry on, so that neighbors before `first` count.
 */
export function foldByContext(first: i32, n: i32, half: i32, m: usize, neighbors: usize, out: usize): void {
  const size = 2 * half + 1;
  const reach = max(load<i32>(neighbors), max(load<i32>(neighbors, 16), load<i32>(neighbors, 32)));
  const last = first + n;
  let i = first;
  for (; i < min(last, reach); i++) {
    store<i32>(out, foldOne(m, i, half, size, neighbors));
    out += 4;
  }
  const p0 = m - (<usize>load<i32>(neighbors) << 2);
  const p1 = m - (<usize>load<i32>(neighbors, 16) << 2);
  const p2 = m - (<usize>load<i32>(neighbors, 32) << 2);
  const middle = i32x4.splat(half);
  const sizes = i32x4.splat(size);
  for (; i + 4 <= last; i += 4) {
    const at = <usize>i << 2;
    let key = weighed(v128.load(p0 + at), neighbors);
    key = i32x4.add(key, weighed(v128.load(p1 + at), neighbors + NEIGHBOR));
    key = i32x4.add(key, weighed(v128.load(p2 + at), neighbors + 2 * NEIGHBOR));
    const negative = i32x4.shr_s(key, 31);
    const folded = i32x4.sub(v128.xor(v128.load(m + at), negative), negative);
    v128.store(out, i32x4.add(i32x4.mul(i32x4.abs(key), sizes), i32x4.add(folded, middle)));
    out += 16;
  }
  for (; i < last; i++) {
    store<i32>(out, foldOne(m, i, half, size, neighbors));
    out += 4;
  }
}

// @ts-ignore: decorator
@inline
function weighed(x: v128, neighbor: usize): v128 {
  const low = v128.load32_splat(neighbor, 8);
  const high = v128.load32_splat(neighbor, 12);
  // Comparisons are −1 where they hold.
  const down = i32x4.add(i32x4.le_s(x, i32x4.neg(low)), i32x4.le_s(x, i32x4.neg(high)));
  const up = i32x4.add(i32x4.ge_s(x, low), i32x4.ge_s(x, high));
  return i32x4.mul(i32x4.sub(down, up), v128.load32_splat(neighbor, 4));
}

/** c(x), −2 … 2 */
// @ts-ignore: decorator
@inline
function levelOf(x: i32, low: i32, high: i32): i32 {
  return i32(x >= low) + i32(x >= high) - i32(x <= -low) - i32(x <= -high);
}

// @ts-ignore: decorator
@inline
function keyOf(m: usize, i: i32, neighbors: usize): i32 {
  let key: i32 = 0;
  for (let j: i32 = 0; j < 3; j++) {
    const neighbor = neighbors + <usize>j * NEIGHBOR;
    const before = i - load<i32>(neighbor);
    if (before < 0) continue;
    const x = load<i32>(m + (<usize>before << 2));
    key += load<i32>(neighbor, 4) * levelOf(x, load<i32>(neighbor, 8), load<i32>(neighbor, 12));
  }
  return key;
}

function foldOne(m: usize, i: i32, half: i32, size: i32, neighbors: usize): i32 {
  const key = keyOf(m, i, neighbors);
  const one = load<i32>(m + (<usize>i << 2));
  return abs<i32>(key) * size + (key < 0 ? -one : one) + half;
}

/** Σ over contexts of N log2 N − Σ_s c_s log2 c_s, in bits; counts: uint32, `size` of them for each context, N their sum. */
export function conditionalEntropy(contexts: i32, size: i32, counts: usize): f64 {
  let bits: f64 = 0;
  for (let context: i32 = 0; context < contexts; context++) {
    let sum: u32 = 0;
    for (let s: i32 = 0; s < size; s++) {
      const c = load<u32>(counts);
      counts += 4;
      sum += c;
      bits -= surprise(c);
    }
    bits += surprise(sum);
  }
  return bits;
}

/** n log2 n */
function surprise(n: u32): f64 {
  return n > 1 ? <f64>n * log2(<f64>n) : 0;
}

/**
 * The decoder's look-up: slots[(context << precision) + slot] is the folded symbol, 0 … 2·half, whose range the slot
 * lies in. table: uint16 f_s and b_s for each context and symbol; a context with no symbols decodes as zeros.
 */
export function contextSlots(contexts: i32, half: i32, precision: i32, table: usize, slots: usize): void {
  const size = 2 * half + 1;
  for (let c: i32 = 0; c < contexts; c++) {
    const start = slots;
    for (let s: i32 = 0; s < size; s++) {
      const f = <usize>load<u16>(table);
      memory.fill(slots, <u8>s, f);
      slots += f;
      table += 4;
    }
    if (slots != start) continue;
    memory.fill(slots, <u8>half, <usize>1 << precision);
    store<u32>(table - (<usize>(half + 1) << 2), 1 << precision);
    slots += <usize>1 << precision;
  }
}

/** What a decoder by context looks things up in. */
@unmanaged
export class ContextTables {
  /** Bits of a slot */
  precision: i32;
  half: i32;
  /** From `contextSlots`, with the table given there */
  slots: usize;
  table: usize;
  neighbors: usize;
  /** Room for three times 2·half + 1 int32, where w_j · c_j is kept for every value of an entry */
  weights: usize;
}

/**
 * The inverse of rANS over folded symbols (./rans.ts), n entries from the start of the vector.
 * @returns 0 for a stream that ends where and as the encoder ended it, 1 when it runs out, 2 otherwise
 */
export function ransDecodeByContext(n: i32, code: ContextTables, bytes: usize, end: usize, m: usize): i32 {
  const precision = code.precision, half = code.half;
  const slots = code.slots, table = code.table, neighbors = code.neighbors, weights = code.weights;
  const size = 2 * half + 1;
  const mask: u32 = (1 << precision) - 1;
  const w0 = weightsOf(neighbors, half, weights);
  const w1 = weightsOf(neighbors + NEIGHBOR, half, weights + (<usize>size << 2));
  const w2 = weightsOf(neighbors + 2 * NEIGHBOR, half, weights + (<usize>size << 3));
  const d0 = load<i32>(neighbors);
  const d1 = load<i32>(neighbors, 16);
  const d2 = load<i32>(neighbors, 32);
  let x0 = load<u32>(bytes);
  let x1 = load<u32>(bytes, 4);
  let x2 = load<u32>(bytes, 8);
  let x3 = load<u32>(bytes, 12);
  bytes += 16;
  for (let i: i32 = 0; i < n; i++) {
    let key: i32 = 0;
    if (i >= d0) key = load<i32>(w0 + (load<i32>(m - (<usize>d0 << 2)) << 2));
    if (i >= d1) key += load<i32>(w1 + (load<i32>(m - (<usize>d1 << 2)) << 2));
    if (i >= d2) key += load<i32>(w2 + (load<i32>(m - (<usize>d2 << 2)) << 2));
    const context = abs<i32>(key);
    const slot = x0 & mask;
    const s = <i32>load<u8>(slots + (<usize>context << precision) + slot);
    const entry = load<u32>(table + (<usize>(context * size + s) << 2));
    let x = (entry & 0xffff) * (x0 >>> precision) + slot - (entry >>> 16);
    store<i32>(m, key < 0 ? half - s : s - half);
    m += 4;
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

/** w · c(x) for x = −half … half; @returns where that of 0 is */
function weightsOf(neighbor: usize, half: i32, out: usize): usize {
  const w = load<i32>(neighbor, 4);
  const low = load<i32>(neighbor, 8);
  const high = load<i32>(neighbor, 12);
  const zero = out + (<usize>half << 2);
  for (let x: i32 = -half; x <= half; x++) {
    store<i32>(out, w * levelOf(x, low, high));
    out += 4;
  }
  return zero;
}
