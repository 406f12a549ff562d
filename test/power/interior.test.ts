import { describe, expect, it } from "vitest";
import { log } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { Allocation, UploadProblem } from "../../src/config/records.js";
import { type InteriorGoal, provedAllocation } from "../../src/power/byInterior.js";
import { solveGoal } from "../../src/power/epigraph.js";
import { allocatePower, totals } from "../../src/power/index.js";
import { equalize } from "../../src/power/minMax.js";
import { senders } from "../../src/power/problem.js";
import { withWorkspace } from "../../src/power/workspace.js";
import { roundProblem } from "./drops.js";
import { wildProblem } from "./problems.js";

const largest = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);

function billed(seed: number, clients?: number): UploadProblem {
  const random = stream(seed, "test", 43);
  return { ...wildProblem(seed, clients), circuitPower: 10 ** -(1 + random.integer(5)) * (1 + random.uniform()) };
}

/** E, the longest latency, at the min-max powers: what joint measures by. */
function reference(problem: UploadProblem): { total: number; slowest: number } {
  const found = allocatePower(problem, { method: "min-max" });
  return { total: (problem.fixedEnergy ?? 0) + totals(problem, found).energy, slowest: largest(found.latency) };
}

const cases = {
  "most-rounds": {
    value: (problem: UploadProblem, found: Allocation): number => -log(totals(problem, found).rounds),
    interior: ({ computeLatency, budgets }: UploadProblem): InteriorGoal => ({
      ...{ latencyUnit: budgets!.latency, energyUnit: budgets!.energy, latency: { offset: computeLatency } },
      ...{ energy: "shared", objective: "v" },
    }),
    sqp: ({ computeLatency, budgets }: UploadProblem) => ({
      rows: { of: "latency" as const, offset: computeLatency, unit: budgets!.latency },
      energyUnit: budgets!.energy,
      objective: { energyRow: true },
    }),
  },
  joint: {
    value(problem: UploadProblem, found: Allocation, alpha: number): number {
      const { total, slowest } = reference(problem);
      const energy = (problem.fixedEnergy ?? 0) + totals(problem, found).energy;
      return (alpha * energy) / total + ((1 - alpha) * largest(found.latency)) / slowest;
    },
    interior(problem: UploadProblem, alpha: number): InteriorGoal {
      const { total, slowest } = reference(problem);
      return {
        ...{ latencyUnit: slowest, energyUnit: total, latency: { offset: 0 } },
        ...{ energy: { weight: alpha }, objective: { weight: 1 - alpha } },
      };
    },
    sqp(problem: UploadProblem, alpha: number) {
      const { total, slowest } = reference(problem);
      return {
        rows: { of: "latency" as const, offset: 0, unit: slowest },
        energyUnit: total,
        objective: { energyWeight: alpha, latencyWeight: 1 - alpha },
      };
    },
  },
};

describe("the interior point is what the SQP finds", () => {
  it.each(Object.keys(cases) as (keyof typeof cases)[])("%s", (method) => {
    const { value, interior, sqp } = cases[method];
    let unproved = 0;
    for (let seed = 0; seed < 100; seed++) {
      const problem = billed(seed, seed % 25 === 24 ? 70 : undefined);
      const alpha = [0.5, 0.01, 0.99, 1e-4, 1 - 1e-4][seed % 5]!;
      const active = senders(problem);
      withWorkspace(problem, active, (workspace) => {
        const cost = (answer: Allocation): number => value(problem, answer, alpha);
        const found = provedAllocation(problem, active, workspace, interior(problem, alpha), cost);
        if (found === undefined) {
          unproved++;
          return;
        }
        const check = solveGoal(problem, active, workspace, sqp(problem, alpha), equalize(workspace).power);
        const scale = method === "joint" ? cost(found) : 1;
        expect([seed, cost(found) < cost(check) + 1e-8 * scale]).toEqual([seed, true]);
        if (check.status === "converged")
          expect([seed, cost(check) < cost(found) + 1e-7 * scale]).toEqual([seed, true]);
      });
    }
    expect(unproved).toBeLessThan(3);
  });

  it.each([70, 150])("on drops of %i clients, by the methods themselves", (clients) => {
    for (const circuitPower of [1e-4, 0.02, 0.5]) {
      const problem = { ...roundProblem(3, clients), circuitPower };
      const active = senders(problem);
      for (const [method, { value, sqp }] of Object.entries(cases)) {
        const found = allocatePower(problem, { method, alpha: 0.3 });
        expect(found.status).toBe("converged");
        withWorkspace(problem, active, (workspace) => {
          const check = solveGoal(problem, active, workspace, sqp(problem, 0.3), equalize(workspace).power);
          expect(Math.abs(value(problem, found, 0.3) / value(problem, check, 0.3) - 1)).toBeLessThan(1e-8);
        });
      }
    }
  });
});
