import { describe, expect, test } from "vitest";
import { resolveConfig } from "../../src/parts/resolve.js";
import { layOutGrid } from "../../src/study/plan/grid.js";
import { gridOf } from "../../src/study/plan/plan.js";
import { pricingJobs } from "../../src/study/plan/pricings.js";

const problem = (act: () => unknown): string => {
  const begun = performance.now();
  try {
    act();
  } catch (error) {
    expect(performance.now() - begun).toBeLessThan(2000); // at once, not after laying anything out
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  throw new Error("accepted");
};

const seeds = Array.from({ length: 10_000 }, (_, i) => i + 1);

describe("requests beyond reason are refused at once, with what they would cost and the limit", () => {
  test("runs of a comparison, unless insisted on; not even then where they fit into no memory", () => {
    const plan = { preset: "quick", quantizers: ["emq", "laq"], seeds, drops: 100_000 };
    expect(problem(() => gridOf(plan))).toBe(
      "InputError: --drops: 2 cells × 10000 seeds × 100000 drops are 2000000000 runs, at a second each 23148 days (allowed: 200000 runs, or --insist for up to 10000000)",
    );
    expect(problem(() => gridOf({ ...plan, insist: true }))).toContain("(allowed: 10000000 runs)");
    expect(problem(() => layOutGrid({ preset: "quick", axes: [], seeds, drops: 30 }))).toMatch(
      /^InputError: --seeds: /,
    );
    expect(layOutGrid({ preset: "quick", axes: [], seeds, drops: 30, insist: true }).cells).toHaveLength(1);
    expect(layOutGrid({ preset: "quick", axes: [], seeds, drops: 20 }).cells).toHaveLength(1);
  });

  test("drops of a pricing study", () => {
    const config = resolveConfig({ preset: "quick" });
    const study = { name: "a", config, seeds, drops: 100_000, bitsPerEntry: [1], cases: [] };
    expect(problem(() => pricingJobs(study as never))).toMatch(
      /^InputError: --drops: .*1000000000 drops to price \(allowed: /,
    );
  });

  test.each([
    ["data.trainExamples=1000000000", "data.trainExamples: 1000000000 examples take 1000 GB (allowed: 8388608, which"],
    ["data.testExamples=100000000", "data.testExamples: 100000000 examples take 100 GB"],
  ])("%s", (set, message) => {
    expect(problem(() => resolveConfig({ preset: "quick", sets: [set] }))).toContain(message);
  });

  test("a network that no memory holds", () => {
    const sets = ["network.clients=5000", "network.accessPoints=10000", "network.antennas=64"];
    expect(problem(() => resolveConfig({ preset: "quick", sets }))).toMatch(
      /network\.clients: 5000 clients × 10000 access points × 64² antennas take 3300 GB of correlations/,
    );
    expect(() => resolveConfig({ preset: "quick", sets: ["network.clients=1000"] })).not.toThrow();
    const many = ["data.trainExamples=20000", "network.clients=13000"];
    expect(problem(() => resolveConfig({ preset: "quick", sets: many }))).toMatch(
      /network\.clients: 13000 clients interfere in pairs, which take 5\.4 GB where powers are allocated \(allowed: 112\d\d clients/,
    );
    expect(problem(() => resolveConfig({ preset: "quick", sets: ["network.pilots=1e15"] }))).toMatch(
      /network\.pilots: 1e\+15 is not allowed \(allowed: .* to 1e\+6: the signals of that many .* take 400 MB\)/,
    );
  });

  test("a config nested without end", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = { a: deep };
    expect(problem(() => resolveConfig({ file: { network: deep } }))).toContain("nested more than 64 levels deep");
  });
});
