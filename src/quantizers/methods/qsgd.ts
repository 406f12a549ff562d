import { offset } from "../../../bindings/memory.js";
import {
  dequantize,
  dot,
  maxAbs,
  partOf,
  quantizeFloor,
  randomWords,
  region,
  type Symbols,
  type Values,
} from "../../../bindings/quantize.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, type PacketReader } from "../coding/packet.js";
import { coderOf, type Encoder, type Method } from "../method.js";
import { readMagnitude } from "./grid.js";
import { bitLength } from "./steps.js";

/** Symbols of either sign have to stay below 2^24. */
const mostLevels = 2 ** 20;

/**
 * QSGD (Alistarh et al., NeurIPS 2017): in each bucket ‖v‖·sign(v_i)·ξ_i/s, ξ_i one of the two whole numbers around
 * s|v_i|/‖v‖ with E ξ_i = that; ‖·‖ the Euclidean norm of the paper or the maximum of many implementations. A bucket of
 * 0 is the whole vector. Nominal 32 a bucket and 1 + ⌈log2(s + 1)⌉ an entry.
 */
export const qsgd: Method = {
  name: "qsgd",
  title: "QSGD",
  format: 7,
  summary: "stochastic levels of the norm",
  unbiased: true,
  resolution: () => ({ setting: "levels", unit: "levels" }),
  proof: {
    benchmark: [{ levels: 4 }, { levels: 16 }],
    forms: [{ bucket: 32 }, { levels: 100_000, bucket: 0 }],
    goldens: [
      { settings: { levels: 4 }, nmse: ["3.51355", "3.002"], random: "rounding" },
      { settings: { levels: 16 }, nmse: ["0.333338", "0.3129"], random: "rounding" },
    ],
  },
  settings: {
    levels: { default: 4, integer: true, minimum: 1, maximum: mostLevels, summary: "s, levels between 0 and the norm" },
    norm: { default: "l2", choices: ["l2", "max"], summary: "the norm of a bucket" },
    bucket: { default: 512, integer: true, minimum: 0, maximum: 2 ** 28, summary: "entries of a bucket; 0: all" },
  },
  encoder(settings) {
    const levels = settings.levels as number;
    const perEntry = 1 + bitLength(levels);
    return stochasticLevels({
      levels,
      norm: settings.norm as "l2" | "max",
      bucket: settings.bucket as number,
      coder: coderOf(settings),
      nominal: (entries, buckets) => 32 * buckets + perEntry * entries,
    });
  },
  decode: decodeLevels,
};

interface LevelsPlan {
  levels: number;
  norm: "l2" | "max";
  bucket: number;
  coder: ReturnType<typeof coderOf>;
  nominal(entries: number, buckets: number): number;
}

export function stochasticLevels({ levels, norm, bucket, coder, nominal }: LevelsPlan): Encoder {
  return (input, context, writer) => {
    const n = input.length;
    const size = bucket === 0 ? Math.max(1, n) : bucket;
    const buckets = Math.ceil(n / size);
    const words = randomWords(context.seed, "quantizer", context.client, context.round, n);
    const all: Symbols = { pointer: region("symbols", 4 * n), length: n, min: 0, max: 0 };
    writer.varint(levels);
    writer.varint(size);
    const norms = new Float32Array(buckets);
    for (let b = 0; b < buckets; b++) {
      const values = partOf(input, b * size, Math.min(size, n - b * size));
      const exact = norm === "max" ? maxAbs(values) : Math.sqrt(dot(values, values));
      const scale = Math.min(Math.fround(exact), 3.4028234663852886e38);
      norms[b] = scale;
      const one = quantizeFloor(
        values,
        { inverse: scale === 0 ? 0 : levels / scale, words: offset(words, 4 * b * size) },
        { lowest: -levels, highest: levels },
        partOf(all, b * size, values.length).pointer,
      );
      all.min = b === 0 ? one.min : Math.min(all.min, one.min);
      all.max = b === 0 ? one.max : Math.max(all.max, one.max);
    }
    writer.bytes(new Uint8Array(norms.buffer));
    const entropy = writeSymbols(writer, all, coder, context.tensors);
    return {
      nominalBits: nominal(n, buckets),
      entropyBits: entropy === undefined ? undefined : entropy + 32 * buckets,
    };
  };
}

export function decodeLevels(reader: PacketReader, out: Values): void {
  decodeLevelsOf(reader, out, mostLevels, 2 ** 28);
}

/** @returns the bucket's size. @throws PacketError for more levels or larger buckets than the method has */
export function decodeLevelsOf(reader: PacketReader, out: Values, most: number, largestBucket: number): number {
  const at = reader.offset();
  const levels = reader.varint("the number of levels", most);
  const size = reader.varint("the bucket's size", largestBucket);
  if (levels === 0 || size === 0) throw new PacketError(at, `${levels} levels in buckets of ${size}`);
  const norms = new Float64Array(Math.min(Math.ceil(out.length / size), reader.left()));
  for (let b = 0; b < Math.ceil(out.length / size); b++) norms[b] = readMagnitude(reader, "a bucket's norm");
  readSymbols(reader, out, "the levels", levels);
  norms.forEach((norm, b) => {
    const part = partOf(out, b * size, Math.min(size, out.length - b * size));
    dequantize(part, norm / levels, 0, part.pointer);
  });
  return size;
}
