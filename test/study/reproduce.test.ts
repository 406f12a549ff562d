import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/config/resolve.js";
import { createNetwork, rateModel } from "../../src/network/index.js";
import { chooseExperiments, experimentNames } from "../../src/papers/index.js";
import { allClaims, reproduce } from "../../src/papers/reproduce.js";
import { chooseScale, type Scale, scales } from "../../src/papers/scales.js";
import { powerMethod } from "../../src/power/index.js";
import { htmlReport } from "../../src/report/pages/html.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { priceRounds } from "../../src/study/jobs/pricing.js";
import { layOutGrid, traceJobs } from "../../src/study/plan/grid.js";
import { memoryStore } from "../../src/study/store/store.js";

const tiny: Scale = {
  name: "tiny",
  description: "for this test",
  realData: false,
  pricingDrops: 3,
  clients: [20],
  scenarios: [
    {
      title: "tiny",
      preset: "quick",
      sets: ["rounds=2", "data.trainExamples=200", "data.testExamples=100", "model=softmax", "network.clients=4"],
      seeds: [1, 2],
      drops: 2,
    },
  ],
};

describe("experiments", () => {
  it("lay out at every scale without a mistake in a config, and share their trainings", () => {
    for (const scale of scales) {
      for (const scenario of scale.scenarios) {
        const grids = chooseExperiments([]).training.flatMap((experiment) =>
          experiment.grids({ ...scenario, seeds: [1], drops: 1 }).map(({ plan }) => layOutGrid(plan)),
        );
        const cells = grids.reduce((sum, grid) => sum + grid.cells.length, 0);
        expect(traceJobs(grids).length).toBeLessThan(cells / 2);
      }
    }
  });

  it("are known by name", () => {
    expect(experimentNames).toEqual(["rounds", "tradeoff", "power", "quantizers", "optimizers", "joint", "open"]);
    expect(() => chooseExperiments(["powers"])).toThrow(/did you mean "power"/);
    expect(() => chooseScale("quik")).toThrow(/did you mean "quick"/);
  });

  it("come to a claims table, figures and a page that opens offline", async () => {
    const store = await memoryStore();
    const results = await reproduce({
      scale: tiny,
      experiments: ["power", "rounds"],
      sets: ["training.localEpochs=1"],
      workers: 2,
      store,
    });
    store.close();
    expect(results.failures).toEqual([]);
    const claims = allClaims(results);
    expect(claims.filter(({ source }) => source === "[O]")).toHaveLength(8);
    expect(claims.filter(({ source }) => source === "[P]")).toHaveLength(8);
    expect(new Set(claims.map(({ form }) => form))).toEqual(new Set(["as published", "fair"]));
    for (const { ours, verdict, published } of claims) {
      expect(verdict).not.toBe("");
      if (ours !== null) expect(ours.low).toBeLessThanOrEqual(ours.high);
      expect(published.value).toBeGreaterThan(0);
    }
    const { sections, figures } = await reproductionSections(results);
    const page = htmlReport({ title: "tiny", sections });
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|src=|@import|url\(/);
    expect(page).not.toMatch(/undefined|NaN/);
    expect(new Set(figures.map(({ file }) => file)).size).toBe(figures.length);
  }, 60_000);
});

it("gives no interval where there is one seed, and no table of claims where none is judged", async () => {
  const store = await memoryStore();
  const options = { scale: tiny, sets: ["training.localEpochs=1"], seeds: [1], drops: 1, workers: 1, store };
  const judged = await reproduce({ ...options, experiments: ["power"] });
  const { sections, figures } = await reproductionSections(judged);
  const page = htmlReport({ title: "one seed", sections });
  expect(page).toMatch(/<td[^>]*>[+-]?\d+\.\d points<\/td>/);
  expect(page).not.toMatch(/\d points \[/);
  expect(page).toContain("1 seed × 1 drop");
  // The budgets, common to all lines, stand in the title and not in every name.
  expect(figures[0]!.svg).toMatch(/<title>Test accuracy over rounds \(energy=[^<]*\)<\/title>/);
  expect(figures[0]!.svg).toContain(">min-max</text>");
  const open = await reproduce({ ...options, experiments: ["open"] });
  store.close();
  expect((await reproductionSections(open)).sections.map(({ heading }) => heading)).toEqual([
    "What the paper leaves open",
  ]);
}, 60_000);

it("prices synthetic rounds as the power methods do, on the same drops for all", () => {
  const { network } = resolveConfig({ preset: "paper-cifar10-k20" });
  const study = {
    network,
    seed: 3,
    drops: 2,
    bitsPerEntry: [1, 1] as const,
    parameters: 100_000,
    computeLatency: 0.01,
    budgets: { energy: 0.1, latency: 2 },
    methods: [
      { label: "a", method: "full" as const },
      { label: "b", method: "min-max" as const },
    ],
  };
  const prices = priceRounds(study);
  for (let drop = 0; drop < 2; drop++) {
    const rates = rateModel(createNetwork(network, { seed: 3, drop }), network, { seed: 3 });
    const bits = new Float64Array(20).fill(100_000);
    for (const [label, method] of [
      ["a", "full"],
      ["b", "min-max"],
    ] as const) {
      const { energy, latency } = powerMethod({ method }).allocate({ rates, bits, computeLatency: 0.01 });
      const joules = energy.reduce((sum, e) => sum + e, 0);
      const seconds = 0.01 + Math.max(...latency);
      expect(prices.get(label)![drop]).toEqual({
        drop,
        energy: joules,
        latency: seconds,
        rounds: Math.min(0.1 / joules, 2 / seconds),
      });
    }
  }
});
