import { f32, i32, offset, u8 } from "../../../bindings/memory.js";
import { dot, partOf, randomWords, region, type Values, withRange } from "../../../bindings/quantize.js";
import { sharedSymbols, tableSymbols } from "../../../bindings/tables.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, type PacketReader } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { levelLimits } from "./blockScale.js";
import { readMagnitude } from "./grid.js";
import { quicFlLevels } from "./quicFlLevels.js";
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
 * QUIC-FL (Ben Basat et al., "Accelerating Federated Learning with Quick Distributed Mean Estimation", ICML 2024): a
 * randomized Hadamard rotation, entries z over σ = ‖y‖/√n, which are nearly normal; those beyond T (about one in 512)
 * travel as they are with their positions, the others as a symbol of b bits, which together with random bits that both
 * ends have means a value whose expectation is z (quicFlLevels.ts). Unbiased for every rotation, with no inverse
 * rotation needed before the sum. Nominal b d + 32 a block + 64 for each entry beyond T.
 */
export const quicFl: Method = {
  name: "quic-fl",
  title: "QUIC-FL",
  format: 26,
  summary: "random rotation, then unbiased symbols of few bits by shared random bits",
  unbiased: true,
  resolution: () => ({ setting: "bits", unit: "bits" }),
  proof: {
    benchmark: [{ bits: 1 }, { bits: 2 }, { bits: 4 }],
    forms: [{}, { bits: 1 }],
    goldens: [
      { settings: { bits: 1 }, nmse: ["1.46540", "1.46540"], random: "rotation" },
      { settings: { bits: 2 }, nmse: ["0.213502", "0.213502"], random: "rotation" },
      { settings: { bits: 3 }, nmse: ["0.0426376", "0.0426376"], random: "rotation" },
      { settings: { bits: 4 }, nmse: ["0.00953217", "0.00953217"], random: "rotation" },
    ],
  },
  settings: { bits: { default: 2, integer: true, minimum: 1, maximum: 4, summary: "bits an entry" } },
  encoder(settings) {
    const bits = settings.bits as number;
    const coder = coderOf(settings);
    return (input, context, writer) => {
      const { means, symbols: states, reach } = quicFlLevels(bits);
      const blocks = blocksOf(input.length);
      const padded = paddedLength(blocks);
      const y: Values = { pointer: region("innovation", 4 * padded), length: padded };
      const symbols: Values = { pointer: region("symbols", 4 * padded), length: padded };
      const signs = rotationWords(context, padded);
      const scales = new Float32Array(blocks.length);
      const inverses = blocks.map((block, b) => {
        const rotated = partOf(y, block.first, block.size);
        const largest = rotate(input, block, signs, rotated);
        scales[b] = Math.min(largest * Math.sqrt(dot(rotated, rotated) / block.size), 3.4028234663852886e38);
        return scales[b] === 0 ? 0 : largest / (scales[b] as number);
      });
      const words = randomWords(context.seed, "quantizer", context.client, context.round, padded);
      blocks.forEach(({ first, size }, b) => {
        const rounding = { inverse: inverses[b] as number, words: offset(words, 4 * first) };
        tableSymbols(partOf(y, first, size), rounding, means, offset(symbols.pointer, 4 * first));
      });
      sharedSymbols(symbols, states, sharedWords(context, padded));
      const { counts, gaps, values } = takeBeyond(y, symbols, { blocks, inverses, reach });
      writer.byte(bits);
      writeDraw(writer, context);
      writer.bytes(new Uint8Array(scales.buffer));
      const listed = writeSymbols(writer, withRange(counts, blocks.length), coder);
      const placed = writeSymbols(writer, withRange(gaps, values.length), coder);
      writer.bytes(u8(values.pointer, 4 * values.length));
      const coded = writeSymbols(writer, withRange(symbols.pointer, padded), coder);
      const side = 32 * blocks.length;
      const known = listed !== undefined && placed !== undefined && coded !== undefined;
      return {
        nominalBits: bits * input.length + side + 64 * values.length,
        entropyBits: known ? listed + placed + coded + side + 32 * values.length : undefined,
      };
    };
  },
  decode(reader, out) {
    const at = reader.offset();
    const bits = reader.byte("the bits");
    if (bits < 1 || bits > 4) throw new PacketError(at, `${bits} bits an entry; 1 … 4 are known`);
    const draw = readDraw(reader);
    const blocks = blocksOf(out.length);
    const scales = blocks.map(() => readMagnitude(reader, "a block's scale"));
    const padded = paddedLength(blocks);
    const { values, reach } = quicFlLevels(bits);
    const beyond = readBeyond(reader, blocks, reach);
    const y: Values = { pointer: region("symbols", 4 * padded), length: padded };
    readSymbols(reader, y, "the symbols", levelLimits(bits));
    requireFree(reader, y, beyond);
    sharedSymbols(y, values, sharedWords(draw, padded));
    const decoded = f32(y.pointer, padded);
    beyond.forEach(({ index, value }) => {
      decoded[index] = value;
    });
    const signs = rotationWords(draw, padded);
    blocks.forEach((block, b) => {
      rotateBack(partOf(y, block.first, block.size), block, signs, scales[b] as number, out);
    });
  },
};

