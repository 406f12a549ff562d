import { describe, expect, it } from "vitest";
import type { Scenario } from "../../src/papers/experiment.js";
import { chooseExperiments } from "../../src/papers/index.js";
import { paperConfig } from "../../src/papers/pricing.js";
import {
  concludeReproduction,
  planReproduction,
  planTunings,
  type ReproductionRequest,
} from "../../src/papers/reproduce.js";
import { chooseScale, type Scale, scales } from "../../src/papers/scales.js";
import { computationText, setUpOf, trainsAsPublished } from "../../src/papers/setup.js";
import { emqUploads } from "../../src/papers/uploads.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { layOutGrid } from "../../src/study/plan/grid.js";
import { type PricingStudy, pricesOf, pricingJobs } from "../../src/study/plan/pricings.js";
import { trainingJobs } from "../../src/study/plan/trainings.js";
import { choicesOf, tuningJobs } from "../../src/study/plan/tunings.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { runStages } from "../../src/study/run/stages.js";
import { memoryStore } from "../../src/study/store/memory.js";

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
      sets: [
        ...["rounds=2", "data.trainExamples=200", "data.testExamples=100", "model=softmax", "network.clients=4"],
        "training.localEpochs=1",
      ],
      seeds: [1, 2],
      drops: 1,
    },
  ],
};

/** Of other networks computing is as their parameters are to the paper's: test/study/compressorTasks.test.ts. */
const isTask = ({ experiments }: Scenario) => experiments?.every((name) => name === "compressor-tasks") === true;

describe("what a round computes", () => {
  it("is 15 ms for each epoch of 1250 images of a client, at every scale", () => {
    for (const scale of scales) {
      for (const scenario of scale.scenarios) {
        if (isTask(scenario)) continue;
        const { imagesPerClient, localEpochs, computeLatency } = setUpOf(scenario);
        expect(computeLatency).toBeCloseTo((0.015 * localEpochs * imagesPerClient) / 1250, 12);
      }
    }
    const computation = (scale: string) =>
      chooseScale(scale)
        .scenarios.filter((one) => !isTask(one))
        .map((one) => computationText(setUpOf(one)));
    expect(computation("reduced")).toEqual([
      ...["ℓ_c = 3 ms (one epoch of 250 images)", "ℓ_c = 3 ms (one epoch of 250 images)"],
      "ℓ_c = 1.5 ms (one epoch of 125 images)",
      // Fashion-MNIST and CIFAR-100, where their files are
      ...["ℓ_c = 3 ms (one epoch of 250 images)", "ℓ_c = 3 ms (one epoch of 250 images)"],
    ]);
    expect(computation("paper")).toEqual([
      ...["ℓ_c = 60 ms (5 epochs of 1000 images)", "ℓ_c = 60 ms (5 epochs of 1000 images)"],
      // The notebooks' forty clients, for the curves that they keep
      "ℓ_c = 30 ms (5 epochs of 500 images)",
    ]);
  });

  it("is the paper's client's where nothing is trained: 150 ms with 20 clients, 75 with 40", () => {
    expect(computationText(setUpOf(paperConfig(20, [])))).toBe("ℓ_c = 150 ms (5 epochs of 2500 images)");
    expect(computationText(setUpOf(paperConfig(40, [])))).toBe("ℓ_c = 75 ms (5 epochs of 1250 images)");
    const broadcast = ["budgets.downlink.enabled=true", "training.localEpochs=1"];
    expect(setUpOf(paperConfig(20, broadcast)).computeLatency).toBeCloseTo(0.03, 12);
  });

  it("stands in the title of every training scenario and every table that prices", async () => {
    const plan = planReproduction({ scale: tiny, experiments: ["rounds", "tradeoff", "power"], sets: [] });
    for (const { scenarios } of plan.training) {
      expect(scenarios.map(({ scenario }) => scenario.title)).toEqual(["tiny, ℓ_c = 0.6 ms (one epoch of 50 images)"]);
    }
    const store = memoryStore();
    await runJobs(
      plan.jobs.filter(({ kind }) => kind === "pricing"),
      { store, place: here() },
    );
    for (const { results } of (await concludeReproduction(plan, store)).pricing) {
      for (const { title } of results.tables) expect(title).toContain("ℓ_c = 150 ms");
      for (const { where } of results.claims) expect(where).toContain("ℓ_c = 150 ms");
    }
  }, 60_000);

  it("says which scale trains the authors' baselines", () => {
    const trains = scales.map(({ name, scenarios }) => [
      name,
      // Nobody is held against a baseline where curves that are stored are.
      scenarios
        .filter(({ experiments }) => !experiments?.includes("stored-curves"))
        .every((one) => trainsAsPublished(setUpOf(one))),
    ]);
    expect(Object.fromEntries(trains)).toEqual({ quick: false, reduced: false, paper: true, full: true });
    for (const { scenarios } of scales) {
      for (const scenario of scenarios) {
        const forms = chooseExperiments(["quantizers", "optimizers"]).training.flatMap((one) => one.grids(scenario));
        expect(forms.some(({ form }) => form === "as published")).toBe(trainsAsPublished(setUpOf(scenario)));
      }
    }
  });
});

