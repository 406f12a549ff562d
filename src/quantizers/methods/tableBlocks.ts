import { offset } from "../../../bindings/memory.js";
import { dot, maxAbs, partOf, randomWords, region, type Values, withRange } from "../../../bindings/quantize.js";
import { type SortedLevels, tableSymbols, tableValues } from "../../../bindings/tables.js";
import type { EncodeContext } from "../../config/records.js";
import { type Coder, readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";
import type { Encoded, Input } from "../method.js";
import { readMagnitude } from "./grid.js";

/** What NF4 and NUQSGD share: blocks with a scale of their own, float32, on levels between −1 and 1 of it. */
export interface TableBlocks {
  levels: SortedLevels;
  /** Entries of a block; 0: all */
  block: number;
  /** What scales a block */
  norm: "l2" | "max";
  /** One of the two levels around an entry at random, without bias; else the nearest */
  stochastic: boolean;
  coder: Coder;
}

export const mostBlock = 2 ** 28;

/** @param perEntry nominal bits of an entry; a block has 32 beside */
export function encodeBlocks(
  { levels, block, norm, stochastic, coder }: TableBlocks,
  perEntry: number,
  input: Input,
  context: EncodeContext,
  writer: PacketWriter,
): Encoded {
  const n = input.length;
  const size = block === 0 ? Math.max(1, n) : block;
  const blocks = Math.ceil(n / size);
  const words = stochastic ? randomWords(context.seed, "quantizer", context.client, context.round, n) : undefined;
  const symbols = region("symbols", 4 * n);
  const scales = new Float32Array(blocks);
  for (let b = 0; b < blocks; b++) {
    const first = b * size;
    const values = partOf(input, first, Math.min(size, n - first));
    const exact = norm === "max" ? maxAbs(values) : Math.sqrt(dot(values, values));
    const scale = Math.min(Math.fround(exact), 3.4028234663852886e38);
    scales[b] = scale;
    const rounding = { inverse: scale === 0 ? 0 : 1 / scale, words: words && offset(words, 4 * first) };
    tableSymbols(values, rounding, levels, offset(symbols, 4 * first));
  }
  writer.varint(size);
  writer.bytes(new Uint8Array(scales.buffer));
  const entropy = writeSymbols(writer, withRange(symbols, n), coder, context.tensors);
  const side = 32 * blocks;
  return { nominalBits: perEntry * n + side, entropyBits: entropy === undefined ? undefined : entropy + side };
}

/** @throws PacketError */
export function decodeBlocks(reader: PacketReader, out: Values, { values, origin }: SortedLevels): void {
  const at = reader.offset();
  const size = reader.varint("the size of a block", mostBlock);
  if (size === 0) throw new PacketError(at, "blocks of no entries");
  const blocks = Math.ceil(out.length / size);
  const scales = new Float64Array(Math.min(blocks, reader.left()));
  for (let b = 0; b < blocks; b++) scales[b] = readMagnitude(reader, "a block's scale");
  readSymbols(reader, out, "the levels", [-origin, values.length - 1 - origin]);
  scales.forEach((scale, b) => {
    const part = partOf(out, b * size, Math.min(size, out.length - b * size));
    tableValues(part, scale, { values, origin }, part.pointer);
  });
}
