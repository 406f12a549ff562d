import { f32, i32, offset } from "../../../bindings/memory.js";
import {
  dequantize,
  maxAbs,
  partOf,
  quantize,
  quantizeFloor,
  randomWords,
  region,
  type Symbols,
  type Values,
  withRange,
} from "../../../bindings/quantize.js";
import { InputError } from "../../config/errors.js";
import type { EncodeContext } from "../../config/records.js";
import { type Coder, readPlainSymbols, readSymbols, writeSymbols } from "../coding/coders.js";
import { PacketError, type PacketReader, type PacketWriter } from "../coding/packet.js";
import { coderOf, type Input, type Method } from "../method.js";
import type { Settings } from "../settings.js";
import { readMagnitude } from "./grid.js";
import { bitLength, ceilF32, floorLog, power } from "./steps.js";

const mostBlock = 2 ** 28;

/**
 * EMQ, exponent–mantissa quantization (arXiv 2412.20785; the form is that of its authors' code):
 *
 *   e = ⌊log_base ‖v‖_∞⌋ − digits, m_i = round_half_even(v_i / base^e), q_i = m_i · base^e,
 *   nominal bits Σ_i (1 + bitlength|m_i|) + bitlength|e| + 1.
 *
 * In float64 v_i · base^−e with the correctly rounded constant; q_i is the float32 nearest to the float64 product
 * m_i · base^e, at most the largest finite one. |q_i − v_i| ≤ base^e / 2 up to that last rounding.
 *
 * step "fractional": the step is free, ‖v‖_∞ / levels as a float32, with levels = base^(digits + ½) unless given,
 * the geometric mean of what the floor makes of it; then the error does not depend on the scale of the input.
 * scope: one exponent (or step) for the vector, each tensor, each block of entries; ‖·‖_∞ is then the part's.
 */
export const emq: Method = {
  name: "emq",
  title: "EMQ",
  format: 2,
  summary: "exponent and mantissa: one decade (or octave) for all entries, whole multiples of it",
  unbiased: (settings) => settings.rounding === "stochastic" && settings.threshold === 0,
  resolution: (settings) =>
    settings.step === "fractional"
      ? { setting: "levels", unit: "levels", value: planOf(settings).levels }
      : { setting: "digits", unit: "digits" },
  proof: {
    benchmark: [{}, { digits: 1 }, { digits: 2 }, { step: "fractional" }, { rounding: "stochastic" }],
    forms: [
      {},
      { digits: 4 },
      { scope: "block", block: 16 },
      { scope: "block", block: 16, step: "fractional" },
      { scope: "tensor", base: 2, digits: 3 },
    ],
    goldens: [{ settings: {}, nmse: ["0.083", "0.933"] }],
  },
  settings: {
    digits: {
      default: 0,
      integer: true,
      minimum: 0,
      maximum: 6,
      summary: "digits kept beyond the first of the largest",
      when: { setting: "levels", is: [0] },
    },
    base: { default: 10, integer: true, minimum: 2, maximum: 10, summary: "10 or 2" },
    scope: { default: "vector", choices: ["vector", "tensor", "block"], summary: "what shares an exponent" },
    block: {
      default: 256,
      integer: true,
      minimum: 1,
      maximum: mostBlock,
      summary: "entries of a block, with scope block",
      when: { setting: "scope", is: ["block"] },
    },
    threshold: { default: 0, minimum: 0, maximum: 1, summary: "entries below threshold · ‖v‖_∞ become 0" },
    rounding: { default: "nearest", choices: ["nearest", "stochastic"], summary: "stochastic is unbiased" },
    step: { default: "decade", choices: ["decade", "fractional"], summary: "fractional: the step follows the scale" },
    levels: {
      default: 0,
      minimum: 0,
      maximum: 2 ** 23,
      summary: "‖v‖_∞ / step, with step fractional; 0: base^(digits + ½)",
      when: { setting: "step", is: ["fractional"] },
    },
  },
  encoder(settings) {
    const plan = planOf(settings);
    return (input, context, writer) => encode(plan, input, context, writer);
  },
  decode,
};

