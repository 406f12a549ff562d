import { stream } from "../../../bindings/random.js";
import { atLeastZero, floats, whole } from "../../config/arguments.js";
import { checkPart } from "../../config/ownParts.js";
import type { Quantizer, TensorSlice } from "../../config/records.js";
import { quantizers } from "../index.js";
import { freshContext } from "../method.js";
import type { Settings } from "../settings.js";
import { bias } from "./check.js";
import { distortion } from "./measure.js";

/** What the benchmark takes where it is not told: every quantizer, those with a resolution at several. */
export function usualSubjects(): { name: string; settings: Settings }[] {
  return quantizers.parts.flatMap((part) =>
    (("proof" in part ? part.proof?.benchmark : undefined) ?? [{}]).map((settings) => ({ name: part.name, settings })),
  );
}

/** One encoding: bits an entry and error. */
export interface Measurement {
  nominalBits: number;
  wireBits: number;
  /** Zero-order entropy of what is coded; null where the quantizer does not say */
  entropyBits: number | null;
  nmse: number;
  maxError: number;
  skipped: boolean;
}

/**
 * Encodes, decodes and measures one vector, whose tensors may be known, in a fresh context. Bits are per entry.
 * @example
 * const update = Float32Array.from({ length: 1000 }, (_, i) => ((37 * i) % 101) / 101 - 0.5);
 * const coarse = measureQuantizer(quantizer("laq", { bits: 2 }), update);
 * const fine = measureQuantizer(quantizer("laq", { bits: 8 }), update);
 * fine.nmse < coarse.nmse && fine.nominalBits > coarse.nominalBits; // → true
 */
export function measureQuantizer(
  quantizer: Quantizer,
  v: Float32Array,
  seed = 1,
  tensors: readonly TensorSlice[] = [],
): Measurement {
  checkPart(quantizer, "quantizer", "quantizer");
  floats("v", v);
  const packet = quantizer.encode(v, freshContext(seed, tensors));
  const decoded = new Float32Array(v.length);
  if (packet !== null) quantizer.decode(packet.bytes, decoded, freshContext(seed, tensors));
  const n = Math.max(1, v.length);
  return {
    nominalBits: (packet?.nominalBits ?? 0) / n,
    wireBits: (8 * (packet?.bytes.length ?? 0)) / n,
    entropyBits: packet?.entropyBits === undefined ? null : packet.entropyBits / n,
    ...distortion(v, decoded),
    skipped: packet === null,
  };
}

/** Twenty-one scales over a decade, evenly in the logarithm. */
export const decadeScales: readonly number[] = Array.from({ length: 21 }, (_, i) => {
  let scale = 1;
  for (let k = 0; k < i; k++) scale *= 1.1220184543019633; // 10^(1/20)
  return scale;
});

export function scaled(v: Float32Array, scale: number): Float32Array {
  return v.map((x) => x * scale);
}

export interface BiasResult {
  /** ⟨mean q, v⟩ / ‖v‖² − 1 over the encodings: the share by which the mean is too long */
  bias: number;
  /** Half of its 95 % interval */
  interval: number;
}

/**
 * Of the mean over `encodings` seeds, on 1024 normal entries.
 * @example
 * const { bias, interval } = measureBias(quantizer("qsgd"), 50);
 * Math.abs(bias) < 3 * interval; // → true
 */
export function measureBias(quantizer: Quantizer, encodings = 1000): BiasResult {
  checkPart(quantizer, "quantizer", "quantizer");
  whole(2)("encodings", encodings);
  const v = new Float32Array(1024);
  stream(4, "probe").fillNormal(v);
  const along = bias(quantizer, v, encodings).find((one) => one.along === "the update");
  return { bias: along?.mean ?? Number.NaN, interval: 1.96 * (along?.error ?? Number.NaN) };
}

export interface Speed {
  /** GB of float32 a second, the best of the tries */
  encode: number;
  decode: number;
}

/**
 * Of an update of the paper's network: as many tries as fit `seconds`, at least five.
 * @example
 * measureSpeed(quantizer("emq"), 10_000, 0.01); // how many entries a second are encoded and decoded here
 */
export function measureSpeed(quantizer: Quantizer, entries = 462_410, seconds = 0.25): Speed {
  checkPart(quantizer, "quantizer", "quantizer");
  whole(1, 2 ** 28)("entries", entries);
  atLeastZero("seconds", seconds);
  const v = new Float32Array(entries);
  stream(5, "probe").fillNormal(v);
  // A few large entries, most far below them, as in updates from training
  for (let i = 0; i < entries; i++) v[i] = 1e-3 * (v[i] as number) * (v[i] as number) * (v[i] as number);
  const out = new Float32Array(entries);
  const packet = quantizer.encode(v, freshContext(1));
  const rate = (run: () => void) => (4e-9 * entries) / fastest(run, seconds);
  return {
    encode: rate(() => quantizer.encode(v, freshContext(1))),
    decode: packet === null ? 0 : rate(() => quantizer.decode(packet.bytes, out, freshContext(1))),
  };
}

function fastest(run: () => void, seconds: number): number {
  const until = performance.now() + 1000 * seconds;
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 5 || performance.now() < until; tries++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}
