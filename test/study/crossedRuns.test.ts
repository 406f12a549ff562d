import { expect, it } from "vitest";
import { createDataset } from "../../src/data/index.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { compare } from "../../src/study/run/compare.js";
import { memoryStore } from "../../src/study/store/memory.js";
import { tiny } from "./fixtures.js";

const plan = {
  preset: tiny.preset!,
  sets: [...tiny.sets!, "evaluation.answers=true"],
  quantizers: ["emq", "identity"],
  seeds: [1, 2, 3],
  drops: 2,
};

it("counts test examples as a second sample where seeds share them, and not where each has its own", async () => {
  const own = await compare(plan);
  expect(own.cells.map(({ summary }) => summary!.accuracy!.testShare)).toEqual([0, 0]);

  const dataset = createDataset(resolveConfig({ preset: plan.preset, sets: plan.sets }).data, 7);
  const shared = await compare(plan, { dataset });
  const [emq, identity] = shared.cells.map(({ summary }) => summary!);
  for (const { accuracy, lateAccuracy } of [emq!, identity!]) {
    // Some drawings are hard under every seed.
    expect(accuracy!.testShare).toBeGreaterThan(0);
    expect(lateAccuracy!.testShare).toBeGreaterThan(0);
    expect(accuracy!.degrees).toBe(2);
  }
  expect(identity!.difference!.accuracy!.testShare).not.toBeNull();

  const without = await compare({ ...plan, sets: tiny.sets! }, { dataset, store: memoryStore() });
  const alone = without.cells[0]!.summary!.accuracy!;
  expect([alone.mean, alone.testShare, alone.degrees]).toEqual([emq!.accuracy!.mean, null, 2]);
  // s²/S is the rest of the squared error.
  const { standardError, testShare } = emq!.accuracy!;
  expect(alone.standardError! ** 2).toBeCloseTo((1 - testShare!) * standardError! ** 2, 14);
}, 60_000);
