import {
  type ContextCode,
  countByContext,
  foldByContext,
  type Neighbor,
  ransDecodeByContext,
  ransEncode,
} from "../../../bindings/coding.js";
import { log2 } from "../../../bindings/math.js";
import { i32, u8 } from "../../../bindings/memory.js";
import { region, type Symbols, type Values, withRange } from "../../../bindings/quantize.js";
import type { TensorSlice } from "../../config/records.js";
import { bitLength } from "../methods/steps.js";
import { normalize } from "./frequencies.js";
import { PacketError, type PacketReader, type PacketWriter } from "./packet.js";

/**
 * Range coding in contexts: entries of an update resemble those of the neighboring input pixel, channel or unit, so
 * that what was sent for these chooses the frequencies (assembly/quantize/contexts.ts has the formula). This goes
 * below the zero-order entropy of the entries, which no code that treats them alike can.
 *
 * In a packet: the largest magnitude, the precision, the number of neighbors and for each its distance and levels,
 * the two thresholds, the table of frequencies (their logarithms, as differences from symbol to symbol, in a section of
 * plain symbols), the stream's length and the stream.
 */

/** Symbols up to this magnitude: the decoder's look-up has a byte for each. */
const mostHalf = 127;
const mostNeighbors = 3;
/** Shorter vectors, and those that a table costs more than contexts can save, are not tried. */
const fewestEntries = 512;
const fewestBits = 4096;
const sampleLength = 8192;
/** Of longer vectors the fullest model is always worth its table. */
const manyEntries = 2 ** 17;
/** Frequencies of a model: more would cost more than they tell, in bits and in time. */
const mostFrequencies = 4096;
/** Distances that are tried beside the best one, and what one neighbor has to save at least. */
const runnersUp = 6;
const leastGain = 0.01;
const unreachable = 2 ** 30;

/** A neighbor that tells how large it is in one or two steps up and down. */
interface Place {
  distance: number;
  levels: 1 | 2;
}

/** Neighbors with their weights, and how many contexts they make. */
interface Layout {
  neighbors: Neighbor[];
  places: readonly Place[];
  contexts: number;
}

/** A way to code these symbols, and what it takes. */
export interface ContextModel {
  layout: Layout;
  half: number;
  thresholds: readonly [low: number, high: number];
  counts: Uint32Array;
  /** Entropy given the contexts, and the table */
  bits: number;
  /** The folded symbols, where they have not been written over */
  folded: Symbols | undefined;
}

/**
 * Distances at which the entries of these tensors have a neighbor: the strides of their dimensions, and where a dense
 * layer follows an image (its rows are pixels by channels), those to the pixel before and to the one above.
 */
export function neighborDistances(tensors: readonly TensorSlice[]): number[] {
  // Of a vector of unknown form: whatever is laid out in powers of two.
  if (tensors.length === 0) return Array.from({ length: 17 }, (_, i) => 2 ** i);
  const found = new Set<number>();
  const bySize = [...tensors].sort((a, b) => b.length - a.length || a.offset - b.offset);
  const widths = new Set([...tensors.map(({ shape }) => shape.at(-1) ?? 1), 1, 3]);
  for (const { shape } of bySize.slice(0, 2)) {
    let stride = 1;
    for (const size of [...shape].reverse()) {
      found.add(stride);
      stride *= size;
    }
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || columns === undefined) continue;
    for (const channels of widths) {
      const side = Math.round(Math.sqrt(rows / channels));
      if (side < 2 || side * side * channels !== rows) continue;
      found.add(columns * channels);
      found.add(columns * channels * side);
      found.add(columns * channels * (side - 1));
    }
  }
  return [...found].slice(0, 20);
}

/**
 * The best of a few models whose neighbors are at some of the distances.
 * @param meanMagnitude of the symbols
 * @param asked for by name: then one is found even where it does not pay
 * @returns undefined where none can be worth its table, or magnitudes exceed 127
 */
