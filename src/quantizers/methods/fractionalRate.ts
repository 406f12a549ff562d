import { type Address, f32, offset } from "../../../bindings/memory.js";
import {
  dot,
  levelValues,
  nearestLevels,
  partOf,
  randomWords,
  region,
  sumAbs,
  type Values,
  withRange,
} from "../../../bindings/quantize.js";
import { chooseEntries, type Division, mergeEntries, splitEntries } from "../../../bindings/tables.js";
import { type Coder, readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, type PacketReader } from "../coding/packet.js";
import type { Encoder } from "../method.js";
import { type BlockSums, blockScale, levelLimits, type RotatedScale } from "./blockScale.js";
import { readMagnitude } from "./grid.js";
import { lloydMax } from "./lloydMax.js";
import {
  type Block,
  blocksOf,
  type Draw,
  paddedLength,
  readDraw,
  rotate,
  rotateBack,
  rotationWords,
  writeDraw,
} from "./rotation.js";

/**
 * EDEN at rates between whole bits (Vargaftik et al., ICML 2022, section 4.3): of each rotated block a share b − ⌊b⌋ of
 * the entries, chosen at random and so that both ends know them, get one bit more than the others. Below one bit those
 * others get none and are 0, and S = (n/k)·‖y‖²/⟨y, c⟩ with the c that all n entries would have had, k of them sent,
 * which keeps q unbiased. NMSE 1/(1 − D) − 1, D the mean of the entries' distortions, D_0 = 1.
 *
 * The paper's entries are chosen independently of one another; here exactly round(share · n) of a block are, so that
 * the rate is what was asked for.
 */

/** In the place of the bits in a packet: this and the whole bits below the rate. */
export const fractionMark = 64;
/** Shares are multiples of 1 over this. */
const shareUnits = 65536;

export interface Rate {
  /** ⌊b⌋ */
  bits: number;
  /** b − ⌊b⌋ in units of 2^−16; 0 of a whole rate */
  share: number;
}

export function rateOf(bits: number): Rate {
  const units = Math.max(1, Math.round(bits * shareUnits));
  return { bits: Math.floor(units / shareUnits), share: units % shareUnits };
}

/** A block with the chosen ones of its entries: `count` of them, the first of which is number `from` of all chosen. */
interface Part extends Block {
  from: number;
  count: number;
}

/** One of a block's entries at least is chosen. */
function partsOf(entries: number, share: number): Part[] {
  let from = 0;
  return blocksOf(entries).map((block) => {
    const count = Math.max(1, Math.round((share / shareUnits) * block.size));
    from += count;
    return { ...block, from: from - count, count };
  });
}

/** Which entries of the blocks are chosen: a stream that is none of the rotation's. */
function chooseParts(parts: readonly Part[], { seed, client, round }: Draw): Address {
  const gaps = region("shared", 4 * paddedLength(parts));
  const words = randomWords(seed, "quantizer", client, round, paddedLength(parts));
  for (const { first, size, from, count } of parts) {
    chooseEntries(size, count, offset(words, 4 * first), offset(gaps, 4 * from));
  }
  return gaps;
}

/** The chosen entries of all blocks, or the others: how many bits they get and where each block's are. */
interface Half {
  rate: number;
  total: number;
  spans: readonly { first: number; length: number }[];
}

/** Below one bit there is nothing of the others. */
function halvesOf(parts: readonly Part[], bits: number): Half[] {
  const chosen = parts.map(({ from, count }) => ({ first: from, length: count }));
  const rest = parts.map(({ first, size, from, count }) => ({ first: first - from, length: size - count }));
  const halves = [half(bits + 1, chosen), half(bits, rest)];
  return bits > 0 ? halves : halves.slice(0, 1);
}

function half(rate: number, spans: Half["spans"]): Half {
  return { rate, spans, total: spans.reduce((sum, { length }) => sum + length, 0) };
}

function divisionOf({ first, from, count }: Part, gaps: Address, chosen: Address, rest: Address): Division {
  return {
    gaps: { pointer: offset(gaps, 4 * from), length: count },
    chosen: offset(chosen, 4 * from),
    rest: offset(rest, 4 * (first - from)),
  };
}

