import { describe, expect, it } from "vitest";
import type { NetworkConfig } from "../../src/config/config.js";
import type { UploadProblem } from "../../src/config/records.js";
import { allocateTogether } from "../../src/federated/allocate.js";
import { createLedger } from "../../src/federated/ledger.js";
import { createRadio, type RadioMoment } from "../../src/federated/radio.js";
import { completeConfig } from "../../src/federated/simulate.js";
import { createMovement, createNetwork, rateModel, schemeNames, sinr, suitsPowers } from "../../src/network/index.js";
import { powerMethod } from "../../src/power/index.js";

const base = {
  preset: "quick",
  network: { clients: 8, realizations: 100 },
  budgets: { energy: 0.01, latency: 0.5 },
} as const;
const configOf = (network: object) => completeConfig({ ...base, network: { ...base.network, ...network } });
const powers = Float64Array.of(1, 0.3, 0.02, 0.5, 1e-4, 0.7, 0.1, 0);

const modelAt = (network: NetworkConfig, power?: Float64Array) =>
  rateModel(createNetwork(network, { seed: 3 }), network, { seed: 3, ...(power && { power }) });

describe("receivers made for other powers", () => {
  it("are those of full power for maximum ratio, whose combiner is the estimate alone", () => {
    for (const change of [{}, { rician: { enabled: true } }, { correlation: { model: "local-scattering" } }]) {
      const { network } = configOf({ combining: "mr", estimator: "ls", ...change });
      const [full, other] = [modelAt(network), modelAt(network, powers)];
      // Least squares with a line of sight holds those of the pilot's other clients, at their own powers here.
      if ("rician" in change) continue;
      // A combiner scaled by a number: every term of the SINR is, by the same one.
      for (const name of ["selfInterference", "noise"] as const) {
        for (let k = 0; k < 8; k++) {
          const ratio = other[name][k]! / other.signal[k]! / (full[name][k]! / full.signal[k]!);
          expect(Math.abs(ratio - 1)).toBeLessThan(1e-9);
        }
      }
      for (let at = 0; at < 64; at++) {
        const k = Math.floor(at / 8);
        const shares = [full, other].map(({ interference, signal }) => interference[at]! / signal[k]!);
        expect(Math.abs(shares[1]! - shares[0]!)).toBeLessThanOrEqual(1e-9 * shares[0]!);
      }
    }
  });

  it("serve each client better at those powers, weights as well as combiners", () => {
    for (const combining of ["lp-mmse", "mmse", "p-mmse", "l-mmse+lsfd", "mr+lsfd"]) {
      const { network } = configOf({ combining });
      const gain = (a: Float64Array, b: Float64Array) => [...a].map((value, k) => value / b[k]!);
      const over = gain(sinr(modelAt(network, powers), powers), sinr(modelAt(network), powers)).slice(0, 7);
      expect(Math.max(...over)).toBeGreaterThan(1.05);
      expect(over.reduce((product, value) => product * value, 1)).toBeGreaterThan(1);
    }
  });

  it("are told from those that stay", () => {
    const staying = schemeNames.filter((combining) => !suitsPowers({ combining } as NetworkConfig));
    expect(staying).toEqual(["mr-centralized", "mr"]);
  });
});

