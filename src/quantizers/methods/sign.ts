import { histogram } from "../../../bindings/coding.js";
import { dequantize, mixedEncode, quantizeFloor, region, sumAbs, withRange } from "../../../bindings/quantize.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { readMagnitude } from "./grid.js";

/**
 * Scaled sign: q_i = mean|v| · sign(v_i), sign(0) = 0 (signSGD, Bernstein et al., ICML 2018; the scale of Karimireddy et
 * al., ICML 2019). Nominal 32 + d. One bit an entry on the wire where no entry is zero; with zeros three symbols, which
 * the entropy coder makes as short as the zeros are common.
 */
export const sign: Method = {
  name: "sign",
  title: "scaled sign",
  format: 9,
  summary: "the sign times the mean magnitude",
  proof: { goldens: [{ settings: {}, nmse: ["0.363371", "0.499944"] }] },
  settings: {},
  encoder: (settings) => (input, context, writer) => {
    const n = input.length;
    const scale = n === 0 ? 0 : Math.fround(sumAbs(input) / n);
    const out = region("symbols", 4 * n);
    mixedEncode(input, 0, Number.POSITIVE_INFINITY, out);
    let symbols = withRange(out, n);
    const zeros = n > 0 && symbols.min <= 0 && symbols.max >= 0 && histogram(symbols, 0, 3)[-symbols.min] !== 0;
    if (!zeros && n > 0)
      symbols = quantizeFloor(input, { inverse: 1 / input.largest }, { lowest: -1, highest: 0 }, out);
    writer.byte(zeros ? 1 : 0);
    writer.f32(scale);
    const entropy = writeSymbols(writer, symbols, coderOf(settings), context.tensors);
    return { nominalBits: 32 + n, entropyBits: entropy === undefined ? undefined : entropy + 32 };
  },
  decode(reader, out) {
    const at = reader.offset();
    const zeros = reader.byte("the form of the signs");
    if (zeros > 1) throw new PacketError(at, `form ${zeros} of the signs is not known`);
    const scale = readMagnitude(reader, "the scale");
    readSymbols(reader, out, "the signs", zeros === 1 ? 1 : [-1, 0]);
    if (zeros === 1) dequantize(out, scale, 0, out.pointer);
    else dequantize(out, 2 * scale, 0.5, out.pointer);
  },
};
