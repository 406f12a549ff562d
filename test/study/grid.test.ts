import { describe, expect, it } from "vitest";
import { comparisonNotes, comparisonRows } from "../../src/report/tables/comparison.js";
import { summarizeGrid } from "../../src/study/analysis/cells.js";
import { budgetAxis, fieldAxis, namedAxis } from "../../src/study/plan/axes.js";
import { baselineOf, layOutGrid } from "../../src/study/plan/grid.js";
import { type ComparePlan, gridOf } from "../../src/study/plan/plan.js";
import { runRequests, trainingJobs } from "../../src/study/plan/trainings.js";
import { tiny, twoByTwo } from "./fixtures.js";

describe("laying out a grid", () => {
  it("combines the axes and shares trainings", () => {
    expect(twoByTwo.cells.map((cell) => cell.id)).toEqual([
      "emq · min-max",
      "emq · full",
      "identity · min-max",
      "identity · full",
    ]);
    // Two quantizers under two seeds; each training is priced with two methods on two drops.
    const jobs = trainingJobs([twoByTwo]);
    expect(jobs.map((job) => job.payload.runs.length)).toEqual([4, 4, 4, 4]);
    expect(new Set(jobs.flatMap((job) => job.yields)).size).toBe(16);
    expect(jobs.flatMap((job) => job.yields).sort()).toEqual(
      runRequests([twoByTwo])
        .map(({ key }) => key)
        .sort(),
    );
    // The same grid again asks for nothing new.
    expect(trainingJobs([twoByTwo, twoByTwo])).toHaveLength(4);
  });

  it("makes jobs that survive JSON, from a plan that does", () => {
    const plan: ComparePlan = {
      preset: "quick",
      quantizers: ["emq", "laq:bits=4"],
      vary: ["rounds=3,5"],
      seeds: [1, 2],
    };
    const jobs = trainingJobs([gridOf(plan)]);
    expect(JSON.parse(JSON.stringify(jobs))).toEqual(jobs);
    expect(trainingJobs([gridOf(JSON.parse(JSON.stringify(plan)))])).toEqual(jobs);
    // How many rounds are paid for does not change how one is trained.
    expect(jobs).toHaveLength(4);
  });

  it("trains for each drop what looks at the channel, and for each budget what plans by it", () => {
    const jobsOf = (quantizers: string[], more: Partial<ComparePlan> = {}) =>
      trainingJobs([gridOf({ preset: "quick", quantizers, drops: 3, budgets: ["energy=1", "energy=2"], ...more })])
        .length;
    expect(jobsOf(["emq"])).toBe(1);
    expect(jobsOf(["mixed-resolution:channelAware=true"])).toBe(3);
    expect(jobsOf(["joint-resolution"])).toBe(6);
    expect(jobsOf(["joint-resolution"], { vary: ["network.antennas=2,4"] })).toBe(12);
  });

  it("knows a run by what it depends on, however it is spelled", () => {
    const keys = (plan: ComparePlan) => runRequests([gridOf({ preset: "quick", ...plan })]).map(({ key }) => key);
    const [emq] = keys({ quantizers: ["emq"] });
    expect(keys({ quantizers: ["emq:digits=0"] })).toEqual([emq]);
    expect(keys({})).toEqual([emq]);
    expect(keys({ file: { data: { directory: "elsewhere" } } })).toEqual([emq]);
    const mnist = { preset: "paper-mnist" };
    expect(keys({ ...mnist, sets: ["data.directory=elsewhere"] })).toEqual(keys(mnist));
    for (const sets of [
      ["quantizer.digits=1"],
      ["power=full"],
      ["budgets.energy=1"],
      ["rounds=7"],
      ["plan=joint-resolution"],
    ])
      expect(keys({ sets })).not.toEqual([emq]);
    expect(new Set(keys({ seeds: [1, 2], drops: 2 })).size).toBe(4);
  });

  it("takes budgets and any field as axes", () => {
    const grid = layOutGrid({
      ...tiny,
      axes: [budgetAxis(["energy=0.1,latency=none", "latency=2"]), fieldAxis("network.antennas=2,4")],
    });
    expect(
      grid.cells.map(({ config }) => [config.budgets.energy, config.budgets.latency, config.network.antennas]),
    ).toEqual([
      [0.1, null, 2],
      [0.1, null, 4],
      [0.05, 2, 2],
      [0.05, 2, 4],
    ]);
    expect(trainingJobs([grid])).toHaveLength(2);
  });

  it("refuses what is asked for twice, however it is spelled, and names it", () => {
    expect(() => namedAxis("quantizer", "emq,identity,emq")).toThrow(/--quantizers: "emq" is given twice/);
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "emq,emq:digits=0")] })).toThrow(
      /"emq" and "emq:digits=0" are the same configuration/,
    );
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "laq,laq:bits=4")] })).toThrow(
      /"laq" and "laq:bits=4" are the same configuration/,
    );
    expect(() => namedAxis("power", "full,")).toThrow(/--power: "full," has an empty entry/);
    expect(() => namedAxis("power", "joint:alpha")).toThrow(/"alpha" in "joint:alpha" is not of the form key=value/);
    expect(() => budgetAxis(["energy=-1"])).toThrow(/--budget: "energy=-1"/);
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("quantizer", "emqq")] })).toThrow(/did you mean "emq"/);
    expect(() => layOutGrid({ ...tiny, axes: [namedAxis("power", "fulll")] })).toThrow(/did you mean "full"/);
    const budgets = [namedAxis("power", "full,min-max"), budgetAxis(["energy=1,latency=1", "energy=2,latency=1"])];
    for (const baseline of ["min-max · energy=2,latency=1", "energy=2,latency=1 · min-max"]) {
      const { labels } = layOutGrid({ ...tiny, axes: budgets, baseline }).baseline;
      expect(labels).toEqual({ power: "min-max", budget: "energy=2,latency=1" });
    }
    expect(() => layOutGrid({ ...tiny, baseline: "ful", axes: [namedAxis("power", "full")] })).toThrow(
      /--baseline: .*did you mean "full"/,
    );
    expect(() => layOutGrid({ ...tiny, drops: 0, axes: [] })).toThrow(/--drops/);
    expect(() => gridOf({ preset: "quick", quantizer: ["emq"] } as never)).toThrow(/did you mean "quantizers"/);
    // Steps that are chosen with the powers leave no other powers to choose.
    expect(() => gridOf({ preset: "quick", quantizers: ["joint-resolution"], power: ["full"] })).toThrow(
      /power.method/,
    );
  });
});

