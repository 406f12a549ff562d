import { describe, expect, it } from "vitest";
import type { PowerMethod, RateModel } from "../../src/config/records.js";
import { createLedger } from "../../src/federated/ledger.js";
import { openSystem } from "../../src/federated/system.js";
import { parseConfig } from "../../src/parts/resolve.js";

/** As docs/system.md goes through it by hand. */
const rates: RateModel = {
  clients: 2,
  signal: Float64Array.of(3, 3),
  selfInterference: new Float64Array(2),
  interference: new Float64Array(4),
  noise: Float64Array.of(1, 1),
  bandwidth: 100,
  transmitPower: 0.1,
};

const full: PowerMethod = {
  name: "everything",
  allocate({ bits }) {
    const power = Float64Array.from(bits, (size) => (size > 0 ? 1 : 0));
    const nothing = new Float64Array(2);
    return { power, rate: nothing, latency: nothing, energy: nothing, status: "converged", iterations: 1 };
  },
};

function open(battery: object, rest: object = {}) {
  const config = parseConfig({
    rounds: 10,
    network: { clients: 2 },
    budgets: {
      ...{ energy: null, latency: null },
      compute: { cpu: { enabled: true, cyclesPerSample: 1e6, capacitance: 2e-28 } },
    },
    devices: { frequency: { distribution: "given", values: [1e9, 5e8] }, battery },
    ...rest,
  });
  const system = openSystem(config);
  return {
    system,
    ledger: createLedger(config, { parameters: 1, powerMethod: full, radio: { rates: () => rates }, system }),
  };
}

const work = (round: number) => ({ round, nominalBits: [20, 45], wireBits: [20, 45], examples: [100, 200] });
const given = { enabled: true, charge: { distribution: "given", values: [0.05, 0.02] } };

describe("the ledger of devices that differ", () => {
  it("has each compute at its own pace and send once it is done", () => {
    const { ledger } = open({});
    const price = ledger.price(work(1));
    if (!price.fits) throw new Error(price.reason);
    // 10⁸ cycles at 1 GHz, 2·10⁸ at 0.5 GHz; 20 and 45 bits at 200 bit/s
    expect([...price.computation!.latency]).toEqual([0.1, 0.4]);
    expect(price.latency).toBeCloseTo(0.4 + 0.225, 12);
    // ½ α w f²: 0.01 and 0.005 J; 0.1 W over 0.1 and 0.225 s
    expect(price.energy).toBeCloseTo(0.01 + 0.005 + 0.01 + 0.0225, 12);
  });

  it("lowers the power that a battery does not allow, to what it does", () => {
    const { ledger, system } = open(given);
    const price = ledger.price(work(1));
    if (!price.fits) throw new Error(price.reason);
    // Client 1 has 0.015 J left for 45 bits. At p = 1/3 it sends 100 bit/s: 0.45 s · 0.1/3 W.
    expect(price.power[0]).toBe(1);
    expect(price.power[1]).toBeCloseTo(1 / 3, 9);
    expect(price.latency).toBeCloseTo(0.4 + 0.45, 8);
    expect(price.energy).toBeCloseTo(0.04, 9);
    expect(price.silent).toBeUndefined();
    expect(system.batteries.left[0]).toBeCloseTo(0.03, 12);
    expect(system.batteries.left[1]).toBeCloseTo(0, 10);
    expect(system.batteries.left[1]).toBeGreaterThanOrEqual(0);
    expect(system.batteries.clock[0]).toBeCloseTo(0.2, 12);
    expect(system.batteries.clock[1]).toBeCloseTo(0.85, 8);
  });

  it("has a client compute and not send where no power would do, and harvest meanwhile", () => {
    const { ledger, system } = open({ ...given, harvest: { kind: "constant", power: 0.01 } });
    ledger.price(work(1));
    const second = ledger.price(work(2));
    if (!second.fits) throw new Error(second.reason);
    // 0.85 s at 0.01 W: 0.0085 J, of which computation takes 0.005. Sent as slowly as can be, 45 bits take
    // 0.1 · 45 · ln 2 / (100 · 3) = 0.0104 J.
    expect(second.silent).toEqual([1]);
    expect(second.power[1]).toBe(0);
    expect(second.perClient.energy[1]).toBe(0);
    expect(second.latency).toBeCloseTo(0.4, 12);
    expect(system.batteries.left[1]).toBeCloseTo(0.0085 - 0.005 + 0.4 * 0.01, 8);
    expect(system.batteries.left[0]).toBeCloseTo(0.03 + 0.0085 - 0.02 + 0.004, 8);
  });

  it("makes a charge last for the rounds to come with a horizon", () => {
    const { ledger } = open({ ...given, charge: { distribution: "given", values: [0.25, 0.25] }, horizon: true });
    for (let round = 1; round <= 10; round++) {
      const price = ledger.price(work(round));
      if (!price.fits) throw new Error(price.reason);
      // 0.25 J over ten rounds: 0.025 J each
      expect(price.computation!.energy[1]! + price.perClient.energy[1]!).toBeLessThanOrEqual(0.025 + 1e-12);
    }
    const all = open({ ...given, charge: { distribution: "given", values: [0.25, 0.25] } });
    for (let round = 1; round <= 10; round++) all.ledger.price(work(round));
    expect(all.system.batteries.left[1]).toBeLessThan(1e-9);
  });

  it("says who could not send in the first round, and what would do", () => {
    const { ledger } = open({ ...given, charge: { distribution: "given", values: [0.0101, 0.0051] } });
    expect(() => ledger.price(work(1))).toThrow(
      /^devices\.battery: round 1: no battery carries an upload .*client 0's.*0\.0101 J.*larger batteries/,
    );
  });

  it("sets rates by a signal that is weaker by the margin", () => {
    const { ledger } = open({}, { loss: { kind: "outage", margin: 10 } });
    const price = ledger.price(work(1));
    if (!price.fits) throw new Error(price.reason);
    // SINR 0.3 instead of 3
    expect(price.perClient.latency[0]).toBeCloseTo(20 / (100 * Math.log2(1.3)), 12);
  });
});
