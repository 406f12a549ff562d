import { kernels } from "./instance.js";
import { type Address, type Count, f32, i32, none, offset, u8 } from "./memory.js";
import { type Rounding, region, type Values } from "./quantize.js";

/** Typed functions over assembly/quantize/tables.ts, on the blocks of quantize.ts. */

/** Sorted float32 levels; symbol 0 stands for the one at `origin`. */
export interface SortedLevels {
  values: Float32Array;
  origin: number;
}

/** Which of the levels stands for x_i · inverse: the nearest, or with words one of the two around it. */
export function tableSymbols(x: Values, rounding: Rounding, levels: SortedLevels, out: Address): void {
  const { inverse, words = none } = rounding;
  const { values, origin } = levels;
  kernels().tableSymbols(x.length, values.length, origin, inverse, placeTable(values), x.pointer, words, out);
}

/** q_i = float32(levels[m_i + origin] · scale), saturating. */
export function tableValues(symbols: Values, scale: number, { values, origin }: SortedLevels, out: Address): void {
  kernels().tableValues(symbols.length, origin, scale, placeTable(values), symbols.pointer, out);
}

/** A table over what is sent and `bits` random bits that both ends have; of 32 bits each, whatever they mean. */
export interface SharedTable {
  bits: number;
  /** Added to a symbol */
  origin: number;
  entries: Int32Array | Float32Array;
}

/** m_i ← table[(m_i + origin) · 2^bits + h_i], h_i the first `bits` bits of words_i. */
export function sharedSymbols(symbols: Values, { bits, origin, entries }: SharedTable, words: Address): void {
  const { length, buffer, byteOffset } = entries;
  const pointer = region("table", 4 * length);
  i32(pointer, length).set(new Int32Array(buffer, byteOffset, length));
  kernels().sharedSymbols(symbols.length, bits, origin, pointer, words, symbols.pointer);
}

const cellCount = 512;
const cellsOf = new WeakMap<Float32Array, Uint8Array>();

/** The levels, and behind them where a search begins. */
function placeTable(levels: Float32Array): Address {
  const pointer = region("table", 4 * levels.length + cellCount);
  f32(pointer, levels.length).set(levels);
  let cells = cellsOf.get(levels);
  if (cells === undefined) {
    cells = searchCells(levels);
    cellsOf.set(levels, cells);
  }
  u8(offset(pointer, 4 * levels.length), cellCount).set(cells);
  return pointer;
}

/** The last level below each cell, at most 255. */
function searchCells(levels: Float32Array): Uint8Array {
  const least = levels[0]!;
  const width = (levels.at(-1)! - least) / cellCount;
  let index = 0;
  return Uint8Array.from({ length: cellCount }, (_, cell) => {
    // A hair lower, so that rounding in the kernel never begins above the right one.
    while (index + 1 < levels.length && levels[index + 1]! <= least + width * (cell - 0.01)) index++;
    return index;
  });
}

/** k of n entries, every set of them equally likely, by n random words: their gaps, as `selectLargest` has them. */
export function chooseEntries(n: Count, k: Count, words: Address, gaps: Address): void {
  kernels().chooseEntries(n, k, words, gaps);
}

/** Entries that are chosen, and the others; as many as there are gaps. */
export interface Division {
  gaps: Values;
  chosen: Address;
  rest: Address;
}

/** 32-bit entries of x into both parts, in their order. */
export function splitEntries(x: Values, { gaps, chosen, rest }: Division): void {
  kernels().splitEntries(x.length, gaps.length, gaps.pointer, x.pointer, chosen, rest);
}

/** The inverse. */
export function mergeEntries({ gaps, chosen, rest }: Division, out: Values): void {
  kernels().mergeEntries(out.length, gaps.length, gaps.pointer, chosen, rest, out.pointer);
}
