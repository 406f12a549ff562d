import { describe, expect, it } from "vitest";
import { f32 } from "../../bindings/memory.js";
import { region } from "../../bindings/quantize.js";
import { stream } from "../../bindings/random.js";
import type { TensorSlice } from "../../src/config/records.js";
import { decodePacket, freshContext, PacketError, quantizer } from "../../src/quantizers/index.js";
import { normalStep } from "../../src/quantizers/methods/normalStep.js";
import { rotateWhole, wholeOf } from "../../src/quantizers/methods/rotateWhole.js";
import { bias } from "../../src/quantizers/proof/check.js";
import { gaussianProbe } from "../../src/quantizers/proof/probes.js";
import type { Settings } from "../../src/quantizers/settings.js";

function normals(n: number, seed: number, scale = 1): Float32Array {
  const out = new Float32Array(n);
  stream(seed, "test").fillNormal(out, scale);
  return out;
}

const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v * v, 0);
const distance = (a: Float32Array, b: Float32Array) => squares(a.map((x, i) => x - b[i]!));

function sent(v: Float32Array, settings: Settings, { seed = 1, tensors = [] as TensorSlice[] } = {}) {
  const method = quantizer("induced", settings);
  const { bytes, nominalBits } = method.encode(v, freshContext(seed, tensors))!;
  const q = new Float32Array(v.length);
  method.decode(bytes, q, freshContext());
  return { bytes, nominalBits, q };
}

describe("the target", () => {
  it.each([0.05, 0.1, 0.5, 2, 8])("%d bits an entry: the packet has as many, or nearly", (bits) => {
    const heavy = normals(40_000, 3).map((x) => x * x * x);
    for (const residual of [0.05, 0.7, 1]) {
      const { bytes, nominalBits } = sent(heavy, { bits, residual });
      expect(nominalBits).toBe(8 * bytes.length);
      expect(nominalBits).toBeLessThanOrEqual(bits * heavy.length);
      expect(nominalBits).toBeGreaterThan(0.88 * bits * heavy.length);
    }
  });

  it("more bits, less error", () => {
    const v = normals(20_000, 5);
    const errors = [0.1, 0.3, 1, 3, 6].map((bits) => distance(sent(v, { bits }).q, v));
    for (let i = 1; i < errors.length; i++) expect(errors[i]!).toBeLessThan(errors[i - 1]!);
  });

  it("is not reached by what has nothing to tell", () => {
    for (const residual of [0.7, 1]) {
      const { bytes, q } = sent(new Float32Array(5000), { bits: 4, residual });
      expect(bytes.length).toBeLessThan(60);
      expect(squares(q)).toBe(0);
    }
  });

  it.each([
    [
      { bits: 0.001 },
      50_000,
      /^quantizer\.bits: 0\.001 of each of 50000 entries are 6 bytes, .*allowed: from 0\.0\d+\)/,
    ],
    [{ bits: 0.05 }, 4096, /^quantizer\.bits: 0\.05 of each of 4096 entries/],
    [{ bits: 0 }, 10, /^quantizer\.bits: 0 is not a number above 0 to 16/],
    [{ residual: 0 }, 10, /^quantizer\.residual: 0 is not a number above 0 to 1/],
    [{ residual: 1.5 }, 10, /^quantizer\.residual: 1\.5/],
  ])("%j with %d entries is refused", (settings, n, message) => {
    expect(() => sent(normals(n, 1), settings)).toThrow(message);
  });

  it("names one that is enough", () => {
    const v = normals(50_000, 1);
    const caught = /from ([\d.]+)\)/.exec(messageOf(() => sent(v, { bits: 0.001 })))!;
    const least = Number(caught[1]);
    expect(sent(v, { bits: least }).bytes.length).toBeLessThanOrEqual((least * v.length) / 8);
    expect(() => sent(v, { bits: least - 0.0002 })).toThrow(/quantizer\.bits/);
  });
});

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

/** Entries that differ by thousands, and a tail, behind the last whole block, that is larger than all the rest. */
function uneven(n: number): Float32Array {
  const v = normals(n, 3).map((x, i) => x * x * x * (i % 7));
  return v.map((x, i) => (i >= n - 70 ? 20 * x + 1 : x));
}

/** Against zero: the mean over the seeds within five of its standard errors along three directions, of many entries. */
it.each<[Settings, number]>([
  [{ bits: 0.5 }, 4500],
  [{ bits: 0.5, residual: 1 }, 2048],
  [{ bits: 0.5, residual: 1 }, 2600],
  [{ bits: 2, residual: 0.3 }, 300],
  [{ bits: 4 }, 50],
])("%j has no bias on %d entries", (settings, n) => {
  for (const v of [normals(n, 3), uneven(n)]) {
    for (const { mean, error } of bias(quantizer("induced", settings), v, 400)) {
      expect(error).toBeGreaterThan(0);
      expect(Math.abs(mean)).toBeLessThan(5 * error + 2 ** -22);
    }
  }
});

/**
 * D/(1 − D) with the least D of uniform steps with a dead zone whose entropy is R (SciPy's, as in rateDistortion.test.ts).
 * Above: the code fills 96.5 % of the target less 60 bytes around it, and D falls by a factor of 4 a bit at most; the models
 * forget over 250 decisions and more. Below and above five standard errors of a mean over eight seeds.
 */
