import { describe, expect, it } from "vitest";
import { createNetwork, rateModel } from "../../src/network/index.js";
import { accuracyMaps } from "../../src/papers/accuracyMaps.js";
import { chooseExperiments, experimentNames } from "../../src/papers/index.js";
import {
  allClaims,
  changedSamples,
  concludeReproduction,
  planReproduction,
  type ReproductionRequest,
} from "../../src/papers/reproduce.js";
import { chooseScale, type Scale, scales } from "../../src/papers/scales.js";
import { setUpOf } from "../../src/papers/setup.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { powerMethod } from "../../src/power/index.js";
import { htmlReport } from "../../src/report/pages/html.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { type PricingStudy, pricesOf, pricingJobs } from "../../src/study/plan/pricings.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { threads } from "../../src/study/run/threads.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { trainingSize } from "../../src/training/size.js";

const byName = ["compressors", "compressor-tasks", "compressor-costs", "compressor-plans", "stored-curves"];

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

async function reproduce(request: Omit<ReproductionRequest, "scale">, place = here(), store = memoryStore()) {
  const plan = planReproduction({ scale: tiny, ...request });
  const { failures } = await runJobs(plan.jobs, { store, place });
  await place.close();
  expect(failures).toEqual([]);
  return concludeReproduction(plan, store);
}

it("calls samples changed where one of its experiments has others of the scale, what is only priced included", () => {
  const changed = (experiments: string[], samples: Pick<ReproductionRequest, "seeds" | "drops">) =>
    changedSamples({ scale: tiny, experiments, sets: [], ...samples });
  expect(changed(["power"], {})).toEqual({ seeds: false, drops: false });
  expect(changed(["power"], { seeds: [1, 2], drops: 2 })).toEqual({ seeds: false, drops: false });
  expect(changed(["power"], { seeds: [1], drops: 3 })).toEqual({ seeds: true, drops: true });
  expect(changed(["rounds"], { seeds: [1], drops: 3 })).toEqual({ seeds: false, drops: false });
  expect(changed(["rounds", "power"], { seeds: [1, 2], drops: 2 })).toEqual({ seeds: true, drops: true });
});

