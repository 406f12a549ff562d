import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { powerMethod } from "../../src/power/index.js";
import { jointResolution, type ResolutionProblem } from "../../src/power/jointResolution.js";
import { fourClients } from "./problems.js";

const method = powerMethod({ method: "most-rounds" });

/** Error falls by about four with every bit, as a uniform quantizer's does; sizes and scales differ between the clients. */
function problem(seed: number, budgets = { energy: 40, latency: 60 }): ResolutionProblem {
  const random = stream(seed, "test");
  const clients = 4;
  const resolutions = 3;
  const bits = new Float64Array(clients * resolutions);
  const error = new Float64Array(clients * resolutions);
  for (let k = 0; k < clients; k++) {
    const size = 0.5 + random.uniform();
    const scale = 0.2 + 3 * random.uniform();
    for (let r = 0; r < resolutions; r++) {
      bits[k * resolutions + r] = size * (1 + r * (0.7 + 0.6 * random.uniform()));
      error[k * resolutions + r] = scale / 4 ** r;
    }
  }
  return {
    rates: fourClients.rates,
    computeLatency: 0.2,
    budgets,
    resolutions,
    bits,
    error,
    gains: Float64Array.of(0.32, 0.18, 0.08, 0.02),
  };
}

/** Every choice with its best powers. */
function exhaustive(given: ResolutionProblem): { best: number; common: number } {
  const { rates, resolutions } = given;
  let best = 0;
  let common = 0;
  for (let code = 0; code < resolutions ** rates.clients; code++) {
    const choice = Array.from({ length: rates.clients }, (_, k) => Math.floor(code / resolutions ** k) % resolutions);
    const bits = Float64Array.from(choice, (r, k) => given.bits[k * resolutions + r]!);
    const { energy, latency } = method.allocate({ ...given, bits });
    const use = Math.max(
      energy.reduce((sum, e) => sum + e, given.fixedEnergy ?? 0) / given.budgets.energy,
      (given.computeLatency + Math.max(...latency)) / given.budgets.latency,
    );
    const lost = choice.reduce((sum, r, k) => sum + given.gains[k]! * given.error[k * resolutions + r]!, 0);
    const value = Math.max(0, 1 - lost) / use;
    best = Math.max(best, value);
    if (new Set(choice).size === 1) common = Math.max(common, value);
  }
  return { best, common };
}

describe("resolution and power together", () => {
  it("is never worse than a common resolution, and near the best of all choices", () => {
    const ratios: number[] = [];
    for (let seed = 1; seed <= 12; seed++) {
      for (const budgets of [
        { energy: 40, latency: 60 },
        { energy: 4, latency: 60 },
        { energy: 400, latency: 6 },
      ]) {
        const given = problem(seed, budgets);
        const found = jointResolution(given, method);
        const value = found.progress / found.share;
        const { best, common } = exhaustive(given);
        // The powers are solved to 1e-9; two solutions of one problem may differ by so much.
        expect(value).toBeGreaterThanOrEqual(common * (1 - 1e-7));
        expect(value).toBeLessThanOrEqual(best * (1 + 1e-7));
        ratios.push(value / best);
      }
    }
    // A search by single clients may stop where only a change of two would gain; over these cases it is close.
    expect(Math.min(...ratios)).toBeGreaterThan(0.99);
    expect(ratios.filter((ratio) => ratio > 1 - 1e-6).length).toBeGreaterThan(0.9 * ratios.length);
  });

  it("prices a round with its circuit power and what is fixed", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const given = { ...problem(seed), circuitPower: 0.4, fixedEnergy: 5 };
      const found = jointResolution(given, method);
      const { best, common } = exhaustive(given);
      expect(found.progress / found.share).toBeGreaterThanOrEqual(common * (1 - 1e-7));
      expect(found.progress / found.share / best).toBeGreaterThan(0.99);
      expect(found.progress / found.share / best).toBeLessThan(1 + 1e-7);
      const joules = found.allocation.energy.reduce((sum, e) => sum + e, 5);
      expect(found.share).toBeGreaterThan((joules / 40) * (1 - 1e-12));
    }
    expect(() => jointResolution({ ...problem(1), circuitPower: -1 }, method)).toThrow("circuitPower: -1");
  });

  it("takes the finest where bits are free, and the coarsest where error is", () => {
    const free = problem(1, { energy: Number.POSITIVE_INFINITY, latency: 1e9 });
    free.computeLatency = 1e6; // nothing that is uploaded shows beside it
    expect([...jointResolution(free, method).choice]).toEqual([2, 2, 2, 2]);
    const exact = { ...problem(1), error: new Float64Array(12) };
    expect([...jointResolution(exact, method).choice]).toEqual([0, 0, 0, 0]);
  });

  it("names what is wrong", () => {
    const infinite = Float64Array.of(1, 1, Number.POSITIVE_INFINITY, 1);
    expect(() => jointResolution({ ...problem(1), gains: infinite }, method)).toThrow(/gains\[2\]: Infinity/);
    expect(() => jointResolution({ ...problem(1), gains: Float64Array.of(1) }, method)).toThrow(/gains: 1 entries/);
    const error = new Float64Array(12);
    error[5] = Number.NaN;
    expect(() => jointResolution({ ...problem(1), error }, method)).toThrow(/error\[5\]: NaN/);
  });
});
