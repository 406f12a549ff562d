import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp, log } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { Allocation, UploadProblem } from "../../src/config/records.js";
import {
  allocatePower,
  parseProblem,
  powerMethod,
  powerMethodNames,
  priceUpload,
  totals,
} from "../../src/power/index.js";
import { roundProblem } from "./drops.js";
import { fourClients, randomProblem, rateModel, twoClients } from "./problems.js";

/** Optima by SciPy's SLSQP over logarithms from several starts. */
const references: { problem: unknown; rounds: number; roundsIgnoringIt: number }[] = JSON.parse(
  readFileSync(new URL("../reference/data/circuit-power.json", import.meta.url), "utf8"),
);

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const rounds = (problem: UploadProblem, power: Float64Array): number =>
  totals(problem, priceUpload(problem, power)).rounds;
const billed = (problem: UploadProblem, power: Float64Array): number => sum(priceUpload(problem, power).energy);

/** Random problems with circuit power of 0 … 1 W and fixed energy from nothing to more than the budget. */
function billedProblem(seed: number): UploadProblem {
  const random = stream(seed, "test", 12);
  const problem = randomProblem(seed);
  const share = random.integer(3) === 0 ? 0 : random.uniform() ** 2 * 1.2;
  return {
    ...problem,
    circuitPower: random.integer(5) === 0 ? 0 : exp(-7 * random.uniform()),
    fixedEnergy: share * problem.budgets!.energy,
    bits: problem.bits.map((bits) => (random.integer(12) === 0 ? 0 : bits)),
  };
}

/** Feasible powers near to and far from given ones. */
function nearby(power: Float64Array, seed: number, count: number): Float64Array[] {
  const random = stream(seed, "test", 13);
  const floor = exp(-16);
  return Array.from({ length: count }, (_, i) =>
    power.map((p) => {
      if (p === 0) return 0;
      const moved = p * exp((i % 2 === 0 ? 4 : 0.05) * (random.uniform() - 0.5));
      return Math.min(1, Math.max(Math.min(p, floor), moved));
    }),
  );
}

const seeds = fc.integer({ min: 0, max: 1e9 });

