import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exp, log } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { Allocation, Processors, UploadProblem } from "../../src/config/records.js";
import { allocatePower, parseProblem, priceUpload, totals } from "../../src/power/index.js";
import { roundProblem } from "./drops.js";
import { randomProblem, twoClients } from "./problems.js";

/** Optima by SciPy's SLSQP over logarithms from several starts. */
const references = [6, 12, 20].map((clients) => {
  const file = new URL(`../reference/data/joint-k${clients}.json`, import.meta.url);
  return [clients, JSON.parse(readFileSync(file, "utf8"))] as const;
});

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/** Processors of which some bounds bind, some clients with nothing to compute. */
function processors(seed: number, clients: number): Processors {
  const random = stream(seed, "test", 44);
  const each = (value: () => number): Float64Array => Float64Array.from({ length: clients }, value);
  const spread = (decades: number): number => exp(decades * Math.LN10 * (random.uniform() - 0.5));
  const minimumFrequency = each(() => 2e8 * spread(1));
  return {
    cyclesPerSample: each(() => 1e5 * spread(1)),
    samples: each(() => (random.integer(8) === 0 ? 0 : 1000 * spread(1))),
    capacitance: each(() => 2e-28 * spread(2)),
    minimumFrequency,
    maximumFrequency: minimumFrequency.map((least) => (random.integer(8) === 0 ? least : least * 10 * spread(1))),
  };
}

function computing(seed: number): UploadProblem {
  const random = stream(seed, "test", 45);
  const problem = randomProblem(seed);
  return {
    ...problem,
    bits: problem.bits.map((bits) => (random.integer(8) === 0 ? 0 : bits)),
    circuitPower: random.integer(2) === 0 ? 0 : 10 ** -(1 + 3 * random.uniform()),
    fixedEnergy: random.integer(2) === 0 ? 0 : 1e-3,
    cpu: processors(seed, problem.rates.clients),
  };
}

/** Round latency and energy at powers and frequencies, straight from the formulas. */
function round(problem: UploadProblem, power: Float64Array, frequency: Float64Array) {
  const { cyclesPerSample, samples, capacitance } = problem.cpu!;
  const { latency, energy } = priceUpload(problem, power);
  const work = samples.map((count, k) => count * cyclesPerSample[k]!);
  const own = energy.map((joules, k) => joules + 0.5 * capacitance[k]! * work[k]! * frequency[k]! ** 2);
  return {
    latency: problem.computeLatency + Math.max(...latency.map((upload, k) => upload + work[k]! / frequency[k]!)),
    energy: (problem.fixedEnergy ?? 0) + sum(own),
    costliest: Math.max(...own),
  };
}

/** Powers and frequencies near to and far from an answer's, within the bounds. */
function nearby(problem: UploadProblem, found: Allocation, seed: number, count: number) {
  const random = stream(seed, "test", 46);
  const { minimumFrequency, maximumFrequency } = problem.cpu!;
  return Array.from({ length: count }, (_, i) => {
    const step = (): number => exp((i % 2 === 0 ? 2 : 0.02) * (random.uniform() - 0.5));
    return {
      power: found.power.map((p) => Math.min(1, p * step())),
      frequency: found.frequency!.map((f, k) =>
        Math.min(maximumFrequency[k]!, Math.max(minimumFrequency[k]!, f * step())),
      ),
    };
  });
}

describe("the reference's optima over powers and frequencies", () => {
  it.each(references)("K = %i", (_, { problem: file, expected }) => {
    const { roundEnergy, latency } = expected.jointCommunicationComputation;
    const limited = parseProblem({ ...file, roundEnergy });
    const quick = allocatePower(limited, { method: "joint-computation" });
    expect(quick.status).toBe("converged");
    expect(Math.abs(totals(limited, quick).latency / latency - 1)).toBeLessThan(1e-9);
    expect(totals(limited, quick).energy / roundEnergy).toBeLessThan(1 + 1e-9);
    const { budgets, rounds } = expected.mostRoundsWithFrequencies;
    const budgeted = parseProblem({ ...file, budgets });
    const most = allocatePower(budgeted, { method: "most-rounds" });
    expect(most.status).toBe("converged");
    expect(Math.abs(totals(budgeted, most).rounds / rounds - 1)).toBeLessThan(1e-9);
  });
});

