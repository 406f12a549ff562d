import { describe, expect, it } from "vitest";
import { planReproduction } from "../../src/papers/reproduce.js";
import { reproductionPlan } from "../../src/papers/reproductionPlan.js";
import { chooseScale } from "../../src/papers/scales.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { comparisonPlan } from "../../src/study/plan/asPlan.js";
import { parseStudyPlan, studyPlanJsonSchema } from "../../src/study/plan/parsePlan.js";
import { gridOf } from "../../src/study/plan/plan.js";
import type { StudyPlan } from "../../src/study/plan/planForm.js";
import { layOutStudy } from "../../src/study/plan/studyPlan.js";
import { trainingJobs } from "../../src/study/plan/trainings.js";

const lay = (plan: unknown) => layOutStudy(plan as StudyPlan);
const grid = (plan: unknown) => lay(plan).parts[0]!.grid;
const labels = (plan: unknown, axis = "x") =>
  grid(plan)
    .axes.find(({ name }) => name === axis)!
    .variants.map(({ label }) => label);
const clients = (plan: unknown) => grid(plan).cells.map(({ config }) => config.network.clients);

describe("a plan's axes", () => {
  it("are lists of a field, under the field's name or another", () => {
    expect(clients({ axes: { "network.clients": [10, 20] } })).toEqual([10, 20]);
    const named = grid({ axes: { K: { path: "network.clients", values: [10, 20] } } });
    expect(named.cells.map(({ labels }) => labels)).toEqual([{ K: "10" }, { K: "20" }]);
  });

  it("are methods in the one grammar", () => {
    const { cells } = grid({
      axes: {
        quantizer: ["emq", "laq:bits=4"],
        opt: { path: "training.optimizer", values: ["sgd:learningRate=0.5", "adam"] },
      },
    });
    expect(cells.map(({ config }) => [config.quantizer.name, config.training.optimizer.name])).toEqual([
      ["emq", "sgd"],
      ["emq", "adam"],
      ["laq", "sgd"],
      ["laq", "adam"],
    ]);
    expect(cells[2]!.config.quantizer).toMatchObject({ bits: 4 });
    expect(cells[0]!.config.training.optimizer).toMatchObject({ learningRate: 0.5 });
  });

  it("are ranges by step and by count, both ends in them", () => {
    const x = (range: object) => labels({ axes: { x: { path: "training.optimizer.learningRate", ...range } } });
    expect(x({ from: 0.1, to: 0.5, step: 0.1 })).toEqual(["0.1", "0.2", "0.3", "0.4", "0.5"]);
    expect(x({ from: 0.1, to: 0.45, step: 0.1 })).toEqual(["0.1", "0.2", "0.3", "0.4"]);
    expect(x({ from: 1, to: 2, count: 5 })).toEqual(["1", "1.25", "1.5", "1.75", "2"]);
    expect(x({ from: 0.001, to: 1, count: 4, scale: "log" })).toEqual(["0.001", "0.01", "0.1", "1"]);
  });

  it("go together in a zip", () => {
    const { cells } = grid({
      axes: { size: { zip: { "network.clients": [10, 20], "network.pilots": { from: 5, to: 10, step: 5 } } } },
    });
    expect(cells.map(({ config, labels }) => [config.network.clients, config.network.pilots, labels.size])).toEqual([
      [10, 5, "10 / 5"],
      [20, 10, "20 / 10"],
    ]);
  });

  it("are cases of several fields with labels of their own", () => {
    const { cells } = grid({
      axes: {
        place: {
          cases: [
            { label: "small", set: { "network.clients": 5, power: "joint:alpha=0.3" } },
            { label: "usual", set: {} },
          ],
        },
      },
    });
    expect(cells.map(({ id, config }) => [id, config.network.clients, config.power.method])).toEqual([
      ["small", 5, "joint"],
      ["usual", 10, "most-rounds"],
    ]);
  });

  it("are draws that the seed and the field alone decide", () => {
    const draw = (more: object, name = "x") =>
      labels(
        {
          axes: {
            [name]: { path: "training.optimizer.learningRate", draw: { logUniform: [0.001, 1] }, count: 20, ...more },
          },
        },
        name,
      );
    const drawn = draw({});
    expect(new Set(drawn).size).toBe(20);
    expect(drawn.map(Number).every((value) => value >= 0.001 && value < 1)).toBe(true);
    expect(draw({})).toEqual(drawn);
    expect(draw({}, "rate")).toEqual(drawn);
    expect(draw({ seed: 2 })).not.toEqual(drawn);
    expect(draw({ count: 5 })).toEqual(drawn.slice(0, 5));
    const integers = labels({ axes: { x: { path: "network.clients", draw: { integer: [4, 8] }, count: 5 } } });
    expect([...integers].sort()).toEqual(["4", "5", "6", "7", "8"]);
  });

  it("leave out what is excluded", () => {
    const plan = {
      axes: { quantizer: ["emq", "laq"], "network.clients": [10, 20, 40] },
      exclude: [{ quantizer: "laq", "network.clients": [20, 40] }],
    };
    expect(grid(plan).cells.map(({ id }) => id)).toEqual(["emq · 10", "emq · 20", "emq · 40", "laq · 10"]);
  });

  it("are joined by budgets", () => {
    const { cells } = grid({ budgets: [{ energy: 0.02, latency: 0.45 }, { energy: null }] });
    expect(cells.map(({ config, labels }) => [config.budgets.energy, config.budgets.latency, labels.budget])).toEqual([
      [0.02, 0.45, "energy=0.02,latency=0.45"],
      [null, 0.45, "energy=none"],
    ]);
  });
});

