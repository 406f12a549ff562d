import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adjust, holm } from "../../src/study/analysis/holm.js";
import { endsAt, meanInterval, pValue } from "../../src/study/analysis/intervals.js";
import { detectable, powerOf, seedsFor } from "../../src/study/analysis/sampleSize.js";
import { noncentralAbove, normalBelow, studentQuantile, studentTails } from "../../src/study/analysis/student.js";

/** SciPy 1.10's 2·t.sf(t, ν) and norm.cdf(z), R 4.2's qt(p/2, ν, lower.tail = FALSE): SciPy's quantiles are off by 2e-9. */
const reference = JSON.parse(readFileSync(new URL("../reference/data/student.json", import.meta.url), "utf8")) as {
  tails: [t: number, degrees: number, value: number][];
  quantiles: [tails: number, degrees: number, value: number][];
  normal: [z: number, value: number][];
};

const relative = (value: number, truth: number) => (value === truth ? 0 : Math.abs(value - truth) / Math.abs(truth));

describe("Student's t against SciPy and R", () => {
  it("has their tails, quantiles and normal distribution, also for broken numbers of degrees", () => {
    for (const [t, degrees, value] of reference.tails)
      expect(relative(studentTails(t, degrees), value)).toBeLessThan(1e-11);
    for (const [p, degrees, value] of reference.quantiles) {
      expect(relative(studentQuantile(p, degrees), value)).toBeLessThan(1e-11);
    }
    for (const [z, value] of reference.normal) expect(relative(normalBelow(z), value)).toBeLessThan(1e-12);
    expect(() => studentQuantile(1, 4)).toThrow(RangeError);
    expect(() => studentQuantile(0.05, 0)).toThrow(RangeError);
  });

  it("has R's noncentral tail: pt(t, ν, ncp = δ, lower.tail = FALSE)", () => {
    for (const [t, degrees, center, value] of [
      [2, 4, 1.5, 0.381071074860447],
      [2.776, 4, 3, 0.619377729892321],
      [2.1448, 14, 2.5, 0.642924870233435],
      [3.5, 14.8, 2.5, 0.21421881297479],
      [2, 200, 3, 0.840746206223186],
    ] as const) {
      // R's own series stops at 1e-12 of the sum it has, which it does not promise.
      expect(noncentralAbove(t, degrees, center)).toBeCloseTo(value, 9);
    }
  });
});

describe("an interval", () => {
  it("is Student's over independent values, and there is none of one value", () => {
    // t(0.975) with 4 degrees of freedom is 2.776445105 (tables); s = √2.5 for 1 … 5.
    const interval = meanInterval([1, 2, 3, 4, 5]);
    expect(interval).toMatchObject({ mean: 3, count: 5, degrees: 4, testShare: null });
    expect(interval.halfWidth).toBeCloseTo(2.776445105 * Math.sqrt(2.5 / 5), 8);
    // 12.70620474 with one degree of freedom
    expect(meanInterval([0, 2]).halfWidth).toBeCloseTo(12.70620474, 6);
    const one = meanInterval([4]);
    expect(one).toEqual({ mean: 4, halfWidth: null, count: 1, standardError: null, degrees: null, testShare: null });
    expect([endsAt(one), pValue(one)]).toEqual([null, null]);
    expect(() => meanInterval([])).toThrow(RangeError);
  });

  it("has no width where the values differ by the roundings of their sums, and has it where they differ by more", () => {
    // 4096 addends, summed up in three orders
    const addends = Array.from({ length: 4096 }, (_, i) => 0.1 + (i % 7) * 1e-3);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const sums = [addends, [...addends].reverse(), [...addends].sort((a, b) => a - b)].map(sum);
    expect(new Set(sums).size).toBeGreaterThan(1);
    expect(meanInterval(sums)).toMatchObject({ halfWidth: 0, standardError: 0 });
    const apart = meanInterval([0.125, 0.125 * (1 + 1e-9)]);
    expect(apart.halfWidth).toBeCloseTo((12.70620474 * 0.125e-9) / 2, 15);
    expect(meanInterval([1e-20, 2e-20]).halfWidth).toBeGreaterThan(0);
  });

  it("has the p-value at which it would end at zero", () => {
    const interval = meanInterval([0.5, 1.5, 1, 2.5, -0.2]);
    const p = pValue(interval)!;
    expect(endsAt(interval, p)!.low).toBeCloseTo(0, 10);
    expect(pValue(meanInterval([0, 0]))).toBe(1);
    expect(pValue(meanInterval([2, 2]))).toBe(0);
  });
});

