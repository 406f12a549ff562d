import { mixedDecode, mixedEncode, region, smallestLevel, withRange } from "../../../bindings/quantize.js";
import { InputError } from "../../config/errors.js";
import type { EncodeContext } from "../../config/records.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { mostGridBits, readMagnitude } from "./grid.js";
import { ceilF32, power } from "./steps.js";

/**
 * Mixed resolution (arXiv 2412.10878): entries with |v_i| ≥ λ‖v‖_∞ are of high resolution, q = sign·Δ·round(|v_i|/Δ)
 * with Δ = ‖v‖_∞/(2^b − 1); the others are ±m/2, m the smallest magnitude of the quantized high ones that is not zero.
 * Nominal d + b|H| + 32. The variant "authors-code" puts 1e-4 in place of an m below 1e-10, as the authors' notebooks
 * do: it sends 5e-5 for what may be far smaller.
 *
 * λ constant, or from the channel: λ_k ∝ 1 − X_k / max X + 1e-5 with X_k = log2(1 + SINR_k) at full power, and sum 1.
 * The receiver finds m itself: it is the smallest level it has read.
 */
export const mixedResolution: Method = {
  name: "mixed-resolution",
  title: "mixed resolution",
  format: 3,
  summary: "a grid for the large entries, the sign for the others",
  resolution: () => ({ setting: "bits", unit: "bits" }),
  proof: {
    benchmark: [{}, { bits: 4, lambda: 0.4 }],
    forms: [{ bits: 4 }, { bits: 4, variant: "authors-code" }],
    goldens: [
      { settings: {}, nmse: ["0.0374751", "0.210281"] },
      { settings: { bits: 4, lambda: 0.4 }, nmse: ["0.222239", "1.17504"] },
    ],
  },
  settings: {
    lambda: {
      default: 0.2,
      minimum: 0,
      maximum: 1,
      summary: "share of ‖v‖_∞ from which an entry is large",
      when: { setting: "channelAware", is: [false] },
    },
    bits: { default: 10, integer: true, minimum: 1, maximum: mostGridBits, summary: "bits of a large entry" },
    variant: {
      default: "original",
      choices: ["original", "authors-code"],
      summary: "authors-code: 5e-5 for the small entries of a tiny update",
    },
    channelAware: { default: false, summary: "λ of each client from its channel instead" },
  },
  channelAware: (settings) => settings.channelAware === true,
  encoder(settings) {
    const bits = settings.bits as number;
    const steps = power(2, bits) - 1;
    return (input, context, writer) => {
      const lambda = settings.channelAware === true ? channelLambda(context) : (settings.lambda as number);
      const out = region("symbols", 4 * input.length);
      const inverse = input.largest === 0 ? 0 : steps / input.largest;
      const high = mixedEncode(input, inverse, ceilF32(lambda * input.largest), out);
      writer.byte(bits | (settings.variant === "authors-code" ? authorsFlag : 0));
      writer.f32(input.largest);
      const entropy = writeSymbols(writer, withRange(out, input.length), coderOf(settings), context.tensors);
      return { nominalBits: input.length + bits * high + 32, entropyBits: entropy && entropy + 32 };
    };
  },
  decode(reader, out) {
    const at = reader.offset();
    const form = reader.byte("the bits of a large entry");
    const bits = form & ~authorsFlag;
    if (bits < 1 || bits > mostGridBits) throw new PacketError(at, `${bits} bits of a large entry are not known`);
    const largest = readMagnitude(reader, "the largest magnitude");
    const steps = power(2, bits) - 1;
    readSymbols(reader, out, "the levels", steps + 1);
    const step = largest / steps;
    const smallest = Math.max(0, smallestLevel(out) - 1) * step;
    const replaced = form !== bits && smallest < 1e-10;
    mixedDecode(out, step, (replaced ? 1e-4 : smallest) / 2, out.pointer);
  },
};

/** Beside the bits in a packet's byte: the variant "authors-code". */
const authorsFlag = 0x80;

function channelLambda({ spectralEfficiency, client }: EncodeContext): number {
  if (spectralEfficiency === undefined) {
    throw new InputError("quantizer.channelAware", "true needs a channel, and there is none here");
  }
  const best = spectralEfficiency.reduce((max, x) => Math.max(max, x), 0);
  const weights = Array.from(spectralEfficiency, (x) => 1 - (best > 0 ? x / best : 1) + 1e-5);
  return (weights[client] as number) / weights.reduce((sum, one) => sum + one, 0);
}