describe("a plan", () => {
  const small = {
    base: "quick",
    set: { rounds: 3 },
    axes: { power: ["most-rounds", "full"] },
    seeds: "1..2",
    drops: 3,
  };

  it("is laid out to the same jobs wherever that is done, and is known by its hash", () => {
    expect(lay(structuredClone(small))).toEqual(lay(small));
    expect(lay({ $schema: "plan.schema.json", ...small }).hash).toBe(lay(small).hash);
    expect(lay({ ...small, drops: 4 }).hash).not.toBe(lay(small).hash);
    expect(layOutStudy(small as StudyPlan, { sources: { "mine.mjs": "00" } }).hash).not.toBe(lay(small).hash);
    expect(lay(small)).toMatchObject({ points: 12 });
    expect(lay(small).jobs.map(({ kind }) => kind)).toEqual(["training", "training"]);
  });

  it("has the same trainings as the comparison that it was written from", () => {
    const compare = {
      file: resolveConfig({ preset: "quick", sets: ["rounds=3"] }),
      quantizers: ["emq", "laq:bits=4", "joint-resolution"],
      vary: ["network.clients=5,10", "data.split=iid,dirichlet"],
      budgets: ["energy=0.02,latency=none"],
      seeds: [1, 2, 3],
      drops: 2,
    };
    const plan = JSON.parse(JSON.stringify(comparisonPlan("c", compare, compare.file, [])));
    expect(plan.seeds).toBe("1..3");
    const keys = (jobs: readonly { key: string; yields: readonly string[] }[]) =>
      jobs.map(({ key, yields }) => [key, yields]);
    expect(keys(lay(plan).jobs)).toEqual(keys(trainingJobs([gridOf(compare)])));
  });

  it("has the same trainings as the reproduction that it was written from, part by part", () => {
    const reproduction = planReproduction({
      scale: chooseScale("quick"),
      experiments: ["power", "rounds"],
      sets: ["rounds=2"],
    });
    const plan = JSON.parse(JSON.stringify(reproductionPlan("quick", reproduction)));
    const { parts, jobs } = lay(plan);
    const trainings = (list: readonly { kind: string; key: string; yields: readonly string[] }[]) =>
      list.filter(({ kind }) => kind === "training").map(({ key, yields }) => [key, yields]);
    expect(trainings(jobs)).toEqual(trainings(reproduction.jobs));
    expect(trainings(jobs).length).toBeGreaterThan(0);
    expect(parts.filter(({ kind }) => kind === "pricing").length).toBeGreaterThan(0);
  });

  it("shares trainings among its parts", () => {
    const part = (name: string, power: string[]) => ({ name, set: { rounds: 3 }, axes: { power } });
    const { jobs, points } = lay({ parts: [part("a", ["full"]), part("b", ["most-rounds", "full"])] });
    expect(points).toBe(3);
    expect(jobs.map(({ yields }) => yields.length)).toEqual([2]);
  });

  it("lays out a million drops in blocks that a longer study finds again", () => {
    const plan = (drops: number) =>
      lay({ jobs: "pricing", base: "paper-cifar10-k20", axes: { power: ["most-rounds", "full"] }, drops }).jobs;
    const million = plan(1_000_000);
    expect(million).toHaveLength(5000);
    expect(million[0]!.yields).toHaveLength(2);
    const known = new Set(million.flatMap(({ yields }) => yields));
    expect(new Set([...known]).size).toBe(10_000);
    expect(
      plan(1000)
        .flatMap(({ yields }) => yields)
        .every((key) => known.has(key)),
    ).toBe(true);
  });

  it.each([
    [{ axis: {} }, /^plan: unknown field "axis"; did you mean "axes"\?/],
    [{ base: "quik" }, /^base: unknown preset "quik"; did you mean "quick"\?/],
    [
      { axes: { "network.client": [1] } },
      /^network\.client: unknown key; did you mean "network\.clients"\?.*\n {2}at the point "1"/,
    ],
    [{ axes: { "network.clients": [10, -2] } }, /^network\.clients: -2 is not allowed .*\n {2}at the point "-2"/],
    [{ axes: { "network.clients": [10, 10] } }, /^axes\.network\.clients: "10" is given twice/],
    [
      { axes: { "network.clients": [5, 6], K: { path: "network.clients", values: [7, 8] } } },
      /"5 · 7" and "6 · 7" are the same configuration: the axes "network.clients" and "K" both set network.clients/,
    ],
    [{ axes: { quantizer: ["emq", "emq:digits=0"] } }, /"emq" and "emq:digits=0" are the same configuration/],
    [
      { axes: { K: { path: "network.clients", from: 1, to: 9, stepp: 2 } } },
      /^axes\.K: unknown field "stepp"; did you mean "step"\?/,
    ],
    [{ axes: { K: { path: "network.clients", from: 1, to: 9 } } }, /^axes\.K: a range has either a step or a count/],
    [
      { axes: { K: { path: "network.clients", from: 9, to: 1, count: 2 } } },
      /^axes\.K: a range from 9 to 1 runs backwards/,
    ],
    [
      { axes: { K: { path: "network.clients", draw: { integer: [1, 3] }, count: 4 } } },
      /^axes\.K: 4 different values are asked for, and 3 were found/,
    ],
    [
      { axes: { K: { path: "network.clients", draw: { unifrom: [1, 2] }, count: 4 } } },
      /^axes\.K\.draw: .* is not allowed \(allowed: \{ uniform/,
    ],
    [
      { axes: { x: { zip: { "network.clients": [1, 2], "network.pilots": [1] } } } },
      /^axes\.x\.zip: 2 values of network\.clients and 1 of network\.pilots/,
    ],
    [{ axes: { seed: [1, 2] } }, /^axes\.seed: .*give them as seeds/],
    [{ axes: { K: 7 } }, /^axes\.K: 7 is not allowed \(allowed: a list, /],
    [
      { axes: { power: ["full"] }, exclude: [{ powr: "full" }] },
      /^exclude\[0\]\.powr: unknown axis "powr"; did you mean "power"\?/,
    ],
    [
      { axes: { power: ["full"] }, exclude: [{ power: "ful" }] },
      /^exclude\[0\]\.power: unknown label "ful"; did you mean "full"\?/,
    ],
    [{ axes: { power: ["full"] }, exclude: [{ power: "full" }] }, /every combination is excluded/],
    [{ set: { "power.alpha": 0.3 } }, /^power\.alpha: 0\.3 has no effect/],
    [{ seeds: "4..1" }, /^seeds: "4\.\.1" is not allowed/],
    [{ seeds: "1,1" }, /^seeds: 1 is given twice/],
    [{ drops: 0 }, /^drops: 0 is not allowed \(allowed: at least 1\)/],
    [{ jobs: "train" }, /^jobs: "train" is not allowed \(allowed: training, pricing, rates, quantizers\)/],
    [{ jobs: "rates", bitsPerEntry: [1, 2] }, /^bitsPerEntry: has no effect with jobs "rates"/],
    [{ parts: [{ name: "a" }, { name: "a" }] }, /^parts: two are called "a"/],
    [{ parts: [{ name: "a" }, { name: "b", drops: -1 }] }, /^parts\[1\]\.drops: -1 is not allowed/],
    [{ baseline: "most", axes: { power: ["full", "most-rounds"] } }, /^baseline: unknown variant "most"/],
    [[], /^plan: \[\] is not allowed/],
  ])("refuses %j", (plan, message) => {
    expect(() => lay(plan)).toThrow(message);
  });

  it("has a JSON Schema that knows every field", () => {
    const schema = studyPlanJsonSchema() as {
      anyOf: { properties: object }[];
      $defs: { config: { properties: object } };
    };
    expect(Object.keys(schema.anyOf[0]!.properties)).toEqual(
      expect.arrayContaining(["base", "axes", "seeds", "drops", "budgets", "exclude"]),
    );
    expect(Object.keys(schema.anyOf[1]!.properties)).toContain("parts");
    expect(Object.keys(schema.$defs.config.properties)).toContain("network");
    expect(parseStudyPlan({ $schema: "x" })).toEqual({ $schema: "x" });
  });
});
