import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { freshContext, quantizer } from "../../src/quantizers/index.js";
import { lloydMax } from "../../src/quantizers/methods/lloydMax.js";
import { normalFloatLevels } from "../../src/quantizers/methods/normalFloat.js";
import { bias } from "../../src/quantizers/proof/check.js";
import { checkGoldens } from "../../src/quantizers/proof/goldens.js";
import { gaussianProbe, inverseNormal } from "../../src/quantizers/proof/probes.js";
import type { Settings } from "../../src/quantizers/settings.js";

function normals(n: number, seed: number, scale = 1): Float32Array {
  const out = new Float32Array(n);
  stream(seed, "test").fillNormal(out, scale);
  return out;
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

function decoded(name: string, settings: Settings, v: Float32Array, seed = 1): Float32Array {
  const method = quantizer(name, settings);
  const q = new Float32Array(v.length);
  method.decode(method.encode(v, freshContext(seed))!.bytes, q, freshContext());
  return q;
}

// The known errors are NumPy's of the definitions, or closed forms; a mean over seeds within four standard errors.
const known = [
  ...["eden", "turboquant", "nf4", "nuqsgd", "rand-k", "top-k", "quic-fl", "fedbif", "thc"],
  ...["fp16", "bf16", "fp8-e4m3", "fp8-e5m2", "mixed-resolution"],
];
describe.each(known)("%s", (name) => {
  it("has the errors on the probes that its definition says", () => {
    const results = checkGoldens((one) => one === name);
    expect(results.length).toBeGreaterThan(1);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });
});

/** Against zero: the mean over the seeds within five of its standard errors along three directions, of many entries. */
describe("no bias", () => {
  it.each<[string, Settings]>([
    ["eden", { bits: 0.3 }],
    ["eden", { bits: 1.5 }],
    ["nuqsgd", { levels: 2 }],
    ["rand-k", { fraction: 0.05 }],
    ["quic-fl", { bits: 1 }],
    ["quic-fl", { bits: 3 }],
  ])("%s %j", (name, settings) => {
    for (const { mean, error } of bias(quantizer(name, settings), normals(2048, 3), 400)) {
      expect(error).toBeGreaterThan(0);
      expect(Math.abs(mean)).toBeLessThan(5 * error + 2 ** -22);
    }
  });
});

describe("and where there is one, it is the one that is said", () => {
  const v = gaussianProbe();
  const share = (q: Float32Array) => dot(q, v) / dot(v, v) - 1;
  it("NF4 rounds to nearest: NumPy's −0.7547 % on a Gaussian", () => {
    expect(share(decoded("nf4", {}, v))).toBeCloseTo(-0.00754673, 7);
  });
  it.each([
    [1, 0.36338],
    [2, 0.117482],
    [4, 0.009501],
  ])("TurboQuant's mean with %i bits is too short by the distortion of its levels", (bits, distortion) => {
    const shares = Array.from({ length: 8 }, (_, seed) => share(decoded("turboquant", { bits }, v, seed)));
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    const error = Math.sqrt(shares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 7 / 8);
    // A rotation of 65,536 entries is not quite normal: 1e-3 of the limit.
    expect(Math.abs(mean + distortion)).toBeLessThan(5 * error + 1e-3 * distortion);
  });
  it("rand-k as a contraction keeps the share k/d", () => {
    const found = bias(quantizer("rand-k", { fraction: 0.25, scale: "contraction" }), normals(2048, 3), 400)[0]!;
    expect(Math.abs(found.mean + 0.75)).toBeLessThan(5 * found.error);
  });
});

it("NF4's levels are the quantiles that its paper says", () => {
  const offset = 0.9677083;
  const half = (steps: number) =>
    Array.from({ length: steps - 1 }, (_, i) => inverseNormal(offset + ((0.5 - offset) * i) / (steps - 1)));
  const levels = [...half(8).map((x) => -x), 0, ...half(9)].sort((a, b) => a - b);
  const largest = Math.max(...levels);
  expect(levels.length).toBe(16);
  // The published digits were computed in float32.
  levels.forEach((level, i) => {
    expect(Math.abs(level / largest - normalFloatLevels.values[i]!)).toBeLessThan(2 ** -22);
  });
});

describe("TurboQuant-mse is EDEN at another scale", () => {
  const v = normals(1024, 5);
  it.each([1, 2, 3, 5, 8])("with %i bits: the same symbols, so that one is the other times a number", (bits) => {
    const turbo = decoded("turboquant", { bits }, v);
    for (const scale of ["unbiased", "mse"]) {
      const eden = decoded("eden", { bits, scale }, v);
      const ratio = dot(turbo, eden) / dot(eden, eden);
      turbo.forEach((x, i) => {
        // Rotating back costs each ten float32 additions.
        expect(Math.abs(x - ratio * eden[i]!)).toBeLessThan(32 * 2 ** -24 * Math.sqrt(dot(turbo, turbo)));
      });
    }
  });

  it("S = ‖v‖/√n: the length is that of the levels alone, and no scale of EDEN's makes a larger error", () => {
    for (const bits of [1, 2, 4]) {
      const turbo = decoded("turboquant", { bits }, v);
      const largest = lloydMax(bits).levels.at(-1)!;
      expect(Math.sqrt(dot(turbo, turbo))).toBeLessThan(Math.sqrt(dot(v, v)) * largest);
      const error = (q: Float32Array) => q.reduce((sum, x, i) => sum + (x - v[i]!) ** 2, 0);
      expect(error(decoded("eden", { bits, scale: "mse" }, v))).toBeLessThanOrEqual(error(turbo));
    }
  });
});

describe("EDEN between whole bits", () => {
  const v = normals(20_000, 6);
  const sizes = (bits: number) => quantizer("eden", { bits }).encode(v, freshContext(1))!;
  it("sends what was asked for, on the wire too", () => {
    const blocks = 32 * 5; // 16,384, 2048, 1024, 512, 64 with 32 filled
    for (const bits of [0.05, 0.5, 1.25, 3.75]) {
      const { bytes, nominalBits } = sizes(bits);
      expect(nominalBits / 20_000).toBeCloseTo(bits + blocks / 20_000, 4);
      // Uniform symbols take a whole number of bits each, others less; headers and tables a hundred bytes at most.
      expect((8 * bytes.length) / 20_000).toBeLessThan(bits + 0.05);
    }
  });

  it("gets better with every bit, and meets the whole rates at both ends", () => {
    const error = (bits: number) => {
      const q = decoded("eden", { bits }, v);
      return q.reduce((sum, x, i) => sum + (x - v[i]!) ** 2, 0) / dot(v, v);
    };
    const errors = [0.1, 0.5, 0.999, 1, 1.001, 1.5, 2, 2.5, 3].map(error);
    for (let i = 1; i < errors.length; i++) expect(errors[i]!).toBeLessThan(errors[i - 1]! * 1.02);
    expect(errors[2]! / errors[3]!).toBeCloseTo(1, 1);
    expect(errors[4]! / errors[3]!).toBeCloseTo(1, 1);
  });
});

describe("top-k", () => {
  it("carries what it does not send unless it is told not to", () => {
    const v = Float32Array.of(1, 2, 3, 4);
    const sent = (settings: Settings) => {
      const method = quantizer("top-k", { fraction: 0.25, values: "float32", ...settings });
      const memory = new Map();
      return [0, 1, 2].map((round) => {
        const q = new Float32Array(4);
        method.decode(method.encode(v, { ...freshContext(), round, memory })!.bytes, q, freshContext());
        return q.findIndex((x) => x !== 0);
      });
    };
    expect(sent({ errorFeedback: false })).toEqual([3, 3, 3]);
    // 4, then 3 + 3 = 6, then 2 + 2 + 2 = 6 before 4 + 4 = 8: the eighth
    expect(sent({})).toEqual([3, 2, 3]);
  });

  it("sends a map whose positions cost their entropy", () => {
    const v = normals(100_000, 8);
    const { bytes, nominalBits } = quantizer("top-k").encode(v, freshContext(1))!;
    const entropy = (f: number) => -f * Math.log2(f) - (1 - f) * Math.log2(1 - f);
    const limit = entropy(0.01) + 0.01;
    // Frequencies of 14 bits cost half a percent at most; header, states and table are fifty bytes at most.
    expect(8 * bytes.length).toBeGreaterThan(limit * 1e5);
    expect(8 * bytes.length).toBeLessThan(limit * 1.005 * 1e5 + 400);
    // b* = 1 + ⌊log2(0.4812/0.01005)⌋ = 6: 6 + 1/(1 − 0.99^64) = 8.1078
    expect(nominalBits).toBeCloseTo(1000 * 9.1078 + 32, 0);
  });
});

describe("FedBiF", () => {
  it.each([0, 1, 2, 3, 7])("in round %i changes one bit of a weight, to the nearer of the two", (round) => {
    const bits = 4;
    const model = normals(500, 11, 0.3);
    const update = normals(500, 12, 0.3);
    const method = quantizer("fedbif", { bits });
    expect(method.needsModel).toBe(true);
    const context = { ...freshContext(), round, model };
    const q = new Float32Array(500);
    method.decode(method.encode(update, context)!.bytes, q, { ...context, round: 99 });
    const range = model.reduce((most, w, i) => Math.max(most, Math.abs(w), Math.abs(Math.fround(w + update[i]!))), 0);
    const step = range / 7;
    const pattern = (k: number) => (k + 16) & 15;
    q.forEach((x, i) => {
      const before = Math.max(-8, Math.min(7, Math.floor(model[i]! / step + 0.5)));
      const after = Math.round((model[i]! + x) / step);
      expect(Math.abs((model[i]! + x) / step - after)).toBeLessThan(1e-4);
      const changed = pattern(before) ^ pattern(after);
      expect([0, 1 << (round % bits)]).toContain(changed);
      // The other choice: the free bit the other way
      const flipped = pattern(before) ^ pattern(after) ^ pattern(before) ^ (1 << (round % bits));
      const other = flipped > 7 ? flipped - 16 : flipped;
      const target = (model[i]! + update[i]!) / step;
      expect(Math.abs(after - target)).toBeLessThanOrEqual(Math.abs(other - target) + 1e-4);
    });
  });

  it("with stochastic rounding has no bias where the weight lies between its two choices", () => {
    const model = Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 7 : 2));
    // Steps of 1; bit 0 is free: 7 may be 6 or 7, 2 may be 2 or 3
    const update = Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? -0.25 : 0.4));
    const method = quantizer("fedbif", { bits: 4, rounding: "stochastic" });
    const seeds = 300;
    let even = 0;
    let odd = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const context = { ...freshContext(seed), model };
      const q = new Float32Array(64);
      method.decode(method.encode(update, context)!.bytes, q, context);
      q.forEach((x, i) => {
        if (i % 2 === 0) even += x;
        else odd += x;
      });
    }
    const draws = 32 * seeds;
    // Means of 0 or ∓1: standard errors √(p(1 − p)/n)
    expect(Math.abs(even / draws + 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / draws));
    expect(Math.abs(odd / draws - 0.4)).toBeLessThan(5 * Math.sqrt((0.4 * 0.6) / draws));
  });
});