/** The random bits that both ends have: the stream of the rotation, behind its signs. */
function sharedWords({ seed, client, round }: Draw, padded: number) {
  return randomWords(seed, "rotation", client, round, padded, padded);
}

interface Reach {
  blocks: readonly Block[];
  inverses: readonly number[];
  reach: number;
}

/** How many entries of each block are beyond T, the gaps between them in their block, and their values; symbol 0 there. */
function takeBeyond(y: Values, symbols: Values, { blocks, inverses, reach }: Reach) {
  const counts = region("parts", 4 * blocks.length);
  const gaps = region("shared", 4 * y.length);
  const kept = region("kept", 4 * y.length);
  const entries = f32(y.pointer, y.length);
  const chosen = i32(symbols.pointer, y.length);
  const placeOf = i32(gaps, y.length);
  const sentAs = f32(kept, y.length);
  const countOf = i32(counts, blocks.length);
  let count = 0;
  blocks.forEach(({ first, size }, b) => {
    const before = count;
    let previous = first - 1;
    for (let i = first; i < first + size; i++) {
      const z = Math.fround((entries[i] as number) * (inverses[b] as number));
      if (Math.abs(z) <= reach) continue;
      placeOf[count] = i - previous - 1;
      sentAs[count] = z;
      chosen[i] = 0;
      previous = i;
      count++;
    }
    countOf[b] = count - before;
  });
  return { counts, gaps, values: { pointer: kept, length: count } };
}

interface Beyond {
  index: number;
  value: number;
}

/** @throws PacketError */
function readBeyond(reader: PacketReader, blocks: readonly Block[], reach: number): Beyond[] {
  const counts: Values = { pointer: region("parts", 4 * blocks.length), length: blocks.length };
  const at = reader.offset();
  readSymbols(reader, counts, "how many entries are sent as they are", [0, 65536]);
  const countOf = i32(counts.pointer, blocks.length).slice();
  if (countOf.some((count, b) => count > (blocks[b] as Block).size)) throw new PacketError(at, "more than a block has");
  const total = countOf.reduce((sum, count) => sum + count, 0);
  const gaps: Values = { pointer: region("shared", 4 * total), length: total };
  const from = reader.offset();
  readSymbols(reader, gaps, "the gaps", [0, 65535]);
  const place = reader.offset();
  const values = reader.bytes(4 * total, "the entries that are sent as they are");
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const gapOf = i32(gaps.pointer, total);
  const beyond: Beyond[] = [];
  blocks.forEach(({ first, size }, b) => {
    let index = first - 1;
    for (let i = 0; i < (countOf[b] as number); i++) {
      index += (gapOf[beyond.length] as number) + 1;
      const value = view.getFloat32(4 * beyond.length, true);
      if (index >= first + size) throw new PacketError(from, "the gaps lead beyond a block");
      if (!(Math.abs(value) > reach && Number.isFinite(value))) {
        throw new PacketError(place + 4 * beyond.length, `${value} is sent as it is, but is not beyond ${reach}`);
      }
      beyond.push({ index, value });
    }
  });
  return beyond;
}

/** @throws PacketError where an entry that is sent as it is has a symbol as well */
function requireFree(reader: PacketReader, symbols: Values, beyond: readonly Beyond[]): void {
  const chosen = i32(symbols.pointer, symbols.length);
  const twice = beyond.find(({ index }) => chosen[index] !== 0);
  if (twice !== undefined) throw new PacketError(reader.offset(), `entry ${twice.index} is sent twice`);
}
