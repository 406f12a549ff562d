import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDataset } from "../../src/data/index.js";
import { lateModels, packAnswers, unpackAnswers } from "../../src/federated/answers.js";
import { simulate } from "../../src/federated/simulate.js";
import { simulateTogether } from "../../src/federated/together.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { runRecord } from "../../src/study/jobs/runRecord.js";
import { threadedExecutor } from "../../src/study/run/executor.js";
import { runSummary } from "../../src/study/store/columns.js";
import { tiny } from "./tiny.js";

const asked = { ...tiny, rounds: 7, evaluation: { answers: true } };
const share = (right: string, targets: number) =>
  unpackAnswers(right, targets).reduce((sum, bit) => sum + bit, 0) / targets;

it("are packed and unpacked without a loss, and read as base 64 elsewhere", () => {
  const dataset = createDataset(parseConfig(tiny).data, 1);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 70 }), (bits) => {
      const packed = packAnswers(Uint8Array.from(bits), dataset);
      expect(Array.from(unpackAnswers(packed.right, bits.length))).toEqual(bits);
      const bytes = Buffer.from(packed.right, "base64");
      expect(bytes.toString("base64")).toBe(packed.right);
      expect(bits.map((_, i) => (bytes[i >> 3]! >> (i & 7)) & 1)).toEqual(bits);
    }),
  );
  expect(() => unpackAnswers("AAAA", 8)).toThrow("3 bytes are not 8 bits");
  expect(() => unpackAnswers("A-==", 8)).toThrow('"-" is no digit');
});

describe("evaluation.answers", () => {
  it("keeps the last models' right answers, whose shares are the accuracies, and changes nothing else", async () => {
    const [plain, kept] = [
      await simulate(parseConfig({ ...asked, evaluation: {} })),
      await simulate(parseConfig(asked)),
    ];
    expect(kept.answers).toMatchObject({ targets: 100, examples: 100, of: null, seed: 1 });
    const { models } = kept.answers!;
    expect(models.map(({ round }) => round)).toEqual([3, 4, 5, 6, 7]);
    expect(models).toHaveLength(lateModels);
    for (const { round, right } of models) expect(share(right, 100)).toBe(kept.rounds[round - 1]!.accuracy);
    const { answers: _answers, config: _config, fingerprint, ...rest } = kept;
    expect(rest).toEqual({ ...plain, config: undefined, fingerprint: undefined, answers: undefined });
    expect(fingerprint.results).toBe(plain.fingerprint.results);
    expect(plain).not.toHaveProperty("answers");
  });

  it("is the same on threads, seldom evaluated ones included, and survives a record", async () => {
    const config = parseConfig({ ...asked, evaluation: { answers: true, every: 3 } });
    const here = await simulate(config);
    expect(here.answers!.models.map(({ round }) => round)).toEqual([3, 6, 7]);
    const there = await simulate(config, { executor: threadedExecutor(2) });
    expect(there.answers).toEqual(here.answers);
    const record = runRecord({ key: "a", trace: "b", cell: "c", labels: {}, seed: 1, drop: 0 }, here);
    expect(runSummary(JSON.parse(JSON.stringify(record)))!.answers).toEqual(here.answers);
  });

  it("looks again at a kept training that has none", async () => {
    const config = parseConfig(asked);
    const before = await simulateTogether(parseConfig({ ...asked, evaluation: {} }), [
      { config: parseConfig({ ...asked, evaluation: {} }) },
    ]);
    const { results, trained } = await simulateTogether(config, [{ config }], { kept: before.trace });
    expect(trained).toBe(true);
    expect(results[0]!.answers).toEqual((await simulate(config)).answers);
    const again = await simulateTogether(config, [{ config }], {
      kept: (await simulateTogether(config, [{ config }])).trace,
    });
    expect(again.trained).toBe(false);
    expect(again.results[0]!.answers).toEqual(results[0]!.answers);
  });

  it("has nothing to keep in a regression", async () => {
    const { answers } = await simulate(
      parseConfig({ ...asked, data: { ...tiny.data, name: "regression" }, model: { preset: "mlp" } }),
    );
    expect(answers).toBeUndefined();
  });
});
