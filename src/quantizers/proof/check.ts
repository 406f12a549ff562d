import { stream } from "../../../bindings/random.js";
import { callable, optional, record, whole } from "../../config/arguments.js";
import { checkPart } from "../../config/ownParts.js";
import type { EncodeContext, Packet, Quantizer } from "../../config/records.js";
import { freshContext } from "../method.js";
import { packetOf } from "../own.js";

/** What `checkQuantizer` found. */
export interface Conformance {
  passed: boolean;
  checks: { name: string; passed: boolean /** The first thing that was wrong */; detail: string }[];
}

export interface CheckOptions {
  /** What the method defines as the decoded update; compared exactly (−0 equals 0) */
  expected?: (update: Float32Array, context: EncodeContext) => Float32Array;
  /** Encodings for the check of the bias, where the quantizer calls itself unbiased; 0 to leave it out */
  encodings?: number;
}

/**
 * Holds a quantizer to what a quantizer must promise, on vectors that are easily forgotten: empty, one entry, lengths
 * around the widths of SIMD, all zeros, ±0, denormals, float32's edge.
 *
 * - the same update and context give the same bytes; the update is left as it was;
 * - nominalBits is a finite number that is not negative;
 * - decode needs the bytes and the server's context alone, writes every entry, finite numbers only, twice the same;
 * - it is what `expected` says, where that is given;
 * - truncated and lengthened bytes and an array of another length throw;
 * - NaN and infinities in the update throw, with the index in the message;
 * - the mean over `encodings` seeds of an unbiased one is the update's, within five standard errors along three
 *   directions.
 * @example
 * const { passed, checks } = checkQuantizer(quantizer("laq", { bits: 4 }), { encodings: 0 });
 * passed; // → true
 */
export function checkQuantizer(quantizer: Quantizer, options: CheckOptions = {}): Conformance {
  checkPart(quantizer, "quantizer", "quantizer");
  record({ expected: optional(callable), encodings: optional(whole()) })("options", options);
  const vectors = Object.entries(vectorsToTry());
  const over = (look: (v: Float32Array, packet: Packet) => string) => () =>
    firstOf(vectors, ([name, v]) => {
      // Of a copy, so that one that writes into its input does not blind the checks after it
      const packet: unknown = quantizer.encode(v.slice(), freshContext(1));
      return packet === null ? "" : prefixed(name, look(v, packetOf(packet)));
    });
  const checks: [string, () => string][] = [
    ["encodes every vector", over(() => "")],
    ["is deterministic", over((v, packet) => sameBytes(packet, quantizer.encode(v.slice(), freshContext(1))))],
    ["leaves the update as it was", () => firstOf(vectors, ([name, v]) => prefixed(name, untouched(quantizer, v)))],
    [
      "counts nominal bits",
      over((_, { nominalBits }) => (nominalBits >= 0 && nominalBits < 2 ** 53 ? "" : `${nominalBits}`)),
    ],
    ["decodes every entry to a finite number", over((v, packet) => decodesFinite(quantizer, packet, v.length))],
    ["decodes to what the method defines", over((v, packet) => asExpected(quantizer, packet, v, options))],
    ["refuses damaged bytes", over((v, packet) => refusesDamage(quantizer, packet, v.length))],
    ["names what is not finite", () => namesNonFinite(quantizer)],
    ["is unbiased where it says so", () => unbiased(quantizer, options.encodings ?? 200)],
  ];
  const results = checks.map(([name, run]) => {
    const detail = attempt(run);
    return { name, passed: detail === "", detail };
  });
  return { passed: results.every((one) => one.passed), checks: results };
}

/** By name: the vectors that `checkQuantizer` tries. */
export function vectorsToTry(): Record<string, Float32Array> {
  const normals = (n: number, scale: number) => {
    const out = new Float32Array(n);
    stream(7, "probe", n).fillNormal(out, scale);
    return out;
  };
  const lengths = Array.from({ length: 36 }, (_, i) => i + 1);
  return {
    empty: new Float32Array(0),
    "one entry": new Float32Array([-0.3]),
    "all zeros": new Float32Array(37),
    "signed zeros": new Float32Array([0, -0, 0, -0, 0]),
    denormals: new Float32Array([1e-45, -3e-45, 1e-40, -1.1e-38, 0, 5e-42]),
    "float32's edge": new Float32Array([3.4028234663852886e38, -3.4028234663852886e38, 3.4e38, 1, 0, -1e-45]),
    constant: new Float32Array(50).fill(-0.25),
    "one of many": Float32Array.from({ length: 70 }, (_, i) => (i === 33 ? 5 : 0)),
    "tiny beside large": Float32Array.from({ length: 65 }, (_, i) => (i === 0 ? 1e30 : 1e-30)),
    large: normals(1031, 1e30),
    small: normals(517, 1e-20),
    ...Object.fromEntries(lengths.map((n) => [`length ${n}`, normals(n, 1)])),
  };
}

function untouched(quantizer: Quantizer, v: Float32Array): string {
  const given = v.slice();
  quantizer.encode(given, freshContext(1));
  const index = given.findIndex((x, i) => !Object.is(x, v[i]));
  return index < 0 ? "" : `entry ${index} became ${given[index]}`;
}