describe("a family of differences", () => {
  it('gets R\'s p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.2), "holm")', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.2]);
    [0.04, 0.09, 0.09, 0.025, 0.2].forEach((p, i) => {
      expect(adjusted[i]).toBeCloseTo(p, 15);
    });
    expect(holm([])).toEqual([]);
  });

  it("gets intervals of 1 − 5 %/m that end at zero where Holm's test alone sees the difference", () => {
    const far = meanInterval([10, 10.1, 9.9, 10.05]);
    const near = meanInterval([1, 2.1, 0.8, 1.3]); // p = 0.018: below 5 %, above 5 %/4
    const none = [meanInterval([1, -1, 0.5, -0.4]), meanInterval([0.1, -0.3, 0.2, 0.1])];
    const single = meanInterval([3]);
    const [one, two, three, , alone] = adjust([far, near, ...none, single]);
    expect(one).toEqual({ p: pValue(far)! * 4, ...endsAt(far, 0.0125)! });
    expect(two!.p).toBeGreaterThan(0.05);
    expect([two!.low, two!.high]).toEqual(Object.values(endsAt(near, 0.0125)!));
    expect(three!.low).toBeLessThan(0);
    expect(alone).toEqual({ p: null, low: 3, high: 3 });
    // Of two, the farther one is tested at 2.5 % and the nearer one at 5 %, where its interval of 97.5 % would hold 0.
    const nearer = meanInterval([1, 2.3, 0.7, 1]);
    expect(endsAt(nearer, 0.025)!.low).toBeLessThan(0);
    expect(adjust([far, nearer])[1]).toEqual({ p: pValue(nearer), low: 0, high: endsAt(nearer, 0.025)!.high });
    const opposite = meanInterval([-1, -2.3, -0.7, -1]);
    expect(adjust([far, opposite])[1]).toMatchObject({ high: 0 });
  });
});

describe("the number of seeds", () => {
  it('is that of R\'s power.t.test(type = "paired", strict = TRUE)', () => {
    for (const [seeds, deviation, power] of [
      [5, 1.2, 0.793220235053219],
      [5, 3.1, 0.201121858024232],
      [15, 3.1, 0.642487957974102],
      [15, 5, 0.303164928463273],
      [27, 5, 0.516572235457814],
      [3, 1.2, 0.367163569831953],
    ] as const) {
      expect(powerOf(seeds, 2, { deviation, tails: 0.05 })).toBeCloseTo(power, 7);
    }
    for (const [deviation, tails, seeds] of [
      [1.2, 0.05, 6],
      [1.2, 0.0125, 8],
      [2, 0.0125, 15],
      [3.1, 0.05, 21],
      [5, 0.0125, 73],
    ] as const) {
      expect(seedsFor(2, { deviation, tails, power: 0.8 })).toBe(seeds);
    }
    const planned = { deviation: 3.1, tails: 0.05, power: 0.8 };
    expect(powerOf(15, detectable(15, planned), planned)).toBeCloseTo(0.8, 9);
  });
});

it("is shown in docs/comparing.md as it is computed", () => {
  const page = readFileSync(new URL("../../docs/comparing.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| ([\d.]+), (alone|of eight) \| (.*) \|$/gm)];
  expect(rows).toHaveLength(6);
  for (const [, deviation, family, cells] of rows) {
    const planned = { deviation: Number(deviation), tails: family === "alone" ? 0.05 : 0.05 / 8, power: 0.8 };
    const computed = [3, 5, 10, 15, 20, 25].map((seeds) => detectable(seeds, planned).toFixed(1));
    expect(cells!.split(" | ")).toEqual(computed);
  }
});
