import { describe, expect, it } from "vitest";
import { createDataset } from "../../src/data/index.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { holdOut } from "../../src/study/jobs/holdOut.js";
import type { Job } from "../../src/study/jobs/job.js";
import { choicesOf, choose, type Tuning, tuningJobs } from "../../src/study/plan/tunings.js";
import { here } from "../../src/study/run/here.js";
import { runStages } from "../../src/study/run/stages.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { numerics } from "../../src/version.js";

const sets = ["rounds=3", "data.trainExamples=200", "data.testExamples=60", "model=softmax", "network.clients=4"];

const rate = (value: number) => ({
  label: `sgd at ${value}`,
  sets: ["training.optimizer=sgd", `training.optimizer.learningRate=${value}`],
});

const tuning: Tuning = {
  name: "rate of sgd",
  preset: "quick",
  sets: [...sets, "budgets.energy=null", "budgets.latency=null", "training.localEpochs=1"],
  candidates: [1e-4, 0.1, 3e38].map(rate),
  seeds: [7, 8],
};

describe("examples that are held out", () => {
  const { data } = resolveConfig({ preset: "quick", sets });

  it("are a part of the training examples, and the test examples are gone", () => {
    const whole = createDataset(data, 3);
    const { train, test } = holdOut(whole, 0.2, 3);
    expect([train.count, test.count]).toEqual([160, 40]);
    const size = whole.train.inputs.length / 200;
    const images = (part: typeof train) =>
      Array.from({ length: part.count }, (_, i) => part.inputs.slice(i * size, (i + 1) * size).join());
    expect([...images(train), ...images(test)].sort()).toEqual(images(whole.train).sort());
    // Every image keeps its label.
    const labels = (part: typeof train) => images(part).map((image, i) => `${image}:${part.targets[i]}`);
    expect([...labels(train), ...labels(test)].sort()).toEqual(labels(whole.train).sort());
    expect(images(holdOut(whole, 0.2, 4).test)).not.toEqual(images(test));
    expect(images(holdOut(whole, 0.2, 3).test)).toEqual(images(test));
  });

  it("are refused where none can be", () => {
    const whole = createDataset(data, 3);
    expect(() => holdOut(whole, 0.001, 3)).toThrow(/^data\.trainExamples: 200 examples leave none/);
    expect(() => holdOut({ ...whole, shards: [] }, 0.2, 3)).toThrow(/^data\.split\.kind: "file" shares out all/);
  });
});

describe("a choice by held-out examples", () => {
  it("takes the best over the seeds, counts what breaks off as the worst, and is found again in the store", async () => {
    const store = memoryStore();
    const jobs = tuningJobs([tuning, { ...tuning, name: "the same again" }]);
    expect(jobs).toHaveLength(6);
    expect(await choicesOf([tuning], store)).toEqual(new Map());
    const seen: string[] = [];
    let laid: Awaited<ReturnType<typeof choicesOf>> = new Map();
    const place = here();
    const { failures, interrupted } = await runStages(
      [
        () => jobs,
        async (known) => {
          laid = await choicesOf([tuning], known);
          return [];
        },
      ],
      {
        store,
        place: {
          ...place,
          perform: (job: Job, options) => {
            seen.push(job.name);
            return place.perform(job, options);
          },
        },
      },
    );
    expect([failures, interrupted]).toEqual([[], false]);
    const choice = laid.get("rate of sgd")!;
    expect(choice.variant.label).toBe("sgd at 0.1");
    expect(choice.atEdge).toBe(false);
    expect(choice.accuracies[1]!).toBeGreaterThan(choice.accuracies[0]!);
    expect(choice.accuracies[2]).toBeNull();
    expect(seen).toHaveLength(6);
    expect(tuningJobs([tuning]).every(({ key }) => store.finished().has(key))).toBe(true);
    // What another version has made is found by its number alone.
    const other = { ...tuning, numerics: numerics + 1 };
    expect(tuningJobs([other]).some(({ key }) => store.finished().has(key))).toBe(false);
    expect(await choicesOf([other], store)).toEqual(new Map());
  }, 60_000);

  it("takes the first of equals, and tells when a better one may lie beyond", () => {
    const candidates = [1, 2, 3].map(rate);
    expect(choose(candidates, [0.2, 0.3, 0.3])).toMatchObject({ variant: candidates[1], atEdge: false });
    expect(choose(candidates, [0.2, 0.3, 0.4]).atEdge).toBe(true);
    expect(choose(candidates, [null, null, null]).variant).toBe(candidates[0]);
    expect(choose(candidates, [null, 0, null]).variant).toBe(candidates[1]);
  });
});

describe("stages", () => {
  it("end with the one that is broken off", async () => {
    const stop = new AbortController();
    const asked: number[] = [];
    const { interrupted } = await runStages(
      [
        () => {
          asked.push(1);
          stop.abort();
          return tuningJobs([tuning]);
        },
        () => {
          asked.push(2);
          return [];
        },
      ],
      { store: memoryStore(), place: here(), signal: stop.signal },
    );
    expect([interrupted, asked]).toEqual([true, [1]]);
  });
});
