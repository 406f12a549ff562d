import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dataset, Examples } from "../../src/config/records.js";
import { createCorpus } from "../../src/data/corpus.js";
import { partition } from "../../src/data/partition.js";
import { createRegression } from "../../src/data/regression.js";
import { createTextDataset } from "../../src/data/text.js";

const settings = { sequenceLength: 4, trainExamples: 0, testExamples: 0, bySpeaker: false };

/** Inputs of example i as text, and the last target. */
function shown(data: Dataset, part: Examples, i: number): string {
  const length = data.targetSize;
  const at = (values: ArrayLike<number>, j: number) => data.classNames![values[j]!]!;
  const inputs = Array.from({ length }, (_, j) => at(part.inputs, i * length + j)).join("");
  return `${inputs}|${at(part.targets, i * length + length - 1)}`;
}

describe("a text", () => {
  it("becomes overlapping sequences, the last tenth for the test", () => {
    const text = "abcdefghijklmnopqrstuvwxyz".repeat(2); // 52 characters, 12 sequences of 4
    const data = createTextDataset(text, settings);
    expect([data.train.count, data.test.count, data.outputs]).toEqual([11, 1, 26]);
    expect([0, 1, 10].map((i) => shown(data, data.train, i))).toEqual(["abcd|e", "efgh|i", "opqr|s"]);
    expect(shown(data, data.test, 0)).toBe("stuv|w");
    expect(data.groups).toBeUndefined();
  });

  it("uses every character but the first as a target once, in order, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 30, maxLength: 200 }).filter((s) => new Set(s).size > 1),
        fc.integer({ min: 1, max: 8 }),
        (text, sequenceLength) => {
          const characters = [...text];
          const data = createTextDataset(text, { ...settings, sequenceLength });
          const targets = [...data.train.targets, ...data.test.targets].map((t) => data.classNames![t]);
          expect(targets.join("")).toBe(characters.slice(1, 1 + targets.length).join(""));
          expect(characters.length - 1 - targets.length).toBeLessThan(sequenceLength);
        },
      ),
      { seed: 1 },
    );
  });

  it("belongs to its speakers when asked", () => {
    const play = "A play\n\nROMEO: abcabcabcabc\nabc\n\nJULIET:\nxyzxyzxyzxyz\nROMEO: abc\nNURSE: oh\n";
    const data = createTextDataset(play, { ...settings, bySpeaker: true });
    // Romeo: 21 characters with the line ends, 5 sequences; Juliet: 12, 2 sequences; the nurse: too few
    expect([data.train.count, data.test.count]).toEqual([5, 2]);
    expect(Array.from(data.groups!)).toEqual([0, 0, 0, 0, 1]);
    expect(shown(data, data.train, 4)).toBe("xyzx|y");
    const split = { kind: "groups", alpha: 1, classesPerClient: 1 } as const;
    expect(
      partition(data, split, 2, 1)
        .map((s) => s.length)
        .sort(),
    ).toEqual([1, 4]);
    expect(() => partition(data, split, 3, 1)).toThrow(/3 clients, but "text" has only 2 groups/);
  });

  it("can be too little", () => {
    const make = (text: string, bySpeaker = false) => createTextDataset(text, { ...settings, bySpeaker }, "some.txt");
    expect(() => make("")).toThrow(/^some.txt: an empty text/);
    expect(() => make("a")).toThrow(/^some.txt: a text of the one character "a"/);
    expect(() => make("aaaaaaaaaaaaaaaaaaaa")).toThrow(/the one character "a": there is nothing to predict/);
    expect(() => make("abababab")).toThrow(/8 characters are too few .* sequence of 4 .*: expected 9 or more/);
    expect(make("ababababa").train.count).toBe(1);
    expect(() => make("no one speaks here", true)).toThrow(/no line of the form "NAME: …"/);
    expect(() => createTextDataset("abcabcabcabc", { ...settings, trainExamples: 3 })).toThrow(
      /^data.trainExamples: 3/,
    );
  });
});

describe("the corpus", () => {
  const corpus = createCorpus(4000, 500, 20, 32, 1);

  it("has the sizes asked for, owners in turn, tokens of a fixed vocabulary, targets one further on", () => {
    expect([corpus.train.count, corpus.test.count, corpus.outputs]).toEqual([4000, 500, 23]);
    expect(Array.from(corpus.groups!)).toEqual(Array.from({ length: 4000 }, (_, i) => Math.floor(i / 200)));
    const { inputs, targets } = corpus.train;
    expect(inputs.every((token) => token >= 0 && token < 23)).toBe(true);
    expect(Array.from(targets.subarray(0, 31))).toEqual(Array.from(inputs.subarray(1, 32)));
    const again = createCorpus(4000, 500, 20, 32, 1);
    expect(Buffer.from(again.train.inputs.buffer).equals(Buffer.from(inputs.buffer))).toBe(true);
    expect(Buffer.from(again.test.targets.buffer).equals(Buffer.from(corpus.test.targets.buffer))).toBe(true);
    const few = createCorpus(7, 2, 5, 8, 1);
    expect(Array.from(few.groups!)).toEqual([0, 0, 1, 1, 2, 3, 4]);
    expect(createCorpus(2, 1, 5, 8, 1).train.count).toBe(2);
  });

  it("shows more structure the more characters one looks back: there is something to learn for every network", () => {
    const accuracy = [0, 1, 2, 3, 5].map((order) => countingModel(corpus, order));
    for (let i = 1; i < accuracy.length; i++) expect(accuracy[i]!).toBeGreaterThan(accuracy[i - 1]! + 0.04);
    expect(accuracy[0]!).toBeLessThan(0.25);
    expect(accuracy.at(-1)!).toBeLessThan(0.85);
  });

  it("has speakers that differ: one's own words predict it better than another's", () => {
    const of = (speaker: number) => wordsOf(corpus, speaker);
    const likeness = (a: Map<string, number>, b: Map<string, number>) =>
      [...a].reduce((sum, [word, share]) => sum + Math.min(share, b.get(word) ?? 0), 0);
    const other = createCorpus(4000, 4000, 20, 32, 1);
    const again = { ...other, train: other.test }; // the same speakers in another text
    for (let speaker = 0; speaker < 5; speaker++) {
      expect(likeness(of(speaker), wordsOf(again, speaker))).toBeGreaterThan(
        0.1 + likeness(of(speaker), of((speaker + 1) % 20)),
      );
    }
  });
});

