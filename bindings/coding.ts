import { withBlock } from "./blocks.js";
import { kernels } from "./instance.js";
import { type Address, i32, offset, residentPointer, u32 } from "./memory.js";
import { region, type Symbols, type Values } from "./quantize.js";

/** Typed functions over the entropy coders of assembly/quantize: counts, fields, prefix codes, rANS, the checksum. */

/** How often each value of (m_i − min) >> shift occurs; `size` at least the largest plus one. The view is short-lived. */
export function histogram(symbols: Symbols, shift: number, size: number): Uint32Array {
  const pointer = region("table", 16 * size);
  kernels().histogram(symbols.length, symbols.min, shift, size, symbols.pointer, pointer);
  return u32(pointer, size);
}

export function pack(symbols: Values, shift: number, width: number, out: Address): void {
  kernels().packBits(symbols.length, shift, width, symbols.pointer, out);
}

export function unpack(bytes: Address, shift: number, width: number, out: Values): void {
  kernels().unpackBits(out.length, shift, width, bytes, out.pointer);
}

/** The `shift` lower bits of symbols − min, into `out`. */
export function lowerBits(symbols: Symbols, shift: number, out: Address): void {
  kernels().lowerBits(symbols.length, symbols.min, shift, symbols.pointer, out);
}

/** symbols_i += lower_i */
export function addSymbols(symbols: Values, lower: Address): void {
  kernels().addSymbols(symbols.length, symbols.pointer, lower);
}

/** @returns bits written */
export function gammaEncode(symbols: Values, out: Address): number {
  return kernels().gammaEncode(symbols.length, symbols.pointer, out);
}

/** @returns bits read, or −1 − i: broken at entry i */
export function gammaDecode(bytes: Address, bitCount: number, out: Values): number {
  return kernels().gammaDecode(bitCount, out.length, bytes, out.pointer);
}

export function riceEncode(symbols: Values, k: number, out: Address): number {
  return kernels().riceEncode(symbols.length, k, symbols.pointer, out);
}

export function riceDecode(bytes: Address, bitCount: number, k: number, out: Values): number {
  return kernels().riceDecode(bitCount, out.length, k, bytes, out.pointer);
}

/** frequencies[s] and their cumulative sum, as rANS wants them in memory; the sum starts anew every `size` symbols. */
function ransTable(frequencies: Uint16Array, size = frequencies.length): Address {
  const pointer = region("table", 4 * frequencies.length);
  const table = u32(pointer, frequencies.length);
  let start = 0;
  for (let s = 0; s < frequencies.length; s++) {
    if (s % size === 0) start = 0;
    const f = frequencies[s] as number;
    table[s] = (f | (start << 16)) >>> 0;
    start += f;
  }
  return pointer;
}

/**
 * @param size symbols of an alphabet, when there is a table for each of several contexts
 * @returns where the stream is, until the next one: four states and the words
 */
export function ransEncode(
  symbols: Symbols,
  shift: number,
  frequencies: Uint16Array,
  precision: number,
  size?: number,
): { pointer: Address; length: number } {
  const table = ransTable(frequencies, size);
  const room = 2 * symbols.length + 16;
  const end = offset(region("stream", room), room);
  const start = kernels().ransEncode(symbols.length, symbols.min, shift, precision, symbols.pointer, table, end) >>> 0;
  return { pointer: start as Address, length: end - start };
}

/** @returns 0, or 1 when the stream runs out, 2 when it does not end as an encoder ends it */
export function ransDecode(
  bytes: Address,
  length: number,
  frequencies: Uint16Array,
  precision: number,
  min: number,
  shift: number,
  out: Values,
): number {
  const table = ransTable(frequencies);
  const slots = region("work", 8 << precision);
  kernels().ransSlots(frequencies.length, table, slots);
  return kernels().ransDecode(out.length, precision, min, shift, bytes, offset(bytes, length), slots, out.pointer);
}

/** An entry at distance d before another one, and how much of it counts: see assembly/quantize/contexts.ts. */
export interface Neighbor {
  distance: number;
  weight: number;
  low: number;
  high: number;
}

/** At most three, in a block of kernel memory. */
function placeNeighbors(neighbors: readonly Neighbor[]): Address {
  const pointer = region("neighbors", 48);
  const fields = i32(pointer, 12);
  for (let j = 0; j < 3; j++) {
    const { distance, weight, low, high } = neighbors[j] ?? { distance: 1, weight: 0, low: 1, high: 1 };
    fields.set([distance, weight, low, high], 4 * j);
  }
  return pointer;
}

/** context · (2·half + 1) + folded + half of the `count` symbols from `first` on, |m| ≤ half; a block of its own. */
export function foldByContext(
  symbols: Values,
  [first, count]: readonly [first: number, count: number],
  half: number,
  neighbors: readonly Neighbor[],
): Symbols {
  const out = region("more symbols", 4 * count);
  kernels().foldByContext(first, count, half, symbols.pointer, placeNeighbors(neighbors), out);
  return { pointer: out, length: count, min: 0, max: 0 };
}

/** How often each symbol occurs in each context, of symbols folded by these; short-lived, and what their entropy is then. */
export function countByContext(folded: Symbols, contexts: number, size: number): { counts: Uint32Array; bits: number } {
  const counts = histogram(folded, 0, contexts * size);
  return { counts, bits: kernels().conditionalEntropy(contexts, size, residentPointer(counts)!) };
}

/** How the symbols of a context model are read back. */
export interface ContextCode {
  /** Of each context and folded symbol, contexts · (2·half + 1) of them; each context's sum to 2^precision, or to 0 */
  frequencies: Uint16Array;
  precision: number;
  contexts: number;
  half: number;
  neighbors: readonly Neighbor[];
}

/** @returns 0, or 1 when the stream runs out, 2 when it does not end as an encoder ends it */
export function ransDecodeByContext(bytes: Address, length: number, code: ContextCode, out: Values): number {
  const { precision, contexts, half } = code;
  const size = 2 * half + 1;
  const table = ransTable(code.frequencies, size);
  const slots = region("work", contexts << precision);
  const neighbors = placeNeighbors(code.neighbors);
  const weights = region("weights", 12 * size);
  kernels().contextSlots(contexts, half, precision, table, slots);
  return withBlock("ContextTables", { precision, half, slots, table, neighbors, weights }, (tables) =>
    kernels().ransDecodeByContext(out.length, tables, bytes, offset(bytes, length), out.pointer),
  );
}

/** Of n bytes that zeros follow up to the next multiple of 64. */
export function checksum(bytes: Address, n: number): number {
  return kernels().checksum(n, bytes) >>> 0;
}
