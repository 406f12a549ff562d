import { describe, expect, it } from "vitest";
import type { PowerMethod, UploadProblem } from "../../src/config/records.js";
import { createLedger } from "../../src/federated/ledger.js";
import { fullPowerSpectralEfficiency } from "../../src/federated/radio.js";
import { completeConfig } from "../../src/federated/simulate.js";

const clients = 2;
const base = { preset: "quick", network: { clients, pilots: 1 } } as const;

/** A method with known answers, so that what the ledger adds is all there is to see. */
function fixedMethod(latency: number[], energy: number[], seen: UploadProblem[] = []): PowerMethod {
  return {
    name: "fixed",
    allocate(problem) {
      seen.push(problem);
      const floats = (values: number[]) => Float64Array.from(values);
      return {
        power: floats([1, 1]),
        rate: floats([1, 1]),
        latency: floats(latency),
        energy: floats(energy),
        status: "converged",
        iterations: 1,
      };
    },
  };
}

const proposal = {
  round: 1,
  nominalBits: Float64Array.of(10, 20),
  wireBits: Float64Array.of(8, 16),
  examples: Float64Array.of(1250, 2500),
  slowestExamples: 2500,
};

function price(budgets: object, latency = [0.2, 0.1], energy = [0.01, 0.02], rounds = 1) {
  const seen: UploadProblem[] = [];
  const config = completeConfig({ ...base, budgets: { energy: null, latency: null, ...budgets } });
  const ledger = createLedger(config, { parameters: 1000, powerMethod: fixedMethod(latency, energy, seen) });
  let last = ledger.price(proposal);
  for (let i = 1; i < rounds; i++) last = ledger.price(proposal);
  return { last, seen, totals: ledger.totals };
}

describe("the ledger", () => {
  it("waits for the slowest client: computation by its examples, then the longest upload", () => {
    // 15 ms per 1250 examples: 2500 examples take 30 ms; the longest upload takes 200 ms.
    const { last, seen } = price({});
    expect(last).toMatchObject({ fits: true, latency: 0.03 + 0.2, energy: 0.03 });
    expect(seen[0]!.computeLatency).toBe(0.03);
    expect([...seen[0]!.bits]).toEqual([10, 20]);
    expect([...price({ bits: "wire" }).seen[0]!.bits]).toEqual([8, 16]);
  });

  it("adds the CPU model, circuits and downlink where they are switched on", () => {
    const cpu = { enabled: true, cyclesPerSample: 1e6, frequency: 1e9, capacitance: 2e-28 };
    // ℓ = c D / f = 1e6 · 2500 / 1e9 = 2.5 s; E = ½ α c D f² = ½ · 2e-28 · 1e6 · 3750 · 1e18 = 0.375 J for both clients.
    const computed = price({ compute: { cpu } }).last;
    expect(computed).toMatchObject({ fits: true });
    if (computed.fits) {
      expect(computed.latency).toBeCloseTo(2.5 + 0.2, 12);
      expect(computed.energy).toBeCloseTo(0.375 + 0.03, 12);
    }
    // 3 W over 0.2 s and 0.1 s of sending
    const circuit = price({ circuitPower: 3 }).last;
    expect(circuit.fits && circuit.energy).toBeCloseTo(0.03 + 3 * 0.3, 12);
    // 32 000 bits at 64 kbit/s: half a second at 2 W
    const downlink = price({ downlink: { enabled: true, rate: 64000, power: 2 } }).last;
    expect(downlink.fits && downlink.latency).toBeCloseTo(0.23 + 0.5, 12);
    expect(downlink.fits && downlink.energy).toBeCloseTo(0.03 + 1, 12);
  });

  it("refuses the round that would break a budget and keeps the account as it was", () => {
    const energy = price({ energy: 0.07 }, undefined, undefined, 3);
    expect(energy.last).toMatchObject({ fits: false, ending: "energy" });
    expect(energy.totals.energy).toBeCloseTo(0.06, 12);
    const latency = price({ latency: 0.3 }, undefined, undefined, 2);
    expect(latency.last).toMatchObject({ fits: false, ending: "latency" });
    expect(latency.last.fits ? "" : latency.last.reason).toMatch(/latency to 0\.4600 s of 0\.3 s.*client 0/);
    expect(latency.totals.latency).toBeCloseTo(0.23, 12);
  });

  it("never turns an unserved client into a number", () => {
    const { last, totals } = price({}, [Number.POSITIVE_INFINITY, 0.1], [Number.POSITIVE_INFINITY, 0.1]);
    expect(last).toMatchObject({ fits: false, ending: "infeasible" });
    expect(last.fits ? "" : last.reason).toMatch(/client 0 has 10 bits to send and no rate/);
    expect(totals).toEqual({ latency: 0, energy: 0 });
  });
});

it("full-power spectral efficiency is log2(1 + SINR) at p = 1", () => {
  const se = fullPowerSpectralEfficiency({
    clients: 2,
    signal: Float64Array.of(6, 4),
    selfInterference: Float64Array.of(0.5, 1),
    interference: Float64Array.of(0, 0.25, 1, 0),
    noise: Float64Array.of(0.25, 2),
    bandwidth: 1,
    transmitPower: 1,
  });
  // 1 + 6/1 = 7 and 1 + 4/4 = 2
  expect(se[0]).toBeCloseTo(Math.log2(7), 14);
  expect(se[1]).toBe(1);
});
