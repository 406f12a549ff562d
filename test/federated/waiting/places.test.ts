import { expect, it } from "vitest";
import { simulate } from "../../../src/federated/simulate.js";
import { compare, gridOf } from "../../../src/index.js";
import { parseConfig } from "../../../src/parts/resolve.js";
import { learningOf, trainingKey } from "../../../src/study/plan/keys.js";
import { threadedExecutor } from "../../../src/study/run/executor.js";
import { tiny } from "../tiny.js";

const uneven = { ...tiny, data: { ...tiny.data, split: { kind: "quantity", alpha: 2 } } } as const;

it.each([
  { kind: "deadline", deadline: 0.002, late: "keep" },
  { kind: "asynchronous", buffer: 2 },
  { kind: "asynchronous", buffer: 1, mixing: "models" },
] as const)("is the same on any number of threads (%o)", async (waiting) => {
  const here = await simulate({ ...uneven, waiting });
  for (const threads of [2, 3]) {
    expect(await simulate({ ...uneven, waiting }, { executor: threadedExecutor(threads) })).toEqual(here);
  }
});

it("is trained for each drop, power method and budget, where the synchronous server shares its training", () => {
  const keyOf = (more: object, drop = 0) => trainingKey(learningOf(parseConfig({ ...tiny, ...more })), 1, drop);
  const others = [{ power: "full" }, { budgets: { energy: 1 } }, { network: { ...tiny.network, antennas: 8 } }];
  for (const other of others) {
    expect(keyOf(other)).toBe(keyOf({}));
    expect(keyOf({ ...other, waiting: "asynchronous" })).not.toBe(keyOf({ waiting: "asynchronous" }));
  }
  expect(keyOf({}, 1)).toBe(keyOf({}));
  expect(keyOf({ waiting: "asynchronous" }, 1)).not.toBe(keyOf({ waiting: "asynchronous" }));
});

it("is a cell of a grid like any other, also beside one whose devices alone are others", async () => {
  const sets = ["rounds=3", "data.trainExamples=300", "data.testExamples=100", "model=softmax", "network.clients=4"];
  const cpu = ["budgets.compute.cpu.enabled=true", "budgets.compute.cpu.cyclesPerSample=1e5"];
  const plan = {
    preset: "quick",
    sets: [...sets, "training.localEpochs=1", ...cpu],
    vary: ["devices.frequency.distribution=same,log-uniform", "waiting=synchronous,asynchronous"],
    seeds: [1],
    drops: 2,
  };
  const { runs } = await compare(plan);
  // The synchronous cells share a training over both drops; each asynchronous one has one a drop.
  expect(new Set(runs.map(({ trace }) => trace)).size).toBe(1 + 4);
  for (const { id, config } of gridOf(plan).cells) {
    for (const { drop, fingerprint } of runs.filter(({ cell }) => cell === id)) {
      expect((await simulate({ ...config, seed: 1 }, { drop })).fingerprint, `${id}, drop ${drop}`).toEqual(
        fingerprint,
      );
    }
  }
});
