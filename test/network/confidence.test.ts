import jstat from "jstat";
import { expect, it } from "vitest";
import { jackknife, meanRates, normal975, student975With9 } from "../../src/network/confidence.js";
import type { Moments } from "../../src/network/moments.js";
import { meanInterval } from "../../src/study/analysis/intervals.js";

it("the intervals' factors are the quantiles they are named after", () => {
  expect(student975With9).toBeCloseTo(jstat.studentt.inv(0.975, 9), 6);
  // Simpson's rule over the normal density up to it
  const steps = 200;
  const width = normal975 / steps;
  let area = 0;
  for (let i = 0; i <= steps; i++)
    area += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-((i * width) ** 2) / 2);
  expect(0.5 + (area * width) / 3 / Math.sqrt(2 * Math.PI)).toBeCloseTo(0.975, 7);
});

it("the jackknife of a mean over ten equal parts is that mean's own interval", () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
  const parts = values.map((value) => moments(value));
  const { spectralEfficiency, interval } = jackknife(parts, new Array(10).fill(7), ({ norm }) => norm);
  const { mean, halfWidth } = meanInterval(values);
  expect(spectralEfficiency[0]).toBeCloseTo(mean, 12);
  expect(interval[0]).toBeCloseTo(halfWidth!, 6);
  expect(jackknife([moments(1)], [7], ({ norm }) => norm).interval[0]).toBe(Number.POSITIVE_INFINITY);
});

it("the mean over all realizations has the normal interval of its sums and sums of squares", () => {
  const { spectralEfficiency, interval } = meanRates([Float64Array.of(6, 14), Float64Array.of(9, 41)], [3, 2], 0.5);
  // 1, 2, 3 and 4, 5: mean 3, variance 2.5
  expect(spectralEfficiency[0]).toBeCloseTo(1.5, 12);
  expect(interval[0]).toBeCloseTo(0.5 * normal975 * Math.sqrt(2.5 / 5), 12);
});

function moments(value: number): Moments {
  const none = new Float64Array(0);
  return {
    offset: Int32Array.of(0, 0),
    accessPoint: new Int32Array(0),
    mean: none,
    square: none,
    norm: Float64Array.of(value),
  };
}
