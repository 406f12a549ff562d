import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { coderNames } from "../../src/quantizers/coding/coders.js";
import { freshContext, quantizer, quantizerNames } from "../../src/quantizers/index.js";
import type { Settings } from "../../src/quantizers/settings.js";

/**
 * No decoded entry may exceed what its method defines, at any scale that float32 has. The bounds are those of the
 * definitions in real arithmetic; what float32 adds (the rounding of a scale that travels, and that of the value) is
 * in `rounded`.
 */

const most = 3.4028234663852886e38;
const least = 2 ** -149;

/** A scale or a value as the nearest float32 can be: by half a unit in the last place larger. */
const rounded = (x: number) => x * (1 + 2 ** -23) + least;

const magnitudes = (v: Float32Array) => Array.from(v, Math.abs);
const largestOf = (v: Float32Array) => v.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
const normOf = (v: Float32Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

/** The bound of parts of `size` entries, one after the other. */
function byParts(v: Float32Array, size: number, bound: (part: Float32Array) => number[]): number[] {
  const out: number[] = [];
  for (let first = 0; first < v.length; first += size) out.push(...bound(v.subarray(first, first + size)));
  return out;
}

/** base^⌊log_base x⌋ */
function powerBelow(base: number, x: number): number {
  if (x === 0) return 1;
  let exponent = -200;
  const power = (e: number) => (base === 2 ? 2 ** e : Number(`1e${e}`));
  while (power(exponent + 1) <= x) exponent++;
  return power(exponent);
}

/** m·step with m rounded to the nearest, or to one of the two around: half a step, or a whole one beyond v. */
const beyond = (v: Float32Array, step: number, settings: Settings) =>
  magnitudes(v).map((x) => x + (settings.rounding === "stochastic" ? step : step / 2));

/** The points of a grid end at ±R. */
const withinRange = (v: Float32Array, step: number, settings: Settings) =>
  beyond(v, step, settings).map((x) => Math.min(x, largestOf(v)));

/** A float with `mantissa` bits: half a unit of the last place, or half the smallest subnormal times the scale. */
const floating = (v: Float32Array, mantissa: number, halfSmallest: number) =>
  magnitudes(v).map((x) => x * (1 + 2 ** -(mantissa + 1)) + halfSmallest);

type Bound = (v: Float32Array, settings: Settings) => number[];

const innovation =
  (bits: (settings: Settings) => number): Bound =>
  (v, settings) => {
    const step = (2 * largestOf(v)) / (2 ** bits(settings) - 1);
    // The authors' grid is not clipped: ±R is half a step inside its ends.
    if (settings.variant === "authors-code") return beyond(v, step, {});
    return withinRange(v, step, {});
  };

const rotated: Bound = (v, settings) => {
  // A rotation keeps norms, so |q_i| ≤ ‖q‖ = S‖c‖. With the least error that is a projection of y, at most ‖y‖. Else
  // S‖c‖ = ‖y‖²‖c‖ / ⟨y, c⟩; with ŷ = √n y/‖y‖, ⟨ŷ, c⟩ ≥ c₁‖ŷ‖₁ ≥ c₁√n, and |c_i| ≤ max(c₁, 2|ŷ_i|), since a level
  // is at most twice the boundary below it: ‖c‖ ≤ (c₁ + 2)√n, and S‖c‖ ≤ ‖y‖√n (1 + 2/c₁). c₁ > 0.008 for 8 bits.
  // Between whole bits c₁ is that of the finer levels; below one bit S is n/k times that of one bit, k ≥ 1.
  const bits = settings.bits as number;
  const smallest = [0.79, 0.45, 0.24, 0.12, 0.065, 0.033, 0.016, 0.008][Math.ceil(bits) - 1]!;
  const size = Math.sqrt(Math.max(64, v.length));
  const sent = bits < 1 ? Math.min(size * size, 1.1 / bits) : 1;
  const factor = settings.scale === "mse" ? 1 : size * (1 + 2 / smallest) * sent;
  // S travels as a float32: a subnormal one is off by half a unit, times ‖c‖ ≤ c_most·√n, c_most < 4.61.
  return Array.from(v, () => factor * normOf(v) + (least / 2) * 4.61 * size);
};

/**
 * A coefficient is rounded to a multiple of the step from half a step on, and its magnitude decoded at most half a step
 * beyond that: at three times itself at most, and so is the norm, which the transform keeps up to its rounding (sums of
 * up to 64 products, twice).
 */
const ratedDistortion: Bound = (v) => Array.from(v, () => 3 * normOf(v) * (1 + 128 * 2 ** -24));

const microscaled =
  (mantissa: number, largestExponent: number, halfSmallest: number): Bound =>
  (v) =>
    byParts(v, 32, (block) => {
      const largest = largestOf(block);
      const scale = Math.max(2 ** -127, powerBelow(2, largest === 0 ? least : largest) / 2 ** largestExponent);
      return floating(block, mantissa, halfSmallest * scale);
    });

const bounds: Record<string, Bound> = {
  identity: magnitudes,
  emq: (v, settings) => {
    const size = settings.scope === "block" ? (settings.block as number) : Math.max(1, v.length);
    return byParts(v, size, (part) => {
      const base = (settings.base as number) ?? 10;
      const digits = (settings.digits as number) ?? 0;
      const largest = largestOf(part);
      const levels = (settings.levels as number) || base ** digits * Math.sqrt(base);
      // The free step is a float32, the smallest one at least and the largest at most.
      const step =
        settings.step === "fractional"
          ? Math.min(most, rounded(largest / levels))
          : powerBelow(base, largest) / base ** digits;
      return beyond(part, step, settings);
    });
  },
  "mixed-resolution": (v, settings) => {
    const largest = largestOf(v);
    const step = largest / (2 ** ((settings.bits as number) ?? 10) - 1);
    const limit = ((settings.lambda as number) ?? 0.2) * largest;
    // The smallest level sent that is not 0: an entry of one step and more has such a level, half a step above at most.
    const levels = magnitudes(v).filter((x) => x >= limit && x >= step * (1 - 1e-9));
    const m = Math.min(...levels) + step / 2;
    const low = settings.variant === "authors-code" ? Math.max(m, 1e-4) : m;
    return magnitudes(v).map((x) =>
      x === 0 ? 0 : x >= limit * (1 - 1e-6) ? Math.max(x + step / 2, low / 2) : low / 2,
    );
  },
  laq: innovation((settings) => (settings.bits as number) ?? 4),
  // One bit at least; the authors' grid of one bit is zero, so that two bits have the largest step there.
  aquila: innovation((settings) => (settings.variant === "authors-code" ? 2 : 1)),
  "top-q": (v, settings) => {
    const bits = (settings.bits as number) ?? 32;
    return bits === 32 ? magnitudes(v) : withinRange(v, (2 * largestOf(v)) / (2 ** bits - 1), {});
  },
  qsgd: (v, settings) => {
    const bucket = (settings.bucket as number) ?? 512;
    return byParts(v, bucket === 0 ? Math.max(1, v.length) : bucket, (part) => {
      const norm = settings.norm === "max" ? largestOf(part) : rounded(normOf(part));
      return magnitudes(part).map((x) => Math.min(norm, x + norm / ((settings.levels as number) ?? 4)));
    });
  },
  terngrad: (v) => magnitudes(v).map((x) => (x === 0 ? 0 : largestOf(v))),
  sign: (v) => {
    const mean = v.reduce((sum, x) => sum + Math.abs(x), 0) / Math.max(1, v.length);
    return magnitudes(v).map((x) => (x === 0 ? 0 : mean));
  },
  natural: (v) => magnitudes(v).map((x) => Math.min(2 * x, 2 ** 127)),
  uniform: (v, settings) => {
    const points = 2 ** ((settings.bits as number) ?? 8) - (settings.kind === "mid-tread" ? 2 : 1);
    return withinRange(v, (2 * largestOf(v)) / points, settings);
  },
  fp16: (v) => floating(v, 10, 2 ** -25),
  bf16: (v) => floating(v, 7, 2 ** -134),
  // The scale rounds to a float32, upwards where it is subnormal.
  "fp8-e4m3": (v) => floating(v, 3, 2 ** -10 * (rounded(largestOf(v) / 448) + least)),
  "fp8-e5m2": (v) => floating(v, 2, 2 ** -17 * (rounded(largestOf(v) / 57344) + least)),
  mxfp4: microscaled(1, 2, 0.25),
  mxfp8: (v, settings) =>
    settings.element === "e5m2" ? microscaled(2, 15, 2 ** -17)(v, {}) : microscaled(3, 8, 2 ** -10)(v, {}),
  drive: (v, settings) => rotated(v, { bits: 1, ...settings }),
  eden: (v, settings) => rotated(v, { bits: 2, ...settings }),
  "rate-distortion": ratedDistortion,
  // ‖q‖ ≤ ‖C‖ + ‖U‖, ‖C‖ ≤ 3‖v‖ as above, so that what is lost is at most 2‖v‖ = ‖y‖. An entry of m steps is decoded at
  // m − ½ to m + ½ and was no farther off: by a third to three times itself. So ⟨y, c⟩ ≥ ‖c‖²/3; and ‖c‖ ≥ ‖y‖/(3√n), for
  // the largest entry is sent where any is. ‖U‖ = ‖y‖²‖c‖/⟨y, c⟩ ≤ 3‖y‖²/‖c‖ ≤ 9√n‖y‖.
  induced: (v) => {
    const size = Math.sqrt(Math.max(64, v.length));
    return Array.from(v, () => (3 + 18 * size) * normOf(v));
  },
  // ‖y‖/√n · c, rotated back: ‖c‖ ≤ 4.61 √n.
  nf4: (v, settings) => {
    const block = (settings.block as number) ?? 64;
    return byParts(v, block === 0 ? Math.max(1, v.length) : block, (part) => Array.from(part, () => largestOf(part)));
  },
  // One of the two powers of two of the norm around an entry: at most twice as large, or the smallest.
  nuqsgd: (v, settings) => {
    const bucket = (settings.bucket as number) ?? 512;
    return byParts(v, bucket === 0 ? Math.max(1, v.length) : bucket, (part) => {
      const norm = settings.norm === "max" ? largestOf(part) : rounded(normOf(part));
      const smallest = norm * 2 ** -((settings.levels as number) ?? 3);
      return magnitudes(part).map((x) => (x === 0 ? 0 : Math.min(norm, Math.max(2 * x, smallest))));
    });
  },
  "rand-k": (v, settings) => {
    const k = Math.max(1, Math.round(((settings.fraction as number) ?? 0.01) * v.length));
    return magnitudes(v).map((x) => (settings.scale === "contraction" ? x : (x * v.length) / k));
  },
  "top-k": (v, settings) => (settings.values === "float32" ? magnitudes(v) : Array.from(v, () => largestOf(v))),
  // ‖q‖ = σ‖c‖, |c_i| ≤ max(34.9, |z_i|), Σ z² = n: ‖c‖ ≤ 36√n, σ√n = ‖v‖.
  "quic-fl": (v) => Array.from(v, () => 36 * normOf(v) + (least / 2) * 36 * Math.sqrt(Math.max(64, v.length))),
  // Of a model of zeros: 0, or the free bit, at most 2^(m − 1) steps of ‖v‖_∞/(2^(m − 1) − 1).
  fedbif: (v, settings) => {
    const half = 2 ** (((settings.bits as number) ?? 4) - 1);
    return Array.from(v, () => (largestOf(v) * half) / (half - 1));
  },
  // ‖q‖ = ‖y‖/√n · ‖c‖, |c_i| ≤ 2.154
  thc: (v) => Array.from(v, () => 2.16 * normOf(v) + (least / 2) * 2.16 * Math.sqrt(Math.max(64, v.length))),
  // A projection of v but for the roundings of P and Q, or v itself.
  powersgd: (v) => Array.from(v, () => normOf(v) * (1 + 2 ** -20)),
  turboquant: (v) => Array.from(v, () => 4.61 * normOf(v) + (least / 2) * 4.61 * Math.sqrt(Math.max(64, v.length))),
};

const variants: [string, Settings][] = [
  ...quantizerNames.map((name): [string, Settings] => [name, {}]),
  ["rate-distortion", { bits: 8 }],
  ["rate-distortion", { bits: 16, lambda: 0, transform: false }],
  ["induced", { bits: 8 }],
  ["induced", { bits: 16, residual: 1 }],
  ["induced", { bits: 4, residual: 0.01 }],
  ["emq", { digits: 6 }],
  ["emq", { base: 2, digits: 3, scope: "block", block: 5 }],
  ["emq", { rounding: "stochastic", threshold: 0.3 }],
  ["emq", { step: "fractional" }],
  ["emq", { step: "fractional", levels: 2 ** 22, scope: "block", block: 7 }],
  ["emq", { step: "fractional", levels: 1e-30 }],
  ["mixed-resolution", { variant: "authors-code" }],
  ["mixed-resolution", { bits: 1, lambda: 1 }],
  ["mixed-resolution", { bits: 2, lambda: 0.1 }],
  ["mixed-resolution", { bits: 16, lambda: 0 }],
  ["laq", { bits: 1 }],
  ["laq", { bits: 16 }],
  ["laq", { variant: "authors-code" }],
  ["laq", { variant: "authors-code", bits: 1 }],
  ["laq", { variant: "authors-code", bits: 16 }],
  ["aquila", { variant: "authors-code" }],
  ["top-q", { fraction: 1 }],
  ["top-q", { fraction: 0.3, bits: 1 }],
  ["top-q", { fraction: 1, bits: 16 }],
  ["qsgd", { norm: "max", bucket: 0, levels: 2 ** 20 }],
  ["qsgd", { bucket: 3, levels: 1 }],
  ["uniform", { bits: 1 }],
  ["uniform", { bits: 16, rounding: "stochastic" }],
  ["uniform", { kind: "mid-tread", bits: 2 }],
  ["uniform", { kind: "mid-tread", bits: 16, rounding: "stochastic" }],
  ["mxfp8", { element: "e5m2" }],
  ["drive", { scale: "mse" }],
  ["eden", { bits: 8 }],
  ["eden", { bits: 0.01 }],
  ["eden", { bits: 0.4, scale: "mse" }],
  ["eden", { bits: 2.7 }],
  ["turboquant", { bits: 8 }],
  ["nf4", { block: 0 }],
  ["nuqsgd", { levels: 30, norm: "max", bucket: 0 }],
  ["nuqsgd", { levels: 0, bucket: 3 }],
  ["rand-k", { fraction: 1 }],
  ["rand-k", { fraction: 0.4, scale: "contraction" }],
  ["top-k", { fraction: 0.3, values: "float32", errorFeedback: false }],
  ["top-k", { fraction: 1 }],
  ["quic-fl", { bits: 1 }],
  ["thc", { bits: 2, errorFeedback: false }],
  ["powersgd", { rank: 1 }],
  ["fedbif", { bits: 2, rounding: "stochastic" }],
  ["sign", { errorFeedback: true }],
];

/** Every decade from 1e-45 to 1e38, the edges, and magnitudes from one end to the other in one vector. */
function vectors(): Float32Array[] {
  const normals = new Float32Array(70);
  stream(11, "test").fillNormal(normals);
  const powers = Array.from({ length: 84 }, (_, i) => Number(`1e${i - 45}`));
  return [
    ...powers.filter((_, i) => i % 3 === 0).map((scale) => normals.map((x) => x * scale * 0.3)),
    ...powers.map((scale) => Float32Array.of(scale, -scale / 3, 0)),
    ...[least, 1.17549435e-38, 1, most].flatMap((x) => [Float32Array.of(x), Float32Array.of(-x, 0, x, x / 2)]),
    Float32Array.from(powers, (x, i) => (i % 2 ? -x : x)),
    new Float32Array(40).fill(most),
    new Float32Array(9),
    new Float32Array(0),
  ].map((v) => v.map((x) => Math.max(-most, Math.min(most, x))));
}

function excess(name: string, settings: Settings, v: Float32Array): string {
  const method = quantizer(name, settings);
  const packet = method.encode(v, freshContext(5))!;
  const q = new Float32Array(v.length).fill(Number.NaN);
  method.decode(packet.bytes, q, freshContext(5));
  const allowed = bounds[name]!(v, settings);
  const wrong = q.findIndex((x, i) => !(Math.abs(x) <= Math.min(most, rounded(allowed[i]!))));
  if (wrong < 0 && packet.nominalBits >= 0) return "";
  return `entry ${wrong}, ${v[wrong]}, decodes to ${q[wrong]}; allowed is ${allowed[wrong]}`;
}

it("every quantizer has its bound", () => {
  expect(Object.keys(bounds).sort()).toEqual([...quantizerNames].sort());
});

describe.each(variants)("%s %j", (name, settings) => {
  it("decodes nothing beyond what it defines, from the smallest to the largest float32, whatever the coder", () => {
    for (const coder of coderNames) {
      for (const v of vectors()) {
        const found = excess(name, { ...settings, coder }, v);
        if (found !== "") expect.fail(`${coder}: ${found}`);
      }
    }
  });

  it("nor for any float32 numbers", () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -most, max: most });
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 70 }), fc.constantFrom(...coderNames), (numbers, coder) => {
        expect(excess(name, { ...settings, coder }, Float32Array.from(numbers))).toBe("");
      }),
      { numRuns: 60 },
    );
  });
});

