import { describe, expect, it } from "vitest";
import { median, pairedGain, quantile } from "../../src/study/analysis/bootstrap.js";
import { overSeeds, pairedDifference } from "../../src/study/analysis/cells.js";
import { meanOverBudget, meanOverRounds, meanOverUse } from "../../src/study/analysis/curves.js";
import type { RunSummary } from "../../src/study/store/columns.js";

/** A run whose accuracy, joules and seconds after each round are given. */
function run(seed: number, drop: number, accuracy: number[], energy: number[], latency = energy): RunSummary {
  return {
    key: `${seed}-${drop}`,
    trace: "",
    cell: "",
    labels: {},
    seed,
    drop,
    ended: { by: "energy", reason: "" },
    final: {
      accuracy: accuracy.at(-1)!,
      testLoss: 0,
      rounds: accuracy.length - 1,
      energy: energy.at(-1)!,
      latency: latency.at(-1)!,
      nominalBitsPerEntry: 1,
      wireBitsPerEntry: 1,
      nominalSaving: 0,
      wireSaving: 0,
    },
    fingerprint: { version: 2, config: "", results: "" },
    course: { accuracy, loss: accuracy, energy, latency, nominalBits: energy, wireBits: energy },
  };
}

const accuracy = ({ final }: RunSummary) => final.accuracy;

describe("intervals over seeds", () => {
  const own = [[run(1, 0, [0.1, 0.5], [0, 1]), run(1, 1, [0.1, 0.7], [0, 1])], [run(2, 0, [0.1, 0.8], [0, 1])]];
  const baseline = [
    [run(1, 0, [0.1, 0.4], [0, 1]), run(1, 1, [0.1, 0.2], [0, 1])],
    [run(2, 0, [0.1, 0.6], [0, 1]), run(2, 1, [0.1, 0.9], [0, 1])],
  ];

  it("averages a seed's drops before it counts it as one value", () => {
    // Seeds give 0.6 and 0.8: mean 0.7, s = 0.1 √2, half width 12.7062 · s / √2 (t with one degree of freedom).
    const interval = overSeeds(own, accuracy)!;
    expect(interval.mean).toBeCloseTo(0.7, 12);
    expect(interval.halfWidth).toBeCloseTo(12.70620474 * 0.1, 7);
    expect(interval.count).toBe(2);
    expect(overSeeds([[], []], accuracy)).toBeNull();
  });

  it("pairs by seed and drop", () => {
    // Seed 1: (0.1 + 0.5) / 2 = 0.3; seed 2: 0.2, its second drop has no partner. Mean 0.25, s = 0.05 √2.
    const difference = pairedDifference(own, baseline, accuracy)!;
    expect(difference.mean).toBeCloseTo(0.25, 12);
    expect(difference.halfWidth).toBeCloseTo(12.70620474 * 0.05, 7);
    expect(difference.count).toBe(2);
  });
});

describe("resampling", () => {
  it("gives type-7 quantiles", () => {
    // R: quantile(c(1, 2, 4, 8), c(0.5, 0.1, 1)) = 3, 1.3, 8
    expect(quantile([1, 2, 4, 8], 0.5)).toBe(3);
    expect(quantile([1, 2, 4, 8], 0.1)).toBeCloseTo(1.3, 12);
    expect(quantile([1, 2, 4, 8], 1)).toBe(8);
    expect(median([8, 1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes the gain of sums, over pairs that stay together", () => {
    const b = [1, 2, 3, 4, 10];
    const same = pairedGain(b, b, 1);
    expect(same).toEqual({ value: 0, low: 0, high: 0, count: 5 });
    const half = pairedGain(
      b.map((x) => 1.5 * x),
      b,
      1,
    );
    expect(half.low).toBeCloseTo(0.5, 12);
    expect(half.high).toBeCloseTo(0.5, 12);
    const noisy = pairedGain([3, 4, 5, 6, 7], [2, 2, 2, 2, 2], 1);
    expect(noisy.value).toBeCloseTo(25 / 10 - 1, 12);
    // The bootstrap's standard error is √(2/5)/2 = 0.316: ± 1.96 of it, and the 2000 resamples' own noise.
    expect(noisy.high - noisy.low).toBeGreaterThan(0.9);
    expect(noisy.high - noisy.low).toBeLessThan(1.4);
    expect(() => pairedGain([1], [1, 2], 1)).toThrow(RangeError);
  });
});

describe("curves", () => {
  const runs = [
    [run(1, 0, [0.1, 0.3, 0.5], [0, 1, 2]), run(1, 1, [0.1, 0.3], [0, 2])],
    [run(2, 0, [0.2, 0.4, 0.6], [0, 1, 3])],
  ];

  it("follows accuracy over rounds as far as every seed goes", () => {
    const { x, y } = meanOverRounds(runs);
    expect(x).toEqual([0, 1, 2]);
    // After round 1 seed 1 has (0.3 + 0.3) / 2, seed 2 has 0.4.
    expect(y[1]).toBeCloseTo(0.35, 12);
    expect(y[2]).toBeCloseTo(0.55, 12);
  });

  it("follows accuracy over use: what had been reached, kept after the end", () => {
    const { x, y } = meanOverUse(runs, "energy", "accuracy", 3);
    expect(x).toEqual([0, 1, 2, 3]);
    // At 1 J: seed 1 (0.3 + 0.1) / 2, seed 2 0.4; at 3 J: (0.5 + 0.3) / 2 and 0.6.
    expect(y[1]).toBeCloseTo(0.3, 12);
    expect(y[3]).toBeCloseTo(0.5, 12);
  });

  it("tells what smaller budgets would have given", () => {
    const { x, y } = meanOverBudget(runs, { energy: 4, latency: null }, "accuracy", 4);
    expect(x).toEqual([0, 0.25, 0.5, 0.75, 1]);
    // Half of 4 J: seed 1 (0.5 + 0.3) / 2, seed 2 0.4.
    expect(y[2]).toBeCloseTo(0.4, 12);
  });
});

it("draws no interval where there is one seed", () => {
  const one = [[run(1, 0, [0.1, 0.3], [0, 1]), run(1, 1, [0.1, 0.5], [0, 1])]];
  expect(meanOverRounds(one)).toEqual({ x: [0, 1], y: [0.1, 0.4] });
  // Of two seeds one may have no run that gets there: a gap in the band, not a band of no width.
  const { low } = meanOverRounds([...one, [run(2, 0, [0.2, 0.4], [0, 1])]]);
  expect(low!.every(Number.isFinite)).toBe(true);
});
