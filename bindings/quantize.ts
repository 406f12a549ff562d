import { withBlock } from "./blocks.js";
import { kernels } from "./instance.js";
import { type Address, allocate, type Count, f32, free, i32, none, offset, residentPointer, u8 } from "./memory.js";
import { fillWords, type Purpose } from "./random.js";

/**
 * Typed functions over assembly/quantize. They work on blocks of kernel memory named by what they are for, kept
 * from call to call and grown when too small; each is padded, since the bit streams' kernels read and write up to
 * 8 bytes beyond their ends (the checksum up to 63).
 *
 * A name is one place for the whole thread: who asks for it again gets the same bytes, or others if it asks for more.
 * So each belongs to somebody, said below, for as long as its type says; what calls another must not hold a name that
 * the other one uses.
 */
interface Regions {
  /** `stage`: the vector being encoded */
  input: "until the next vector";
  /** `deliver`: the vector being decoded */
  output: "until the next vector";
  /** The method: one int32 an entry, where it encodes, or decodes others than one an entry */
  symbols: "one encoding or decoding";
  /** `foldByContext`, which only encodes */
  "more symbols": "one list of symbols";
  /** The range coder: bits below those it codes */
  "lower bits": "one list of symbols";
  /** `stageBytes` and the packet's writer */
  packet: "one packet";
  /** `ransEncode`: read before the next list is coded */
  stream: "one list of symbols";
  /** `randomWords` */
  random: "one encoding or decoding";
  /** Any function of this file and of coding.ts, for itself */
  work: "one call";
  /** Innovation: the model that the server has */
  "work values": "one encoding or decoding";
  /** `histogram`, `selectLargest`, the tables of levels and of rANS: read or coded before the next one */
  table: "until the next table";
  /** The context coder: which neighbors count */
  neighbors: "one call";
  /** The context coder: its table of frequencies, as symbols. There is one at a time: no table is coded in contexts */
  frequencies: "one list of symbols";
  /** `ransDecodeByContext` */
  weights: "one call";
  /** The method: one int32 or float32 a part (exponents, scales, steps) */
  parts: "one encoding or decoding";
  /** Innovation and rotation: a vector of their own */
  innovation: "one encoding or decoding";
  /** Innovation and rotation: what is left of it */
  change: "one encoding or decoding";
  /** Innovation: what the server has by now */
  held: "one encoding or decoding";
  /** Top-q: the values it keeps */
  kept: "one encoding or decoding";
  /** Rate–distortion: the transformed update, and what both ends kept, then what is sent */
  coefficients: "one encoding or decoding";
  prediction: "one encoding or decoding";
  /** `transformAxis` and the binary coder, for themselves */
  cosines: "one call";
  "bit models": "one call";
  /** What does not depend on the entries: random words that both ends have, entries chosen at random */
  shared: "one encoding or decoding";
}

export type Region = keyof Regions;

/** float32 values in kernel memory. */
export interface Values {
  pointer: Address;
  length: number;
}

/** `length` of the values, from number `first` on. */
export function partOf({ pointer }: Values, first: number, length: number): Values {
  return { pointer: offset(pointer, 4 * first), length };
}

/** int32 symbols in kernel memory, with the smallest and the largest of them (0, 0 of none). */
export interface Symbols extends Values {
  min: number;
  max: number;
}

const padding = 128;
/** The end of the padding is never written: `overrun` says which block was. */
const guard = new Uint8Array(32).fill(0xa5);
const blocks = new Map<Region, { pointer: Address; bytes: number }>();

/** @returns a pointer to at least `bytes` bytes and padding; `keep` bytes of what was there stay */
export function region(name: Region, bytes: number, keep = 0): Address {
  const old = blocks.get(name);
  if (old !== undefined && old.bytes >= bytes) return old.pointer;
  const room = Math.max(4096, keep > 0 ? 2 * bytes : bytes);
  if (old !== undefined && keep === 0) {
    blocks.delete(name);
    free(old.pointer);
  }
  const pointer = allocate(room + padding);
  if (old !== undefined && keep > 0) {
    u8(pointer, keep).set(u8(old.pointer, keep));
    free(old.pointer);
  }
  u8(offset(pointer, room + padding - guard.length), guard.length).set(guard);
  blocks.set(name, { pointer, bytes: room });
  return pointer;
}

/** The block whose end was written beyond, if there is one: for the tests of hostile packets. */
export function overrun(): Region | undefined {
  for (const [name, { pointer, bytes }] of blocks) {
    const found = u8(offset(pointer, bytes + padding - guard.length), guard.length);
    if (found.some((byte) => byte !== 0xa5)) return name;
  }
  return undefined;
}

/** Gives all blocks back; the next call takes new ones. */
export function releaseRegions(): void {
  for (const { pointer } of blocks.values()) free(pointer);
  blocks.clear();
}