function sameBytes(a: Packet, b: Packet | null): string {
  if (b === null) return "the second encoding skipped";
  if (a.nominalBits !== b.nominalBits) return `nominal bits ${a.nominalBits}, then ${b.nominalBits}`;
  if (a.bytes.length !== b.bytes.length) return `${a.bytes.length} bytes, then ${b.bytes.length}`;
  const index = a.bytes.findIndex((byte, i) => byte !== b.bytes[i]);
  return index < 0 ? "" : `byte ${index} differs`;
}

function decoded(quantizer: Quantizer, packet: Packet, length: number): Float32Array {
  const out = new Float32Array(length).fill(Number.NaN);
  quantizer.decode(packet.bytes.slice(), out, freshContext(1));
  return out;
}

function decodesFinite(quantizer: Quantizer, packet: Packet, length: number): string {
  const once = decoded(quantizer, packet, length);
  const wrong = once.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) return `entry ${wrong} is ${once[wrong]}`;
  const twice = decoded(quantizer, packet, length);
  const different = once.findIndex((x, i) => x !== twice[i]);
  return different < 0 ? "" : `entry ${different} is ${once[different]}, then ${twice[different]}`;
}

function asExpected(quantizer: Quantizer, packet: Packet, v: Float32Array, { expected }: CheckOptions): string {
  if (expected === undefined) return "";
  const wanted = expected(v, freshContext(1));
  const got = decoded(quantizer, packet, v.length);
  const index = got.findIndex((x, i) => x !== wanted[i]);
  return index < 0 ? "" : `entry ${index} is ${got[index]}, not ${wanted[index]}`;
}

function refusesDamage(quantizer: Quantizer, { bytes }: Packet, length: number): string {
  const accepts = (damaged: Uint8Array, n: number) => {
    try {
      quantizer.decode(damaged, new Float32Array(n), freshContext(1));
      return true;
    } catch {
      return false;
    }
  };
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  if (accepts(longer, length)) return "a byte too many is accepted";
  if (accepts(bytes.slice(0, -1), length)) return "a byte too few is accepted";
  if (accepts(new Uint8Array(0), length)) return "no bytes at all are accepted";
  if (accepts(bytes, length + 1)) return `an array of ${length + 1} entries is filled from a packet of ${length}`;
  return "";
}

function namesNonFinite(quantizer: Quantizer): string {
  return firstOf([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], (bad) => {
    const v = new Float32Array(40).fill(0.5);
    v[23] = bad;
    try {
      quantizer.encode(v, freshContext(1));
    } catch (error) {
      return /\b23\b/.test(String(error)) ? "" : `the error for ${bad} does not name index 23: ${error}`;
    }
    return `${bad} was encoded`;
  });
}

function unbiased(quantizer: Quantizer, encodings: number): string {
  if (quantizer.unbiased !== true || encodings === 0) return "";
  const v = new Float32Array(400);
  stream(8, "probe").fillNormal(v);
  const found = bias(quantizer, v, encodings).find(({ mean, error }) => Math.abs(mean) > 5 * error + 2 ** -22);
  if (found === undefined) return "";
  const { along, mean, error } = found;
  return `along ${along} it is off by ${mean.toExponential(2)} ± ${error.toExponential(2)} over ${encodings} seeds`;
}

export interface Bias {
  along: "the update" | "its signs" | "all ones";
  /** Mean over the seeds of ⟨q − v, a⟩ / (‖v‖ ‖a‖): along the update itself, by which share the mean is too long */
  mean: number;
  /** Standard error of that mean */
  error: number;
}

/**
 * The mean of seeds 1 … encodings against the update, along three directions a. An entry alone will not do: one that is
 * kept with probability 1/1000 shows nothing in 200 encodings, and its sample variance neither.
 */
export function bias(quantizer: Quantizer, v: Float32Array, encodings: number): Bias[] {
  const directions = [
    { along: "the update", a: v },
    { along: "its signs", a: v.map((x) => Math.sign(x)) },
    { along: "all ones", a: v.map(() => 1) },
  ] as const;
  const norm = (x: Float32Array) => Math.sqrt(x.reduce((sum, one) => sum + one * one, 0));
  const scales = directions.map(({ a }) => 1 / (norm(v) * norm(a)));
  const samples = directions.map(() => [] as number[]);
  const q = new Float32Array(v.length);
  for (let seed = 1; seed <= encodings; seed++) {
    const packet = quantizer.encode(v, freshContext(seed));
    if (packet === null) throw new Error("the quantizer skipped");
    quantizer.decode(packet.bytes, q, freshContext(seed));
    directions.forEach(({ a }, d) => {
      let sum = 0;
      for (let i = 0; i < v.length; i++) sum += ((q[i] as number) - (v[i] as number)) * (a[i] as number);
      samples[d]?.push(sum * (scales[d] as number));
    });
  }
  return directions.map(({ along }, d) => {
    const values = samples[d] as number[];
    const mean = values.reduce((sum, x) => sum + x, 0) / encodings;
    const squares = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0);
    return { along, mean, error: Math.sqrt(squares / (encodings - 1) / encodings) };
  });
}

function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function firstOf<T>(items: readonly T[], look: (item: T) => string): string {
  for (const item of items) {
    const found = look(item);
    if (found !== "") return found;
  }
  return "";
}

function prefixed(name: string, detail: string): string {
  return detail === "" ? "" : `${name}: ${detail}`;
}