describe("the paper's scale", () => {
  it("has the trainings that were decided on: 36 of EMQ, AQUILA and LAQ, the choice of LAQ's bits, full precision", () => {
    const request: ReproductionRequest = { scale: chooseScale("paper"), experiments: [], sets: [] };
    const jobs = planReproduction(request).jobs.filter(({ kind }) => kind === "training");
    const quantizers = jobs.map(
      ({ payload }) => (payload as { config: { quantizer: { name: string } } }).config.quantizer.name,
    );
    expect(quantizers.filter((name) => name !== "identity")).toHaveLength(36);
    expect(quantizers.filter((name) => name === "identity")).toHaveLength(6);
    expect(tuningJobs(planTunings(request))).toHaveLength(8);
  });
});

describe("uploads that were measured", () => {
  it("are a bit an entry and more, and each drop takes one round's", async () => {
    const { rounds } = emqUploads.uploads;
    expect(rounds.every((bits) => bits.length === 20 && bits.every((one) => one >= 1 && one < 6))).toBe(true);
    const config = paperConfig(20, []);
    const { budgets } = config;
    const measured = { rounds: [new Array(20).fill(1), new Array(20).fill(2)] };
    const study = { config, seeds: [1], drops: 12, cases: [{ power: { method: "min-max" } as const, budgets }] };
    const price = async (bitsPerEntry: PricingStudy["bitsPerEntry"]) => {
      const store = memoryStore();
      const one = { ...study, name: "t", bitsPerEntry };
      await runJobs(pricingJobs(one), { store, place: here() });
      return (await pricesOf(one, store))[0]!.map(({ latency }) => latency!);
    };
    const [drawn, ones, twos] = await Promise.all([measured, [1, 1] as const, [2, 2] as const].map(price));
    const which = drawn!.map((latency, i) => (latency === ones![i] ? 1 : latency === twos![i] ? 2 : 0));
    expect(new Set(which)).toEqual(new Set([1, 2]));
  }, 60_000);
});

