import { expect, it } from "vitest";
import { meanInterval } from "../../src/study/analysis/intervals.js";

it("gives Student's interval of the mean", () => {
  // t(0.975) with 4 degrees of freedom is 2.776445105 (tables); s = √2.5 for 1 … 5.
  const { mean, halfWidth, count } = meanInterval([1, 2, 3, 4, 5]);
  expect(mean).toBe(3);
  expect(count).toBe(5);
  expect(halfWidth).toBeCloseTo(2.776445105 * Math.sqrt(2.5 / 5), 8);
  // 12.70620474 with one degree of freedom
  expect(meanInterval([0, 2]).halfWidth).toBeCloseTo(12.70620474, 6);
  expect(meanInterval([4])).toEqual({ mean: 4, halfWidth: 0, count: 1 });
});
