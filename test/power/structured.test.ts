import { describe, expect, it } from "vitest";
import { exp, log } from "../../bindings/math.js";
import type { PowerWorkspace } from "../../bindings/power.js";
import type { Allocation, UploadProblem } from "../../src/config/records.js";
import { type Goal, lowestLogPower, solveGoal } from "../../src/power/epigraph.js";
import { allocateBatch, allocatePower, priceUpload, totals } from "../../src/power/index.js";
import { equalize } from "../../src/power/minMax.js";
import { senders } from "../../src/power/problem.js";
import { withWorkspace } from "../../src/power/workspace.js";
import { roundProblem } from "./drops.js";
import { wildProblem } from "./problems.js";

/** The general method for the same goal, from the min–max powers. */
function bySqp(problem: UploadProblem, goalOf: (workspace: PowerWorkspace) => Goal): Allocation {
  const active = senders(problem);
  return withWorkspace(problem, active, (workspace) => {
    const goal = goalOf(workspace);
    return solveGoal(problem, active, workspace, goal, equalize(workspace).power);
  });
}

const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);

/** What each method makes small, as a logarithm, and its goal for the SQP. */
const cases = {
  "most-rounds": {
    value: (problem: UploadProblem, found: Allocation): number => -log(totals(problem, found).rounds),
    goal: ({ computeLatency, budgets }: UploadProblem) => ({
      rows: { of: "latency" as const, offset: computeLatency, unit: budgets!.latency },
      energyUnit: budgets!.energy,
      objective: { energyRow: true },
    }),
  },
  joint: {
    value(problem: UploadProblem, found: Allocation, alpha: number): number {
      const reference = allocatePower(problem, { method: "min-max" });
      const { fixedEnergy = 0 } = problem;
      const share = (fixedEnergy + totals(problem, found).energy) / (fixedEnergy + totals(problem, reference).energy);
      return log(alpha * share + ((1 - alpha) * largest(found.latency)) / largest(reference.latency));
    },
    goal(problem: UploadProblem, alpha: number) {
      const reference = allocatePower(problem, { method: "min-max" });
      return {
        rows: { of: "latency" as const, offset: 0, unit: largest(reference.latency) },
        energyUnit: (problem.fixedEnergy ?? 0) + totals(problem, reference).energy,
        objective: { energyWeight: alpha, latencyWeight: 1 - alpha },
      };
    },
  },
};

describe("what has one number left is what the SQP finds", () => {
  it.each(Object.keys(cases) as (keyof typeof cases)[])("%s", (method) => {
    const { value, goal } = cases[method];
    for (let seed = 0; seed < 150; seed++) {
      const problem = wildProblem(seed, seed % 30 === 29 ? 70 : undefined);
      const alpha = [0.5, 0.01, 0.99, 1e-6, 1 - 1e-6][seed % 5]!;
      const found = allocatePower(problem, { method, alpha });
      expect([seed, found.status]).toEqual([seed, "converged"]);
      const check = bySqp(problem, () => goal(problem, alpha));
      // The SQP stops within 1e-9 of stationary, which it misses by a little on flat problems
      expect([seed, value(problem, found, alpha) < value(problem, check, alpha) + 1e-8]).toEqual([seed, true]);
      expect([seed, value(problem, check, alpha) < value(problem, found, alpha) + 1e-7]).toEqual([seed, true]);
    }
  });

  it("all finish together, but for those at the least power", () => {
    let held = 0;
    for (let seed = 0; seed < 60; seed++) {
      const problem = wildProblem(seed);
      const { latency, power } = allocatePower(problem, { method: "most-rounds" });
      for (const k of senders(problem)) {
        const early = 1 - latency[k]! / largest(latency);
        if (early < 1e-9) continue;
        held++;
        expect(power[k]).toBeLessThanOrEqual(exp(lowestLogPower));
      }
    }
    expect(held).toBeGreaterThan(0);
  });

  it.each([20, 100])("on drops of %i clients, to 1e-8 in every power", (clients) => {
    const problem = roundProblem(3, clients);
    for (const [method, { goal }] of Object.entries(cases)) {
      const { power } = allocatePower(problem, { method, alpha: 0.3 });
      const check = bySqp(problem, () => goal(problem, 0.3)).power;
      for (const [k, p] of power.entries()) expect(Math.abs(p / check[k]! - 1)).toBeLessThan(1e-8);
    }
  });
});

describe("dinkelbach finds what the SQP over the costliest client's energy finds", () => {
  it.each([
    ["the literature's watt", 0, 1],
    ["10 mW of circuit power", 0.01, 0.01],
    ["a milliwatt", 0.001, 0.001],
  ])("with %s", (_, circuitPower, inRatio) => {
    const costliest = (problem: UploadProblem, power: Float64Array): number =>
      Math.max(
        ...priceUpload({ ...problem, circuitPower: inRatio }, power).energy.map((e, k) => e / (problem.bits[k]! || 1)),
      );
    for (let seed = 0; seed < 80; seed++) {
      const problem = { ...wildProblem(seed, seed % 20 === 19 ? 70 : undefined), circuitPower };
      const found = allocatePower(problem, { method: "dinkelbach" });
      expect([seed, found.status]).toEqual([seed, "converged"]);
      const check = bySqp({ ...problem, circuitPower: inRatio }, (workspace) => {
        workspace.views().demand.fill(1);
        return { rows: { of: "energy" }, energyUnit: problem.rates.transmitPower, objective: { energyRow: false } };
      });
      const ratio = costliest(problem, found.power) / costliest(problem, check.power);
      expect([seed, ratio < 1 + 1e-8]).toEqual([seed, true]);
      if (check.status === "converged") expect([seed, ratio > 1 - 1e-7]).toEqual([seed, true]);
    }
  });
});

it("a batch gives what each problem alone gives, in any order, to the bit", () => {
  const problems = [
    ...Array.from({ length: 12 }, (_, seed) => wildProblem(seed)),
    wildProblem(5, 70),
    roundProblem(1, 80),
  ];
  for (const method of ["most-rounds", "joint", "dinkelbach", "dinkelbach-one-step", "sum-rate", "min-max"]) {
    const alone = problems.map((problem) => [...allocatePower(problem, { method }).power]);
    const backwards = allocateBatch([...problems].reverse(), { method }).reverse();
    expect(backwards.map(({ power }) => [...power])).toEqual(alone);
  }
});
