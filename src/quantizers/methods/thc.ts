import { f32, i32, offset } from "../../../bindings/memory.js";
import {
  dot,
  partOf,
  randomWords,
  region,
  type Symbols,
  stage,
  type Values,
  withRange,
} from "../../../bindings/quantize.js";
import { type SortedLevels, tableSymbols, tableValues } from "../../../bindings/tables.js";
import type { Exchange, ExchangedBits } from "../../config/records.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, packetReader, packetWriter } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { levelLimits } from "./blockScale.js";
import { finiteUpdate, keepError, withError } from "./exchanges.js";
import { readFloats, writeFloats } from "./floats.js";
import { readMagnitude } from "./grid.js";
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
import { bitLength, power } from "./steps.js";

const format = 28;

/** Φ⁻¹(1 − 1/64): beyond it, about one entry in 32, a rotated entry is cut off (p = 1/32 in the paper). */
const reach = 2.1538746940614564;

/**
 * The lookup tables T of b = 2, 3, 4 bits, whole numbers from 0 to g: with two and three bits even steps, with four the
 * symmetric table of g = 30 with the least error of a normal cut off at ±2.154, found by trying all.
 */
const tables: Record<number, readonly number[]> = {
  2: [0, 1, 2, 3],
  3: [0, 1, 2, 3, 4, 5, 6, 7],
  4: [0, 3, 5, 7, 9, 11, 13, 14, 16, 17, 19, 21, 23, 25, 27, 30],
};

/**
 * THC, tensor homomorphic compression (Li et al., NSDI 2024, sections 4 and 5): all clients rotate alike, tell one another
 * the norms of their blocks, and round each entry at random to one of the levels −R + 2R·T(x)/g between ±R,
 * R = t_p ‖y‖/√n of the largest norm. The server adds the T(x) up as they come and returns the sums, whole numbers up to
 * g K, from which every end has the mean. Alone, as `encode` has it, the norm is the client's own.
 *
 * Nominal up b d + 32 a block, down ⌈log2(g K + 1)⌉ d + 32 a block. Unbiased but for what is cut off, which shortens the
 * longest client's part of the mean by 2(1 − Φ(t_p)) = 1/32; error feedback (on unless it is set off) brings that back.
 */
export const thc: Method = {
  name: "thc",
  title: "THC",
  format,
  summary: "levels of a range that all clients share, added up as they come",
  carriesError: true,
  resolution: () => ({ setting: "bits", unit: "bits" }),
  proof: {
    benchmark: [{ bits: 2 }, { bits: 4 }],
    forms: [{}, { bits: 2 }],
    goldens: [
      { settings: { bits: 2 }, nmse: ["0.341969", "0.341969"], random: "rotation" },
      { settings: { bits: 3 }, nmse: ["0.0684791", "0.0684791"], random: "rotation" },
      { settings: { bits: 4 }, nmse: ["0.020342", "0.020342"], random: "rotation" },
    ],
  },
  settings: { bits: { default: 4, integer: true, minimum: 2, maximum: 4, summary: "bits of an entry on its way up" } },
  exchange: (settings) => thcExchange(settings),
  encoder(settings) {
    const bits = settings.bits as number;
    const coder = coderOf(settings);
    return (input, context, writer) => {
      const { y, largest, norms } = rotated(input, context);
      const blocks = blocksOf(input.length);
      const symbols = chosen(y, { blocks, largest, norms, bits, draw: context });
      writer.byte(bits);
      writeDraw(writer, context);
      writeFloats(writer, norms);
      const entropy = writeSymbols(writer, symbols, coder);
      const side = 32 * blocks.length;
      return {
        nominalBits: bits * input.length + side,
        entropyBits: entropy === undefined ? undefined : entropy + side,
      };
    };
  },
  decode(reader, out) {
    const at = reader.offset();
    const bits = reader.byte("the bits");
    if (tables[bits] === undefined) throw new PacketError(at, `${bits} bits an entry; 2 … 4 are known`);
    const draw = readDraw(reader);
    const blocks = blocksOf(out.length);
    const norms = Float32Array.from(blocks, () => readMagnitude(reader, "a block's norm"));
    const padded = paddedLength(blocks);
    const y: Values = { pointer: region("symbols", 4 * padded), length: padded };
    readSymbols(reader, y, "the levels", levelLimits(bits));
    backFrom(y, { blocks, norms, bits, draw }, out);
  },
};

/** The update rotated, over each block's largest magnitude, and the blocks' ‖y‖/√n. */
function rotated(input: Values, draw: Draw): { y: Values; largest: Float64Array; norms: Float32Array } {
  const blocks = blocksOf(input.length);
  const padded = paddedLength(blocks);
  const y: Values = { pointer: region("innovation", 4 * padded), length: padded };
  const words = rotationWords(draw, padded);
  const largest = new Float64Array(blocks.length);
  const norms = new Float32Array(blocks.length);
  blocks.forEach((block, b) => {
    const part = partOf(y, block.first, block.size);
    largest[b] = rotate(input, block, words, part);
    norms[b] = Math.min(largest[b]! * Math.sqrt(dot(part, part) / block.size), 3.4028234663852886e38);
  });
  return { y, largest, norms };
}

interface Rounds {
  blocks: readonly Block[];
  largest: Float64Array;
  /** ‖y‖/√n that the range is made of: one's own, or the largest of all clients */
  norms: Float32Array;
  bits: number;
  draw: Draw;
}

