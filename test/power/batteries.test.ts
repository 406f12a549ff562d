import { expect, it } from "vitest";
import type { UploadProblem } from "../../src/config/records.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { allocatePower } from "../../src/power/index.js";
import { drop } from "./drops.js";

const program = { method: "most-rounds", batteries: true } as const;

/** How many rounds at these powers fit into the budgets and every battery. */
function roundsAt(problem: UploadProblem, power: readonly number[]): number {
  const { rates, bits, computeLatency, circuitPower = 0, fixedEnergy = 0, budgets, batteries } = problem;
  let [energy, slowest, drained] = [fixedEnergy, 0, Number.POSITIVE_INFINITY];
  for (let k = 0; k < rates.clients; k++) {
    let denominator = rates.selfInterference[k]! * power[k]! + rates.noise[k]!;
    for (let j = 0; j < rates.clients; j++) denominator += rates.interference[k * rates.clients + j]! * power[j]!;
    const seconds = bits[k]! / (rates.bandwidth * Math.log2(1 + (rates.signal[k]! * power[k]!) / denominator));
    const joules = (rates.transmitPower * power[k]! + circuitPower) * seconds;
    energy += joules;
    slowest = Math.max(slowest, seconds);
    drained = Math.min(drained, batteries![k]! / joules);
  }
  return Math.min(budgets!.energy / energy, budgets!.latency / (computeLatency + slowest), drained);
}

function problemOf(seed: number, clients: number, shares: readonly number[], circuitPower = 0): UploadProblem {
  const energy = 0.4;
  return {
    rates: drop(seed, clients),
    bits: new Float64Array(clients).fill(1.5e6),
    ...{ computeLatency: 0.03, circuitPower, fixedEnergy: 1e-4 },
    budgets: { energy, latency: 5 },
    batteries: Float64Array.from(shares, (share) => (share * energy) / clients),
  };
}

/** The best of a grid over ln p from −8 to 0. */
function bruteForce(problem: UploadProblem, steps: number): number {
  const K = problem.rates.clients;
  const power = new Array<number>(K).fill(1);
  let best = 0;
  const walk = (k: number): void => {
    if (k === K) best = Math.max(best, roundsAt(problem, power));
    else
      for (let i = 0; i <= steps; i++) {
        power[k] = Math.exp((-8 * i) / steps);
        walk(k + 1);
      }
  };
  walk(0);
  return best;
}

it.each([
  [2, 400, [0.05, 1], 0],
  [2, 400, [0.3, 0.02], 0.01],
  [3, 100, [0.02, 5, 0.4], 0],
  [3, 100, [1, 0.05, 0.03], 0.01],
] as const)(
  "K = %i, a grid of %i steps each, batteries of %j shares, P_c = %d W: the most rounds there are",
  (clients, steps, shares, circuitPower) => {
    for (let seed = 0; seed < 4; seed++) {
      const problem = problemOf(seed, clients, shares, circuitPower);
      const found = allocatePower(problem, program);
      expect(found.status).toBe("converged");
      const rounds = roundsAt(problem, [...found.power]);
      const best = bruteForce(problem, steps);
      expect(rounds).toBeGreaterThanOrEqual(best * (1 - 1e-8));
      // ln E_k and ln ℓ_k change by less than ln p does, each client's by its own and by others' powers.
      expect(rounds).toBeLessThanOrEqual(best * Math.exp((2 * 8) / steps));
      // The batteries are what it is about: without them in the program fewer rounds fit.
      const plain = allocatePower(problem, { method: "most-rounds" });
      expect(roundsAt(problem, [...plain.power])).toBeLessThan(rounds);
    }
  },
);

it("large batteries change nothing, and what is drained first has the others' help", () => {
  const problem = problemOf(1, 10, new Array<number>(10).fill(1e6));
  const plain = allocatePower(problem, { method: "most-rounds" });
  const found = allocatePower(problem, program);
  const of = (power: Float64Array) => roundsAt(problem, [...power]);
  expect(of(found.power) / of(plain.power)).toBeCloseTo(1, 8);
  const { batteries: _, ...without } = problem;
  expect([...allocatePower(without, program).power]).toEqual([...plain.power]);
});

it("has no limit but the batteries where there are no budgets", () => {
  const problem = {
    ...problemOf(2, 2, [0.05, 0.3]),
    budgets: { energy: Number.POSITIVE_INFINITY, latency: Number.POSITIVE_INFINITY },
  };
  const found = allocatePower(problem, program);
  expect(found.status).toBe("converged");
  // Least energy each: without circuit power the least powers.
  expect([...found.power].every((p) => p < 1e-3)).toBe(true);
});

it("refuses batteries that are none, or are empty", () => {
  const empty = { ...problemOf(1, 2, [0, 1]) };
  expect(allocatePower(empty, program)).toMatchObject({
    status: "infeasible",
    reason: expect.stringContaining("client 0"),
  });
  const power = { method: "most-rounds", batteries: true } as const;
  expect(() => parseConfig({ power })).toThrow("power.batteries: true, but there are none");
  expect(() => parseConfig({ power: { method: "joint", batteries: true } })).toThrow("power.batteries: true, but");
});