interface Plan {
  digits: number;
  base: 2 | 10;
  scope: "vector" | "tensor" | "block";
  block: number;
  threshold: number;
  stochastic: boolean;
  /** ‖v‖_∞ / step of a fractional step; 0: the decade's */
  levels: number;
  coder: Coder;
}

const scopes = ["vector", "tensor", "block"] as const;
/** Of float32's magnitudes, 1.4e-45 … 3.4e38, less the six digits there may be. */
const exponents = { 10: [-51, 38], 2: [-155, 127] } as const;
/** What a packet makes its decoder allocate beside the entries stays small. */
const mostParts = 2 ** 22;

function planOf(settings: Settings): Plan {
  const base = settings.base as number;
  if (base !== 2 && base !== 10) throw new InputError("quantizer.base", `${base} is not 2 or 10`);
  const digits = settings.digits as number;
  const levels = settings.levels as number;
  const fractional = settings.step === "fractional";
  if (!fractional && levels !== 0) {
    throw new InputError("quantizer.levels", `${levels} needs quantizer.step "fractional"`);
  }
  return {
    digits,
    base,
    scope: settings.scope as Plan["scope"],
    block: settings.block as number,
    threshold: settings.threshold as number,
    stochastic: settings.rounding === "stochastic",
    levels: fractional ? levels || power(base, digits) * Math.sqrt(base) : 0,
    coder: coderOf(settings),
  };
}

function encode(plan: Plan, input: Input, context: EncodeContext, writer: PacketWriter) {
  const { base, coder, scope } = plan;
  const fractional = plan.levels > 0;
  const lengths = partLengths(plan, input.length, context);
  writer.byte((base === 2 ? 1 : 0) | (fractional ? 2 : 0) | (scopes.indexOf(scope) << 2));
  if (scope === "block") writer.varint(plan.block);
  if (scope === "tensor") {
    writer.varint(lengths.length);
    for (const length of lengths) writer.varint(length);
  }
  const words = plan.stochastic
    ? randomWords(context.seed, "quantizer", context.client, context.round, input.length)
    : undefined;
  const symbols = region("symbols", 4 * input.length);
  const steps = region("parts", 4 * lengths.length);
  const all: Symbols = { pointer: symbols, length: input.length, min: 0, max: 0 };
  let nominalBits = input.length;
  let first = 0;
  lengths.forEach((length, part) => {
    const values = partOf(input, first, length);
    const largest = lengths.length === 1 ? input.largest : maxAbs(values);
    let inverse: number;
    if (fractional) {
      const step = largest === 0 ? 0 : Math.min(Math.max(Math.fround(largest / plan.levels), smallestF32), largestF32);
      inverse = step === 0 ? 0 : 1 / step;
      f32(steps, lengths.length)[part] = step;
      nominalBits += 32;
    } else {
      const exponent = largest === 0 ? 0 : floorLog(base, largest) - plan.digits;
      inverse = power(base, -exponent);
      i32(steps, lengths.length)[part] = exponent;
      nominalBits += bitLength(Math.abs(exponent)) + 1;
    }
    const threshold = ceilF32(plan.threshold * largest);
    const at = words === undefined ? undefined : offset(words, 4 * first);
    const out = offset(symbols, 4 * first);
    const one =
      at === undefined
        ? quantize(values, { inverse, threshold }, out)
        : quantizeFloor(values, { inverse, threshold, words: at }, {}, out);
    nominalBits += one.bitLengths;
    all.min = part === 0 ? one.min : Math.min(all.min, one.min);
    all.max = part === 0 ? one.max : Math.max(all.max, one.max);
    first += length;
  });
  let entropyBits = 0;
  if (fractional) for (const step of f32(steps, lengths.length).slice()) writer.f32(step);
  else if (lengths.length === 1) writer.zigzag(i32(steps, 1)[0] as number);
  else entropyBits += writeSymbols(writer, withRange(steps, lengths.length), "auto") ?? 0;
  const coded = writeSymbols(writer, all, coder, context.tensors);
  if (fractional) entropyBits += 32 * lengths.length;
  return { nominalBits, entropyBits: coded === undefined ? undefined : entropyBits + coded };
}