it.each([
  [0.1, 0.908467],
  [0.5, 0.617306],
  [1, 0.348347],
  [2, 0.0889378],
  [3, 0.0222385],
])(
  "at %d bits without transform coding its error on a Gaussian is that of an entropy-coded quantizer",
  (bits, least) => {
    const v = gaussianProbe();
    const errors = Array.from(
      { length: 8 },
      (_, seed) => distance(sent(v, { bits, residual: 1 }, { seed }).q, v) / squares(v),
    );
    const mean = errors.reduce((sum, x) => sum + x, 0) / 8;
    const error = Math.sqrt(errors.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 7 / 8);
    const ofDistortion = (d: number) => d / (1 - d);
    const short = 0.035 * bits + 480 / v.length + 0.003;
    expect(mean + 5 * error).toBeGreaterThan(ofDistortion(least * 4 ** -0.002)); // as there
    expect(mean - 5 * error).toBeLessThan(ofDistortion(Math.min(0.999, least * 4 ** short)));
  },
);

/**
 * C and U as they are by themselves, from `rate-distortion` and from U alone at their shares of the bits. Codes fill 96.5 %
 * of their room at least, and headers of 80 bytes at most are shared otherwise than here: of 1638 bytes 5 %. U's error
 * falls as 1/R here: 10 % off at most, and five standard errors of the means over eight seeds.
 */
it("its error is that of the random part, on what the transform coding leaves", () => {
  // Smooth over 16 × 16 pixels, with a tenth of its energy in noise
  const [side, units] = [16, 256];
  const noise = normals(side * side * units, 8, Math.sqrt(0.1));
  const v = noise.map((x, i) => x + 1.34 * Math.sin(0.3 * Math.floor(i / (side * units)) + (i % units)));
  const tensors = [{ name: "dense", shape: [side * side, units], offset: 0, length: v.length }];
  const bits = 0.2;
  const first = quantizer("rate-distortion", { bits: 0.3 * bits, prediction: false, feedback: 0 });
  const left = new Float32Array(v.length);
  first.decode(first.encode(v, freshContext(1, tensors))!.bytes, left, freshContext());
  const remains = distance(left, v) / squares(v);
  expect(remains).toBeLessThan(0.2);
  const meanOf = (of: (seed: number) => number) => {
    const values = Array.from({ length: 8 }, (_, seed) => of(seed));
    const mean = values.reduce((sum, x) => sum + x, 0) / 8;
    return { mean, error: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 7 / 8) / mean };
  };
  const errorOf = (settings: Settings, seed: number) =>
    distance(sent(v, settings, { seed, tensors }).q, v) / squares(v);
  const alone = meanOf((seed) => errorOf({ bits: 0.7 * bits, residual: 1 }, seed));
  const both = meanOf((seed) => errorOf({ bits }, seed));
  const ratio = both.mean / (remains * alone.mean);
  expect(Math.abs(ratio - 1)).toBeLessThan(0.1 + 5 * Math.hypot(alone.error, both.error));
});

it("needs neither memory nor order: a packet decodes by itself", () => {
  const v = normals(3000, 2);
  const { bytes, q } = sent(v, { bits: 1 });
  expect(decodePacket(bytes)).toEqual(q);
  const damaged = bytes.slice();
  damaged[20]! ^= 1;
  expect(() => decodePacket(damaged)).toThrow(PacketError);
});

describe("the rotation of a whole vector", () => {
  it.each([1, 63, 64, 65, 100, 127, 128, 1000, 65_535, 65_537, 200_000])("%d entries: there and back", (n) => {
    const whole = wholeOf(n);
    const v = uneven(n);
    const y = { pointer: region("innovation", 4 * whole.padded), length: whole.padded };
    const place = () => f32(y.pointer, whole.padded);
    place().fill(0);
    place().set(v);
    const draw = { seed: 4, client: 2, round: 9 };
    rotateWhole(y, whole, draw, false);
    const rotated = place().slice();
    // Four passes at most of 16 butterflies, each of which rounds once
    expect(squares(rotated) / squares(v)).toBeCloseTo(1, 4);
    rotateWhole(y, whole, draw, true);
    expect(Math.sqrt(distance(place().slice(0, n), v) / squares(v))).toBeLessThan(128 * 2 ** -24);
    expect(whole.groups.reduce((sum, { length }) => sum + length, 0)).toBe(whole.padded);
    expect(Math.min(...whole.groups.map(({ length }) => length))).toBeGreaterThanOrEqual(whole.size);
  });

  it("leaves the entries of a group alike, however unlike its ends are", () => {
    const n = 5000;
    const whole = wholeOf(n);
    const { first, length } = whole.groups.at(-1)!;
    const energies = [0, 0];
    for (let seed = 0; seed < 50; seed++) {
      const y = { pointer: region("innovation", 4 * n), length: n };
      f32(y.pointer, n).set(uneven(n));
      rotateWhole(y, whole, { seed, client: 0, round: 0 }, false);
      const half = first + Math.floor(length / 2);
      energies[0]! += squares(f32(y.pointer, n).slice(first, half)) / (half - first);
      energies[1]! += squares(f32(y.pointer, n).slice(half)) / (n - half);
    }
    // Seven times before; the entries of a group share one S, which a factor of two moves by little.
    const v = uneven(n);
    const half = first + Math.floor(length / 2);
    expect(squares(v.slice(half)) / squares(v.slice(first, half))).toBeGreaterThan(5);
    expect(energies[0]! / energies[1]!).toBeGreaterThan(0.5);
    expect(energies[0]! / energies[1]!).toBeLessThan(2);
  });
});

/** Bisection on the entropy in Python's double precision, with math.erfc. */
it.each([
  [0.01, 6.716955],
  [0.02, 6.269325],
  [0.1, 5.071514],
  [0.5, 3.456178],
  [1, 2.421619],
  [2, 1.082447],
  [3, 0.5224332],
  [5, 0.1292377],
])("a standard normal has %d bits of entropy at steps of %d", (bits, step) => {
  expect(normalStep(bits) / step).toBeCloseTo(1, 3);
});
