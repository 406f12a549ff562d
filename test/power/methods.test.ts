import { describe, expect, it } from "vitest";
import { allocatePower, powerMethod, priceUpload } from "../../src/power/index.js";
import { fourClients, twoClients } from "./problems.js";

describe("min-max", () => {
  it("matches the two-client reference", () => {
    const { power, latency, status } = allocatePower(twoClients, { method: "min-max" });
    expect(status).toBe("converged");
    expect(1 / latency[0]!).toBeCloseTo(0.050297176218, 11);
    expect(power[0]).toBe(1);
    expect(power[1]).toBeCloseTo(0.79467225, 8);
  });

  it("matches the four-client reference: equal bits make it max–min spectral efficiency", () => {
    const { power, rate } = allocatePower(fourClients, { method: "min-max" });
    [0.36038232, 0.28786456, 1, 0.13066492].forEach((p, k) => {
      expect(power[k]).toBeCloseTo(p, 8);
      expect(rate[k]).toBeCloseTo(0.932245270072, 11);
    });
  });

  it("gives a client with nothing to send no power and the others the room", () => {
    const skipped = { ...fourClients, bits: Float64Array.of(1, 0, 1, 1) };
    const { power, latency, energy } = allocatePower(skipped, { method: "min-max" });
    expect([power[1], latency[1], energy[1]]).toEqual([0, 0, 0]);
    expect(latency[0]).toBeLessThan(allocatePower(fourClients, { method: "min-max" }).latency[0]!);
    expect(latency[2]! / latency[0]!).toBeCloseTo(1, 12);
  });
});

describe("what every method refuses", () => {
  it("names the client without signal", () => {
    const deaf = { ...twoClients, rates: { ...twoClients.rates, signal: Float64Array.of(2, 0) } };
    for (const method of ["full", "min-max"]) {
      const { status, reason, latency } = allocatePower(deaf, { method });
      expect([status, latency[1]]).toEqual(["infeasible", Number.POSITIVE_INFINITY]);
      expect(reason).toBe("client 1 cannot be served: zero signal");
    }
  });

  it("suggests the nearest method", () => {
    expect(() => powerMethod({ method: "min-mox" })).toThrow(/power\.method: unknown power method.*"min-max"/);
  });

  it("names the bad entry", () => {
    const bad = { ...twoClients, bits: Float64Array.of(10, Number.NaN) };
    expect(() => allocatePower(bad, { method: "full" })).toThrow("bits[1]: NaN");
  });
});

it("prices nothing to send at nothing, and bits without rate at forever", () => {
  const problem = { ...twoClients, bits: Float64Array.of(0, 5) };
  const { latency, energy } = priceUpload(problem, Float64Array.of(0, 0));
  expect([...latency]).toEqual([0, Number.POSITIVE_INFINITY]);
  expect([...energy]).toEqual([0, 0]);
});
