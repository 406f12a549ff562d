import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { NetworkConfig } from "../../src/config/config.js";
import { closedFormRates, createNetwork, sinr } from "../../src/network/index.js";
import { gains, shadowing } from "../../src/network/propagation.js";
import { scalarClosedForm } from "../reference/closedForm.js";
import { paperNetwork } from "./fixtures.js";

/** Path gain plus shadowing in dB, from the formulas. */
function decibels(config: NetworkConfig, a: [number, number], c: [number, number], shadow: number): number {
  const along = (d: number) => (config.wrapAround ? Math.min(Math.abs(d), config.area - Math.abs(d)) : d);
  const d = Math.hypot(along(a[0] - c[0]), along(a[1] - c[1]));
  if (config.pathLoss.model === "log-distance")
    return (
      config.pathLoss.intercept - config.pathLoss.slope * Math.log10(Math.hypot(d, config.heightDifference)) + shadow
    );
  if (d > 50) return -140.7 - 35 * Math.log10(d / 1000) + shadow;
  return -140.7 - 15 * Math.log10(0.05) - 20 * Math.log10(Math.max(d, 10) / 1000);
}

describe("gains", () => {
  it.each([1, 2, 3, 6, 7])("are the formula's for %d APs, with and without wrap-around, in both models", (L) => {
    for (const model of ["log-distance", "three-slope"] as const)
      for (const wrapAround of [true, false]) {
        const base = paperNetwork();
        const config = { ...base, accessPoints: L, clients: 5, wrapAround, pathLoss: { ...base.pathLoss, model } };
        const random = stream(1, "test", L);
        const [aps, users] = [new Float64Array(2 * L), new Float64Array(10)];
        random.fillUniform(aps, 0, 1000);
        random.fillUniform(users, 0, 1000);
        // Two links within the breakpoints, one of them where only the height is between
        aps[0] = users[0]! + 4;
        aps[1] = users[1]!;
        users[2] = users[0]! - 20;
        users[3] = users[1]!;
        const shadow = new Float64Array(5 * L);
        random.fillNormal(shadow, 4);
        const gain = gains(config, aps, users, shadow);
        for (let k = 0; k < 5; k++)
          for (let l = 0; l < L; l++) {
            const db = decibels(
              config,
              [aps[2 * l]!, aps[2 * l + 1]!],
              [users[2 * k]!, users[2 * k + 1]!],
              shadow[k * L + l]!,
            );
            // 100 dB through an exponential: some 23 roundings of 1.1e-16 in the exponent.
            expect(Math.abs(gain[k * L + l]! / 10 ** (db / 10) - 1)).toBeLessThan(1e-13);
          }
      }
  });
});

describe("shadowing", () => {
  it("of clients 9 m apart has half the covariance, of clients in one place all of it", () => {
    const L = 40_000;
    const config = paperNetwork({
      clients: 3,
      accessPoints: L,
      shadowing: { deviation: 4, correlation: "clients", decorrelation: 9 },
    });
    const f = shadowing(
      config,
      Float64Array.of(5, 5, 999, 0, 5, 5 /* a step of 7.8 m across the corner, then back */),
      stream(1, "test"),
    );
    const covariance = (a: number, b: number) => {
      let sum = 0;
      for (let l = 0; l < L; l++) sum += f[a * L + l]! * f[b * L + l]!;
      return sum / L / 16;
    };
    // Standard error of a covariance over 40,000 APs: √(1 + ρ²)/200 < 0.0071; four of them.
    expect(Math.abs(covariance(0, 0) - 1)).toBeLessThan(0.028);
    expect(Math.abs(covariance(0, 1) - 2 ** (-Math.hypot(6, 5) / 9))).toBeLessThan(0.028);
    expect(covariance(0, 2)).toBeCloseTo(covariance(0, 0), 6);
  });
});

describe("the closed form", () => {
  it.each([
    [1, 1, "all"],
    [3, 5, "dcc"],
    [12, 4, "all"],
    [11, 7, "dcc"],
  ] as const)("of %d clients and %d APs (%s) is the formula's", (clients, accessPoints, clusters) => {
    const deployment = { accessPoints: "uniform", jitter: 0, clients: "uniform" } as const;
    const network = createNetwork(paperNetwork({ clients, accessPoints, clusters, deployment, pilots: 3 }), {
      seed: 2,
    });
    const expected = scalarClosedForm(network);
    sinr(closedFormRates(network)).forEach((value, k) => {
      expect(Math.abs(value / expected[k]! - 1)).toBeLessThan(1e-12);
    });
  });
});

describe("bad input", () => {
  it.each([
    [{ clients: 0 }, /network\.clients: 0/],
    [{ pilots: 200 }, /network\.pilots: 200 pilots leave no room/],
    [{ accessPoints: 15 }, /network\.accessPoints: 15 is not a square number/],
    [{ pilotAssignment: "given", pilotIndex: [0] }, /network\.pilotIndex: 1 pilots for 40 clients/],
    [
      { pilotAssignment: "given", pilotIndex: Array(40).fill(10) },
      /network\.pilotIndex\[0\]: 10 is not one of the pilots 0 … 9/,
    ],
    [
      { deployment: { accessPoints: "given", jitter: 0, clients: "uniform", accessPointPositions: [[1, 2]] } },
      /accessPointPositions: 1 positions instead of 16/,
    ],
  ] as [Partial<NetworkConfig>, RegExp][])("%j", (changes, message) => {
    expect(() => createNetwork(paperNetwork(changes), { seed: 1 })).toThrow(message);
  });
});