describe("the regression task", () => {
  const task = createRegression(20000, 100, 3);

  it("has unit variance, zero mean and a known linear part", () => {
    const { targets, inputs, count } = task.train;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < count; i++) {
      const y = targets[i]!;
      moments[0]! += y / count;
      moments[1]! += (y * y) / count;
      moments[2]! += (y * (inputs[10 * i + 3]! - 0.5) * 12) / count; // slope on x4
      moments[3]! += (y * (inputs[10 * i + 7]! - 0.5) * 12) / count; // on a feature that says nothing
    }
    // 4 standard errors: of a mean 1/√n, of a mean square √2/√n, of a slope about √12/√n
    const root = Math.sqrt(count);
    expect(Math.abs(moments[0]!)).toBeLessThan(4 / root);
    expect(Math.abs(moments[1]! - 1)).toBeLessThan((4 * Math.SQRT2) / root);
    expect(Math.abs(moments[2]! - 10 / 4.98)).toBeLessThan((4 * Math.sqrt(12)) / root);
    expect(Math.abs(moments[3]!)).toBeLessThan((4 * Math.sqrt(12)) / root);
  });

  it("is Friedman's function plus noise of deviation 1", () => {
    const { targets, inputs, count } = task.train;
    let sum = 0;
    let square = 0;
    for (let i = 0; i < count; i++) {
      const x = inputs.subarray(10 * i, 10 * i + 5);
      const f = 10 * Math.sin(Math.PI * x[0]! * x[1]!) + 20 * (x[2]! - 0.5) ** 2 + 10 * x[3]! + 5 * x[4]!;
      const noise = targets[i]! * 4.98 + 14.413 - f;
      sum += noise;
      square += noise * noise;
    }
    expect(Math.abs(sum / count)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(square / count - 1)).toBeLessThan((4 * Math.SQRT2) / Math.sqrt(count));
  });

  it("does not change its first examples with the count", () => {
    const few = createRegression(10, 5, 3);
    expect(few.train.inputs).toEqual(task.train.inputs.slice(0, 100));
    expect(few.train.targets).toEqual(task.train.targets.slice(0, 10));
  });
});

/** Test accuracy of predicting the most frequent follower of the last `order` characters, shorter where unseen. */
function countingModel(data: Dataset, order: number): number {
  const length = data.targetSize;
  const tables = Array.from({ length: order + 1 }, () => new Map<string, Int32Array>());
  const visit = (part: Examples, see: (before: readonly number[], next: number) => void) => {
    for (let i = 0; i < part.count; i++) {
      // Only where the whole context is inside the sequence, so that every order is judged on the same targets
      for (let j = 5; j < length; j++) {
        const end = i * length + j;
        see(Array.from(part.inputs.subarray(end + 1 - order, end + 1)), part.targets[end]!);
      }
    }
  };
  visit(data.train, (before, next) => {
    for (let o = 0; o <= order; o++) {
      const key = before.slice(order - o).join();
      let counts = tables[o]!.get(key);
      if (counts === undefined) {
        counts = new Int32Array(data.outputs);
        tables[o]!.set(key, counts);
      }
      counts[next]!++;
    }
  });
  let right = 0;
  let all = 0;
  visit(data.test, (before, next) => {
    let o = order;
    while (!tables[o]!.has(before.slice(order - o).join())) o--;
    const counts = tables[o]!.get(before.slice(order - o).join())!;
    if (counts.indexOf(Math.max(...counts)) === next) right++;
    all++;
  });
  return right / all;
}

/** Share of each word in what a speaker says. */
function wordsOf(data: Dataset, speaker: number): Map<string, number> {
  const length = data.targetSize;
  const per = data.train.count / 20;
  let text = "";
  for (let i = speaker * per * length; i < (speaker + 1) * per * length; i++) {
    text += data.classNames![data.train.inputs[i]!]!;
  }
  const words = text.split(/[ ,.?]+/);
  const shares = new Map<string, number>();
  for (const word of words) shares.set(word, (shares.get(word) ?? 0) + 1 / words.length);
  return shares;
}