/** The values themselves where they are in kernel memory already, a copy of them in `name` elsewhere. */
export function stage(values: Float32Array, name: Region = "input"): Values {
  const resident = residentPointer(values);
  const { length } = values;
  if (resident !== undefined) return { pointer: resident, length };
  const pointer = region(name, 4 * length);
  f32(pointer, length).set(values);
  return { pointer, length };
}

/** Hands `fill` a place for the values of `into`: the place itself in kernel memory, or one that is copied from. */
export function deliver(into: Float32Array, fill: (out: Values) => void): void {
  const resident = residentPointer(into);
  if (resident !== undefined) {
    fill({ pointer: resident, length: into.length });
    return;
  }
  const out = { pointer: region("output", 4 * into.length), length: into.length };
  fill(out);
  into.set(f32(out.pointer, out.length));
}

/** A packet's bytes in kernel memory, followed by 64 zero bytes. */
export function stageBytes(bytes: Uint8Array): Address {
  const pointer = region("packet", bytes.length);
  const view = u8(pointer, bytes.length + 64);
  view.set(bytes);
  view.fill(0, bytes.length);
  return pointer;
}

const bits = new DataView(new ArrayBuffer(8));

/** ‖x‖_∞; NaN when the values hold a NaN or an infinity. */
export function maxAbs(x: Values): number {
  const pattern = kernels().maxAbsBits(x.length, x.pointer) >>> 0;
  if (pattern >= 0x7f800000) return Number.NaN;
  bits.setUint32(0, pattern);
  return bits.getFloat32(0);
}

/** Index of the first NaN or infinity, and which it is. */
export function firstNonFinite(x: Values): { index: number; value: number } {
  const index = kernels().firstNonFinite(x.length, x.pointer);
  return { index, value: index < x.length ? f32(x.pointer, x.length)[index]! : 0 };
}

export interface Rounding {
  /** 1/step */
  inverse: number;
  /** Smallest magnitude that is not set to zero, a float32; none when left out */
  threshold?: number;
  /** Words of 32 random bits, one an entry: stochastic rounding */
  words?: Address | undefined;
}

/** m_i = round_half_even(x_i · inverse) into `out` (int32, x.length of them), and Σ bitlength|m_i|. */
export function quantize(x: Values, { inverse, threshold = 0 }: Rounding, out: Address): Rounded {
  const range = region("work", 64);
  kernels().quantizeNearest(x.length, inverse, threshold, x.pointer, out, range);
  return rounded(x, range, out);
}

/** m_i = round_half_even(x_i · factor / divisor), with no error that could hide a tie. */
export function quantizeQuotient(x: Values, factor: number, divisor: number, out: Address): Rounded {
  const range = region("work", 64);
  kernels().quantizeQuotient(x.length, factor, divisor, x.pointer, out, range);
  return rounded(x, range, out);
}

/** m_i = ⌊x_i · inverse + offset + u_i⌋ held to lowest … highest; u_i = 0 without words. */
export function quantizeFloor(
  x: Values,
  { inverse, threshold = 0, words = none }: Rounding,
  { offset = 0, lowest = -(2 ** 30), highest = 2 ** 30 },
  out: Address,
): Rounded {
  const range = region("work", 64);
  withBlock("FloorRounding", { inverse, offset, threshold, lowest, highest }, (rounding) =>
    kernels().quantizeFloor(x.length, rounding, x.pointer, words, out, range),
  );
  return rounded(x, range, out);
}

export interface Rounded extends Symbols {
  /** Σ bitlength|m_i| */
  bitLengths: number;
}

function rounded(x: Values, range: Address, out: Address): Rounded {
  const [min, max, bitLengths] = i32(range, 3) as unknown as [number, number, number];
  return { pointer: out, length: x.length, min, max, bitLengths: bitLengths >>> 0 };
}

/** q_i = float32((m_i + shift) · step), saturating. */
export function dequantize(symbols: Values, step: number, shift: number, out: Address): void {
  kernels().dequantizeSteps(symbols.length, step, shift, symbols.pointer, out);
}

/** Words of 32 random bits, those of stream(seed, purpose, index0, index1), from `first` (a multiple of 4) on. */
export function randomWords(
  seed: number,
  purpose: Purpose,
  index0: number,
  index1: number,
  count: number,
  first = 0,
): Address {
  const pointer = region("random", 4 * count + 16);
  fillWords(seed, purpose, [index0, index1, 0], first / 4, Math.ceil(count / 4), pointer);
  return pointer;
}

/** The symbols with their range found. */
export function withRange(pointer: Address, length: number): Symbols {
  if (length === 0) return { pointer, length, min: 0, max: 0 };
  const out = region("work", 64);
  kernels().symbolRange(length, pointer, out);
  const [min, max] = i32(out, 2) as unknown as [number, number];
  return { pointer, length, min, max };
}

export function dot(x: Values, y: Values): number {
  return kernels().dot(x.length, x.pointer, y.pointer);
}

export function sumAbs(x: Values): number {
  return kernels().sumAbs(x.length, x.pointer);
}

