import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawn, evenlySpaced, subsetOf } from "../../src/data/subset.js";
import { createTextDataset } from "../../src/data/text.js";
import { fingerprint, withoutDefaults } from "../../src/federated/fingerprint.js";
import { withoutEffect } from "../../src/parts/effect.js";
import { resolveConfig } from "../../src/parts/resolve.js";
import { datasetKey } from "../../src/study/jobs/datasets.js";

describe("a drawn subset", () => {
  it("is without repetition, ascending, and the same for the same seed and part alone", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), fc.nat(), (a, b, seed) => {
        const [wanted, available] = [Math.min(a, b), Math.max(a, b)];
        const numbers = Array.from(drawn(available, wanted, "n", { seed, part: "train" }));
        expect(numbers).toHaveLength(wanted);
        expect(numbers).toEqual([...new Set(numbers)].sort((x, y) => x - y));
        expect(numbers[0]).toBeGreaterThanOrEqual(0);
        expect(numbers.at(-1)).toBeLessThan(available);
        expect(Array.from(drawn(available, wanted, "n", { seed, part: "train" }))).toEqual(numbers);
      }),
    );
    const of = (seed: number, part: "train" | "test") => drawn(1000, 50, "n", { seed, part }).join();
    expect(new Set([of(1, "train"), of(2, "train"), of(1, "test"), of(2, "test")]).size).toBe(4);
  });

  it("takes every example equally often", () => {
    const count = new Int32Array(40);
    const draws = 2000;
    for (let seed = 0; seed < draws; seed++) for (const i of drawn(40, 10, "n", { seed, part: "test" })) count[i]!++;
    // Binomial with mean 500 and deviation √(2000 · ¼ · ¾) = 19.4: five of them, over 40 examples a chance of 2e-5.
    for (const times of count) expect(Math.abs(times - 500)).toBeLessThan(97);
  });

  it("is everything in the file's order where all are wanted, and refuses more", () => {
    expect(drawn(5, 0, "n", { seed: 3, part: "train" })).toEqual(Int32Array.of(0, 1, 2, 3, 4));
    expect(drawn(5, 5, "n", { seed: 3, part: "train" })).toEqual(evenlySpaced(5, 5, "n"));
    expect(() => drawn(5, 6, "data.testExamples", { seed: 3, part: "test" })).toThrow(
      "data.testExamples: 6 examples wanted, the data has 5 (0 takes all)",
    );
  });

  it("is what a text's sequences are chosen by, too", () => {
    const text = Array.from({ length: 4000 }, (_, i) => "abcdefg"[(i * i) % 7]).join("");
    const settings = { sequenceLength: 10, trainExamples: 30, testExamples: 7, bySpeaker: false };
    const of = (more: object) => createTextDataset(text, { ...settings, ...more }).train.inputs;
    expect(of({ subset: "even", seed: 1 })).toEqual(of({}));
    expect(of({ subset: "drawn", seed: 1 })).not.toEqual(of({ subset: "drawn", seed: 2 }));
    expect(createTextDataset(text, settings)).toMatchObject({ test: { count: 7 }, testOf: 39 });
  });
});

describe("data.subset in a config", () => {
  const config = (sets: string[], seed = 1) => ({
    ...resolveConfig({ preset: "paper-cifar10-k20", sets: ["data.trainExamples=5000", ...sets] }),
    seed,
  });

  it("leaves keys and fingerprints as they were at its default, and is in them otherwise", () => {
    expect(withoutDefaults(config([]))).not.toHaveProperty("data.subset");
    expect(withoutDefaults(config(["data.subset=drawn"]))).toHaveProperty("data.subset", "drawn");
    expect(datasetKey(config([], 1))).toBe(datasetKey(config([], 2)));
    const [one, two] = [1, 2].map((seed) => datasetKey(config(["data.subset=drawn"], seed)));
    expect(one).not.toBe(two);
    expect(one).not.toBe(fingerprint({}));
  });

  it("is refused where all examples are used, and where a set is made from the seed", () => {
    const reason = (preset: string, sets: string[]) =>
      withoutEffect(resolveConfig({ preset, sets: ["data.subset=drawn", ...sets] }), ["data.subset"])[0]?.reason;
    const all = ["data.trainExamples=0", "data.testExamples=0"];
    expect(reason("paper-mnist", all)).toMatch(/with data.trainExamples 0/);
    expect(reason("paper-mnist", [...all.slice(1), "data.trainExamples=90"])).toBeUndefined();
    expect(reason("quick", ["data.trainExamples=90"])).toMatch(/with data.name "glyphs"/);
  });

  it("chooses train and test parts by their own numbers", () => {
    const { data } = config(["data.subset=drawn", "data.testExamples=20"]);
    expect(subsetOf(data, 4, "test")(100)).toEqual(drawn(100, 20, "", { seed: 4, part: "test" }));
    expect(subsetOf({ ...data, subset: "even" }, 4, "test")(100)).toEqual(evenlySpaced(100, 20, ""));
  });
});
