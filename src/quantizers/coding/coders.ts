import {
  addSymbols,
  gammaDecode,
  gammaEncode,
  histogram,
  lowerBits,
  pack,
  ransDecode,
  ransEncode,
  riceDecode,
  riceEncode,
  unpack,
} from "../../../bindings/coding.js";
import { log2 } from "../../../bindings/math.js";
import { type Address, i32, offset, u8 } from "../../../bindings/memory.js";
import { region, type Symbols, type Values, withRange } from "../../../bindings/quantize.js";
import type { TensorSlice } from "../../config/records.js";
import { bitLength } from "../methods/steps.js";
import {
  type ContextModel,
  chooseContexts,
  neighborDistances,
  readContexts,
  type Section,
  writeContexts,
} from "./contexts.js";
import { normalize, precisionFor, readTable, tableBytes, writeTable } from "./frequencies.js";
import { PacketError, type PacketReader, type PacketWriter } from "./packet.js";

/** How a stream of signed symbols becomes bytes; "auto" takes what comes out smallest. */
export type Coder = "auto" | "fixed" | "elias" | "rice" | "range" | "context";
export const coderNames: readonly Coder[] = ["auto", "fixed", "elias", "rice", "range", "context"];

const numbers = { fixed: 0, elias: 1, rice: 2, range: 3, context: 4 } as const;
type Chosen = keyof typeof numbers;

/** Symbols stay below this, so that a prefix code fits the kernels' 64-bit window. */
export const symbolLimit = 2 ** 24;
/** Alphabets up to this are range coded whole; of larger ones the lower bits travel as they are. */
const alphabetLimit = 4096;
const mostRice = 25;

/** The largest magnitude, or the smallest and the largest symbol. */
export type Limit = number | readonly [lowest: number, highest: number];

interface Counts {
  /** Of (m − min) >> shift */
  counts: Uint32Array;
  shift: number;
  /** Σ count · log2(n / count) + n · shift */
  entropyBits: number;
}

/**
 * Writes the symbols as one section: a byte for the coder, its parameters, the body.
 * @param tensors of the update, where there is a symbol for each of its entries; else "auto" tries no contexts
 * @returns the zero-order entropy of the symbols in bits where it was computed (coders "auto", "range", "context")
 */
export function writeSymbols(
  writer: PacketWriter,
  symbols: Symbols,
  coder: Coder,
  tensors?: readonly TensorSlice[],
): number | undefined {
  const span = symbols.max - symbols.min;
  const width = bitLength(span);
  const counted = coder === "auto" || coder === "range" || coder === "context";
  const counts = counted && span > 0 ? count(symbols, span) : undefined;
  // Of a large alphabet only the upper bits are counted, and the Rice code is no match for what they allow.
  const ricePossible = coder === "rice" || (coder === "auto" && counts?.shift === 0);
  const rice = ricePossible ? riceParameter(symbols, counts) : 0;
  const model = contextModel(symbols, coder, counts, tensors);
  const chosen = coder === "auto" ? smallest(symbols, width, rice, counts, model) : coder;
  // One symbol only, or none: nothing to code, whatever was asked for.
  if (chosen === "context" && model !== undefined) {
    writer.byte(numbers.context);
    writeContexts(writer, symbols, model, writePlain);
  } else if ((chosen === "range" || chosen === "context") && counts !== undefined) writeRange(writer, symbols, counts);
  else if (chosen === "elias" && span > 0) writePrefix(writer, symbols, undefined);
  else if (chosen === "rice" && span > 0) writePrefix(writer, symbols, rice);
  else writeFixed(writer, symbols, width);
  return counted ? (counts?.entropyBits ?? 0) : undefined;
}

/** How the table of a context model travels: never in contexts itself, which "auto" takes for tensors alone. */
function writePlain(writer: PacketWriter, symbols: Symbols): void {
  writeSymbols(writer, symbols, "auto");
}