/** out_i = x_i + factor · y_i, saturating */
export function addScaled(x: Values, y: Values, factor: number, out: Address): void {
  kernels().addScaled(x.length, factor, x.pointer, y.pointer, out);
}

/** out_i = x_i · factor, saturating */
export function scaleValues(x: Values, factor: number, out: Address): void {
  kernels().scaleValues(x.length, factor, x.pointer, out);
}

export function naturalEncode(x: Values, words: Address, out: Address): void {
  kernels().naturalEncode(x.length, x.pointer, words, out);
}

export function naturalDecode(symbols: Values, out: Address): void {
  kernels().naturalDecode(symbols.length, symbols.pointer, out);
}

/** Bits of the fraction, exponent of the smallest normal, and the code of the largest finite value. */
export interface Minifloat {
  mantissa: number;
  lowest: number;
  highest: number;
}

export function minifloatEncode(x: Values, inverse: number, format: Minifloat, out: Address): void {
  kernels().minifloatEncode(x.length, inverse, format.mantissa, format.lowest, format.highest, x.pointer, out);
}

export function minifloatDecode(symbols: Values, scale: number, format: Minifloat, out: Address): void {
  kernels().minifloatDecode(symbols.length, scale, format.mantissa, format.lowest, symbols.pointer, out);
}

export function bfloatEncode(x: Values, out: Address): void {
  kernels().bfloatEncode(x.length, x.pointer, out);
}

export function bfloatDecode(symbols: Values, out: Address): void {
  kernels().bfloatDecode(symbols.length, symbols.pointer, out);
}

/** Blocks of 32: scales are ⌈n/32⌉ int32 exponents. `largest` is the exponent of the format's largest value. */
export function microscaleEncode(x: Values, format: Minifloat, largest: number, scales: Address, out: Address): void {
  const { mantissa, lowest, highest } = format;
  kernels().microscaleEncode(x.length, largest, mantissa, lowest, highest, x.pointer, scales, out);
}

export function microscaleDecode(scales: Address, symbols: Values, format: Minifloat, out: Address): void {
  kernels().microscaleDecode(symbols.length, format.mantissa, format.lowest, scales, symbols.pointer, out);
}

/** @returns how many entries are of high resolution */
export function mixedEncode(x: Values, inverse: number, limit: number, out: Address): number {
  return kernels().mixedEncode(x.length, inverse, limit, x.pointer, out);
}

export function smallestLevel(symbols: Values): number {
  return kernels().smallestLevel(symbols.length, symbols.pointer);
}

export function mixedDecode(symbols: Values, step: number, low: number, out: Address): void {
  kernels().mixedDecode(symbols.length, step, low, symbols.pointer, out);
}

/** Gaps (int32) and values (float32) of the k largest magnitudes, 1 ≤ k ≤ n. */
export function selectLargest(x: Values, k: number, gaps: Address, values: Address): void {
  kernels().selectLargest(x.length, k, x.pointer, region("table", 8192), gaps, values);
}

/** @returns false when an index falls outside */
export function scatter(gaps: Address, values: Address, k: Count, out: Values): boolean {
  return kernels().scatter(k, out.length, gaps, values, out.pointer) === 0;
}

/** In place; x.length is a power of two; words: x.length random bits. */
export function hadamard(x: Values, words: Address, inverse: boolean): void {
  kernels().hadamard(x.length, inverse ? 1 : 0, x.pointer, words);
}

/** y.length a multiple of 4; symbols and signed levels of y · inverse. */
export function nearestLevels(y: Values, inverse: number, table: LevelTable, symbols: Address, values: Address): void {
  const count = table.boundaries.length;
  const levels = placeLevels(table);
  if (count <= 7) {
    kernels().nearestLevels(y.length, count, inverse, y.pointer, levels, symbols, values);
    return;
  }
  const cellsPerUnit = 1024 / table.boundaries[count - 1]!;
  const cells = region("work", 1024);
  const below = u8(cells, 1024);
  for (let c = 0, index = 0; c < 1024; c++) {
    // A hair lower, so that rounding in the kernel never begins above the right one.
    while (index < count && table.boundaries[index]! * cellsPerUnit <= c - 0.01) index++;
    below[c] = index;
  }
  kernels().nearestLevel(y.length, count, inverse, y.pointer, levels, cells, symbols, values);
}

export function levelValues(symbols: Values, table: LevelTable, out: Address): void {
  kernels().levelValues(symbols.length, 1, symbols.pointer, placeLevels(table), out);
}

/** Positive levels of a symmetric quantizer and the boundaries between them, one less. */
export interface LevelTable {
  levels: Float32Array;
  boundaries: Float32Array;
}

/** The levels, and behind them the boundaries. */
function placeLevels({ levels, boundaries }: LevelTable): Address {
  const pointer = region("table", 4 * (levels.length + boundaries.length));
  const both = f32(pointer, levels.length + boundaries.length);
  both.set(levels);
  both.set(boundaries, levels.length);
  return pointer;
}