describe("experiments", () => {
  it("lay out at every scale without a mistake in a config, and share their trainings", () => {
    const experiments = chooseExperiments([]).training.map(({ name }) => name);
    for (const scale of scales) {
      const { training, jobs } = planReproduction({ scale, experiments, sets: [], seeds: [1], drops: 1 });
      const grids = training.flatMap(({ scenarios }) => scenarios.flatMap((one) => one.grids));
      const cells = grids.reduce((sum, { grid }) => sum + grid.cells.length, 0);
      expect(jobs.length).toBeLessThan(cells / 2);
      planReproduction({ scale, experiments: byName, sets: [], seeds: [1], drops: 1 });
    }
  }, 120_000);

  it("leave uploads their time where the server waits until a deadline", () => {
    for (const scenario of scales.flatMap((scale) => scale.scenarios)) {
      const { latency } = resolveConfig({ preset: scenario.preset, sets: [...scenario.sets] }).budgets;
      const { computeLatency } = setUpOf(scenario);
      if (scenario.fittingRounds === undefined) continue;
      const round = latency! / scenario.fittingRounds;
      const [grid] = chooseExperiments(["waiting"]).training[0]!.grids(scenario);
      const sets = grid!.plan.axes[0]!.variants.flatMap((variant) => variant.sets);
      const limits = sets.flatMap((set) => /^waiting\.(?:deadline|period)=(.*)$/.exec(set)?.[1] ?? []).map(Number);
      expect(limits.length).toBeGreaterThan(0);
      // The fastest clients compute for half as long as the set-up's, whose round this is.
      for (const limit of limits) expect(limit).toBeGreaterThan(round - computeLatency / 2);
    }
  });

  it("are known by name", () => {
    expect(experimentNames).toEqual([
      ...["rounds", "tradeoff", "maps", "convergence", "power", "quantizers", "optimizers", "joint", "accuracy-maps"],
      ...byName,
      ...[
        "thresholds",
        "adadelta",
        "servers",
        "radio",
        "networks",
        "tasks",
        "data-sets",
        "selection",
        "devices",
        "batteries",
        "losses",
        "waiting",
        "aggregation",
        "switches",
        "open",
      ],
    ]);
    const all = chooseExperiments([]).training.map(({ name }) => name);
    expect(all).not.toContain("compressors");
    expect(chooseExperiments(["compressors"]).training).toHaveLength(1);
    expect(() => chooseExperiments(["powers"])).toThrow(/did you mean "power"/);
    expect(() => chooseScale("quik")).toThrow(/did you mean "quick"/);
  });

  it("come to a claims table, figures and a page that opens offline", async () => {
    const results = await reproduce({ experiments: ["power", "rounds"], sets: ["training.localEpochs=1"] }, threads(2));
    const claims = allClaims(results);
    expect(claims.filter(({ source }) => source === "[O]")).toHaveLength(10);
    expect(claims.filter(({ source }) => source === "[P]")).toHaveLength(8);
    expect(new Set(claims.map(({ form }) => form))).toEqual(new Set(["as published", "fair"]));
    for (const { ours, verdict, published } of claims) {
      expect(verdict).not.toBe("");
      if (ours !== null) expect(ours.halfWidth).toBeGreaterThanOrEqual(0);
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
  const store = memoryStore();
  const options = { sets: ["training.localEpochs=1"], seeds: [1], drops: 1 };
  const judged = await reproduce({ ...options, experiments: ["power"] }, here(), store);
  const { sections, figures } = await reproductionSections(judged);
  const page = htmlReport({ title: "one seed", sections });
  expect(page).toMatch(/<td[^>]*>[+-]?\d+\.\d points<\/td>/);
  expect(page).not.toMatch(/\d points \[/);
  expect(page).toContain("1 seed × 1 drop");
  // The budgets, common to all lines, stand in the title and not in every name.
  expect(figures[0]!.svg).toMatch(/<title>Test accuracy over rounds \(energy=[^<]*\)<\/title>/);
  expect(figures[0]!.svg).toContain(">min-max</text>");
  const maps = await reproduce({ ...options, experiments: ["accuracy-maps"] }, here(), store);
  expect((await reproductionSections(maps)).sections.map(({ heading }) => heading)).toEqual([
    "Where the published differences in accuracy lie",
  ]);
  const starved = { ...options, experiments: ["accuracy-maps"], sets: ["budgets.energy=1e-9"] };
  const valuesOf = ({ training }: typeof maps) =>
    accuracyMaps.maps!(training[0]!.scenarios[0]!).flatMap(({ values }) => values.flat());
  expect(valuesOf(maps).some((value) => value !== null)).toBe(true);
  // Over networks that no round has changed anything would lead.
  expect(valuesOf(await reproduce(starved, here(), store)).every((value) => value === null)).toBe(true);
}, 60_000);

describe("experiments that only price", () => {
  it("take seeds, drops and settings like those that train", async () => {
    const of = (request: Partial<ReproductionRequest>) =>
      planReproduction({ scale: tiny, experiments: ["rounds"], sets: [], ...request }).pricing[0]!.studies;
    expect(of({}).map(({ seeds, drops, config }) => [seeds, drops, config.budgets.energy])).toEqual([
      [[1], 3, 0.5],
      [[1], 3, 0.5],
      [[1], 3, 0.5],
    ]);
    const [study] = of({ seeds: [4, 5], drops: 30, sets: ["budgets.energy=0.2", "network.antennas=2"] });
    expect([study!.seeds, study!.drops, study!.config.network.antennas]).toEqual([[4, 5], 30, 2]);
    expect(study!.cases.map(({ budgets }) => budgets.energy)).toContain(0.1);
    expect(
      pricingJobs(study!).map(({ payload }) => [payload.config.seed, payload.drops.first, payload.drops.count]),
    ).toEqual([
      [4, 0, 20],
      [4, 20, 10],
      [5, 0, 20],
      [5, 20, 10],
    ]);
    expect(() => of({ sets: ["budgets.latency=null"] })).toThrow(/budgets.latency: null/);
    // A setting that no price depends on is refused, unless something is trained as well.
    expect(() => of({ sets: ["training.optimizer=sgd"] })).toThrow(/--set: training.optimizer has no effect/);
    expect(of({ experiments: ["rounds", "power"], sets: ["training.optimizer=sgd"] })).toHaveLength(3);
    const { pricing } = await reproduce({ experiments: ["tradeoff"], sets: [], seeds: [1, 2], drops: 2 });
    expect(pricing[0]!.results.tables[0]!.title).toContain("2 seeds × 2 drops");
  }, 60_000);

  it("are left out until all their drops are there", async () => {
    const plan = planReproduction({ scale: tiny, experiments: ["rounds", "tradeoff"], sets: [] });
    const store = memoryStore();
    const rounds = plan.jobs.filter(({ name }) => name.startsWith("rounds"));
    expect(rounds.length).toBeLessThan(plan.jobs.length);
    await runJobs(rounds, { store, place: here() });
    expect((await concludeReproduction(plan, store)).pricing.map(({ name }) => name)).toEqual(["rounds"]);
    expect((await concludeReproduction(plan, memoryStore())).pricing).toEqual([]);
  }, 60_000);

  it("know the paper's network and what a round of it computes", () => {
    for (const preset of ["paper-cifar10-k20", "paper-cifar10-k40"]) {
      const config = resolveConfig({ preset });
      const { parameters, examplesPerClient } = trainingSize(config);
      expect(parameters).toBe(462_410);
      expect(examplesPerClient).toBe((5 * 50_000) / config.network.clients);
    }
    expect(trainingSize(resolveConfig({ preset: "quick", sets: ["data.trainExamples=100"] })).examplesPerClient).toBe(
      20,
    );
  });

  it("are priced as the power methods do, on the same drops for all, with everything that is billed", async () => {
    const config = resolveConfig({
      preset: "paper-cifar10-k20",
      sets: [
        "budgets.circuitPower=0.02",
        "budgets.downlink.enabled=true",
        "budgets.downlink.rate=1e9",
        "budgets.downlink.power=0.1",
        "budgets.compute.latencyPer1250=0.001",
      ],
    });
    const budgets = { energy: 0.1, latency: 2 };
    const methods = ["full", "most-rounds"] as const;
    const cases = methods.map((method) => ({ power: { method }, budgets }));
    const study: PricingStudy = { name: "t", config, seeds: [3], drops: 2, bitsPerEntry: [1, 1], cases };
    const store = memoryStore();
    await runJobs(pricingJobs(study), { store, place: here() });
    const prices = await pricesOf(study, store);
    const seconds = { compute: (0.001 * 12_500) / 1250, downlink: (32 * 462_410) / 1e9 };
    for (let drop = 0; drop < 2; drop++) {
      const rates = rateModel(createNetwork(config.network, { seed: 3, drop }), config.network, { seed: 3 });
      const bits = new Float64Array(20).fill(462_410);
      methods.forEach((method, i) => {
        const { power, latency } = powerMethod({ method }).allocate({
          rates,
          bits,
          computeLatency: seconds.compute + seconds.downlink,
          circuitPower: 0.02,
          fixedEnergy: 0.1 * seconds.downlink,
          budgets,
        });
        const sending = latency.reduce((sum, s, k) => sum + (config.network.transmitPower * power[k]! + 0.02) * s, 0);
        const price = prices[i]![drop]!;
        expect(price).toMatchObject({ seed: 3, drop, reason: null });
        expect(price.energy).toBeCloseTo(0.1 * seconds.downlink + sending, 12);
        expect(price.latency).toBeCloseTo(seconds.compute + seconds.downlink + Math.max(...latency), 12);
        expect(price.rounds).toBe(Math.min(0.1 / price.energy!, 2 / price.latency!));
      });
    }
  }, 60_000);
});