export function chooseContexts(
  symbols: Symbols,
  distances: readonly number[],
  meanMagnitude: number,
  entropyBits: number,
  asked: boolean,
): ContextModel | undefined {
  const half = Math.max(-symbols.min, symbols.max);
  if (half < 1 || half > mostHalf) return undefined;
  if (!asked && (symbols.length < fewestEntries || entropyBits < fewestBits)) return undefined;
  const low = Math.max(1, Math.round(0.7 * meanMagnitude));
  const thresholds = [low, Math.max(low + 1, Math.round(2 * meanMagnitude))] as const;
  const count = Math.min(symbols.length, sampleLength);
  const part = [(symbols.length - count) >> 1, count] as const;
  const places: Place[] = [];
  let candidates = distances.filter((distance) => distance < symbols.length);
  let bits = Number.POSITIVE_INFINITY;
  if (!asked) bits = countIn(symbols, part, half, layoutOf([], thresholds)).bits * (1 - leastGain);
  for (const levels of [2, 2, 1] as const) {
    const tried = candidates.map((distance) => {
      const layout = layoutOf([...places, { distance, levels }], thresholds);
      return { distance, bits: countIn(symbols, part, half, layout).bits };
    });
    tried.sort((x, y) => x.bits - y.bits);
    const best = tried[0];
    if (best === undefined || best.bits >= bits) break;
    const place = { distance: best.distance, levels };
    if (layoutOf([...places, place], thresholds).contexts * (2 * half + 1) > mostFrequencies) break;
    places.push(place);
    bits = best.bits;
    candidates = tried.slice(1, 1 + runnersUp).map(({ distance }) => distance);
  }
  if (places.length === 0) return undefined;
  // The fullest last: it is chosen most often, and its folded symbols are then still there.
  const forms = [places];
  if (symbols.length < manyEntries) {
    if (places.length > 2) forms.unshift(places.slice(0, 2));
    forms.unshift(places.slice(0, 2).map(({ distance }) => ({ distance, levels: 1 })));
  }
  let chosen: ContextModel | undefined;
  for (const form of forms) {
    const layout = layoutOf(form, thresholds);
    const { folded, counts, bits } = countIn(symbols, [0, symbols.length], half, layout);
    const total = bits + tableBits(counts, resolutionFor(symbols.length));
    if (total < (chosen?.bits ?? Number.POSITIVE_INFINITY)) {
      const kept = form === places ? folded : undefined;
      chosen = { layout, half, thresholds, counts: counts.slice(), bits: total, folded: kept };
    }
  }
  return chosen;
}

/** About what the table takes, states and parameters included. */
function tableBits(counts: Uint32Array, resolution: number): number {
  let bits = 8 * 40;
  for (const c of counts) bits += c === 0 ? 1.5 : 3.5 + bitLength(resolution);
  return bits;
}

/** Weights as odd mixed radices, the last neighbor's 1, so that opposite combinations have opposite keys. */
function layoutOf(places: readonly Place[], [low, high]: readonly [number, number]): Layout {
  let weight = 1;
  let contexts = 1;
  const neighbors = [...places].reverse().map(({ distance, levels }) => {
    const neighbor = { distance, weight, low, high: levels === 2 ? high : unreachable };
    contexts += levels * weight;
    weight *= 2 * levels + 1;
    return neighbor;
  });
  return { neighbors: neighbors.reverse(), places, contexts };
}

/** The symbols folded, how often each occurs in each context (a short-lived view), and the entropy of that in bits. */
function countIn(symbols: Symbols, part: readonly [number, number], half: number, layout: Layout) {
  const folded = foldByContext(symbols, part, half, layout.neighbors);
  return { folded, ...countByContext(folded, layout.contexts, 2 * half + 1) };
}

/** A section as its code gave it, and where its parameters are none that an encoder gives these symbols: how so. */
export interface Section {
  symbols: Symbols;
  /** "" where they are */
  mismatch: string;
}

/** How the section is written, and read, that the table of frequencies travels as. */
export type WriteSection = (writer: PacketWriter, symbols: Symbols) => void;
export type ReadSection = (reader: PacketReader, out: Values, what: string, limit: number) => void;

