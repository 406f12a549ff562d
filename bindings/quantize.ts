import { kernels } from "./instance.js";
import { allocate, f32, free, i32, u8 } from "./memory.js";
import { type Purpose, purposes } from "./random.js";

/**
 * Typed functions over assembly/quantize. They work on blocks of kernel memory named by what they are for, kept
 * from call to call and grown when too small; each is padded, since the bit streams' kernels read and write up to
 * 8 bytes beyond their ends (the checksum up to 63).
 */
export type Region =
  | "input"
  | "output"
  | "symbols"
  | "more symbols"
  | "lower bits"
  | "packet"
  | "stream"
  | "random"
  | "work"
  | "work values"
  | "table"
  | "neighbors"
  | "frequencies"
  | "weights"
  | "parts"
  | "innovation"
  | "change"
  | "held"
  | "kept";

/** float32 values in kernel memory. */
export interface Values {
  pointer: number;
  length: number;
}

/** int32 symbols in kernel memory, with the smallest and the largest of them (0, 0 of none). */
export interface Symbols extends Values {
  min: number;
  max: number;
}

const padding = 128;
/** The end of the padding is never written: `overrun` says which block was. */
const guard = new Uint8Array(32).fill(0xa5);
const regions = new Map<Region, { pointer: number; bytes: number }>();

/** @returns a pointer to at least `bytes` bytes and padding; `keep` bytes of what was there stay */
export function region(name: Region, bytes: number, keep = 0): number {
  const old = regions.get(name);
  if (old !== undefined && old.bytes >= bytes) return old.pointer;
  const room = Math.max(4096, keep > 0 ? 2 * bytes : bytes);
  if (old !== undefined && keep === 0) {
    regions.delete(name);
    free(old.pointer);
  }
  const pointer = allocate(room + padding);
  if (old !== undefined && keep > 0) {
    u8(pointer, keep).set(u8(old.pointer, keep));
    free(old.pointer);
  }
  u8(pointer + room + padding - guard.length, guard.length).set(guard);
  regions.set(name, { pointer, bytes: room });
  return pointer;
}

/** The block whose end was written beyond, if there is one: for the tests of hostile packets. */
export function overrun(): Region | undefined {
  for (const [name, { pointer, bytes }] of regions) {
    const found = u8(pointer + bytes + padding - guard.length, guard.length);
    if (found.some((byte) => byte !== 0xa5)) return name;
  }
  return undefined;
}

/** Gives all blocks back; the next call takes new ones. */
export function releaseRegions(): void {
  for (const { pointer } of regions.values()) free(pointer);
  regions.clear();
}

/** The values themselves where they are in kernel memory already, a copy of them in `name` elsewhere. */
export function stage(values: Float32Array, name: Region = "input"): Values {
  if (inKernelMemory(values)) return { pointer: values.byteOffset, length: values.length };
  const length = values.length;
  const pointer = region(name, 4 * length);
  f32(pointer, length).set(values);
  return { pointer, length };
}

/** Hands `fill` a place for the values of `into`: the place itself in kernel memory, or one that is copied from. */
export function deliver(into: Float32Array, fill: (out: Values) => void): void {
  if (inKernelMemory(into)) {
    fill({ pointer: into.byteOffset, length: into.length });
    return;
  }
  const out = { pointer: region("output", 4 * into.length), length: into.length };
  fill(out);
  into.set(f32(out.pointer, out.length));
}

/** A packet's bytes in kernel memory, followed by 64 zero bytes. */
export function stageBytes(bytes: Uint8Array): number {
  const pointer = region("packet", bytes.length);
  const view = u8(pointer, bytes.length + 64);
  view.set(bytes);
  view.fill(0, bytes.length);
  return pointer;
}

/** Is the array a window on kernel memory, which growth detaches? */
export function inKernelMemory(array: { buffer: ArrayBufferLike }): boolean {
  return array.buffer === kernels().memory.buffer;
}

const bits = new DataView(new ArrayBuffer(8));

/** ‖x‖_∞; NaN when the values hold a NaN or an infinity. */
export function maxAbs(x: Values): number {
  const pattern = kernels().maxAbsBits(x.pointer, x.length) >>> 0;
  if (pattern >= 0x7f800000) return Number.NaN;
  bits.setUint32(0, pattern);
  return bits.getFloat32(0);
}

