import { describe, expect, it } from "vitest";
import { besselJ0 } from "../../src/network/ageing.js";
import { spatialCorrelation } from "../../src/network/correlation.js";

const at = (azimuth: number, elevation: number) =>
  Float64Array.of(Math.sin(azimuth), Math.cos(azimuth), Math.sin(elevation), Math.cos(elevation));

describe("Gaussian local scattering", () => {
  const model = { model: "local-scattering", azimuthSpread: 15, elevationSpread: 15 } as const;

  it.each([
    [0.7, 0.2, [1, -0.2469, -0.3729, 0.2106], [0, 0.7989, -0.3231, -0.0415]],
    [-1.3, 0.5, [1, -0.7258, 0.2352, 0.047], [0, -0.5507, 0.6576, -0.4689]],
  ])("azimuth %f, elevation %f has the published first row", (azimuth, elevation, re, im) => {
    const r = spatialCorrelation(model, at(azimuth, elevation), 4)!;
    for (let m = 0; m < 4; m++) {
      expect(Math.abs(r.re[m]! - re[m]!)).toBeLessThan(0.51e-4); // four digits are given
      expect(Math.abs(r.im[m]! - im[m]!)).toBeLessThan(0.51e-4);
      expect([r.re[4 * m], r.im[4 * m]]).toEqual([r.re[m], m === 0 ? 0 : -r.im[m]!]);
    }
  });

  it.each([1, 15, 60])("agrees with a fine midpoint rule at %d degrees, N = 9", (spread) => {
    const N = 9;
    const r = spatialCorrelation({ ...model, azimuthSpread: spread, elevationSpread: 8 }, at(0.4, 0.3), N)!;
    const [a, b] = [(spread * Math.PI) / 180, (8 * Math.PI) / 180];
    const points = 600;
    for (const m of [1, 4, 8]) {
      let [re, im, total] = [0, 0, 0];
      for (let i = 0; i < points; i++)
        for (let j = 0; j < points; j++) {
          const [x, y] = [(16 * (i + 0.5)) / points - 8, (16 * (j + 0.5)) / points - 8];
          const w = Math.exp(-(x * x + y * y) / 2);
          const phase = Math.PI * m * Math.sin(0.4 + a * x) * Math.cos(0.3 + b * y);
          re += w * Math.cos(phase);
          im += w * Math.sin(phase);
          total += w;
        }
      // Both rules converge faster than any power of their step here; what is left is the midpoint rule's cut at 8 deviations.
      expect(Math.abs(r.re[m]! - re / total)).toBeLessThan(1e-11);
      expect(Math.abs(r.im[m]! - im / total)).toBeLessThan(1e-11);
    }
  });

  it("has the small-angle form as its limit", () => {
    const spreads = { azimuthSpread: 0.5, elevationSpread: 0.5 };
    const exact = spatialCorrelation({ model: "local-scattering", ...spreads }, at(0.7, 0.2), 4)!;
    const near = spatialCorrelation({ model: "local-scattering-small-angle", ...spreads }, at(0.7, 0.2), 4)!;
    // The phase's second-order term is at most πm σ²/2 · (two angles) = 7.2e-4 for m = 3 and σ = 0.5 degrees.
    for (let i = 0; i < 16; i++) {
      expect(Math.abs(exact.re[i]! - near.re[i]!)).toBeLessThan(7.2e-4);
      expect(Math.abs(exact.im[i]! - near.im[i]!)).toBeLessThan(7.2e-4);
    }
  });

  it("names a spread out of range", () => {
    expect(() => spatialCorrelation({ ...model, azimuthSpread: -1 }, at(0, 0), 2)).toThrow(
      /network\.correlation\.azimuthSpread: -1 degrees/,
    );
  });
});

it.each([
  // Abramowitz and Stegun, Table 9.1
  [0, 1],
  [1, 0.7651976865579666],
  [2.5, -0.0483837764681979],
  [10, -0.2459357644513483],
  [17.5, -0.1031103982286869],
  // SciPy 1.10's scipy.special.j0: both sides of where the series begins
  [999, 0.017369296355194703],
  [1000.5, 0.019486559987129642],
  [54321, -0.0016617188039011604],
  [1e9, 2.4687472082957164e-5],
  [Number.POSITIVE_INFINITY, 0],
])("J₀(%f)", (x, expected) => {
  expect(Math.abs(besselJ0(x) - expected)).toBeLessThan(1e-14);
});
