import {
  bfloatDecode,
  bfloatEncode,
  type Minifloat,
  minifloatDecode,
  minifloatEncode,
  region,
  withRange,
} from "../../../bindings/quantize.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { coderOf, type Method } from "../method.js";
import { readMagnitude } from "./grid.js";
import { nextF32 } from "./steps.js";

/** The formats' numbers; E4M3 is the OCP one: no infinities, 448 the largest. */
export const formats = {
  half: { mantissa: 10, lowest: -14, highest: 0x7bff, largest: 65504 },
  e4m3: { mantissa: 3, lowest: -6, highest: 0x7e, largest: 448 },
  e5m2: { mantissa: 2, lowest: -14, highest: 0x7b, largest: 57344 },
  e2m1: { mantissa: 1, lowest: 0, highest: 0x7, largest: 6 },
} satisfies Record<string, Minifloat & { largest: number }>;

/** IEEE half precision, rounded half to even, saturating. Nominal 16 d. */
export const fp16: Method = {
  name: "fp16",
  title: "fp16",
  format: 12,
  summary: "IEEE half precision",
  proof: { goldens: [{ settings: {}, nmse: ["4.33889e-8", "4.29637e-8"] }] },
  settings: {},
  encoder: (settings) => (input, _context, writer) => {
    const out = region("symbols", 4 * input.length);
    minifloatEncode(input, 1, formats.half, out);
    const entropyBits = writeSymbols(writer, withRange(out, input.length), coderOf(settings));
    return { nominalBits: 16 * input.length, entropyBits };
  },
  decode(reader, out) {
    readSymbols(reader, out, "the values", formats.half.highest);
    minifloatDecode(out, 1, formats.half, out.pointer);
  },
};

/** bfloat16, rounded half to even, saturating. Nominal 16 d. */
export const bf16: Method = {
  name: "bf16",
  title: "bf16",
  format: 13,
  summary: "bfloat16",
  proof: { goldens: [{ settings: {}, nmse: ["2.75999e-6", "2.75863e-6"] }] },
  settings: {},
  encoder: (settings) => (input, _context, writer) => {
    const out = region("symbols", 4 * input.length);
    bfloatEncode(input, out);
    const entropyBits = writeSymbols(writer, withRange(out, input.length), coderOf(settings));
    return { nominalBits: 16 * input.length, entropyBits };
  },
  decode(reader, out) {
    readSymbols(reader, out, "the values", 0x7f7f);
    bfloatDecode(out, out.pointer);
  },
};

export const fp8e4m3 = scaledFloat("fp8-e4m3", "fp8 (E4M3)", 14, "e4m3", ["6.98846e-4", "7.01428e-4"]);
export const fp8e5m2 = scaledFloat("fp8-e5m2", "fp8 (E5M2)", 15, "e5m2", ["2.76613e-3", "2.77647e-3"]);

/** Eight bits and one float32 scale, which takes the largest magnitude to the format's largest value. Nominal 8 d + 32. */
function scaledFloat(
  name: string,
  title: string,
  number: number,
  key: "e4m3" | "e5m2",
  nmse: readonly [string, string],
): Method {
  const format = formats[key];
  return {
    name,
    title,
    format: number,
    summary: `8-bit floating point, ${key.toUpperCase()}, with one scale`,
    proof: { goldens: [{ settings: {}, nmse }] },
    settings: {},
    encoder: (settings) => (input, context, writer) => {
      let scale = Math.fround(input.largest / format.largest);
      // Where float32 has no precision left, rounding down would cut the largest value off.
      if (scale * format.largest < input.largest * (1 - 2 ** -20)) scale = nextF32(scale);
      const out = region("symbols", 4 * input.length);
      minifloatEncode(input, scale === 0 ? 0 : 1 / scale, format, out);
      writer.f32(scale);
      const entropy = writeSymbols(writer, withRange(out, input.length), coderOf(settings), context.tensors);
      return { nominalBits: 8 * input.length + 32, entropyBits: entropy === undefined ? undefined : entropy + 32 };
    },
    decode(reader, out) {
      const scale = readMagnitude(reader, "the scale");
      readSymbols(reader, out, "the values", format.highest);
      minifloatDecode(out, scale, format, out.pointer);
    },
  };
}