it("mixed resolution: the authors' constant in its variant alone, and a packet says which it is", () => {
  const v = Float32Array.of(1e-20, -3e-21, 1e-21);
  const decode = (settings: Settings) => {
    const { bytes } = quantizer("mixed-resolution", settings).encode(v, freshContext())!;
    const q = new Float32Array(3);
    quantizer("mixed-resolution").decode(bytes, q, freshContext());
    return q;
  };
  // λ = 0.2: two entries are large, so that the smallest level is 307/1023 of the largest: 0.3 · 1023 = 306.9
  const m = (1e-20 / 1023) * 307;
  const q = decode({});
  expect(Math.abs(q[2]! / (m / 2) - 1)).toBeLessThan(2 ** -22);
  expect(q[0]).toBe(v[0]);
  expect(decode({ variant: "authors-code" })).toEqual(Float32Array.of(q[0]!, q[1]!, 5e-5));
  // Where m is no smaller than 1e-10, both are the same.
  const large = v.map((x) => x * 1e15);
  const both = ["original", "authors-code"].map((variant) => {
    const out = new Float32Array(3);
    const method = quantizer("mixed-resolution", { variant });
    method.decode(method.encode(large, freshContext())!.bytes, out, freshContext());
    return out;
  });
  expect(both[0]).toEqual(both[1]);
});
