import { describe, expect, it } from "vitest";
import { createDataset } from "../../src/data/index.js";
import { inProcessExecutor } from "../../src/federated/executor.js";
import type { EndView, Observer } from "../../src/federated/observer.js";
import type { RunResult } from "../../src/federated/result.js";
import { completeConfig, simulate } from "../../src/federated/simulate.js";
import { simulateTogether } from "../../src/federated/together.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { createLocalTrainer } from "../../src/training/local.js";
import { tiny } from "./tiny.js";

const config = completeConfig({ ...tiny, quantizer: { name: "identity" } });

/** What a model is worth, computed outside of the loop. */
function accuracyOf(model: Float32Array): number | null {
  const dataset = createDataset(config.data, config.seed);
  const trainer = createLocalTrainer(dataset, config, config.seed);
  const { accuracy } = trainer.evaluate(model, dataset.test);
  trainer.dispose();
  return accuracy;
}

/** Keeps the models that runs end with. */
function ends() {
  const seen: { result: RunResult; view: EndView; model: Float32Array | undefined }[] = [];
  const observer: Observer = {
    onEnd: (result, view) => {
      seen.push({ result, view, model: view.model?.slice() });
    },
  };
  return { seen, observer };
}

describe("observers", () => {
  it("are given every account's model as it is after its own last round", async () => {
    const accounts = [2, 4, 3].map((rounds) => ({ config: { ...config, rounds } }));
    const { seen, observer } = ends();
    const { results, trace } = await simulateTogether(config, accounts, { observers: [observer] });
    expect(seen.map(({ view }) => view.account)).toEqual([0, 2, 1]);
    for (const { result, view, model } of seen) {
      expect(result).toBe(results[view.account]);
      expect(accuracyOf(model!)).toBe(result.final.accuracy);
      expect(view.tensors.reduce((sum, { length }) => sum + length, 0)).toBe(model!.length);
    }
    // Of a kept trace the model is trained again, since it is asked for.
    const again = ends();
    const kept = await simulateTogether(config, accounts, { kept: trace, observers: [again.observer] });
    expect(kept.results).toEqual(results);
    expect(again.seen.map(({ model }) => model)).toEqual(seen.map(({ model }) => model));
  });

  it.each([
    ["in this thread", inProcessExecutor],
    ["on threads", () => threadedExecutor(2)],
  ])("are shown the updates they want, as they were trained, %s", async (_, executor) => {
    const trained: [number, number, Float32Array][] = [];
    const decoded = new Map<string, Float32Array>();
    const observer: Observer = {
      wantsTrained: (client, round) => client === 2 && round > 2,
      onTrained: (client, round, update) => void trained.push([round, client, update.slice()]),
      onUpdate: (client, round, update) => void decoded.set(`${round}:${client}`, update.slice()),
    };
    const watched = await simulate(config, { executor: executor(), observers: [observer] });
    expect(trained.map(([round, client]) => [round, client])).toEqual([
      [3, 2],
      [4, 2],
    ]);
    // Full precision: what arrives is what was trained.
    for (const [round, client, update] of trained) expect(update).toEqual(decoded.get(`${round}:${client}`));
    expect(decoded.size).toBe(16);
    // Who watches changes nothing.
    expect(watched).toEqual(await simulate(config));
  });

  it("hear of every round, which accounts have it, and how far it will go", async () => {
    const accounts = [{ config: { ...config, rounds: 2 } }, { config, drop: 1 }];
    const heard: [number, (number | null)[], number, boolean][] = [];
    const starts: number[] = [];
    const observer: Observer = {
      onStart: ({ parameters }) => void starts.push(parameters),
      onRound: ({ round }, { records, expected, trained }) => {
        heard.push([round, records.map((record) => record?.round ?? null), expected, trained]);
      },
    };
    const { trace } = await simulateTogether(config, accounts, { observers: [observer] });
    expect(heard).toEqual([
      [1, [1, 1], 4, true],
      [2, [2, 2], 4, true],
      [3, [null, 3], 4, true],
      [4, [null, 4], 4, true],
    ]);
    heard.length = 0;
    await simulateTogether(config, accounts, { kept: trace, observers: [observer] });
    expect(heard.map(([, , , trained]) => trained)).toEqual([false, false, false, false]);
    expect(starts).toEqual([trace.parameters, trace.parameters]);
  });
});
