import { log2 } from "../../../bindings/math.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { decodeLevelsOf, stochasticLevels } from "./qsgd.js";

/**
 * TernGrad (Wen et al., NeurIPS 2017) without clipping: ±‖v‖_∞ with probability |v_i|/‖v‖_∞, else 0; that is QSGD with
 * one level and the maximum norm over the whole vector. Nominal 32 + ⌈d log2 3⌉, the count behind the paper's 20.2×.
 */
export const terngrad: Method = {
  name: "terngrad",
  title: "TernGrad",
  format: 8,
  summary: "three values: zero and ± the largest magnitude",
  unbiased: true,
  proof: { goldens: [{ settings: {}, nmse: ["2.45085", "4.54586"], random: "rounding" }] },
  settings: {},
  encoder: (settings) =>
    stochasticLevels({
      levels: 1,
      norm: "max",
      bucket: 0,
      coder: coderOf(settings),
      nominal: (entries) => 32 + Math.ceil(entries * log2(3)),
    }),
  decode(reader, out) {
    const at = reader.offset();
    const whole = Math.max(1, out.length);
    const bucket = decodeLevelsOf(reader, out, 1, whole);
    if (bucket !== whole) throw new PacketError(at, `a bucket of ${bucket}; it is the whole vector`);
  },
};