export function writeContexts(
  writer: PacketWriter,
  symbols: Symbols,
  model: ContextModel,
  writeTable: WriteSection,
): void {
  const { layout, half, thresholds, counts } = model;
  const size = 2 * half + 1;
  const precision = precisionFor(size, symbols.length);
  const resolution = resolutionFor(symbols.length);
  const levels = Uint8Array.from(counts, (c) => levelOf(c, resolution));
  const frequencies = frequenciesOf(levels, size, resolution, precision);
  writer.varint(half);
  writer.byte(precision);
  writer.byte(layout.places.length);
  for (const { distance, levels } of layout.places) {
    writer.varint(distance);
    writer.byte(levels);
  }
  for (const threshold of thresholds) writer.varint(threshold);
  writer.byte(resolution);
  const table = region("frequencies", 4 * levels.length);
  const differences = i32(table, levels.length);
  levels.forEach((level, s) => {
    differences[s] = s % size === 0 ? level : level - (levels[s - 1] as number);
  });
  writeTable(writer, withRange(table, levels.length));
  const folded = model.folded ?? foldByContext(symbols, [0, symbols.length], half, layout.neighbors);
  const { pointer: stream, length } = ransEncode(folded, 0, frequencies, precision, size);
  writer.varint(length);
  writer.bytes(u8(stream, length));
}

/** Bits of the frequencies of `size` symbols. */
function precisionFor(size: number, entries: number): number {
  return Math.min(14, Math.max(bitLength(size) + 1, bitLength(entries) - 2));
}

/** What stands for a count in the table: 0 for what does not occur. */
function levelOf(count: number, resolution: number): number {
  return count === 0 ? 0 : 1 + Math.round(resolution * log2(count));
}

/** Steps of a count's magnitude in an octave: coarse ones cost less in the table, fine ones less in the code. */
function resolutionFor(entries: number): number {
  return entries < 2 ** 15 ? 2 : entries < 2 ** 18 ? 4 : 8;
}

/**
 * From the logarithms of the counts, which is what travels, to frequencies: level 0 for what does not occur, else
 * 1 + resolution · log2(count), rounded. Both ends do this, so that it must not depend on the engine.
 */
function frequenciesOf(levels: ArrayLike<number>, size: number, resolution: number, precision: number): Uint16Array {
  const root = resolution === 2 ? Math.SQRT2 : Math.sqrt(resolution === 4 ? Math.SQRT2 : Math.sqrt(Math.SQRT2));
  const steps = [1];
  while (steps.length < resolution) steps.push((steps.at(-1) as number) * root);
  const frequencies = new Uint16Array(levels.length);
  const counts = new Uint32Array(size);
  for (let first = 0; first < levels.length; first += size) {
    for (let s = 0; s < size; s++) {
      const level = (levels[first + s] as number) - 1;
      const octave = Math.floor(level / resolution);
      counts[s] = level < 0 ? 0 : Math.round((steps[level - octave * resolution] as number) * 2 ** octave);
    }
    const sum = withTwo(counts);
    if (sum > 0) frequencies.set(normalize(counts, sum, precision), first);
  }
  return frequencies;
}

/** A range needs two symbols at least: where only one occurred, another is given room. @returns the sum */
function withTwo(counts: Uint32Array): number {
  const sum = counts.reduce((a, b) => a + b, 0);
  if (sum === 0 || counts.some((c) => c > 0 && c < sum)) return sum;
  counts[counts[0] === 0 ? 0 : 1] = 1;
  return sum + 1;
}

/**
 * @param readTable reads the section that the table of frequencies travels in, of other coders than this one: the block
 *   that the table stands in is taken once
 * @throws PacketError
 */