describe("joint communication and computation", () => {
  it("is what a grid of powers finds for two clients, with the frequencies that each latency leaves", () => {
    const cpu: Processors = {
      cyclesPerSample: Float64Array.of(1, 2),
      samples: Float64Array.of(30, 20),
      capacitance: Float64Array.of(0.1, 0.02),
      minimumFrequency: Float64Array.of(0.1, 0.1),
      maximumFrequency: Float64Array.of(3, 1.5),
    };
    for (const [roundEnergy, circuitPower] of [
      [60, 0.02],
      [40, 0],
      [200, 0.3],
    ] as const) {
      const problem = { ...twoClients, cpu, roundEnergy, circuitPower };
      /** The least latency at given powers: each computes as slowly as it lets him, by bisection. */
      const best = (y: readonly number[]): number => {
        const { latency, energy } = priceUpload(problem, Float64Array.from(y, exp));
        const fits = (total: number): boolean => {
          let joules = sum(energy);
          for (let k = 0; k < 2; k++) {
            const work = cpu.cyclesPerSample[k]! * cpu.samples[k]!;
            const f = Math.max(cpu.minimumFrequency[k]!, work / (total - latency[k]!));
            if (!(total > latency[k]! && f <= cpu.maximumFrequency[k]!)) return false;
            joules += 0.5 * cpu.capacitance[k]! * work * f * f;
          }
          return joules <= roundEnergy;
        };
        let [low, high] = [0, 1e6];
        if (!fits(high)) return Number.POSITIVE_INFINITY;
        for (let i = 0; i < 80; i++) {
          const middle = 0.5 * (low + high);
          if (fits(middle)) high = middle;
          else low = middle;
        }
        return high;
      };
      let [at, width, least] = [[-4, -4], 4, Number.POSITIVE_INFINITY];
      for (let zoom = 0; zoom < 40; zoom++, width *= 0.7) {
        const [a, b] = at as [number, number];
        for (let i = -8; i <= 8; i++)
          for (let j = -8; j <= 8; j++) {
            const y = [Math.min(0, a + (i / 8) * width), Math.min(0, b + (j / 8) * width)];
            const value = best(y);
            if (value < least) [least, at] = [value, y];
          }
      }
      const found = allocatePower(problem, { method: "joint-computation" });
      expect(found.status).toBe("converged");
      const { latency } = totals(problem, found);
      expect(latency / least).toBeLessThan(1 + 1e-9);
      expect(latency / least).toBeGreaterThan(1 - 1e-4);
    }
  });

  it("is beaten by no powers and frequencies nearby that keep to the limits, or says why there are none", () => {
    const seen = { converged: 0, infeasible: 0 };
    for (let seed = 0; seed < 80; seed++) {
      const problem: UploadProblem = computing(seed);
      const random = stream(seed, "test", 47);
      if (seed % 3 !== 0) problem.roundEnergy = 10 ** (-2 + 3 * random.uniform());
      const clientEnergy = seed % 3 === 1 ? Infinity : 10 ** (-2 + 2 * random.uniform());
      if (clientEnergy < Infinity) problem.clientEnergy = clientEnergy;
      const found = allocatePower(problem, { method: "joint-computation" });
      expect([seed, found.reason ?? "", found.status]).toEqual([
        seed,
        expect.any(String),
        expect.stringMatching(/^(converged|infeasible)$/),
      ]);
      seen[found.status as keyof typeof seen]++;
      const { roundEnergy = Infinity } = problem;
      const own = round(problem, found.power, found.frequency!);
      const keeps = ({ energy, costliest }: typeof own, slack: number): boolean =>
        energy <= roundEnergy * slack && costliest <= clientEnergy * slack;
      expect([seed, keeps(own, 1 + 2e-9)]).toEqual([seed, found.status === "converged"]);
      for (const { power, frequency } of nearby(problem, found, seed, 60)) {
        const other = round(problem, power, frequency);
        if (!keeps(other, 1)) continue;
        expect([seed, found.status, other.latency > own.latency * (1 - 2e-9)]).toEqual([seed, "converged", true]);
      }
    }
    expect(Math.min(seen.converged, seen.infeasible)).toBeGreaterThan(5);
  });

  it("takes a round's energy from the budget where none is given, and needs one of the two", () => {
    const problem = { ...roundProblem(1, 10), cpu: processors(1, 10) };
    const found = allocatePower(problem, { method: "joint-computation", rounds: 20 });
    expect(found).toEqual(
      allocatePower({ ...problem, roundEnergy: problem.budgets!.energy / 20 }, { method: "joint-computation" }),
    );
    const { budgets: _, ...without } = problem;
    expect(() => allocatePower(without, { method: "joint-computation" })).toThrow("roundEnergy: missing");
  });
});