describe("differences", () => {
  const axes = [namedAxis("power", "full,min-max"), budgetAxis(["energy=1,latency=1", "energy=2,latency=1"])];
  const partners = (baseline?: string) => {
    const grid = layOutGrid({ ...tiny, axes, ...(baseline !== undefined && { baseline }) });
    return Object.fromEntries(grid.cells.map((cell) => [cell.id, baselineOf(grid, cell).id]));
  };

  it("are taken at equal budgets, unless the baseline names its own", () => {
    for (const baseline of [undefined, "full"]) {
      expect(partners(baseline)).toEqual({
        "full · energy=1,latency=1": "full · energy=1,latency=1",
        "full · energy=2,latency=1": "full · energy=2,latency=1",
        "min-max · energy=1,latency=1": "full · energy=1,latency=1",
        "min-max · energy=2,latency=1": "full · energy=2,latency=1",
      });
    }
    const fixed = "min-max · energy=2,latency=1";
    expect(new Set(Object.values(partners(fixed)))).toEqual(new Set([fixed]));
  });

  it("say so under the table", () => {
    const grid = layOutGrid({ ...tiny, axes });
    expect(comparisonNotes(grid, comparisonRows(grid, summarizeGrid(grid, new Map())))).toContainEqual(
      expect.stringContaining('Differences are taken from "full · the same budget"'),
    );
  });
});
