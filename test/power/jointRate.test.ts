import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { closedFormRates, createNetwork } from "../../src/network/index.js";
import { powerMethod } from "../../src/power/index.js";
import { jointRate } from "../../src/power/jointRate.js";
import { jointResolution, type ResolutionProblem, shareOf } from "../../src/power/jointResolution.js";
import { rateCurve } from "../../src/power/rateCurve.js";
import { paperNetwork } from "../network/fixtures.js";

const method = powerMethod({ method: "most-rounds" });
const entries = 4e5;

/** A drop of the paper's network; the error falls by a power of the size, each client's at a pace and from a height of its own. */
function problem(
  seed: number,
  changes: Partial<ResolutionProblem> = {},
  clients = 8,
  resolutions = 12,
): ResolutionProblem {
  const random = stream(seed, "test");
  const bits = new Float64Array(clients * resolutions);
  const error = new Float64Array(clients * resolutions);
  for (let k = 0; k < clients; k++) {
    const [pace, height] = [0.7 + random.uniform(), 0.3 + random.uniform()];
    for (let r = 0; r < resolutions; r++) {
      const perEntry = 0.5 * 1.3 ** r;
      bits[k * resolutions + r] = entries * perEntry;
      error[k * resolutions + r] = height * perEntry ** -pace;
    }
  }
  return {
    rates: closedFormRates(createNetwork(paperNetwork({ clients }), { seed })),
    computeLatency: 0.05,
    budgets: { energy: 0.2, latency: 5 },
    ...{ resolutions, bits, error, gains: new Float64Array(clients).fill(2 / clients ** 2) },
    ...changes,
  };
}

const cpu = (clients: number) => {
  const each = (value: number) => new Float64Array(clients).fill(value);
  return {
    ...{ cyclesPerSample: each(2e4), samples: each(1250), capacitance: each(2e-28) },
    ...{ minimumFrequency: each(2e8), maximumFrequency: each(2e9) },
  };
};

/** ρ/u at sizes, by the curves and the most-rounds powers (and frequencies) for them. */
function valueAt(given: ResolutionProblem, bits: Float64Array): number {
  const { resolutions, gains } = given;
  const found = method.allocate({ ...given, bits });
  let progress = 1;
  bits.forEach((size, k) => {
    const part = (of: Float64Array) => of.subarray(k * resolutions, (k + 1) * resolutions);
    const curve = rateCurve(part(given.bits), part(given.error))!;
    progress -= gains[k]! * curve.at(Math.log(size)).value;
  });
  return Math.max(0, progress) / shareOf(given, found);
}

const cases: [string, Partial<ResolutionProblem>][] = [
  ["both budgets", {}],
  ["little energy", { budgets: { energy: 0.01, latency: 5 } }],
  ["latency alone", { budgets: { energy: Number.POSITIVE_INFINITY, latency: 5 } }],
  ["circuit power and a fixed energy", { circuitPower: 0.01, fixedEnergy: 0.001 }],
  ["processors", { computeLatency: 0, cpu: cpu(8) }],
];

describe.each(cases)("bits and powers together, %s", (_what, changes) => {
  it("have the global optimum: no sizes near or far do better", () => {
    for (let seed = 1; seed <= 3; seed++) {
      const given = problem(seed, changes);
      const found = jointRate(given, method)!;
      expect(found.allocation.status).toBe("converged");
      const value = found.progress / found.share;
      // The program and the powers' own method agree on what the round takes, each to 1e-8 of a logarithm.
      expect(Math.abs(value / valueAt(given, found.bits) - 1)).toBeLessThan(1e-6);
      const random = stream(seed, "test", 1);
      for (let trial = 0; trial < 60; trial++) {
        // From a hair to the whole range
        const far = 10 ** (-3 * random.uniform());
        const bits = found.bits.map((size) => {
          const moved = size * Math.exp((random.uniform() - 0.5) * 5 * far);
          return Math.min(entries * 0.5 * 1.3 ** 11, Math.max(entries * 0.5, moved));
        });
        expect(valueAt(given, bits)).toBeLessThan(value * (1 + 1e-6));
      }
    }
  });

  it("are worth more than the best of a ladder's steps", () => {
    for (let seed = 1; seed <= 3; seed++) {
      const given = problem(seed, changes);
      const found = jointRate(given, method)!;
      const ladder = jointResolution(given, method);
      const sizes = Float64Array.from(ladder.choice, (r, k) => given.bits[k * given.resolutions + r]!);
      // By the same rounded curves
      expect(found.progress / found.share).toBeGreaterThan(valueAt(given, sizes) * (1 - 1e-7));
    }
  });
});

it("answers for forty clients with processors", () => {
  const given = problem(5, { computeLatency: 0, cpu: cpu(40), budgets: { energy: 1, latency: 5 } }, 40);
  const found = jointRate(given, method)!;
  expect(found.allocation.status).toBe("converged");
  const fixed = { ...given, cpu: { ...given.cpu!, minimumFrequency: given.cpu!.maximumFrequency } };
  const fast = jointRate(fixed, method)!;
  expect(found.progress / found.share).toBeGreaterThan(fast.progress / fast.share);
});

it("has no answer where nothing that can be sent is progress, or somebody has sent nothing yet", () => {
  expect(jointRate(problem(1, { gains: new Float64Array(8).fill(1e9) }), method)).toBeUndefined();
  const unknown = problem(1);
  unknown.bits.fill(0, 0, unknown.resolutions);
  expect(jointRate(unknown, method)).toBeUndefined();
});

describe("a curve of error over ln S", () => {
  it("is the points' convex hull with rounded corners", () => {
    // The third point lies above the line of its neighbours, the fourth costs more for nothing
    const bits = [1, 2, 4, 6, 8].map((size) => size * Math.E);
    const curve = rateCurve(bits, [1, 0.4, 0.39, 0.395, 0.1])!;
    expect(curve.lowest).toBeCloseTo(1, 12);
    expect(curve.highest).toBeCloseTo(1 + Math.log(8), 12);
    for (const [size, error] of [
      [1, 1],
      [8, 0.1],
    ] as const)
      expect(curve.at(1 + Math.log(size)).value).toBeCloseTo(error, 12);
    let before = Number.NEGATIVE_INFINITY;
    for (let sigma = curve.lowest; sigma <= curve.highest; sigma += 0.01) {
      const { value, slope } = curve.at(sigma);
      expect(slope).toBeGreaterThanOrEqual(before);
      expect(slope).toBeLessThan(0);
      before = slope;
      const next = curve.at(sigma + 1e-6);
      // The slope is that of the values: its change over the step is at most the largest bend's
      expect(Math.abs((next.value - value) / 1e-6 - slope)).toBeLessThan(1e-5);
    }
    // 2 is a corner, above the hull by a quarter of the turn times the half width
    expect(curve.at(1 + Math.log(2)).value).toBeGreaterThan(0.4);
    expect(curve.at(1 + Math.log(2)).value).toBeLessThan(0.45);
  });

  it("is a point where one size was measured, and nothing where none was", () => {
    expect(rateCurve([0, 3], [2, 1])!.at(0)).toEqual({ value: 1, slope: 0, bend: 0 });
    expect(rateCurve([0], [2])).toBeUndefined();
  });
});
