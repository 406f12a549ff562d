import { naturalDecode, naturalEncode, randomWords, region, withRange } from "../../../bindings/quantize.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { coderOf, type Method } from "../method.js";

/**
 * Natural compression (Horváth et al., arXiv 1905.10988): |v_i| to one of the two powers of two around it, without bias
 * up to 2^127, the largest there is. Nominal 9 d: a sign and float32's exponent.
 */
export const natural: Method = {
  name: "natural",
  title: "natural compression",
  format: 10,
  summary: "stochastic powers of two",
  unbiased: true,
  proof: { goldens: [{ settings: {}, nmse: ["0.0817171", "0.0820446"], random: "rounding" }] },
  settings: {},
  encoder: (settings) => (input, context, writer) => {
    const words = randomWords(context.seed, "quantizer", context.client, context.round, input.length);
    const out = region("symbols", 4 * input.length);
    naturalEncode(input, words, out);
    const entropyBits = writeSymbols(writer, withRange(out, input.length), coderOf(settings));
    return { nominalBits: 9 * input.length, entropyBits };
  },
  decode(reader, out) {
    readSymbols(reader, out, "the powers", 277);
    naturalDecode(out, out.pointer);
  },
};
