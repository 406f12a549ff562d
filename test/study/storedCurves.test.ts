import jstat from "jstat";
import { describe, expect, it } from "vitest";
import { concludeReproduction, planReproduction } from "../../src/papers/reproduce.js";
import { chooseScale, type Scale } from "../../src/papers/scales.js";
import { storedCurves } from "../../src/papers/storedCurves.js";
import { layOutGrid } from "../../src/study/plan/grid.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";

const tiny: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [40] },
  scenarios: [
    {
      ...{ title: "tiny", preset: "quick", seeds: [1, 2, 3], drops: 2, experiments: ["stored-curves"] },
      // As many images as at hand, so that forty rounds have the steps of sixteen.
      sets: ["data.trainExamples=2400", "network.clients=4", "training.localEpochs=1", "model=softmax"],
    },
  ],
};

describe("stored-curves", () => {
  it("is the notebooks' set-up, on the images at hand", () => {
    const scenario = chooseScale("paper").scenarios.find(({ experiments }) => experiments?.includes("stored-curves"))!;
    const configs = layOutGrid(storedCurves.grids(scenario)[0]!.plan).cells.map(({ config }) => config);
    expect(configs.map(({ quantizer }) => [quantizer.name, quantizer.variant])).toEqual([
      ["aquila", "authors-code"],
      ["laq", "authors-code"],
    ]);
    for (const { network, training, data, budgets, rounds } of configs) {
      expect(network.clients).toBe(40);
      expect(training).toMatchObject({ localEpochs: 5, optimizer: { name: "sgd", learningRate: 1e-3 } });
      expect(data).toMatchObject({ name: "cifar10", trainExamples: 20_000, split: { kind: "dirichlet", alpha: 0.4 } });
      expect([budgets.energy, budgets.latency, rounds]).toEqual([null, null, 40]);
    }
  });

  it("holds a stored figure against where another seed would lie, by rounds and by steps", async () => {
    const plan = planReproduction({ scale: tiny, experiments: ["stored-curves"], sets: [] });
    const store = memoryStore();
    await runJobs(plan.jobs, { store, place: here() });
    const { training } = await concludeReproduction(plan, store);
    const results = training[0]!.scenarios[0]!;
    const { grid } = results.grids[0]!;
    for (const { config } of grid.cells) config.data.trainExamples = 20_000;
    const [aquila] = storedCurves.tables!(results);
    const courses = grid.seeds.map(
      (seed) =>
        [...results.runs.values()].find(
          ({ labels, seed: of }) => labels.quantizer?.startsWith("aquila") && of === seed,
        )!.course.accuracy as number[],
    );
    const expected = (values: number[]) => {
      const mean = jstat.mean(values);
      const half = jstat.studentt.inv(0.975, 2) * jstat.stdev(values, true) * Math.sqrt(1 + 1 / 3);
      return { value: 100 * mean, low: 100 * (mean - half), high: 100 * (mean + half) };
    };
    expect(aquila!.rows.map(([round]) => round)).toEqual(["1", "5", "10", "20", "30", "40"]);
    for (const [round, theirs, ours, inside, steps, insideSteps] of aquila!.rows) {
      const at = Number(round);
      for (const [cell, word, values] of [
        [ours, inside, courses.map((accuracy) => accuracy[at]!)],
        // Their round 5 is our 12½.
        [
          steps,
          insideSteps,
          courses.map((accuracy) => (accuracy[Math.floor(2.5 * at)]! + accuracy[Math.ceil(2.5 * at)]!) / 2),
        ],
      ] as const) {
        if (cell === null) {
          expect(2.5 * at).toBeGreaterThan(40);
          continue;
        }
        const wanted = expected(values);
        for (const end of ["value", "low", "high"] as const)
          expect((cell as typeof wanted)[end]).toBeCloseTo(wanted[end], 6); // jstat’s quantile has nine digits
        expect(word).toBe((theirs as number) >= wanted.low && (theirs as number) <= wanted.high ? "yes" : "no");
      }
    }
    const [figure] = storedCurves.figures!(results);
    expect(figure!.series.map(({ x }) => x.length)).toEqual([40, 6, 40, 6]);
    expect(figure!.series[0]!.low![9]).toBeCloseTo(expected(courses.map((accuracy) => accuracy[10]!)).low / 100, 8);
  });
});
