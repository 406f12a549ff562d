import { log2 } from "../../bindings/math.js";
import { i32, u8 } from "../../bindings/memory.js";
import {
  addSymbols,
  gammaDecode,
  gammaEncode,
  histogram,
  lowerBits,
  pack,
  ransDecode,
  ransEncode,
  region,
  riceDecode,
  riceEncode,
  type Symbols,
  unpack,
  type Values,
  withRange,
} from "../../bindings/quantize.js";
import { PacketError, type PacketReader, type PacketWriter } from "./packet.js";

/** How a stream of signed symbols becomes bytes; "auto" takes what comes out smallest. */
export type Coder = "auto" | "fixed" | "elias" | "rice" | "range";
export const coderNames: readonly Coder[] = ["auto", "fixed", "elias", "rice", "range"];

const numbers = { fixed: 0, elias: 1, rice: 2, range: 3 } as const;
type Chosen = keyof typeof numbers;

/** Symbols stay below this, so that a prefix code fits the kernels' 64-bit window. */
export const symbolLimit = 2 ** 24;
/** Alphabets up to this are range coded whole; of larger ones the lower bits travel as they are. */
const alphabetLimit = 4096;

interface Counts {
  /** Of (m − min) >> shift */
  counts: Uint32Array;
  shift: number;
  /** Σ count · log2(n / count) + n · shift */
  entropyBits: number;
}

/**
 * Writes the symbols as one section: a byte for the coder, its parameters, the body.
 * @returns the zero-order entropy of the symbols in bits where it was computed (coders "auto" and "range")
 */
export function writeSymbols(writer: PacketWriter, symbols: Symbols, coder: Coder): number | undefined {
  const span = symbols.max - symbols.min;
  const width = bitLength(span);
  const counts = (coder === "auto" || coder === "range") && span > 0 ? count(symbols, span) : undefined;
  // Of a large alphabet only the upper bits are counted, and the Rice code is no match for what they allow.
  const ricePossible = coder === "rice" || (coder === "auto" && counts?.shift === 0);
  const rice = ricePossible ? riceParameter(symbols, counts) : 0;
  const chosen = coder === "auto" ? smallest(symbols, width, rice, counts) : coder;
  // One symbol only, or none: nothing to code, whatever was asked for.
  if (chosen === "range" && counts !== undefined) writeRange(writer, symbols, counts);
  else if (chosen === "elias" && span > 0) writePrefix(writer, symbols, undefined);
  else if (chosen === "rice" && span > 0) writePrefix(writer, symbols, rice);
  else writeFixed(writer, symbols, width);
  return coder === "auto" || coder === "range" ? (counts?.entropyBits ?? 0) : undefined;
}

/**
 * Reads a section of out.length symbols into out.
 * @param limit largest magnitude that the caller can use
 * @throws PacketError
 */