describe("most rounds with a circuit power", () => {
  it.each(references.map((reference, i) => [[12, 20][i], reference] as const))(
    "K = %i: fits the reference's rounds, and pays for ignoring it what the reference says",
    (clients, { problem: file, rounds: expected, roundsIgnoringIt }) => {
      const problem = parseProblem(file);
      expect(problem.rates.clients).toBe(clients);
      const aware = allocatePower(problem, { method: "most-rounds" });
      expect([aware.status, aware.iterations < 12]).toEqual(["converged", true]);
      expect(rounds(problem, aware.power) / expected).toBeGreaterThan(1 - 1e-9);
      const unaware = allocatePower({ ...problem, circuitPower: 0 }, { method: "most-rounds" });
      expect(rounds(problem, unaware.power) / roundsIgnoringIt).toBeCloseTo(1, 6);
    },
  );

  it("reaches 25.6 rounds at 20 mW and K = 20, where powers that leave it out reach 18.1", () => {
    const problem = parseProblem(references[1]!.problem);
    const { power } = allocatePower(problem, { method: "most-rounds" });
    const unaware = allocatePower({ ...problem, circuitPower: 0 }, { method: "most-rounds" }).power;
    expect(rounds(problem, power)).toBeCloseTo(25.64, 2);
    expect(rounds(problem, unaware)).toBeCloseTo(18.09, 2);
    expect([...power]).not.toEqual([...unaware]);
  });

  it("is beaten by no other method and by no feasible powers", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = billedProblem(seed);
        const best = allocatePower(problem, { method: "most-rounds" });
        expect(best.status).toBe("converged");
        const most = rounds(problem, best.power) * (1 + 1e-7);
        for (const method of powerMethodNames)
          for (const alpha of [0.3, 1])
            expect(rounds(problem, allocatePower(problem, { method, alpha }).power)).toBeLessThan(most);
        for (const power of nearby(best.power, seed, 40)) expect(rounds(problem, power)).toBeLessThan(most);
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it("is what a search over a grid of powers finds for two clients", () => {
    for (const [circuitPower, fixedEnergy, budgets] of [
      [0.3, 0, { energy: 300, latency: 500 }],
      [0.05, 20, { energy: 300, latency: 5000 }],
      [1, 250, { energy: 300, latency: 5000 }],
      [0.01, 0, { energy: 300, latency: Number.POSITIVE_INFINITY }],
    ] as const) {
      const problem = { ...twoClients, circuitPower, fixedEnergy, budgets };
      let [best, width] = [Float64Array.of(-5, -5), 5];
      const value = (y: Float64Array): number => rounds(problem, y.map(exp));
      for (let zoom = 0; zoom < 60; zoom++, width *= 0.7) {
        const center = best;
        for (let i = -10; i <= 10; i++) {
          for (let j = -10; j <= 10; j++) {
            const y = Float64Array.of(center[0]! + (i / 10) * width, center[1]! + (j / 10) * width);
            if (Math.max(...y) <= 0 && Math.min(...y) >= -16 && value(y) > value(best)) best = y;
          }
        }
      }
      const found = rounds(problem, allocatePower(problem, { method: "most-rounds" }).power);
      expect(found / value(best)).toBeGreaterThan(1 - 1e-9);
      expect(found / value(best)).toBeLessThan(1 + 1e-4);
    }
  });

  it("goes on where a row that is steep beside its multiplier had held the steps short", () => {
    const problem: UploadProblem = {
      rates: rateModel(
        [23.297, 29.159],
        [0.86634, 0.39894],
        [
          [0, 19.394],
          [0, 0],
        ],
        [0.011614, 0.05314],
        { bandwidth: 1346563, transmitPower: 0.15229 },
      ),
      bits: Float64Array.of(178071, 31879),
      computeLatency: 0.014554,
      circuitPower: 2.2739e-6,
      fixedEnergy: 0.0099139,
      budgets: { energy: 0.0037989, latency: 0.11615 },
    };
    const { power, status, iterations } = allocatePower(problem, { method: "most-rounds" });
    expect([status, iterations > 100]).toEqual(["converged", true]);
    for (const other of nearby(power, 1, 400))
      expect(rounds(problem, other)).toBeLessThan(rounds(problem, power) * (1 + 1e-9));
  });

  it("knows one budget alone: least energy without a latency budget, least latency without an energy budget", () => {
    const none = Number.POSITIVE_INFINITY;
    const problem = { ...roundProblem(1, 20), circuitPower: 0.02, fixedEnergy: 0.003 };
    const frugal = allocatePower({ ...problem, budgets: { energy: 0.5, latency: none } }, { method: "most-rounds" });
    expect([...frugal.power]).toEqual([...allocatePower(problem, { method: "joint", alpha: 1 }).power]);
    expect(Math.min(...frugal.power)).toBeGreaterThan(exp(-16) * 2);
    const quick = allocatePower({ ...problem, budgets: { energy: none, latency: 5 } }, { method: "most-rounds" });
    expect(quick).toEqual(allocatePower(problem, { method: "min-max" }));
  });

  it("fits less than one round, by the same powers' measure, where the fixed energy is above the budget", () => {
    for (const fixedEnergy of [0.5, 0.7, 1e6]) {
      const problem = { ...roundProblem(2, 10), circuitPower: 0.01, fixedEnergy };
      for (const method of powerMethodNames) {
        const found = allocatePower(problem, { method });
        const fitted = totals(problem, found).rounds;
        expect([method, fitted >= 0 && fitted < 1]).toEqual([method, true]);
        if (found.status !== "infeasible") expect(fitted).toBeGreaterThan(0);
        expect(found.power.some(Number.isNaN)).toBe(false);
      }
    }
  });
});

describe("least energy with a circuit power", () => {
  it("meets the first-order conditions: no slope inside, downhill only through the bounds", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = { ...billedProblem(seed), circuitPower: 0.05 };
        const { power, status } = allocatePower(problem, { method: "joint", alpha: 1 });
        expect(status).toBe("converged");
        const logEnergy = (k: number, step: number): number =>
          log(
            billed(
              problem,
              Float64Array.from(power, (p, i) => (i === k ? p * exp(step) : p)),
            ),
          );
        power.forEach((p, k) => {
          if (p === 0) return;
          const slope = (logEnergy(k, 1e-5) - logEnergy(k, -1e-5)) / 2e-5;
          if (p === 1) expect(slope).toBeLessThan(1e-7);
          else if (p > exp(-16) * 1.0001) expect(Math.abs(slope)).toBeLessThan(1e-7);
          else expect(slope).toBeGreaterThan(-1e-7);
        });
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it("is that of coordinate descent, another algorithm, and below every other method's", () => {
    for (let seed = 0; seed < 40; seed++) {
      const problem = { ...billedProblem(seed), circuitPower: 0.05 };
      const least = sum(allocatePower(problem, { method: "joint", alpha: 1 }).energy);
      expect(sum(allocatePower(problem, { method: "coordinate", alpha: 1 }).energy) / least).toBeCloseTo(1, 7);
      for (const method of powerMethodNames)
        expect(sum(allocatePower(problem, { method }).energy)).toBeGreaterThan(least * (1 - 1e-9));
    }
  });
});

describe("the other methods with a circuit power", () => {
  it("joint and coordinate minimize their weighted sums of what is billed", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.02, max: 0.98, noNaN: true }), (seed, alpha) => {
        const problem = billedProblem(seed);
        const reference = allocatePower(problem, { method: "min-max" });
        const fixed = problem.fixedEnergy!;
        const objective = (latencyOf: (allocation: Pick<Allocation, "latency">) => number) => (power: Float64Array) => {
          const price = priceUpload(problem, power);
          const energy = (fixed + sum(price.energy)) / (fixed + sum(reference.energy));
          return alpha * energy + ((1 - alpha) * latencyOf(price)) / latencyOf(reference);
        };
        if (Math.max(...problem.bits) === 0) return;
        for (const [method, value] of [
          ["joint", objective(({ latency }) => Math.max(...latency))],
          ["coordinate", objective(({ latency }) => sum(latency))],
        ] as const) {
          const { power, status } = allocatePower(problem, { method, alpha });
          expect([method, status]).toEqual([method, "converged"]);
          const least = value(power) * (1 - 1e-8);
          for (const other of nearby(power, seed, 30)) expect(value(other)).toBeGreaterThan(least);
        }
      }),
      { numRuns: 100, seed: 6 },
    );
  });

  it("dinkelbach gives the costliest client its cheapest bit, dinkelbach-one-step does not look at the price", () => {
    for (let seed = 0; seed < 40; seed++) {
      const problem = { ...billedProblem(seed), circuitPower: 0.05 };
      const costliest = (power: Float64Array): number => {
        const { energy } = priceUpload(problem, power);
        return Math.max(...energy.map((joules, k) => (problem.bits[k] === 0 ? 0 : joules / problem.bits[k]!)));
      };
      const { power, status } = allocatePower(problem, { method: "dinkelbach" });
      expect([seed, status]).toEqual([seed, "converged"]);
      const least = costliest(power) * (1 - 1e-7);
      for (const other of nearby(power, seed, 40)) expect(costliest(other)).toBeGreaterThan(least);
      for (const method of powerMethodNames)
        expect(costliest(allocatePower(problem, { method }).power)).toBeGreaterThan(least);
      const blind = allocatePower(problem, { method: "dinkelbach-one-step" }).power;
      expect([...blind]).toEqual([
        ...allocatePower({ ...problem, circuitPower: 0 }, { method: "dinkelbach-one-step" }).power,
      ]);
    }
  });

  it("those that make no energy small do not look at it; the others do", () => {
    const free = roundProblem(3, 20);
    const priced = { ...free, circuitPower: 0.05 };
    const changed = powerMethodNames.filter((method) => {
      const [a, b] = [free, priced].map((problem) => allocatePower(problem, { method }).power);
      return a!.some((p, k) => p !== b![k]);
    });
    expect(changed).toEqual(["joint", "most-rounds", "joint-computation", "dinkelbach", "coordinate"]);
    for (const method of powerMethodNames) {
      const { minimizes } = powerMethod({ method });
      expect([method, /incl\. circuit power/.test(minimizes!)]).toEqual([method, changed.includes(method)]);
    }
  });
});

