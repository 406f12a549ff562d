import { expect, it } from "vitest";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { simulateSeeds } from "../../src/study/run/seeds.js";

const config = completeConfig({
  preset: "quick",
  rounds: 2,
  data: { trainExamples: 300, testExamples: 100 },
  model: { preset: "softmax" },
  training: { localEpochs: 1 },
  network: { clients: 3 },
});

it("runs whole seeds on threads, with the results of one thread, in the order asked for", async () => {
  const rounds: string[] = [];
  const results = await simulateSeeds(config, [5, 3, 4], {
    workers: 2,
    onRound: (seed, r) => rounds.push(`${seed}:${r.round}`),
  });
  expect(results.map((r) => r.config.seed)).toEqual([5, 3, 4]);
  expect(rounds.sort()).toEqual(["3:1", "3:2", "4:1", "4:2", "5:1", "5:2"]);
  const alone = await simulate({ ...config, seed: 3 });
  expect(results[1]!.fingerprint).toEqual(alone.fingerprint);
}, 60_000);

it("returns what is finished when it is broken off", async () => {
  const controller = new AbortController();
  controller.abort();
  expect(await simulateSeeds(config, [1, 2], { workers: 1, signal: controller.signal })).toEqual([]);
});