export function readSymbols(reader: PacketReader, out: Values, what: string, limit = symbolLimit): Symbols {
  const at = reader.offset();
  const number = reader.byte(`the coder of ${what}`);
  if (number === numbers.fixed) readFixed(reader, out, what);
  else if (number === numbers.elias) readPrefix(reader, out, what, undefined);
  else if (number === numbers.rice) {
    readPrefix(reader, out, what, reader.varint(`the Rice parameter of ${what}`, 25));
  } else if (number === numbers.range) readRange(reader, out, what);
  else throw new PacketError(at, `coder ${number} of ${what} is not known`);
  const symbols = withRange(out.pointer, out.length);
  if (symbols.min < -limit || symbols.max > limit) {
    throw new PacketError(at, `${what} holds ${symbols.min} … ${symbols.max}, outside ±${limit}`);
  }
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

function smallest(symbols: Symbols, width: number, rice: number, counts: Counts | undefined): Chosen {
  if (counts === undefined) return "fixed";
  const sizes: [Chosen, number][] = [
    ["fixed", symbols.length * width],
    // The measured cost of the coded form: states, table and what rounding the frequencies loses.
    ["range", counts.entropyBits * 1.0005 + 8 * (22 + tableBytes(counts.counts))],
  ];
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

function readFixed(reader: PacketReader, out: Values, what: string): void {
  const offset = reader.zigzag(`the smallest of ${what}`, symbolLimit);
  const at = reader.offset();
  const width = reader.byte(`the width of ${what}`);
  if (width > 25) throw new PacketError(at, `${what} of ${width} bits an entry; at most 25 are known`);
  if (width === 0) {
    i32(out.pointer, out.length).fill(offset);
    return;
  }
  unpack(reader.block(Math.ceil((out.length * width) / 8), what), offset, width, out);
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

function readPrefix(reader: PacketReader, out: Values, what: string, k: number | undefined): void {
  const at = reader.offset();
  const left = reader.left();
  const start = reader.block(0, what);
  const bits = Math.min(8 * left, 0x7fffffff);
  const used = k === undefined ? gammaDecode(start, bits, out) : riceDecode(start, bits, k, out);
  if (used < 0) {
    throw new PacketError(at, `the ${k === undefined ? "Elias" : "Rice"} code of ${what} breaks at entry ${-1 - used}`);
  }
  reader.block(Math.ceil(used / 8), what);
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
  const stream = ransEncode(symbols, shift, frequencies, precision);
  const { byteOffset, length } = stream;
  writer.varint(length);
  writer.bytes(u8(byteOffset, length));
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

function readRange(reader: PacketReader, out: Values, what: string): void {
  const min = reader.zigzag(`the smallest of ${what}`, symbolLimit);
  const at = reader.offset();
  const size = reader.varint(`the alphabet of ${what}`, alphabetLimit);
  if (size < 2) throw new PacketError(at, `an alphabet of ${size} needs no range coder`);
  const shift = reader.byte(`the raw bits of ${what}`);
  if (shift > 13) throw new PacketError(at, `${shift} raw bits in ${what}; at most 13 are known`);
  const precision = reader.byte(`the precision of ${what}`);
  if (precision < 2 || precision > 14) throw new PacketError(at, `precision ${precision} of ${what}; 2 … 14 are known`);
  const frequencies = readTable(reader, size, precision, what);
  const length = reader.varint(`the length of ${what}`, reader.left());
  const start = reader.offset();
  if (length < 16) throw new PacketError(start, `${length} bytes of ${what} are too few for the coder's states`);
  const result = ransDecode(reader.block(length, what), length, frequencies, precision, min, shift, out);
  if (result === 1) throw new PacketError(start + length, `the range code of ${what} runs out`);
  if (result !== 0) throw new PacketError(start + length, `the range code of ${what} does not end as one does`);
  if (shift === 0) return;
  const lower = { pointer: region("lower bits", 4 * out.length), length: out.length };
  unpack(reader.block(Math.ceil((out.length * shift) / 8), `the raw bits of ${what}`), 0, shift, lower);
  addSymbols(out, lower.pointer);
}

/** Frequencies of 2^precision: as many bits as the entries are worth, and each symbol that occurs gets one at least. */
function precisionFor(counts: Uint32Array, n: number): number {
  let distinct = 0;
  for (const c of counts) if (c > 0) distinct++;
  return Math.min(14, Math.max(2, bitLength(distinct) + 1, bitLength(n)));
}

/** Counts scaled to the sum 2^precision, at least 1 for every symbol that occurs; what is over goes to the commonest. */
function normalize(counts: Uint32Array, n: number, precision: number): Uint16Array {
  const total = 2 ** precision;
  const frequencies = new Uint16Array(counts.length);
  const order = Array.from(counts.keys()).filter((s) => (counts[s] as number) > 0);
  order.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  let left = total;
  for (const s of order) {
    const f = Math.max(1, Math.min(total - 1, Math.round(((counts[s] as number) * total) / n)));
    frequencies[s] = f;
    left -= f;
  }
  // Spread the rest over the commonest, in proportion to what a step costs them least.
  for (let i = 0; left !== 0; i = (i + 1) % order.length) {
    const s = order[i] as number;
    const f = frequencies[s] as number;
    const step = left > 0 ? Math.min(left, Math.max(1, f >> 6), total - 1 - f) : -Math.min(-left, f >> 6, f - 1);
    // A whole turn with nothing wide enough to take from: then by ones.
    const one = step !== 0 ? step : left < 0 && f > 1 && f <= 64 ? -1 : 0;
    frequencies[s] = f + one;
    left -= one;
  }
  return frequencies;
}

/** Frequencies as varints; a run of zeros as 0 and its length less one. */
function writeTable(writer: PacketWriter, frequencies: Uint16Array): void {
  const bytes: number[] = [];
  const varint = (value: number) => {
    let rest = value;
    while (rest >= 128) {
      bytes.push((rest & 127) | 128);
      rest >>= 7;
    }
    bytes.push(rest);
  };
  for (let s = 0; s < frequencies.length; ) {
    const f = frequencies[s] as number;
    varint(f);
    if (f > 0) {
      s++;
      continue;
    }
    let run = 1;
    while (s + run < frequencies.length && frequencies[s + run] === 0) run++;
    varint(run - 1);
    s += run;
  }
  writer.bytes(new Uint8Array(bytes));
}

function readTable(reader: PacketReader, size: number, precision: number, what: string): Uint16Array {
  const total = 2 ** precision;
  const frequencies = new Uint16Array(size);
  const at = reader.offset();
  let sum = 0;
  for (let s = 0; s < size; ) {
    const f = reader.varint(`a frequency of ${what}`, total - 1);
    if (f > 0) {
      frequencies[s++] = f;
      sum += f;
    } else {
      s += 1 + reader.varint(`a run of zero frequencies of ${what}`, size - s - 1);
    }
  }
  if (sum !== total) throw new PacketError(at, `the frequencies of ${what} sum to ${sum}, not ${total}`);
  return frequencies;
}

/** About what the table of frequencies takes. */
function tableBytes(counts: Uint32Array): number {
  let bytes = 0;
  let previous = 1;
  for (const c of counts) {
    if (c > 0) bytes += 2;
    else if (previous > 0) bytes += 2;
    previous = c;
  }
  return bytes;
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
  for (let k = Math.max(0, guess - 2); k <= Math.min(25, guess + 1); k++) {
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

/** ⌈log2(value + 1)⌉, of zero 0. */
export function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}
