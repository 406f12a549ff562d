import { expect, it } from "vitest";
import { fuzzOptimize, reportOf } from "./fuzz/index.js";

it("random programs and problems with known answers: nothing false, hardly anything left open", () => {
  const result = fuzzOptimize(3000, 7);
  expect(reportOf(result).wrong).toEqual([]);
  expect([...result.tallies.keys()].sort()).toEqual([
    "minimize: convex region",
    "minimize: far away",
    "minimize: fixed variables",
    "minimize: infeasible",
    "minimize: redundant equalities",
    "minimize: transport",
    "minimize: unbounded",
    ...["infeasible", "plain", "redundant", "unbounded"].flatMap((kind) =>
      ["linear", "singular", "strictly convex"]
        .filter((curvature) => kind !== "unbounded" || curvature !== "strictly convex")
        .map((curvature) => `solveQp: ${kind}, ${curvature}`),
    ),
  ]);
  for (const [, { cases, right }] of result.tallies) expect(right).toBeGreaterThan(0.5 * cases);
});

it("says what is wrong", () => {
  const tally = { cases: 50, right: 48, numerical: 1, unfinished: 0, false: 1 };
  const { wrong, table } = reportOf({
    tallies: new Map([["solveQp: plain, linear", tally]]),
    failures: ["case 3"],
    programs: [],
  });
  expect(wrong).toEqual(["case 3", 'solveQp: "numerical" in 1 of 50 that have a solution']);
  expect(table).toMatch(/plain, linear +50 +48 +1 +0 +1/);
});
