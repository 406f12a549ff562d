import { expect, it } from "vitest";
import { openCompressors } from "../../src/papers/open/compressors.js";
import { allClaims, concludeReproduction, planReproduction, planTunings } from "../../src/papers/reproduce.js";
import type { Scale } from "../../src/papers/scales.js";
import { quantizerNames } from "../../src/quantizers/index.js";
import { reproductionSections } from "../../src/report/tables/reproduction.js";
import { runJobs } from "../../src/study/run/run.js";
import { threads } from "../../src/study/run/threads.js";
import { memoryStore } from "../../src/study/store/memory.js";

const scale: Scale = {
  ...{ name: "tiny", description: "for this test", realData: false, pricingDrops: 3, clients: [20] },
  scenarios: [
    {
      title: "tiny",
      preset: "quick",
      sets: [
        ...[
          "data.split=dirichlet",
          "data.split.alpha=0.4",
          "data.trainExamples=80",
          "data.testExamples=50",
          "rounds=2",
        ],
        ...["network.clients=4", "training.localEpochs=1", "budgets.energy=0.002", "budgets.latency=0.2"],
      ],
      seeds: [1, 2],
      drops: 5,
    },
  ],
};

it("holds every quantizer against full precision at equal rounds, by what really travels both ways", async () => {
  const request = { scale, experiments: ["compressors"], sets: [] };
  for (const { seeds } of planTunings(request)) expect(seeds).toHaveLength(1);
  const plan = planReproduction(request);
  const store = memoryStore();
  const place = threads(2);
  const { failures } = await runJobs(plan.jobs, { store, place });
  await place.close();
  expect(failures).toEqual([]);
  const results = await concludeReproduction(plan, store);
  const [scenario] = results.training[0]!.scenarios;
  const [screening] = scenario!.grids;
  const tried = screening!.grid.cells.map(({ config }) => config.quantizer.name);
  expect([...new Set(tried)].sort()).toEqual([...quantizerNames].sort());
  for (const run of results.runs.values()) expect([run.ended.by, run.final.rounds]).toEqual(["rounds", 2]);

  const [all] = openCompressors.tables!(scenario!);
  const row = (name: string) => all!.rows.find(([label]) => String(label).startsWith(name))!;
  const [, up, down] = row("identity");
  expect([Math.round(up as number), down]).toEqual([32, null]);
  for (const both of ["powersgd", "thc", "rate-distortion, both"]) expect(row(both)[2]).toBeGreaterThan(0);
  expect(row("rate-distortion, bits")[2]).toBeNull();

  const claims = allClaims(results);
  expect(claims[0]).toMatchObject({ unit: "points", published: { bound: "at least", value: -1 }, adjusted: null });
  expect(claims.filter(({ unit }) => unit === "percent").map(({ where }) => where.slice(-5))).toEqual([
    ...["K = 4", "K = 4", "K = 8", "K = 8"],
  ]);
  for (const { ours, statement } of claims) expect(ours, statement).not.toBeNull();
  const { figures } = await reproductionSections(results);
  const frontier = figures.find(({ file }) => file === "compressors-screening.svg")!;
  for (const { labels } of screening!.grid.cells) expect(frontier.svg).toContain(labels.compressor);
}, 120_000);