describe("most-rounds and joint over frequencies", () => {
  it("are beaten by no powers and frequencies nearby", () => {
    for (let seed = 0; seed < 60; seed++) {
      const problem = computing(seed);
      const alpha = [0.5, 0.1, 0.9][seed % 3]!;
      const most = allocatePower(problem, { method: "most-rounds" });
      const joint = allocatePower(problem, { method: "joint", alpha });
      expect([seed, most.status, joint.status]).toEqual([seed, "converged", "converged"]);
      const { energy, latency } = problem.budgets!;
      const share = ({ power, frequency }: { power: Float64Array; frequency?: Float64Array }): number => {
        const own = round(problem, power, frequency!);
        return Math.max(own.energy / energy, own.latency / latency);
      };
      for (const other of nearby(problem, most, seed, 40))
        expect(share(other)).toBeGreaterThan(share(most) * (1 - 2e-9));
      const fair = allocatePower({ ...problem, cpu: { ...problem.cpu! } }, { method: "min-max" });
      const base = round(problem, fair.power, fair.frequency!);
      const weighted = ({ power, frequency }: { power: Float64Array; frequency?: Float64Array }): number => {
        const own = round(problem, power, frequency!);
        const late = (own.latency - problem.computeLatency) / (base.latency - problem.computeLatency);
        return (alpha * own.energy) / base.energy + (1 - alpha) * late;
      };
      for (const other of nearby(problem, joint, seed, 40))
        expect([seed, weighted(other) > weighted(joint) * (1 - 2e-9)]).toEqual([seed, true]);
    }
  });

  it("with one frequency allowed are what the powers alone give beside computation at it", () => {
    for (const circuitPower of [0, 0.02]) {
      const problem = { ...roundProblem(2, 20), circuitPower };
      const each = (value: number): Float64Array => new Float64Array(20).fill(value);
      const cpu: Processors = {
        ...{ cyclesPerSample: each(1e5), samples: each(750), capacitance: each(1e-29) },
        ...{ minimumFrequency: each(1e9), maximumFrequency: each(1e9) },
      };
      const fixedEnergy = 20 * 0.5 * 1e-29 * 75e6 * 1e18;
      const alone = { ...problem, fixedEnergy, computeLatency: 0.075 };
      const rounds = totals(alone, allocatePower(alone, { method: "most-rounds" })).rounds;
      const together = { ...problem, computeLatency: 0, cpu };
      const found = allocatePower(together, { method: "most-rounds" });
      expect(Math.abs(log(totals(together, found).rounds / rounds))).toBeLessThan(2e-9);
    }
  });

  it("know one budget alone", () => {
    const problem = { ...roundProblem(1, 10), cpu: processors(3, 10) };
    const none = Number.POSITIVE_INFINITY;
    const frugal = allocatePower({ ...problem, budgets: { energy: 1, latency: none } }, { method: "most-rounds" });
    expect([...frugal.frequency!]).toEqual([...problem.cpu.minimumFrequency]);
    const quick = allocatePower({ ...problem, budgets: { energy: none, latency: 5 } }, { method: "most-rounds" });
    const limitless = allocatePower({ ...problem, roundEnergy: 1e9 }, { method: "joint-computation" });
    expect([quick.status, limitless.status]).toEqual(["converged", "converged"]);
    expect(Math.abs(totals(problem, quick).latency / totals(problem, limitless).latency - 1)).toBeLessThan(2e-9);
  });

  it("still compute where nobody sends, and do nothing where nobody computes", () => {
    const cpu = processors(5, 10);
    const problem = { ...roundProblem(1, 10), bits: new Float64Array(10), cpu };
    for (const method of ["most-rounds", "joint", "joint-computation"]) {
      const { status, computeEnergy, power } = allocatePower(problem, { method });
      expect([method, status, sum(power), sum(computeEnergy!) > 0]).toEqual([method, "converged", 0, true]);
      const idle = allocatePower({ ...problem, cpu: { ...cpu, samples: new Float64Array(10) } }, { method });
      expect([method, idle.status, sum(idle.computeEnergy!)]).toEqual([method, "converged", 0]);
    }
  });
});

describe("the processors of a problem file", () => {
  const file = { ...references[0]![1].problem, roundEnergy: 0.024 };

  it("may be one number for all clients; other methods compute at `frequency`, or as fast as can be", () => {
    const { cpu } = parseProblem({ ...file, cpu: { ...file.cpu, samples: 1000 } });
    expect([...cpu!.samples]).toEqual(new Array(6).fill(1000));
    const full = allocatePower(parseProblem(file), { method: "full" });
    expect([...full.frequency!]).toEqual(new Array(6).fill(file.cpu.maximumFrequency));
    const given = allocatePower(parseProblem({ ...file, cpu: { ...file.cpu, frequency: 5e8 } }), { method: "min-max" });
    expect([...given.frequency!]).toEqual(new Array(6).fill(5e8));
    expect(given.computeLatency![0]).toBeCloseTo((file.cpu.cyclesPerSample[0] * file.cpu.samples[0]) / 5e8, 12);
  });

  it.each([
    [{ cpu: { ...file.cpu, cycles: 1 } }, "cpu.cycles: "],
    [{ cpu: { ...file.cpu, samples: [1, 2] } }, "cpu.samples: 2 entries where 6 are needed"],
    [{ cpu: { ...file.cpu, capacitance: undefined } }, "cpu.capacitance: missing"],
    [{ cpu: { ...file.cpu, minimumFrequency: 3e9 } }, "cpu.minimumFrequency[0]: 3000000000 Hz is above the maximum"],
    [{ cpu: { ...file.cpu, maximumFrequency: 0 } }, "cpu.maximumFrequency[0]: 0"],
    [{ cpu: 1 }, "cpu: 1 is not an object"],
    [{ roundEnergy: 0 }, "roundEnergy: 0 is not a positive number"],
    [{ clientEnergy: -1 }, "clientEnergy: -1 is not a positive number"],
  ])("%o is refused with its path", (part, message) => {
    expect(() => parseProblem({ ...file, ...part })).toThrow(message);
  });
});