/** Index of the first NaN or infinity, and which it is. */
export function firstNonFinite(x: Values): { index: number; value: number } {
  const index = kernels().firstNonFinite(x.pointer, x.length);
  return { index, value: index < x.length ? (f32(x.pointer, x.length)[index] as number) : 0 };
}

export interface Rounding {
  /** 1/step */
  inverse: number;
  /** Smallest magnitude that is not set to zero, a float32; none when left out */
  threshold?: number;
  /** Words of 32 random bits, one an entry: stochastic rounding */
  words?: number | undefined;
}

/** m_i = round_half_even(x_i · inverse) into `out` (int32, x.length of them), and Σ bitlength|m_i|. */
export function quantize(x: Values, { inverse, threshold = 0 }: Rounding, out: number): Rounded {
  const range = region("work", 64);
  kernels().quantizeNearest(x.pointer, x.length, inverse, threshold, out, range);
  return rounded(x, range, out);
}

/** m_i = ⌊x_i · inverse + offset + u_i⌋ held to lowest … highest; u_i = 0 without words. */
export function quantizeFloor(
  x: Values,
  { inverse, threshold = 0, words = 0 }: Rounding,
  { offset = 0, lowest = -(2 ** 30), highest = 2 ** 30 },
  out: number,
): Rounded {
  const range = region("work", 64);
  kernels().quantizeFloor(x.pointer, x.length, inverse, offset, threshold, words, lowest, highest, out, range);
  return rounded(x, range, out);
}

export interface Rounded extends Symbols {
  /** Σ bitlength|m_i| */
  bitLengths: number;
}

function rounded(x: Values, range: number, out: number): Rounded {
  const [min, max, bitLengths] = i32(range, 3) as unknown as [number, number, number];
  return { pointer: out, length: x.length, min, max, bitLengths: bitLengths >>> 0 };
}

/** q_i = float32((m_i + shift) · step), saturating. */
export function dequantize(symbols: Values, step: number, shift: number, out: number): void {
  kernels().dequantizeSteps(symbols.pointer, symbols.length, step, shift, out);
}

/** Words of 32 random bits, those of stream(seed, purpose, index0, index1), from `first` (a multiple of 4) on. */
export function randomWords(
  seed: number,
  purpose: Purpose,
  index0: number,
  index1: number,
  count: number,
  first = 0,
): number {
  const pointer = region("random", 4 * count + 16);
  const high = Math.floor(seed / 4294967296);
  kernels().philoxFill(
    seed >>> 0,
    high >>> 0,
    index0,
    index1,
    purposes[purpose] << 24,
    first / 4,
    Math.ceil(count / 4),
    pointer,
  );
  return pointer;
}

/** The symbols with their range found. */
export function withRange(pointer: number, length: number): Symbols {
  if (length === 0) return { pointer, length, min: 0, max: 0 };
  const out = region("work", 64);
  kernels().symbolRange(pointer, length, out);
  const [min, max] = i32(out, 2) as unknown as [number, number];
  return { pointer, length, min, max };
}

export function dot(x: Values, y: Values): number {
  return kernels().dot(x.pointer, y.pointer, x.length);
}

export function sumAbs(x: Values): number {
  return kernels().sumAbs(x.pointer, x.length);
}

/** out_i = x_i + factor · y_i, saturating */
export function addScaled(x: Values, y: Values, factor: number, out: number): void {
  kernels().addScaled(x.pointer, y.pointer, factor, x.length, out);
}

/** out_i = x_i · factor, saturating */
export function scaleValues(x: Values, factor: number, out: number): void {
  kernels().scaleValues(x.pointer, factor, x.length, out);
}

export function naturalEncode(x: Values, words: number, out: number): void {
  kernels().naturalEncode(x.pointer, x.length, words, out);
}

export function naturalDecode(symbols: Values, out: number): void {
  kernels().naturalDecode(symbols.pointer, symbols.length, out);
}

/** Bits of the fraction, exponent of the smallest normal, and the code of the largest finite value. */
export interface Minifloat {
  mantissa: number;
  lowest: number;
  highest: number;
}