/** Contexts where they are asked for, or may be worth trying; none where they cannot pay. */
function contextModel(
  symbols: Symbols,
  coder: Coder,
  counts: Counts | undefined,
  tensors: readonly TensorSlice[] | undefined,
): ContextModel | undefined {
  if (counts === undefined || counts.shift > 0) return undefined;
  if (coder !== "context" && (coder !== "auto" || tensors === undefined)) return undefined;
  let sum = 0;
  counts.counts.forEach((c, i) => {
    sum += c * Math.abs(symbols.min + i);
  });
  return chooseContexts(
    symbols,
    neighborDistances(tensors ?? []),
    sum / symbols.length,
    counts.entropyBits,
    coder === "context",
  );
}

/**
 * Reads a section of out.length symbols into out. What no encoder writes is refused: there is one way to write a
 * section with a given coder, but for the parameters that an encoder estimates (Rice's, the contexts').
 * @param limit what the caller can use
 * @throws PacketError
 */
export function readSymbols(reader: PacketReader, out: Values, what: string, limit: Limit = symbolLimit): Symbols {
  const at = reader.offset();
  const number = reader.byte(`the coder of ${what}`);
  if (number !== numbers.context) return finishSection(plainSection(reader, out, what, number, at), what, limit, at);
  return finishSection(readContexts(reader, out, what, readPlainSymbols), what, limit, at);
}

/** The same of a section that no encoder codes in contexts: what stands beside the entries, or in a table of theirs. */
export function readPlainSymbols(reader: PacketReader, out: Values, what: string, limit: Limit): Symbols {
  const at = reader.offset();
  const number = reader.byte(`the coder of ${what}`);
  if (number === numbers.context) throw new PacketError(at, `${what} are coded in contexts, as nothing codes them`);
  return finishSection(plainSection(reader, out, what, number, at), what, limit, at);
}

function plainSection(reader: PacketReader, out: Values, what: string, number: number, at: number): Section {
  if (number === numbers.fixed) return readFixed(reader, out, what);
  if (number === numbers.elias) return readPrefix(reader, out, what, undefined);
  if (number === numbers.rice) {
    return readPrefix(reader, out, what, reader.varint(`the Rice parameter of ${what}`, mostRice));
  }
  if (number === numbers.range) return readRange(reader, out, what);
  throw new PacketError(at, `coder ${number} of ${what} is not known`);
}

/** Symbols that the method can use, in a section that an encoder can have made. */
function finishSection({ symbols, mismatch }: Section, what: string, limit: Limit, at: number): Symbols {
  const { min, max } = symbols;
  const [lowest, highest] = typeof limit === "number" ? [-limit, limit] : limit;
  if (min < lowest || max > highest) {
    throw new PacketError(at, `${what} holds ${min} … ${max}, outside ${lowest} … ${highest}`);
  }
  if (mismatch !== "") throw new PacketError(at, `${what} holds ${min} … ${max}, which ${mismatch}`);
  return symbols;
}

function count(symbols: Symbols, span: number): Counts {
  let shift = 0;
  while (span >> shift >= alphabetLimit) shift++;
  const counts = histogram(symbols, shift, (span >> shift) + 1).slice();
  const n = symbols.length;
  const logN = log2(n);
  let entropyBits = n * shift;
  for (const c of counts) if (c > 0) entropyBits += c * (logN - log2(c));
  return { counts, shift, entropyBits };
}

function smallest(
  symbols: Symbols,
  width: number,
  rice: number,
  counts: Counts | undefined,
  model: ContextModel | undefined,
): Chosen {
  if (counts === undefined) return "fixed";
  const sizes: [Chosen, number][] = [
    ["fixed", symbols.length * width],
    // The measured cost of the coded form: states, table and what rounding the frequencies loses.
    ["range", counts.entropyBits * 1.0005 + 8 * (22 + tableBytes(counts.counts))],
  ];
  if (model !== undefined) sizes.push(["context", model.bits * 1.001 + 8 * 16]);
  if (counts.shift === 0) {
    let gamma = 0;
    let riced = 0;
    for (let i = 0; i < counts.counts.length; i++) {
      const c = counts.counts[i] as number;
      if (c === 0) continue;
      const z = zigzagOf(symbols.min + i);
      gamma += c * (2 * bitLength(z + 1) - 1);
      riced += c * riceLength(z, rice);
    }
    sizes.push(["elias", gamma], ["rice", riced + 8]);
  }
  return sizes.reduce((best, one) => (one[1] < best[1] ? one : best))[0];
}

