import { expect, it } from "vitest";
import { compressors } from "../../src/papers/compressors.js";
import type { Scenario } from "../../src/papers/experiment.js";
import { allClaims, concludeReproduction, planReproduction } from "../../src/papers/reproduce.js";
import type { Scale } from "../../src/papers/scales.js";
import { quantizerNames } from "../../src/quantizers/index.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { here } from "../../src/study/run/here.js";
import { runJobs } from "../../src/study/run/run.js";
import { memoryStore } from "../../src/study/store/memory.js";

const scenario: Scenario = {
  title: "tiny",
  preset: "quick",
  sets: [
    ...["data.trainExamples=80", "data.testExamples=40", "network.clients=2", "training.localEpochs=1"],
    ...["model=softmax", "budgets.energy=0.01", "budgets.latency=0.05"],
  ],
  seeds: [1, 2, 3],
  drops: 1,
};
const tiny: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [20] },
  scenarios: [scenario],
};

const labelsOf = (grid: number): string[] =>
  compressors.grids(scenario)[grid]!.plan.axes[0]!.variants.map(({ label }) => label);

it("compressors has every quantizer there is", () => {
  const tried = new Set(labelsOf(0).map((label) => label.split(":")[0]));
  expect([...tried].sort()).toEqual([...quantizerNames].sort());
  expect(labelsOf(0)).toEqual(expect.arrayContaining(labelsOf(1)));
});

it("compressors holds each method against full precision, over bits, with intervals where seeds allow them", async () => {
  const plan = planReproduction({ scale: tiny, experiments: ["compressors"], sets: [] });
  const store = memoryStore();
  await runJobs(plan.jobs, { store, place: here() });
  const results = await concludeReproduction(plan, store);
  const claims = allClaims(results);
  expect(claims).toHaveLength(2 * (labelsOf(1).length - 1));
  const exact = claims.find(({ statement }) => statement.startsWith("laq:bits=8 at most a point"))!;
  expect([exact.published.value, exact.ours!.count]).toEqual([-1, 3]);

  const [shown] = compressors.figures!(results.training[0]!.scenarios[0]!);
  const full = shown!.series.find(({ name }) => name === "full precision")!;
  expect([full.x.length, full.y[0], full.low![0], full.high![0]]).toEqual([1, 0, 0, 0]);
  expect(full.x[0]).toBeGreaterThan(32); // and a header
  for (const { x, y, low, high } of shown!.series) {
    expect([...x].sort((a, b) => a - b)).toEqual(x);
    y.forEach((value, i) => {
      expect(low![i]!).toBeLessThanOrEqual(value);
      expect(high![i]!).toBeGreaterThanOrEqual(value);
    });
  }
  const { figures } = await reproductionSections(results);
  expect(figures.map(({ file }) => file)).toEqual(
    expect.arrayContaining(["compressors-frontier.svg", "compressors-distances.svg"]),
  );
}, 120_000);
