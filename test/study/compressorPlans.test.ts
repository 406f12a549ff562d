import { describe, expect, it } from "vitest";
import { compressorPlans } from "../../src/papers/compressorPlans.js";
import { allClaims, concludeReproduction, planReproduction } from "../../src/papers/reproduce.js";
import { chooseScale, type Scale } from "../../src/papers/scales.js";
import { lateAccuracy } from "../../src/study/analysis/outcomes.js";
import { layOutGrid } from "../../src/study/plan/grid.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";

const tiny: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [20] },
  scenarios: [
    {
      title: "tiny",
      preset: "quick",
      sets: [
        ...[
          "data.trainExamples=200",
          "data.testExamples=100",
          "network.clients=2",
          "training.localEpochs=1",
          "rounds=3",
        ],
        ...["budgets.energy=0.01", "budgets.latency=0.5"],
      ],
      seeds: [1, 2],
      drops: 2,
    },
  ],
};

describe("compressor-plans", () => {
  it("gives everybody the same budgets, processors and packets", () => {
    for (const scale of [tiny, chooseScale("quick"), chooseScale("reduced")]) {
      const [scenario] = scale.scenarios;
      const [{ plan }] = compressorPlans.grids(scenario!) as [ReturnType<typeof compressorPlans.grids>[0]];
      expect(plan.drops).toBe(1);
      const configs = layOutGrid(plan).cells.map(({ config }) => config);
      const budgetsOf = ({ budgets: { compute, ...budgets } }: (typeof configs)[0]) => {
        const { choose, frequency, ...processor } = compute.cpu;
        return { budgets, processor };
      };
      for (const config of configs) {
        expect(budgetsOf(config)).toEqual(budgetsOf(configs[0]!));
        expect(config.budgets.bits).toBe("wire");
        // Whoever cannot choose frequencies is given several
        if (config.power.method === "dinkelbach") expect(config.budgets.compute.cpu.choose).toBe(false);
      }
      const frequencies = configs
        .filter(({ power, quantizer }) => power.method === "dinkelbach" && quantizer.bits === 0.1)
        .map(({ budgets }) => budgets.compute.cpu.frequency);
      expect(frequencies).toEqual([0.5e9, 1e9, 2e9]);
    }
  });

  it("holds the plan against each, seed by seed", async () => {
    const plan = planReproduction({ scale: tiny, experiments: ["compressor-plans"], sets: [] });
    const store = memoryStore();
    await runJobs(plan.jobs, { store, place: here() });
    const results = await concludeReproduction(plan, store);
    const claims = allClaims(results);
    const late = (label: string, seed: number): number =>
      lateAccuracy.measure([...results.runs.values()].find((run) => run.cell === label && run.seed === seed)!)!;
    const planned = "bits, powers and frequencies planned";
    for (const { statement, ours } of claims) {
      const [better, worse] = statement.split(" better than ") as [string, string];
      // That of the other compressor is held against its own sizes.
      if (better !== planned) expect([better, worse.slice(0, 9)]).toEqual([`induced: ${planned}`, "induced: "]);
      const mean = [1, 2].reduce((sum, seed) => sum + late(better, seed) - late(worse, seed), 0) / 2;
      expect(ours!.mean).toBeCloseTo(100 * mean, 9);
    }
    expect(claims).toHaveLength(40 + 3);
  });
});
