import { describe, expect, it } from "vitest";
import type { PowerMethod, RateModel, UploadProblem } from "../../src/config/records.js";
import { createLedger } from "../../src/federated/ledger.js";
import { priceRound, uploadProblem } from "../../src/federated/price.js";
import { createRadio, fullPowerSpectralEfficiency } from "../../src/federated/radio.js";
import { completeConfig } from "../../src/federated/simulate.js";
import { powerMethod } from "../../src/power/index.js";

const clients = 2;
const base = { preset: "quick", network: { clients, pilots: 1 } } as const;

/** 1 bit/s a hertz for both at full power, without interference. */
const rates: RateModel = {
  clients,
  signal: Float64Array.of(1, 3),
  selfInterference: new Float64Array(2),
  interference: new Float64Array(4),
  noise: Float64Array.of(1, 1),
  bandwidth: 100,
  transmitPower: 0.1,
};

/** Full power for everybody, and what the method was asked. */
function fullPower(seen: UploadProblem[] = [], power: Float64Array = Float64Array.of(1, 1)): PowerMethod {
  const nothing = new Float64Array(clients);
  return {
    name: "mine",
    allocate(problem) {
      seen.push(problem);
      return { power, rate: nothing, latency: nothing, energy: nothing, status: "converged", iterations: 1 };
    },
  };
}

// 10 bits at 100 bit/s, 20 at 200 bit/s: 0.1 s each
const round = { round: 1, nominalBits: [10, 20], wireBits: [8, 16], examples: [1250, 2500] };
const uploadSeconds = 0.1;
const uploadEnergy = 2 * 0.1 * uploadSeconds;

function price(budgets: object, rounds = 1, power?: Float64Array) {
  const seen: UploadProblem[] = [];
  const config = completeConfig({ ...base, budgets: { energy: null, latency: null, ...budgets } });
  const ledger = createLedger(config, {
    parameters: 1000,
    powerMethod: fullPower(seen, power),
    radio: { rates: () => rates },
  });
  let last = ledger.price(round);
  for (let i = 1; i < rounds; i++) last = ledger.price({ ...round, round: i + 1 });
  return { last, seen, totals: ledger.totals };
}

