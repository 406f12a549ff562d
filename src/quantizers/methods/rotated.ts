import { offset } from "../../../bindings/memory.js";
import { dot, levelValues, nearestLevels, partOf, region, type Values, withRange } from "../../../bindings/quantize.js";
import { type Coder, readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Encoder, type Method, type Proof } from "../method.js";
import type { SettingsSpec } from "../settings.js";
import { blockScale, levelLimits, type RotatedScale } from "./blockScale.js";
import { decodeFraction, encodeFraction, fractionMark, rateOf } from "./fractionalRate.js";
import { readMagnitude } from "./grid.js";
import { lloydMax } from "./lloydMax.js";
import { blocksOf, paddedLength, readDraw, rotate, rotateBack, rotationWords, writeDraw } from "./rotation.js";

/**
 * DRIVE (Vargaftik et al., NeurIPS 2021) and EDEN (ICML 2022): a randomized Hadamard rotation (rotation.ts) makes the
 * entries nearly normal whatever the update was; each goes to a Lloyd–Max level c of the normal with b bits (1 bit: its
 * sign), and q = R⁻¹(S·c) with S = ‖y‖²/⟨y, c⟩, which makes it unbiased over the rotations (scale "mse":
 * S = ⟨y, c⟩/‖c‖², least error instead). NMSE 1/(1 − D_b) − 1, D_b the normal's distortion: 0.5708 with one bit, 0.1331
 * with two. EDEN at rates between those: fractionalRate.ts.
 *
 * TurboQuant-mse (Zandieh et al., arXiv 2504.19874) is EDEN with S = ‖y‖/√n whatever c is (Ben-Basat et al.,
 * arXiv 2604.18555): the same rotation, levels and symbols, NMSE D_b, and biased, since ⟨y, c⟩ is 1 − D_b of ‖y‖².
 *
 * A block has its own S. Nominal b d + 32 a block.
 */
export const drive = rotated("drive", "DRIVE", 18, {
  summary: "random rotation, then the sign",
  settings: { bits: wholeBits(1), scale: scaleSetting() },
  proof: { goldens: [{ settings: {}, nmse: ["0.570796", "0.570796"], random: "rotation" }] },
});
export const eden = rotated("eden", "EDEN", 19, {
  summary: "random rotation, then the levels of a normal",
  settings: {
    bits: { default: 2, minimum: 0.01, maximum: 8, summary: "bits an entry, whole or not" },
    scale: scaleSetting(),
  },
  proof: {
    benchmark: [{ bits: 0.5 }, { bits: 2 }, { bits: 4 }],
    forms: [{ bits: 5 }, { bits: 0.3 }, { bits: 2.5 }],
    goldens: [
      { settings: { bits: 2 }, nmse: ["0.133121", "0.133121"], random: "rotation" },
      // 1/(b(1 − D₁)) − 1, and 1/(1 − (D₁ + D₂)/2) − 1
      { settings: { bits: 0.5 }, nmse: ["2.141593", "2.141593"], random: "rotation" },
      { settings: { bits: 1.5 }, nmse: ["0.316547", "0.316547"], random: "rotation" },
    ],
  },
});
export const turboQuant = rotated("turboquant", "TurboQuant-mse", 21, {
  summary: "random rotation, then the levels of a normal, at the length of the update",
  settings: { bits: wholeBits(2) },
  proof: {
    benchmark: [{ bits: 2 }, { bits: 4 }],
    forms: [{ bits: 3 }],
    goldens: [
      { settings: { bits: 1 }, nmse: ["0.363380", "0.363380"], random: "rotation" },
      { settings: { bits: 2 }, nmse: ["0.117482", "0.117482"], random: "rotation" },
    ],
  },
});

interface Rotated {
  summary: string;
  settings: SettingsSpec;
  proof: Proof;
}

function rotated(name: string, title: string, format: number, { summary, settings, proof }: Rotated): Method {
  const fractional = settings.bits?.integer !== true;
  return {
    name,
    title,
    format,
    summary,
    proof,
    settings,
    unbiased: ({ scale }) => scale === "unbiased",
    resolution: () => ({ setting: "bits", unit: "bits" }),
    encoder({ bits, scale = "norm", ...rest }) {
      const coder = coderOf(rest);
      const units = rateOf(bits as number);
      if (units.share > 0) return encodeFraction(units, scale as RotatedScale, coder);
      return encodeWhole(units.bits, scale as RotatedScale, coder);
    },
    decode(reader, out) {
      const at = reader.offset();
      const bits = reader.byte("the bits");
      if (fractional && bits >= fractionMark && bits < fractionMark + 8) {
        decodeFraction(reader, out, bits - fractionMark);
        return;
      }
      if (bits < 1 || bits > 8) throw new PacketError(at, `${bits} bits an entry; 1 … 8 are known`);
      const draw = readDraw(reader);
      const blocks = blocksOf(out.length);
      const scales = blocks.map(() => readMagnitude(reader, "a block's scale"));
      const padded = paddedLength(blocks);
      const symbols = { pointer: region("symbols", 4 * padded), length: padded };
      readSymbols(reader, symbols, "the levels", levelLimits(bits));
      const y = symbols.pointer;
      const words = rotationWords(draw, padded);
      levelValues(symbols, lloydMax(bits), y);
      blocks.forEach((block, b) => {
        rotateBack(partOf(symbols, block.first, block.size), block, words, scales[b] as number, out);
      });
    },
  };
}

function encodeWhole(bits: number, kind: RotatedScale, coder: Coder): Encoder {
  const table = lloydMax(bits);
  return (input, context, writer) => {
    const blocks = blocksOf(input.length);
    const padded = paddedLength(blocks);
    const y = { pointer: region("innovation", 4 * padded), length: padded };
    const levels = region("change", 4 * padded);
    const symbols = region("symbols", 4 * padded);
    const words = rotationWords(context, padded);
    writer.byte(bits);
    writeDraw(writer, context);
    const scales = new Float32Array(blocks.length);
    blocks.forEach((block, b) => {
      const { first, size } = block;
      const rotated = partOf(y, first, size);
      const chosen: Values = { pointer: offset(levels, 4 * first), length: size };
      const largest = rotate(input, block, words, rotated);
      const energy = dot(rotated, rotated);
      const inverse = energy === 0 ? 0 : Math.sqrt(size / energy);
      nearestLevels(rotated, inverse, table, offset(symbols, 4 * first), chosen.pointer);
      const sums = { size, largest, energy, match: dot(rotated, chosen), levels: dot(chosen, chosen) };
      scales[b] = blockScale(kind, sums);
    });
    writer.bytes(new Uint8Array(scales.buffer));
    const entropy = writeSymbols(writer, withRange(symbols, padded), coder);
    const side = 32 * blocks.length;
    return {
      nominalBits: bits * input.length + side,
      entropyBits: entropy === undefined ? undefined : entropy + side,
    };
  };
}

function wholeBits(bits: number): SettingsSpec[string] {
  return { default: bits, integer: true, minimum: 1, maximum: 8, summary: "bits an entry" };
}

function scaleSetting(): SettingsSpec[string] {
  return { default: "unbiased", choices: ["unbiased", "mse"], summary: "unbiased, or the least squared error" };
}
