import { f32, i32 } from "../../../bindings/memory.js";
import { randomWords, region, type Values, withRange } from "../../../bindings/quantize.js";
import type { DecodeContext, EncodeContext } from "../../config/records.js";
import { readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError } from "../coding/packet.js";
import { coderOf, type Method } from "../method.js";
import { readMagnitude } from "./grid.js";
import { power } from "./steps.js";

const mostBits = 16;

/**
 * FedBiF, bits freezing (Li et al., IEEE TPDS 2025, arXiv 2509.10161), as a compressor: a weight is a whole number of m
 * bits, k in −2^(m−1) … 2^(m−1) − 1 times a step, that the server and the clients know; in a round one of the bits may be
 * changed and the others are frozen, so that the client sends one bit a weight, whether it is changed. Bit t mod m is
 * the round's; of the two weights that it allows the one nearer to w_t + v is taken, or either without bias where
 * w_t + v lies between them. Decoded is that weight less w_t.
 *
 * The paper learns the free bit in the training, by a straight-through estimator, and starts from the model of m bits
 * that the server has sent: here the training is everybody's, and its result is brought to the nearest free bit. The
 * model's own bits, m d a round and client, travel down (`downlink.quantizer` has them counted). Nominal d + 32. Biased:
 * most of an update is outside of what a bit allows, and waits for nothing; error feedback carries it.
 */
export const fedBif: Method = {
  name: "fedbif",
  title: "FedBiF",
  format: 27,
  summary: "one bit of each weight's whole number, the others frozen",
  needsModel: () => true,
  proof: {
    benchmark: [{ bits: 4 }],
    forms: [{}, { bits: 8, rounding: "stochastic" }],
    goldens: [{ settings: { bits: 4 }, nmse: ["0.674554", "0.641218"] }],
  },
  settings: {
    bits: { default: 4, integer: true, minimum: 2, maximum: mostBits, summary: "m, bits of a weight; one is sent" },
    rounding: { default: "nearest", choices: ["nearest", "stochastic"], summary: "which of the two free weights" },
  },
  encoder(settings) {
    const bits = settings.bits as number;
    const stochastic = settings.rounding === "stochastic";
    return (input, context, writer) => {
      const n = input.length;
      const words = stochastic
        ? randomWords(context.seed, "quantizer", context.client, context.round, n)
        : region("random", 0);
      const free = context.round % bits;
      const symbols = region("symbols", 4 * n);
      const model = modelOf(context, n);
      const range = rangeOf(model, f32(input.pointer, n));
      const grid = gridOf({ bits, free, range });
      const update = f32(input.pointer, n);
      const random = i32(words, stochastic ? n : 0);
      const changes = i32(symbols, n);
      for (let i = 0; i < n; i++) {
        const { set, clear, now } = grid.at(model[i] as number);
        const place = grid.scaled((model[i] as number) + (update[i] as number));
        const share = (place - clear) / (set - clear);
        const up = stochastic ? ((random[i] as number) >>> 0) / 4294967296 < share : share >= 0.5;
        changes[i] = up === (now === set) ? 0 : 1;
      }
      writer.byte(bits);
      writer.byte(free);
      writer.f32(range);
      const entropy = writeSymbols(writer, withRange(symbols, n), coderOf(settings), context.tensors);
      return { nominalBits: n + 32, entropyBits: entropy === undefined ? undefined : entropy + 32 };
    };
  },
  decode(reader, out, context) {
    const at = reader.offset();
    const bits = reader.byte("the bits of a weight");
    if (bits < 2 || bits > mostBits) throw new PacketError(at, `weights of ${bits} bits; 2 … ${mostBits} are known`);
    const free = reader.byte("the bit that is free");
    if (free >= bits) throw new PacketError(at + 1, `bit ${free} of ${bits} is free`);
    const range = readMagnitude(reader, "the range");
    readSymbols(reader, out, "the changes", [0, 1]);
    decodeChanges(out, modelOf(context, out.length), { bits, free, range });
  },
};

function decodeChanges({ pointer, length }: Values, model: ArrayLike<number>, form: Form): void {
  const grid = gridOf(form);
  const changes = i32(pointer, length);
  const decoded = f32(pointer, length);
  for (let i = 0; i < length; i++) {
    const { set, clear, now } = grid.at(model[i] as number);
    const level = changes[i] === 0 ? now : set + clear - now;
    decoded[i] = held(level * grid.step - (model[i] as number));
  }
}

interface Form {
  bits: number;
  /** Which bit may be changed, from the lowest on */
  free: number;
  /** The largest weight, a float32 */
  range: number;
}

/** The whole numbers of weights, with the free bit clear and set. */
function gridOf({ bits, free, range }: Form) {
  const half = power(2, bits - 1);
  const step = range / (half - 1);
  const inverse = step === 0 ? 0 : 1 / step;
  const unit = power(2, free);
  // The highest bit counts −2^(m−1).
  const worth = free === bits - 1 ? -unit : unit;
  const scaled = (weight: number) => weight * inverse;
  return {
    step,
    scaled,
    at(weight: number) {
      const now = Math.max(-half, Math.min(half - 1, Math.floor(scaled(weight) + 0.5)));
      const isSet = Math.floor((now + 2 * half) / unit) % 2 === 1;
      const clear = isSet ? now - worth : now;
      return { now, clear, set: clear + worth };
    },
  };
}

/** w_t, or zeros from a packet alone. */
function modelOf({ model }: EncodeContext | DecodeContext, n: number): ArrayLike<number> {
  return model ?? new Float32Array(n);
}

/** max(‖w‖_∞, ‖w + v‖_∞), held to float32. */
function rangeOf(model: ArrayLike<number>, update: Float32Array): number {
  let range = 0;
  for (let i = 0; i < update.length; i++) {
    const before = model[i] as number;
    range = Math.max(range, Math.abs(before), Math.abs(Math.fround(held(before + (update[i] as number)))));
  }
  return range;
}

function held(x: number): number {
  return Math.max(-3.4028234663852886e38, Math.min(3.4028234663852886e38, x));
}