function writeFixed(writer: PacketWriter, symbols: Symbols, width: number): void {
  writer.byte(numbers.fixed);
  writer.zigzag(symbols.min);
  writer.byte(width);
  const bytes = Math.ceil((symbols.length * width) / 8);
  if (bytes === 0) return;
  writer.block(bytes, (pointer) => {
    pack(symbols, symbols.min, width, pointer);
    return bytes;
  });
}

function readFixed(reader: PacketReader, out: Values, what: string): Section {
  const smallest = reader.zigzag(`the smallest of ${what}`, symbolLimit);
  const at = reader.offset();
  const width = reader.byte(`the width of ${what}`);
  if (width > 25) throw new PacketError(at, `${what} of ${width} bits an entry; at most 25 are known`);
  if (width === 0) {
    i32(out.pointer, out.length).fill(smallest);
  } else {
    const bits = out.length * width;
    const start = reader.block(Math.ceil(bits / 8), what);
    requireZeros(reader, start, bits, what);
    unpack(start, smallest, width, out);
  }
  const symbols = withRange(out.pointer, out.length);
  const right = symbols.min === smallest && bitLength(symbols.max - symbols.min) === width;
  return { symbols, mismatch: right ? "" : `are not written from ${smallest} up with ${width} bits` };
}

/** The bits behind the last code up to the next byte. @throws PacketError where one is set */
function requireZeros(reader: PacketReader, start: Address, bits: number, what: string): void {
  if (bits % 8 === 0) return;
  const last = u8(offset(start, Math.floor(bits / 8)), 1)[0] as number;
  if (last >> (bits % 8) !== 0) throw new PacketError(reader.offset() - 1, `bits are set behind the code of ${what}`);
}

/** Elias-gamma where k is undefined, else Golomb–Rice. */
function writePrefix(writer: PacketWriter, symbols: Symbols, k: number | undefined): void {
  const largest = Math.max(zigzagOf(symbols.min), zigzagOf(symbols.max));
  const longest = k === undefined ? 2 * bitLength(largest + 1) - 1 : Math.max(riceLength(largest, k), k + 24);
  writer.byte(k === undefined ? numbers.elias : numbers.rice);
  if (k !== undefined) writer.varint(k);
  writer.block(Math.ceil((symbols.length * longest) / 8) + 8, (pointer) => {
    const bits = k === undefined ? gammaEncode(symbols, pointer) : riceEncode(symbols, k, pointer);
    return Math.ceil(bits / 8);
  });
}

function readPrefix(reader: PacketReader, out: Values, what: string, k: number | undefined): Section {
  const at = reader.offset();
  const left = reader.left();
  const start = reader.block(0, what);
  const bits = Math.min(8 * left, 0x7fffffff);
  const used = k === undefined ? gammaDecode(start, bits, out) : riceDecode(start, bits, k, out);
  if (used < 0) {
    throw new PacketError(at, `the ${k === undefined ? "Elias" : "Rice"} code of ${what} breaks at entry ${-1 - used}`);
  }
  requireZeros(reader, reader.block(Math.ceil(used / 8), what), used, what);
  const symbols = withRange(out.pointer, out.length);
  return { symbols, mismatch: symbols.min < symbols.max ? "" : "needs no prefix code" };
}