export function readContexts(reader: PacketReader, out: Values, what: string, readTable: ReadSection): Section {
  const at = reader.offset();
  const half = reader.varint(`the largest of ${what}`, mostHalf);
  const size = 2 * half + 1;
  if (half === 0) throw new PacketError(at, `${what} that are all zero need no contexts`);
  const precision = reader.byte(`the precision of ${what}`);
  const usual = precisionFor(size, out.length);
  if (precision !== usual) throw new PacketError(at, `precision ${precision} of ${what}; ${usual} is what they take`);
  const places = readPlaces(reader, out.length, what);
  const place = reader.offset();
  const low = reader.varint(`a threshold of ${what}`, unreachable);
  const high = reader.varint(`a threshold of ${what}`, unreachable);
  // As `chooseContexts` has them for a mean magnitude from 0 to the largest
  if (low < 1 || high <= low || low > Math.max(1, Math.round(0.7 * half)) || high > Math.max(low + 1, 2 * half)) {
    throw new PacketError(place, `thresholds ${low} and ${high} of ${what} up to ${half}`);
  }
  const { neighbors, contexts } = layoutOf(places, [low, high]);
  if (contexts * size > mostFrequencies) {
    throw new PacketError(place, `${contexts * size} frequencies of ${what}; at most ${mostFrequencies} are known`);
  }
  const frequencies = readFrequencies(
    reader,
    contexts * size,
    { size, precision, entries: out.length },
    what,
    readTable,
  );
  const length = reader.varint(`the length of ${what}`, reader.left());
  const start = reader.offset();
  if (length < 16) throw new PacketError(start, `${length} bytes of ${what} are too few for the coder's states`);
  const code: ContextCode = { frequencies, precision, contexts, half, neighbors };
  const result = ransDecodeByContext(reader.block(length, what), length, code, out);
  if (result === 1) throw new PacketError(start + length, `the range code of ${what} runs out`);
  if (result !== 0) throw new PacketError(start + length, `the range code of ${what} does not end as one does`);
  const symbols = withRange(out.pointer, out.length);
  const right = symbols.min < symbols.max && Math.max(-symbols.min, symbols.max) === half;
  return { symbols, mismatch: right ? "" : `needs no contexts up to ${half}` };
}

function readFrequencies(
  reader: PacketReader,
  count: number,
  { size, precision, entries }: { size: number; precision: number; entries: number },
  what: string,
  readTable: ReadSection,
): Uint16Array {
  const at = reader.offset();
  const resolution = reader.byte(`the resolution of the frequencies of ${what}`);
  const usual = resolutionFor(entries);
  if (resolution !== usual) {
    throw new PacketError(at, `frequencies of ${what} in ${resolution} steps an octave; ${usual} is what they take`);
  }
  // No symbol occurs more often than there are entries.
  const highest = levelOf(entries, resolution);
  const table = { pointer: region("frequencies", 4 * count), length: count };
  readTable(reader, table, `the frequencies of ${what}`, highest);
  const levels = i32(table.pointer, count).slice();
  for (let s = 0; s < count; s++) {
    const level = (levels[s] as number) + (s % size === 0 ? 0 : (levels[s - 1] as number));
    if (level < 0 || level > highest)
      throw new PacketError(at, `a frequency of ${what} at level ${level} of ${highest}`);
    levels[s] = level;
  }
  return frequenciesOf(levels, size, resolution, precision);
}

/** One or two steps of each neighbor, in the orders that `chooseContexts` gives. */
const orders = ["2", "22", "221", "1", "11"];

function readPlaces(reader: PacketReader, entries: number, what: string): Place[] {
  const at = reader.offset();
  const count = reader.byte(`the neighbors of ${what}`);
  if (count < 1 || count > mostNeighbors) {
    throw new PacketError(at, `${count} neighbors of ${what}; 1 … ${mostNeighbors} are known`);
  }
  const places = Array.from({ length: count }, (): Place => {
    const place = reader.offset();
    const distance = reader.varint(`the distance of a neighbor of ${what}`, Math.max(0, entries - 1));
    const levels = reader.byte(`the levels of a neighbor of ${what}`);
    if (distance < 1 || (levels !== 1 && levels !== 2)) {
      throw new PacketError(place, `a neighbor of ${what} at distance ${distance} with ${levels} levels`);
    }
    return { distance, levels };
  });
  const order = places.map(({ levels }) => levels).join("");
  if (!orders.includes(order) || new Set(places.map(({ distance }) => distance)).size < count) {
    const shown = places.map(({ distance, levels }) => `${distance} (${levels})`).join(", ");
    throw new PacketError(at, `neighbors of ${what} at ${shown}, as no encoder takes them together`);
  }
  return places;
}