describe("the price of an upload", () => {
  it("is (P_u p + P_c) ℓ for who sends, nothing for who has nothing to send", () => {
    const problem = { ...fourClients, bits: Float64Array.of(1, 0, 2, 1), circuitPower: 0.25, fixedEnergy: 9 };
    const power = Float64Array.of(0.5, 0.7, 1, 0);
    const { energy, latency, rate } = priceUpload(problem, power);
    expect(latency[2]).toBe(2 / rate[2]!);
    expect([energy[0], energy[1], energy[2]]).toEqual([0.75 * latency[0]!, 0, 1.25 * latency[2]!]);
    // Bits and no rate: it would send for ever, at no power but its circuits'.
    expect([latency[3], energy[3]]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("counts what is fixed once a round", () => {
    const problem = { ...fourClients, budgets: { energy: 100, latency: 1e9 }, fixedEnergy: 9 };
    const price = priceUpload(problem, Float64Array.of(1, 1, 1, 1));
    expect(totals(problem, price)).toMatchObject({ energy: sum(price.energy), rounds: 100 / (9 + sum(price.energy)) });
  });
});

describe("problems with a price", () => {
  const file = {
    signal: [1],
    selfInterference: [0],
    interference: [[0]],
    noise: [1],
    bandwidth: 1,
    transmitPower: 1,
    bits: [1],
  };

  it("takes circuitPower and fixedEnergy from a file, nothing where they are left out", () => {
    expect(parseProblem({ ...file, circuitPower: 0.02, fixedEnergy: 3 })).toMatchObject({
      circuitPower: 0.02,
      fixedEnergy: 3,
    });
    expect(Object.keys(parseProblem(file))).not.toContain("circuitPower");
  });

  it.each([
    [{ circuitPower: -1 }, "circuitPower: -1 is not a finite number of watts, 0 or more"],
    [{ circuitPower: "20 mW" }, 'circuitPower: "20 mW" is not a number'],
    [{ circuitPower: null }, "circuitPower: null is not a number"],
    [{ fixedEnergy: Number.POSITIVE_INFINITY }, "fixedEnergy: Infinity is not a finite number of joules a round"],
    [{ fixedEnergy: -0.1 }, "fixedEnergy: -0.1"],
    [{ circuitpower: 1 }, 'did you mean "circuitPower"?'],
  ])("%o is refused with its path", (part, message) => {
    expect(() => parseProblem({ ...file, ...part })).toThrow(message);
  });

  it("is refused by every method", () => {
    for (const method of powerMethodNames) {
      for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
        expect(() => allocatePower({ ...fourClients, circuitPower: wrong }, { method })).toThrow("circuitPower:");
        expect(() => allocatePower({ ...fourClients, fixedEnergy: wrong }, { method })).toThrow("fixedEnergy:");
      }
    }
  });
});
