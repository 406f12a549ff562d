import { coderOf, type Method } from "../method.js";
import { decodeBlocks, encodeBlocks, mostBlock, type TableBlocks } from "./tableBlocks.js";

/**
 * The sixteen levels of NF4 (Dettmers et al., QLoRA, NeurIPS 2023, appendix E): quantiles Φ⁻¹ of a normal, eight even
 * steps from 0.9677083 to ½ above zero and seven below it, mirrored, over the largest; zero is one of them.
 */
export const normalFloatLevels = {
  values: Float32Array.of(
    ...[-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453],
    ...[-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0],
    ...[0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224],
    ...[0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1],
  ),
  origin: 7,
};

/**
 * NF4: blocks with a float32 scale, their largest magnitude, and for each entry the nearest of the sixteen levels.
 * Nominal 4 d + 32 a block (without the second quantization, which makes scales 8 bits). Biased: it rounds to nearest,
 * which shortens what is normal.
 */
export const nf4: Method = {
  name: "nf4",
  title: "NF4",
  format: 22,
  summary: "4-bit levels at the quantiles of a normal, in blocks with one scale",
  proof: {
    forms: [{}, { block: 0 }],
    goldens: [
      { settings: {}, nmse: ["0.00848592", "0.0109981"] },
      { settings: { block: 0 }, nmse: ["0.014196", "0.038787"] },
    ],
  },
  settings: {
    block: { default: 64, integer: true, minimum: 0, maximum: mostBlock, summary: "entries of a block; 0: all" },
  },
  encoder(settings) {
    const plan: TableBlocks = {
      levels: normalFloatLevels,
      block: settings.block as number,
      norm: "max",
      stochastic: false,
      coder: coderOf(settings),
    };
    return (input, context, writer) => encodeBlocks(plan, 4, input, context, writer);
  },
  decode: (reader, out) => decodeBlocks(reader, out, normalFloatLevels),
};
