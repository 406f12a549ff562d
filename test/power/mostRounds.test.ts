import { expect, it } from "vitest";
import type { Allocation, UploadProblem } from "../../src/config/records.js";
import { allocatePower } from "../../src/power/index.js";
import { drop, roundProblem } from "./drops.js";

function rounds(problem: UploadProblem, { energy, latency }: Allocation): number {
  const joules = energy.reduce((sum, e) => sum + e, 0);
  return Math.min(
    problem.budgets!.energy / joules,
    problem.budgets!.latency / (problem.computeLatency + Math.max(...latency)),
  );
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

// Eight drops each; the spread of one drop is about 2 rounds, so the median's is about 1.
it.each([
  [20, 51.1],
  [40, 44.3],
])("K = %i: most-rounds fits about %d rounds and never fewer than min-max or full power", (clients, expected) => {
  const fitted: number[] = [];
  for (let seed = 0; seed < 9; seed++) {
    const problem = roundProblem(seed, clients);
    const best = allocatePower(problem, { method: "most-rounds" });
    expect(best.status).toBe("converged");
    fitted.push(rounds(problem, best));
    for (const method of ["min-max", "full"]) {
      expect(rounds(problem, allocatePower(problem, { method }))).toBeLessThanOrEqual(fitted.at(-1)! * (1 + 1e-7));
    }
  }
  expect(Math.abs(median(fitted) - expected)).toBeLessThan(1.5);
});

it("min–max latency has the reference's median over drops", () => {
  const latencies = Array.from({ length: 60 }, (_, seed) => {
    const problem = { rates: drop(seed, 20), bits: new Float64Array(20).fill(1712073), computeLatency: 0 };
    return allocatePower(problem, { method: "min-max" }).latency[0]!;
  });
  expect(median(latencies)).toBeGreaterThan(0.066);
  expect(median(latencies)).toBeLessThan(0.076);
});

it("starts warm from the last round's powers and ends at the same place", () => {
  const problem = roundProblem(3, 20);
  const cold = allocatePower(problem, { method: "most-rounds" });
  const changed = { ...problem, bits: problem.bits.map((b, k) => b * (1 + 0.01 * (k % 3))) };
  const warm = allocatePower(changed, { method: "most-rounds" }, cold.power);
  const fresh = allocatePower(changed, { method: "most-rounds" });
  expect(warm.status).toBe("converged");
  expect(rounds(changed, warm) / rounds(changed, fresh)).toBeCloseTo(1, 7);
});

it("a budget that there is not: without energy's the least latency, without latency's the least energy", () => {
  const none = Number.POSITIVE_INFINITY;
  const problem = roundProblem(1, 20);
  const leastLatency = allocatePower(problem, { method: "min-max" });
  for (const latency of [5, none]) {
    const found = allocatePower({ ...problem, budgets: { energy: none, latency } }, { method: "most-rounds" });
    expect(found).toEqual(leastLatency);
  }
  const frugal = allocatePower({ ...problem, budgets: { energy: 0.5, latency: none } }, { method: "most-rounds" });
  const joules = ({ energy }: Allocation): number => energy.reduce((sum, e) => sum + e, 0);
  expect(frugal.status).toBe("converged");
  expect(joules(frugal)).toBeLessThan(joules(leastLatency));
  for (const latency of [5, 50]) {
    const other = allocatePower({ ...problem, budgets: { energy: 1e-9, latency } }, { method: "most-rounds" });
    expect(joules(frugal)).toBeLessThanOrEqual(joules(other) * (1 + 1e-6));
  }
});