export function minifloatEncode(x: Values, inverse: number, format: Minifloat, out: number): void {
  kernels().minifloatEncode(x.pointer, x.length, inverse, format.mantissa, format.lowest, format.highest, out);
}

export function minifloatDecode(symbols: Values, scale: number, format: Minifloat, out: number): void {
  kernels().minifloatDecode(symbols.pointer, symbols.length, scale, format.mantissa, format.lowest, out);
}

export function bfloatEncode(x: Values, out: number): void {
  kernels().bfloatEncode(x.pointer, x.length, out);
}

export function bfloatDecode(symbols: Values, out: number): void {
  kernels().bfloatDecode(symbols.pointer, symbols.length, out);
}

/** Blocks of 32: scales are ⌈n/32⌉ int32 exponents. `largest` is the exponent of the format's largest value. */
export function microscaleEncode(x: Values, format: Minifloat, largest: number, scales: number, out: number): void {
  const { mantissa, lowest, highest } = format;
  kernels().microscaleEncode(x.pointer, x.length, largest, mantissa, lowest, highest, scales, out);
}

export function microscaleDecode(scales: number, symbols: Values, format: Minifloat, out: number): void {
  kernels().microscaleDecode(scales, symbols.pointer, symbols.length, format.mantissa, format.lowest, out);
}

/** @returns how many entries are of high resolution */
export function mixedEncode(x: Values, inverse: number, limit: number, out: number): number {
  return kernels().mixedEncode(x.pointer, x.length, inverse, limit, out);
}

export function smallestLevel(symbols: Values): number {
  return kernels().smallestLevel(symbols.pointer, symbols.length);
}

export function mixedDecode(symbols: Values, step: number, low: number, out: number): void {
  kernels().mixedDecode(symbols.pointer, symbols.length, step, low, out);
}

/** Gaps (int32) and values (float32) of the k largest magnitudes, 1 ≤ k ≤ n. */
export function selectLargest(x: Values, k: number, gaps: number, values: number): void {
  kernels().selectLargest(x.pointer, x.length, k, region("table", 8192), gaps, values);
}

/** @returns false when an index falls outside */
export function scatter(gaps: number, values: number, k: number, out: Values): boolean {
  return kernels().scatter(gaps, values, k, out.pointer, out.length) === 0;
}

/** In place; x.length is a power of two; words: x.length random bits. */
export function hadamard(x: Values, words: number, inverse: boolean): void {
  kernels().hadamard(x.pointer, x.length, words, inverse ? 1 : 0);
}

/** y.length a multiple of 4; symbols and signed levels of y · inverse. */
export function nearestLevels(y: Values, inverse: number, table: LevelTable, symbols: number, values: number): void {
  const { boundaries, levels, count } = placeLevels(table);
  if (count <= 7) {
    kernels().nearestLevels(y.pointer, y.length, inverse, boundaries, levels, count, symbols, values);
    return;
  }
  const cellsPerUnit = 1024 / (table.boundaries[count - 1] as number);
  const cells = region("work", 1024);
  const below = u8(cells, 1024);
  for (let c = 0, index = 0; c < 1024; c++) {
    // A hair lower, so that rounding in the kernel never begins above the right one.
    while (index < count && (table.boundaries[index] as number) * cellsPerUnit <= c - 0.01) index++;
    below[c] = index;
  }
  const { pointer, length } = y;
  kernels().nearestLevel(pointer, length, inverse, boundaries, levels, count, cells, cellsPerUnit, symbols, values);
}

export function levelValues(symbols: Values, table: LevelTable, out: number): void {
  kernels().levelValues(symbols.pointer, symbols.length, placeLevels(table).levels, 1, out);
}

/** Positive levels of a symmetric quantizer and the boundaries between them, one less. */
export interface LevelTable {
  levels: Float32Array;
  boundaries: Float32Array;
}

function placeLevels({ levels, boundaries }: LevelTable) {
  const pointer = region("table", 4 * (levels.length + boundaries.length));
  f32(pointer, levels.length).set(levels);
  f32(pointer + 4 * levels.length, boundaries.length).set(boundaries);
  return { levels: pointer, boundaries: pointer + 4 * levels.length, count: boundaries.length };
}
