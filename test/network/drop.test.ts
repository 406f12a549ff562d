import { describe, expect, it } from "vitest";
import { closedFormRates, createNetwork, prelog, spectralEfficiency } from "../../src/network/index.js";
import { paperNetwork } from "./fixtures.js";

describe("the paper's network", () => {
  // reference/README.md: L = 16 jittered grid, N = 4, K = 40, MR closed form, full power, 600 drops: mean 0.751 ± 0.004.
  const config = paperNetwork();
  const values: number[] = [];
  const scaled: number[] = [];
  for (let drop = 0; drop < 600; drop++) {
    const network = createNetwork(config, { seed: 1, drop });
    const rates = closedFormRates(network);
    values.push(...spectralEfficiency(rates, undefined, prelog(network)));
    scaled.push(...spectralEfficiency(rates, new Float64Array(40).fill(1e-3), prelog(network)));
  }
  values.sort((a, b) => a - b);
  const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
  const percentile = (q: number) => values[Math.round(q * (values.length - 1))]!;

  it("has the published statistics of spectral efficiency", () => {
    // Both sides are 600-drop estimates with a standard error of 0.004: the difference has √2 of it; three of those.
    expect(Math.abs(mean(values) - 0.751)).toBeLessThan(0.017);
    expect(percentile(0.05)).toBeCloseTo(0.0138, 2);
    expect(percentile(0.1)).toBeCloseTo(0.0325, 2);
    expect(Math.abs(percentile(0.5) - 0.472)).toBeLessThan(0.03);
    expect(Math.abs(percentile(0.9) - 1.997)).toBeLessThan(0.03);
    expect(Math.abs(percentile(0.95) - 2.145)).toBeLessThan(0.03);
  });

  it("falls as published when all powers do", () => {
    expect(Math.abs(mean(scaled) - 0.224)).toBeLessThan(0.01);
  });
});