describe("the ledger", () => {
  it("waits for the slowest client: computation by its examples, then the longest upload", () => {
    // 15 ms per 1250 examples: 2500 examples take 30 ms.
    const { last, seen } = price({});
    expect(last.fits && last.latency).toBeCloseTo(0.03 + uploadSeconds, 12);
    expect(last.fits && last.energy).toBeCloseTo(uploadEnergy, 12);
    expect(seen[0]!.computeLatency).toBe(0.03);
    expect([...seen[0]!.bits]).toEqual([10, 20]);
    expect([...price({ bits: "wire" }).seen[0]!.bits]).toEqual([8, 16]);
  });

  it("adds the CPU model, circuits and downlink where they are switched on", () => {
    const cpu = { enabled: true, cyclesPerSample: 1e6, frequency: 1e9, capacitance: 2e-28 };
    // ℓ = c D / f = 1e6 · 2500 / 1e9 = 2.5 s; E = ½ α c D f² = ½ · 2e-28 · 1e6 · 3750 · 1e18 = 0.375 J for both clients.
    const computed = price({ compute: { cpu } }).last;
    expect(computed.fits && computed.latency).toBeCloseTo(2.5 + uploadSeconds, 12);
    expect(computed.fits && computed.energy).toBeCloseTo(0.375 + uploadEnergy, 12);
    // 3 W over 0.1 s of sending, twice; in the clients' own figures as well
    const circuit = price({ circuitPower: 3 }).last;
    expect(circuit.fits && circuit.energy).toBeCloseTo(uploadEnergy + 3 * 0.2, 12);
    expect(circuit.fits && circuit.perClient.energy[0]).toBeCloseTo((0.1 + 3) * 0.1, 12);
    // 32 000 bits at 64 kbit/s: half a second at 2 W
    const downlink = price({ downlink: { enabled: true, rate: 64000, power: 2 } }).last;
    expect(downlink.fits && downlink.latency).toBeCloseTo(0.13 + 0.5, 12);
    expect(downlink.fits && downlink.energy).toBeCloseTo(uploadEnergy + 1, 12);
    expect(downlink.fits && downlink.fixed).toEqual({ latency: 0.53, energy: 1 });
  });

  it("asks for powers by what it will bill", () => {
    const cpu = { enabled: true, cyclesPerSample: 1e6, frequency: 1e9, capacitance: 2e-28 };
    const downlink = { enabled: true, rate: 64000, power: 2 };
    const { seen, last } = price({ compute: { cpu }, downlink, circuitPower: 0.05, energy: 3, latency: 7 });
    expect(seen[0]).toMatchObject({ circuitPower: 0.05, budgets: { energy: 3, latency: 7 } });
    expect(seen[0]!.fixedEnergy).toBeCloseTo(1.375, 12);
    expect(seen[0]!.computeLatency).toBeCloseTo(3, 12);
    expect(last.fits && last.fixed).toEqual({ latency: seen[0]!.computeLatency, energy: seen[0]!.fixedEnergy });
    // The one price that there is gives the same for the same powers.
    const {
      fits: _fits,
      power,
      allocation: _allocation,
      downlink: sent,
      ...entered
    } = last as typeof last & { fits: true };
    expect(sent).toEqual({ nominalBits: 32_000, wireBits: 32_000, latency: 0.5, energy: 1 });
    expect(priceRound(seen[0]!, power)).toEqual(entered);
  });

  it("bills the frequencies that the method has chosen, of others the fixed one", () => {
    const cpu = { enabled: true, cyclesPerSample: 1e6, frequency: 1e9, capacitance: 2e-28, choose: true };
    const fixed = price({ compute: { cpu } }).last;
    expect(fixed.fits && fixed.latency).toBeCloseTo(2.5 + uploadSeconds, 12);
    expect(fixed.fits && fixed.energy).toBeCloseTo(0.375 + uploadEnergy, 12);
    expect(fixed.fits && fixed.fixed).toEqual({ latency: 0, energy: 0 });
    const budgets = { energy: 10, latency: 100, compute: { cpu } };
    const config = completeConfig({ ...base, budgets });
    const chosen = createLedger(config, {
      ...{ parameters: 1000, powerMethod: powerMethod({ method: "most-rounds" }), radio: { rates: () => rates } },
    }).price(round);
    if (!chosen.fits) throw new Error(chosen.reason);
    const { frequency, energy } = chosen.computation!;
    expect(frequency[0]).toBeGreaterThan(2e8);
    expect(frequency[0]).toBeLessThan(frequency[1]!);
    const joules = [1250, 2500].map((examples, k) => 0.5 * 2e-28 * 1e6 * examples * frequency[k]! ** 2);
    expect(energy[0]! / joules[0]!).toBeCloseTo(1, 12);
    const uploads = chosen.perClient.energy[0]! + chosen.perClient.energy[1]!;
    expect(chosen.energy).toBeCloseTo(joules[0]! + joules[1]! + uploads, 12);
    // Both budgets last equally long.
    expect(chosen.energy / 10).toBeCloseTo(chosen.latency / 100, 8);
  });

  it("refuses the round that would break a budget and keeps the account as it was", () => {
    const energy = price({ energy: 2.5 * uploadEnergy }, 3);
    expect(energy.last).toMatchObject({ fits: false, ending: "energy" });
    expect(energy.totals.energy).toBeCloseTo(2 * uploadEnergy, 12);
    const latency = price({ latency: 0.2 }, 2);
    expect(latency.last).toMatchObject({ fits: false, ending: "latency" });
    expect(latency.last.fits ? "" : latency.last.reason).toMatch(/latency to 0\.2600 s of 0\.2 s.*mine; client \d/);
    expect(latency.totals.latency).toBeCloseTo(0.13, 12);
  });

  it("never turns an unserved client into a number", () => {
    const { last, totals } = price({}, 1, Float64Array.of(0, 1));
    expect(last).toMatchObject({ fits: false, ending: "infeasible" });
    expect(last.fits ? "" : last.reason).toMatch(/client 0 has 10 bits to send and no rate/);
    expect(totals).toEqual({ latency: 0, energy: 0 });
  });
});

it.each([
  ["circuit power", { circuitPower: 0.05 }],
  ["a fixed energy", { downlink: { enabled: true, rate: 1e6, power: 0.1 } }],
])("powers are chosen by %s, and more rounds fit for it", (_, billed) => {
  const budgets = { energy: 0.01, latency: 3 };
  const work = { ...round, nominalBits: [4e6, 8e6] };
  const radio = createRadio(completeConfig(base));
  const pricedOn = (more: object) => {
    const config = completeConfig({ ...base, budgets: { ...budgets, ...more } });
    return { config, problem: uploadProblem(config, radio.rates(1), work, 1000) };
  };
  const aware = pricedOn(billed);
  const { power } = powerMethod(aware.config.power).allocate(aware.problem);
  const blind = powerMethod(aware.config.power).allocate(pricedOn({}).problem).power;
  expect(power).not.toEqual(blind);
  const rounds = (at: Float64Array) => {
    const { energy, latency } = priceRound(aware.problem, at);
    return Math.min(budgets.energy / energy, budgets.latency / latency);
  };
  expect(rounds(power)).toBeGreaterThan(rounds(blind));
});

it("a client that sends nothing costs nothing", () => {
  const { budgets } = completeConfig({ ...base, budgets: { circuitPower: 1 } });
  const problem = uploadProblem({ budgets }, rates, { ...round, nominalBits: [10, 0] }, 1000);
  const { perClient } = priceRound(problem, Float64Array.of(1, 1));
  expect([perClient.latency[1], perClient.energy[1]]).toEqual([0, 0]);
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