function decode(reader: PacketReader, out: Values): void {
  const at = reader.offset();
  const flags = reader.byte("the form of EMQ");
  const base = (flags & 1) === 1 ? 2 : 10;
  const fractional = (flags & 2) !== 0;
  const scope = scopes[flags >> 2];
  if (scope === undefined) throw new PacketError(at, `form ${flags} of EMQ is not known`);
  const lengths = readLengths(reader, scope, out.length);
  const count = lengths.length;
  const steps = new Float64Array(count);
  if (fractional) {
    for (let part = 0; part < count; part++) {
      steps[part] = readMagnitude(reader, "a step");
    }
  } else {
    const limits = exponents[base];
    if (count === 1) {
      const place = reader.offset();
      const exponent = reader.zigzag("the exponent");
      if (exponent < limits[0] || exponent > limits[1]) {
        throw new PacketError(place, `the exponent is ${exponent}, outside ${limits[0]} … ${limits[1]}`);
      }
      steps[0] = power(base, exponent);
    } else {
      const pointer = region("parts", 4 * count);
      readPlainSymbols(reader, { pointer, length: count }, "the exponents", limits);
      i32(pointer, count).forEach((exponent, part) => {
        steps[part] = power(base, exponent);
      });
    }
  }
  readSymbols(reader, out, "the mantissas");
  let first = 0;
  lengths.forEach((length, i) => {
    const part = partOf(out, first, length);
    dequantize(part, steps[i] as number, 0, part.pointer);
    first += length;
  });
}

function partLengths(plan: Plan, entries: number, context: EncodeContext): number[] {
  if (plan.scope === "block") {
    if (entries > mostParts * plan.block) {
      throw new InputError(
        "quantizer.block",
        `${plan.block} makes more than ${mostParts} blocks of ${entries} entries`,
      );
    }
    return blockLengths(entries, plan.block);
  }
  if (plan.scope === "vector" || context.tensors.length === 0) return [entries];
  const lengths = context.tensors.map((tensor) => tensor.length);
  const sum = lengths.reduce((a, b) => a + b, 0);
  if (sum !== entries) {
    throw new InputError("quantizer.scope", `the tensors have ${sum} entries together, the update has ${entries}`);
  }
  return lengths;
}

function blockLengths(entries: number, block: number): number[] {
  return Array.from({ length: Math.ceil(entries / block) }, (_, i) => Math.min(block, entries - i * block));
}

function readLengths(reader: PacketReader, scope: (typeof scopes)[number], entries: number): number[] {
  if (scope === "vector") return [entries];
  const at = reader.offset();
  if (scope === "block") {
    const block = reader.varint("the block's size", mostBlock);
    if (block === 0 || block * mostParts < entries)
      throw new PacketError(at, `blocks of ${block} among ${entries} entries`);
    return blockLengths(entries, block);
  }
  // A tensor takes a byte here at least, so the count cannot exceed what is left.
  const lengths = new Array<number>(reader.varint("the number of tensors", reader.left()));
  if (lengths.length === 0) throw new PacketError(at, "no tensors; a packet has one at least");
  let sum = 0;
  for (let i = 0; i < lengths.length; i++) {
    lengths[i] = reader.varint("a tensor's length", entries);
    sum += lengths[i] as number;
  }
  if (sum !== entries) throw new PacketError(at, `tensors of ${sum} entries in a packet of ${entries}`);
  return lengths;
}

const smallestF32 = 1.401298464324817e-45;
const largestF32 = 3.4028234663852886e38;