describe("powers and receivers that take turns", () => {
  const config = configOf({ combining: "lp-mmse" });
  const radio = createRadio(config);
  const method = powerMethod({ method: "most-rounds" });
  const problemAt = (power?: Float64Array): UploadProblem => ({
    rates: radio.rates(1, { power }),
    bits: Float64Array.from(powers, (_, k) => 1e4 * (1 + k)),
    computeLatency: 0.002,
    budgets: config.budgets as { energy: number; latency: number },
  });
  const costOf = ({ energy, latency }: { energy: Float64Array; latency: Float64Array }) => [
    energy.reduce((sum, value) => sum + value, 0),
    0.002 + Math.max(...latency),
  ];
  const rounds = (cost: readonly number[]) => Math.min(0.01 / cost[0]!, 0.5 / cost[1]!);

  it("go on until nothing moves, and end with the most rounds of all turns", () => {
    const seen: number[][] = [];
    const { allocation, receivedAt } = allocateTogether(
      (problem, before) => {
        const answer = method.allocate(problem, before);
        seen.push(costOf(answer));
        return answer;
      },
      problemAt,
      { takesTurns: true },
    );
    expect(rounds(costOf(allocation))).toBe(Math.max(...seen.map(rounds)));
    const [last, before] = [seen.at(-1)!, seen.at(-2)!];
    for (const [i, cost] of last.entries()) expect(Math.abs(cost / before[i]! - 1)).toBeLessThan(1e-3);
    // Receivers frozen at full power would ask for twice the energy.
    expect(seen[0]![0]! / costOf(allocation)[0]!).toBeGreaterThan(1.5);
    // What is billed is what the receivers of the stated powers give.
    const again = costOf(method.allocate(problemAt(receivedAt)));
    for (const [i, cost] of again.entries()) expect(Math.abs(cost / costOf(allocation)[i]! - 1)).toBeLessThan(1e-6);
  });

  it("are at once what they were for a receiver that stays", () => {
    let asked = 0;
    const count = (problem: UploadProblem) => {
      asked++;
      return method.allocate(problem);
    };
    allocateTogether(count, problemAt, { takesTurns: false });
    expect(asked).toBe(1);
  });

  it("give a ledger the round that a plan is shown again", () => {
    const ledger = createLedger(config, { parameters: 1000, radio, powerMethod: method });
    const round = { round: 1, nominalBits: [...problemAt().bits], wireBits: [], examples: new Array(8).fill(100) };
    const price = ledger.price(round);
    const { rates } = ledger.problem(round);
    expect(price.fits).toBe(true);
    if (!price.fits) return;
    const k = 3;
    const rate = rates.bandwidth * Math.log2(1 + sinr(rates, price.power)[k]!);
    expect(price.perClient.latency[k]).toBeCloseTo(round.nominalBits[k]! / rate, 10);
  });
});

describe("the run's clock", () => {
  const moving = { mobility: { model: "straight", speed: 30 } } as const;

  it("is what clients move by", () => {
    const config = configOf(moving);
    const seen: RadioMoment[] = [];
    const own = createRadio(config);
    const radio = {
      rates: (round: number, moment: RadioMoment = {}) => {
        seen[round] = moment;
        return own.rates(round, moment);
      },
    };
    const ledger = createLedger(config, { parameters: 1000, radio, powerMethod: powerMethod({ method: "min-max" }) });
    const round = { nominalBits: new Array(8).fill(1e4), wireBits: [], examples: new Array(8).fill(100) };
    const begins: number[] = [];
    for (let t = 1; t <= 4; t++) {
      begins.push(ledger.totals.latency);
      expect(ledger.price({ ...round, round: t }).fits).toBe(true);
    }
    expect(seen.slice(1).map(({ seconds }) => seconds)).toEqual(begins);
    // A plan asks again for a round that is over.
    ledger.problem({ ...round, round: 2 });
    expect(seen[2]!.seconds).toBe(begins[1]);
    const network = createNetwork(config.network, { seed: config.seed });
    const there = createMovement(network, config.network, { seed: config.seed });
    for (let t = 1; t <= 4; t++) {
      const { clientPositions } = there.at(t, begins[t - 1]!);
      const way = [0, 1].map((axis) => {
        const x = clientPositions[axis]! - network.clientPositions[axis]!;
        return x - 1000 * Math.round(x / 1000);
      });
      expect(Math.hypot(way[0]!, way[1]!)).toBeCloseTo(30 * begins[t - 1]!, 6);
    }
  });

  it("gives way to an interval where one is asked for", () => {
    const config = configOf({ mobility: { ...moving.mobility, clock: "interval", interval: 2 } });
    const radio = createRadio(config);
    const network = createNetwork(config.network, { seed: config.seed });
    const there = createMovement(network, config.network, { seed: config.seed });
    for (const round of [1, 2, 3]) {
      const expected = rateModel(there.at(round, 2 * (round - 1)), config.network, { seed: config.seed, round });
      expect(radio.rates(round, { seconds: 0.01 * round })).toEqual(expected);
    }
  });
});