describe("maps", () => {
  it("need two numbers for four settings: a gain stays where E and T, or ℓ_c and S, grow together", async () => {
    const gains = [];
    for (const { energy, latency, epoch, bits } of [
      { energy: 0.2, latency: 5, epoch: 0.015, bits: 1.25 },
      { energy: 0.6, latency: 15, epoch: 0.015, bits: 1.25 },
      { energy: 0.2, latency: 5, epoch: 0.03, bits: 2.5 },
    ]) {
      const config = paperConfig(20, [`budgets.compute.latencyPer1250=${epoch}`]);
      const cases = (["most-rounds", "dinkelbach"] as const).map((method) => ({
        power: { method },
        budgets: { energy, latency },
      }));
      const study: PricingStudy = { name: "t", config, seeds: [1], drops: 4, bitsPerEntry: [bits, bits], cases };
      const store = memoryStore();
      await runJobs(pricingJobs(study), { store, place: here() });
      const [own, other] = (await pricesOf(study, store)).map((drops) =>
        drops.reduce((sum, { rounds }) => sum + rounds, 0),
      );
      gains.push(own! / other!);
    }
    expect(gains[0]!).toBeGreaterThan(1.1);
    // The methods' own tolerances, 1e-6 of what they minimize
    for (const gain of gains) expect(Math.abs(gain / gains[0]! - 1)).toBeLessThan(1e-5);
  }, 60_000);

  it("of accuracy price the same trainings that the quantizers' comparison makes", () => {
    const scenario = tiny.scenarios[0]!;
    const [power, quantizers, mapped] = ["power", "quantizers", "accuracy-maps"].map((name) =>
      chooseExperiments([name]).training.flatMap((one) => one.grids(scenario).map(({ plan }) => layOutGrid(plan))),
    );
    const keys = (grids: typeof power) => trainingJobs(grids!).map(({ key }) => key);
    const known = new Set(keys([...power!, ...quantizers!]));
    expect(keys(mapped).every((key) => known.has(key))).toBe(true);
    const runs = (grids: typeof power) => trainingJobs(grids!).flatMap(({ yields }) => yields).length;
    expect(runs(mapped)).toBeGreaterThan(5 * runs(power));
  });
});

describe("choices", () => {
  it("of rates are among four a decade apart, one below the usual, by the same rule for all", () => {
    const [optimizers] = chooseExperiments(["optimizers"]).training;
    const tunings = optimizers!.tunings!(tiny.scenarios[0]!);
    expect(tunings).toHaveLength(18);
    for (const { candidates, usual, seeds } of tunings) {
      const rates = candidates.map(({ label }) => Number(label.split(" at ")[1]));
      expect(rates.map((rate) => Math.round(Math.log10(rate / rates[0]!)))).toEqual([0, 1, 2, 3]);
      expect(candidates[1]).toBe(usual);
      expect(seeds).toHaveLength(2);
    }
  });

  it("come first, decide what is compared, and are shown", async () => {
    const request: ReproductionRequest = { scale: tiny, experiments: ["quantizers"], sets: [] };
    const tunings = planTunings(request);
    expect(tunings.map(({ name, candidates }) => [name, candidates.length])).toEqual([["bits of LAQ, AdaDelta", 4]]);
    const store = memoryStore();
    const place = here();
    let plan = planReproduction(request);
    await runStages(
      [
        () => tuningJobs(tunings),
        async () => {
          plan = planReproduction({ ...request, choices: await choicesOf(tunings, store) });
          return plan.jobs;
        },
      ],
      { store, place },
    );
    const chosen = (await choicesOf(tunings, store)).get("bits of LAQ, AdaDelta")!.variant.label;
    const results = await concludeReproduction(plan, store);
    expect(results.training[0]!.scenarios[0]!.grids[0]!.grid.axes[0]!.variants.map(({ label }) => label)).toContain(
      chosen,
    );
    const { sections } = await reproductionSections(results);
    expect(JSON.stringify(sections)).toContain("bits of LAQ, AdaDelta");
    // EMQ is a band over its readings.
    const { experiment, scenarios } = results.training[0]!;
    const band = experiment.tables!(scenarios[0]!).find(({ header }) => header[0] === "reading")!;
    expect(band.header).toEqual(["reading", "over aquila", `over ${chosen}`, "over identity"]);
    expect(band.rows.map(([reading]) => reading)).toEqual([
      ...["emq", "emq:base=2", "emq:digits=1", "emq:scope=tensor", "emq:step=fractional"],
    ]);
    for (const row of band.rows) expect(row.slice(1).every((cell) => cell !== null)).toBe(true);
    // Seeds of the choice are none of the comparison's.
    expect(tunings[0]!.seeds.some((seed) => tiny.scenarios[0]!.seeds.includes(seed))).toBe(false);
  }, 60_000);
});