/** x − 2^(b − 1) of every entry. */
function chosen(y: Values, { blocks, largest, norms, bits, draw }: Rounds): Symbols {
  const symbols = region("symbols", 4 * y.length);
  const levels = levelsOf(bits);
  const words = randomWords(draw.seed, "quantizer", draw.client, draw.round, y.length);
  blocks.forEach(({ first, size }, b) => {
    const inverse = norms[b] === 0 ? 0 : largest[b]! / norms[b]!;
    tableSymbols(
      partOf(y, first, size),
      { inverse, words: offset(words, 4 * first) },
      levels,
      offset(symbols, 4 * first),
    );
  });
  return withRange(symbols, y.length);
}

/** The levels over ‖y‖/√n. */
function levelsOf(bits: number): SortedLevels {
  const table = tables[bits] as readonly number[];
  const granularity = table.at(-1) as number;
  const values = Float32Array.from(table, (level) => reach * ((2 * level) / granularity - 1));
  return { values, origin: power(2, bits - 1) };
}

/** The symbols at y as values, rotated back. */
function backFrom(y: Values, { blocks, norms, bits, draw }: Omit<Rounds, "largest">, out: Values): void {
  const words = rotationWords(draw, y.length);
  tableValues(y, 1, levelsOf(bits), y.pointer);
  blocks.forEach((block, b) => {
    rotateBack(partOf(y, block.first, block.size), block, words, norms[b]!, out);
  });
}

function thcExchange(settings: Parameters<Method["encoder"]>[0]): Exchange {
  const bits = settings.bits as number;
  const coder = coderOf(settings);
  const carries = settings.errorFeedback === true;
  const table = tables[bits] as readonly number[];
  const granularity = table.at(-1) as number;
  return {
    run(clients, { round, seed }) {
      const entries = clients[0]?.update.length ?? 0;
      const blocks = blocksOf(entries);
      const padded = paddedLength(blocks);
      const common = { seed, client: 0, round };
      const sent = clients.map((): ExchangedBits => ({ nominal: 0, wire: 0 }));
      const returned: ExchangedBits = { nominal: 0, wire: 0 };
      // What counts differently in the mean is made larger or smaller first: the server adds all up alike.
      const meant = clients.map((one) => {
        const factor = one.share * clients.length;
        return withError(
          { ...one, update: finiteUpdate(one.update, one.client, round).map((x) => x * factor) },
          carries,
          "thc",
        );
      });
      const norms = new Float32Array(blocks.length);
      meant.forEach((update, k) => {
        passedFloats(rotated(stage(update), common).norms, sent[k]!).forEach((norm, b) => {
          norms[b] = Math.max(norms[b]!, norm);
        });
      });
      const ranges = passedFloats(norms, returned);
      const sums = new Int32Array(padded);
      meant.forEach((update, k) => {
        const { y, largest } = rotated(stage(update), common);
        const draw = { seed, client: clients[k]!.client, round };
        const symbols = chosen(y, { blocks, largest, norms: ranges, bits, draw });
        const writer = packetWriter(format, padded);
        writeSymbols(writer, symbols, coder);
        const own = readBack(writer.finish(), padded, sent[k]!, levelLimits(bits));
        sent[k]!.nominal += bits * entries;
        const x = i32(own.pointer, padded);
        for (let i = 0; i < padded; i++) sums[i] = sums[i]! + table[x[i]! + table.length / 2]!;
        if (!carries) return;
        const decoded: Values = { pointer: region("output", 4 * entries), length: entries };
        backFrom(own, { blocks, norms: ranges, bits, draw: common }, decoded);
        keepError(clients[k]!, "thc", update, f32(decoded.pointer, entries));
      });
      const most = granularity * clients.length;
      const place = region("symbols", 4 * padded);
      i32(place, padded).set(sums);
      const writer = packetWriter(format, padded);
      writeSymbols(writer, withRange(place, padded), coder);
      const total = readBack(writer.finish(), padded, returned, [0, most]);
      returned.nominal += bitLength(most) * entries;
      return { mean: meanOf(total, most, { blocks, norms: ranges, draw: common, entries }), sent, returned };
    },
  };
}

/** The mean that the sums stand for. */
function meanOf(
  sums: Values,
  most: number,
  { blocks, norms, draw, entries }: Pick<Rounds, "blocks" | "norms" | "draw"> & { entries: number },
): Float32Array {
  const words = rotationWords(draw, sums.length);
  const out: Values = { pointer: region("output", 4 * entries), length: entries };
  const whole = i32(sums.pointer, sums.length);
  const values = f32(sums.pointer, sums.length);
  for (let i = 0; i < whole.length; i++) values[i] = reach * ((2 * whole[i]!) / most - 1);
  blocks.forEach((block, b) => {
    rotateBack(partOf(sums, block.first, block.size), block, words, norms[b]!, out);
  });
  return f32(out.pointer, entries).slice();
}

/** Numbers as a packet, and what is read from it. */
function passedFloats(values: Float32Array, bits: ExchangedBits): Float32Array {
  const writer = packetWriter(format, values.length);
  writeFloats(writer, values);
  const bytes = writer.finish();
  bits.nominal += 32 * values.length;
  bits.wire += 8 * bytes.length;
  return readFloats(packetReader(bytes), values.length, "the norms");
}

/** The symbols of a packet, where `chosen` had them. */
function readBack(bytes: Uint8Array, padded: number, bits: ExchangedBits, limit: readonly [number, number]): Values {
  bits.wire += 8 * bytes.length;
  const symbols: Values = { pointer: region("symbols", 4 * padded), length: padded };
  readSymbols(packetReader(bytes), symbols, "the levels", limit);
  return symbols;
}