function writeRange(writer: PacketWriter, symbols: Symbols, { counts, shift }: Counts): void {
  const precision = precisionFor(counts, symbols.length);
  const frequencies = normalize(counts, symbols.length, precision);
  writer.byte(numbers.range);
  writer.zigzag(symbols.min);
  writer.varint(counts.length);
  writer.byte(shift);
  writer.byte(precision);
  writeTable(writer, frequencies);
  const { pointer: stream, length } = ransEncode(symbols, shift, frequencies, precision);
  writer.varint(length);
  writer.bytes(u8(stream, length));
  if (shift === 0) return;
  // The lower bits, which the range coder did not see.
  const bytes = Math.ceil((symbols.length * shift) / 8);
  const lower = region("lower bits", 4 * symbols.length);
  lowerBits(symbols, shift, lower);
  writer.block(bytes, (pointer) => {
    pack({ pointer: lower, length: symbols.length }, 0, shift, pointer);
    return bytes;
  });
}

function readRange(reader: PacketReader, out: Values, what: string): Section {
  const min = reader.zigzag(`the smallest of ${what}`, symbolLimit);
  const at = reader.offset();
  const size = reader.varint(`the alphabet of ${what}`, alphabetLimit);
  if (size < 2) throw new PacketError(at, `an alphabet of ${size} needs no range coder`);
  const shift = reader.byte(`the raw bits of ${what}`);
  if (shift > 13) throw new PacketError(at, `${shift} raw bits in ${what}; at most 13 are known`);
  if (shift > 0 && size <= alphabetLimit / 2) throw new PacketError(at, `raw bits beside an alphabet of ${size}`);
  const precision = reader.byte(`the precision of ${what}`);
  if (precision < 2 || precision > 14) throw new PacketError(at, `precision ${precision} of ${what}; 2 … 14 are known`);
  const frequencies = readTable(reader, size, precision, what);
  const usual = precisionFor(frequencies, out.length);
  if (precision !== usual) throw new PacketError(at, `precision ${precision} of ${what}; ${usual} is what they take`);
  const length = reader.varint(`the length of ${what}`, reader.left());
  const start = reader.offset();
  if (length < 16) throw new PacketError(start, `${length} bytes of ${what} are too few for the coder's states`);
  const result = ransDecode(reader.block(length, what), length, frequencies, precision, min, shift, out);
  if (result === 1) throw new PacketError(start + length, `the range code of ${what} runs out`);
  if (result !== 0) throw new PacketError(start + length, `the range code of ${what} does not end as one does`);
  if (shift > 0) {
    const bits = out.length * shift;
    const start = reader.block(Math.ceil(bits / 8), `the raw bits of ${what}`);
    requireZeros(reader, start, bits, what);
    const lower = { pointer: region("lower bits", 4 * out.length), length: out.length };
    unpack(start, 0, shift, lower);
    addSymbols(out, lower.pointer);
  }
  const symbols = withRange(out.pointer, out.length);
  const right = symbols.min === min && (symbols.max - min) >> shift === size - 1;
  return { symbols, mismatch: right ? "" : `are no alphabet of ${size} from ${min} up` };
}

/** The k that makes the Rice code shortest, from the counts; from the range alone where there are none. */
function riceParameter(symbols: Symbols, counts: Counts | undefined): number {
  const { min, max } = symbols;
  const known = counts ?? (max > min ? count(symbols, max - min) : undefined);
  if (known === undefined) return 0;
  const { counts: tallies, shift } = known;
  const middle = (1 << shift) >> 1;
  let mean = 0;
  for (let i = 0; i < tallies.length; i++) mean += (tallies[i] as number) * zigzagOf(min + (i << shift) + middle);
  mean /= symbols.length;
  // The best k is within one or two of log2 of the mean.
  const guess = bitLength(Math.floor(mean));
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let k = Math.max(0, guess - 2); k <= Math.min(mostRice, guess + 1); k++) {
    let bits = 0;
    for (let i = 0; i < tallies.length; i++) {
      const c = tallies[i] as number;
      if (c > 0) bits += c * riceLength(zigzagOf(min + (i << shift) + middle), k);
    }
    if (bits < least) {
      least = bits;
      best = k;
    }
  }
  return best;
}

function riceLength(z: number, k: number): number {
  const zeros = z >>> k;
  return zeros < 24 ? zeros + 1 + k : 52;
}

function zigzagOf(m: number): number {
  return m < 0 ? -2 * m - 1 : 2 * m;
}