interface BlockState extends BlockSums {
  inverse: number;
}

export function encodeFraction({ bits, share }: Rate, kind: RotatedScale, coder: Coder): Encoder {
  return (input, context, writer) => {
    const parts = partsOf(input.length, share);
    const padded = paddedLength(parts);
    const y: Values = { pointer: region("innovation", 4 * padded), length: padded };
    const split = [region("kept", 4 * padded), region("change", 4 * padded)] as const;
    const symbols = region("symbols", 4 * padded);
    const gaps = chooseParts(parts, context);
    const words = rotationWords(context, padded);
    const blocks = parts.map((part): BlockState => {
      const { first, size, count } = part;
      const rotated = partOf(y, first, size);
      const largest = rotate(input, part, words, rotated);
      splitEntries(rotated, divisionOf(part, gaps, ...split));
      const energy = dot(rotated, rotated);
      const inverse = energy === 0 ? 0 : Math.sqrt(size / energy);
      // That of all entries' signs, k/n of it; where more than signs are sent, what is sent is added up instead.
      const signs = bits === 0 && kind === "unbiased";
      const match = signs ? (lloydMax(1).levels[0] as number) * sumAbs(rotated) * (count / size) : 0;
      return { size, largest, energy, inverse, match, levels: 0 };
    });
    const halves = halvesOf(parts, bits);
    // y has been split: its place takes the levels.
    halves.forEach((one, h) => {
      const place = h === 0 ? symbols : offset(symbols, 4 * halves[0]!.total);
      one.spans.forEach(({ first, length }, b) => {
        const block = blocks[b]!;
        const values = partOf({ pointer: split[h]!, length: one.total }, first, length);
        const level: Values = { pointer: y.pointer, length };
        nearestLevels(values, block.inverse, lloydMax(one.rate), offset(place, 4 * first), level.pointer);
        if (bits > 0 || kind !== "unbiased") block.match += dot(values, level);
        block.levels += dot(level, level);
      });
    });
    writer.byte(fractionMark + bits);
    writer.varint(share);
    writeDraw(writer, context);
    writer.bytes(new Uint8Array(Float32Array.from(blocks, (block) => blockScale(kind, block)).buffer));
    const side = 32 * parts.length;
    let entropyBits: number | undefined = side;
    halves.forEach(({ total }, h) => {
      const place = h === 0 ? symbols : offset(symbols, 4 * halves[0]!.total);
      const entropy = writeSymbols(writer, withRange(place, total), coder);
      entropyBits = entropyBits === undefined || entropy === undefined ? undefined : entropyBits + entropy;
    });
    return { nominalBits: (bits + share / shareUnits) * input.length + side, entropyBits };
  };
}

/** @param bits ⌊b⌋, which the caller has read */
export function decodeFraction(reader: PacketReader, out: Values, bits: number): void {
  const at = reader.offset();
  const share = reader.varint("the share of entries with a bit more", shareUnits - 1);
  if (share === 0) throw new PacketError(at, "a fractional rate without a fraction");
  const draw = readDraw(reader);
  const parts = partsOf(out.length, share);
  const scales = parts.map(() => readMagnitude(reader, "a block's scale"));
  const padded = paddedLength(parts);
  const halves = halvesOf(parts, bits);
  const places = [region("kept", 4 * padded), region("change", 4 * padded)] as const;
  halves.forEach(({ rate, total }, h) => {
    const symbols: Values = { pointer: places[h]!, length: total };
    readSymbols(reader, symbols, h === 0 ? "the chosen levels" : "the levels", levelLimits(rate));
    levelValues(symbols, lloydMax(rate), symbols.pointer);
  });
  if (bits === 0) f32(places[1], padded).fill(0);
  const y: Values = { pointer: region("innovation", 4 * padded), length: padded };
  const gaps = chooseParts(parts, draw);
  parts.forEach((part) => {
    mergeEntries(divisionOf(part, gaps, ...places), partOf(y, part.first, part.size));
  });
  const words = rotationWords(draw, padded);
  parts.forEach((part, b) => {
    rotateBack(partOf(y, part.first, part.size), part, words, scales[b] as number, out);
  });
}
