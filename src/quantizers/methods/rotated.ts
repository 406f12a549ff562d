import { f32, offset } from "../../../bindings/memory.js";
import {
  dot,
  hadamard,
  levelValues,
  maxAbs,
  nearestLevels,
  partOf,
  randomWords,
  region,
  scaleValues,
  type Values,
  withRange,
} from "../../../bindings/quantize.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Method, type Proof } from "../method.js";
import type { SettingsSpec } from "../settings.js";
import { readMagnitude } from "./grid.js";
import { lloydMax } from "./lloydMax.js";
import { power } from "./steps.js";

/**
 * DRIVE (Vargaftik et al., NeurIPS 2021) and EDEN (ICML 2022): a randomized Hadamard rotation makes the entries nearly
 * normal whatever the update was; each goes to a Lloyd–Max level c of the normal with b bits (1 bit: its sign), and
 * q = R⁻¹(S·c) with S = ‖y‖²/⟨y, c⟩, which makes it unbiased over the rotations (scale "mse": S = ⟨y, c⟩/‖c‖², least
 * error instead). NMSE 1/(1 − D_b) − 1, D_b the normal's distortion: 0.5708 with one bit, 0.1331 with two.
 *
 * The rotation works on blocks of 2^16 entries, what is left on halves of that and so on down to 64, the last padded
 * with zeros: no update is padded to the next power of two as a whole. A block has its own S. Its signs are the
 * Philox stream (seed, rotation, client, round), which the packet names, so that it can be decoded by itself.
 * Nominal b d + 32 a block.
 */
const largestBlock = 65536;
const smallestBlock = 64;

export const drive = rotated("drive", "DRIVE", 18, 1, {
  goldens: [{ settings: {}, nmse: ["0.570796", "0.570796"], random: "rotation" }],
});
export const eden = rotated("eden", "EDEN", 19, 2, {
  benchmark: [{ bits: 2 }, { bits: 4 }],
  forms: [{ bits: 5 }],
  goldens: [{ settings: { bits: 2 }, nmse: ["0.133121", "0.133121"], random: "rotation" }],
});

function rotated(name: string, title: string, number: number, defaultBits: number, proof: Proof): Method {
  return {
    name,
    title,
    proof,
    format: number,
    summary: `random rotation, then ${defaultBits === 1 ? "the sign" : "the levels of a normal"}`,
    unbiased: (settings) => settings.scale === "unbiased",
    resolution: () => ({ setting: "bits", unit: "bits" }),
    settings: settingsWith(defaultBits),
    encoder(settings) {
      const bits = settings.bits as number;
      const table = lloydMax(bits);
      const unbiased = settings.scale === "unbiased";
      return (input, context, writer) => {
        const blocks = blocksOf(input.length);
        const padded = blocks.reduce((sum, block) => sum + block.size, 0);
        const y = region("innovation", 4 * padded);
        const levels = region("change", 4 * padded);
        const symbols = region("symbols", 4 * padded);
        const words = randomWords(context.seed, "rotation", context.client, context.round, padded / 32);
        writer.byte(bits);
        writer.zigzag(context.seed);
        writer.varint(context.client);
        writer.varint(context.round);
        const scales = new Float32Array(blocks.length);
        blocks.forEach(({ first, size, filled }, b) => {
          const values = partOf(input, first, filled);
          const rotated: Values = { pointer: offset(y, 4 * first), length: size };
          const chosen: Values = { pointer: offset(levels, 4 * first), length: size };
          f32(rotated.pointer, size).fill(0, filled);
          const largest = maxAbs(values);
          scaleValues(values, largest === 0 ? 0 : 1 / largest, rotated.pointer);
          hadamard(rotated, offset(words, first / 8), false);
          const energy = dot(rotated, rotated);
          const inverse = energy === 0 ? 0 : Math.sqrt(size / energy);
          nearestLevels(rotated, inverse, table, offset(symbols, 4 * first), chosen.pointer);
          const match = dot(rotated, chosen);
          const scale = energy === 0 ? 0 : unbiased ? energy / match : match / dot(chosen, chosen);
          scales[b] = Math.min(scale * largest, 3.4028234663852886e38);
        });
        writer.bytes(new Uint8Array(scales.buffer));
        const entropy = writeSymbols(writer, withRange(symbols, padded), coderOf(settings));
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
      if (bits < 1 || bits > 8) throw new PacketError(at, `${bits} bits an entry; 1 … 8 are known`);
      const seed = reader.zigzag("the seed", Number.MAX_SAFE_INTEGER);
      const client = reader.varint("the client", 0xffffffff);
      const round = reader.varint("the round", 0xffffffff);
      const blocks = blocksOf(out.length);
      const scales = blocks.map(() => readMagnitude(reader, "a block's scale"));
      const padded = blocks.reduce((sum, block) => sum + block.size, 0);
      const symbols = { pointer: region("symbols", 4 * padded), length: padded };
      const half = power(2, bits - 1);
      readSymbols(reader, symbols, "the levels", [-half, half - 1]);
      const y = symbols.pointer;
      const words = randomWords(seed, "rotation", client, round, padded / 32);
      levelValues(symbols, lloydMax(bits), y);
      blocks.forEach(({ first, size, filled }, b) => {
        hadamard({ pointer: offset(y, 4 * first), length: size }, offset(words, first / 8), true);
        scaleValues(
          { pointer: offset(y, 4 * first), length: filled },
          scales[b] as number,
          offset(out.pointer, 4 * first),
        );
      });
    },
  };
}

interface Block {
  first: number;
  size: number;
  /** Entries of the update in it; only the last block has fewer than its size */
  filled: number;
}

function blocksOf(entries: number): Block[] {
  const blocks: Block[] = [];
  let size = largestBlock;
  for (let first = 0; first < entries; ) {
    while (size > smallestBlock && size > entries - first) size /= 2;
    blocks.push({ first, size, filled: Math.min(size, entries - first) });
    first += size;
  }
  return blocks;
}

function settingsWith(bits: number): SettingsSpec {
  return {
    bits: { default: bits, integer: true, minimum: 1, maximum: 8, summary: "bits an entry" },
    scale: { default: "unbiased", choices: ["unbiased", "mse"], summary: "unbiased, or the least squared error" },
  };
}
