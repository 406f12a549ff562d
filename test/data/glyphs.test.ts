import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import type { DataConfig } from "../../src/config/config.js";
import type { Examples } from "../../src/config/records.js";
import { createGlyphs } from "../../src/data/glyphs.js";
import { createDataset } from "../../src/data/index.js";
import { parseConfig } from "../../src/parts/resolve.js";
import { createLocalTrainer } from "../../src/training/local.js";

const config: DataConfig = {
  name: "glyphs",
  channels: 0,
  speakers: 40,
  trainExamples: 0,
  testExamples: 0,
  subset: "even",
  split: { kind: "iid", alpha: 0.4, classesPerClient: 2 },
  sequenceLength: 64,
};

const digest = (examples: Examples) =>
  createHash("sha256")
    .update(examples.inputs as Uint8Array)
    .update(Uint8Array.from(examples.targets))
    .digest("hex")
    .slice(0, 16);

it("draws the same bits in every engine", () => {
  const { train, test } = createGlyphs(500, 100, 1);
  // Recorded once; the page's test compares with Node, and a change here changes published results.
  expect([digest(train), digest(test)]).toEqual(["427fad03c1d57f9e", "0e2b2984d84625a9"]);
});

it("has the documented sizes, balanced blocks, and prefixes that do not depend on the count", () => {
  const all = createDataset(config, 5);
  expect(all.inputShape).toEqual([16, 16, 1]);
  expect([all.train.count, all.test.count, all.train.inputs.length]).toEqual([6000, 1000, 6000 * 256]);
  for (let i = 0; i < 6000; i += 10) expect(new Set(all.train.targets.subarray(i, i + 10)).size).toBe(10);
  const few = createDataset({ ...config, trainExamples: 37, testExamples: 3 }, 5);
  expect(few.train.inputs).toEqual(all.train.inputs.slice(0, 37 * 256));
  expect(few.test.targets).toEqual(all.test.targets.slice(0, 3));
});

it("draws other images for another seed and for the test part", () => {
  const one = createGlyphs(10, 10, 1);
  expect(createGlyphs(10, 10, 2).train.inputs).not.toEqual(one.train.inputs);
  expect(one.test.inputs).not.toEqual(one.train.inputs);
});

it("repeats the gray channel on request", () => {
  const gray = createDataset({ ...config, trainExamples: 5, testExamples: 1 }, 1);
  const color = createDataset({ ...config, trainExamples: 5, testExamples: 1, channels: 3 }, 1);
  expect(color.inputShape).toEqual([16, 16, 3]);
  expect(Array.from(color.train.inputs)).toEqual(Array.from(gray.train.inputs).flatMap((v) => [v, v, v]));
});

it("refuses to make a set that lies in files", () => {
  expect(() => createDataset({ ...config, name: "mnist" }, 1)).toThrow(/^data.name: "mnist" is read from files/);
});

it("is easy enough for the paper's network: 95 % within three epochs", () => {
  const data = createGlyphs(6000, 1000, 1);
  const { training } = parseConfig({});
  const trainer = createLocalTrainer(data, { model: { preset: "paper-cnn" }, training }, 1);
  const indices = Int32Array.from({ length: 6000 }, (_, i) => i);
  const start = trainer.initial();
  const { update } = trainer.train({ client: 0, round: 1, localEpochs: 3, start, indices });
  const { accuracy } = trainer.evaluate(
    start.map((weight, i) => weight + update[i]!),
    data.test,
  );
  expect(accuracy).toBeGreaterThan(0.95);
  trainer.dispose();
});

it("is too hard for a linear model and still learnable by one", () => {
  const { train, test } = createGlyphs(6000, 1000, 1);
  const accuracy = softmaxRegression(train, test, 10);
  expect(accuracy).toBeLessThan(0.9);
  expect(accuracy).toBeGreaterThan(0.6);
});

/** Plain softmax regression by Adam, in double precision; more epochs do not help it (PyTorch: 0.77 … 0.84 after 40). */
function softmaxRegression(train: Examples, test: Examples, epochs: number): number {
  const size = 257;
  const classes = 10;
  const weights = new Float64Array(size * classes);
  const first = new Float64Array(weights.length);
  const second = new Float64Array(weights.length);
  const gradient = new Float64Array(weights.length);
  const scores = new Float64Array(classes);
  const score = (part: Examples, i: number) => {
    for (let c = 0; c < classes; c++) {
      let sum = weights[c * size + 256]!;
      for (let j = 0; j < 256; j++) sum += (weights[c * size + j]! * part.inputs[i * 256 + j]!) / 255;
      scores[c] = sum;
    }
  };
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let start = 0; start < train.count; start += 50) {
      gradient.fill(0);
      for (let i = start; i < start + 50; i++) {
        score(train, i);
        const top = Math.max(...scores);
        let sum = 0;
        for (let c = 0; c < classes; c++) sum += Math.exp(scores[c]! - top);
        for (let c = 0; c < classes; c++) {
          const error = (Math.exp(scores[c]! - top) / sum - (train.targets[i] === c ? 1 : 0)) / 50;
          for (let j = 0; j < 256; j++) gradient[c * size + j]! += (error * train.inputs[i * 256 + j]!) / 255;
          gradient[c * size + 256]! += error;
        }
      }
      step++;
      for (let j = 0; j < weights.length; j++) {
        first[j] = 0.9 * first[j]! + 0.1 * gradient[j]!;
        second[j] = 0.999 * second[j]! + 0.001 * gradient[j]! ** 2;
        const m = first[j]! / (1 - 0.9 ** step);
        const v = second[j]! / (1 - 0.999 ** step);
        weights[j]! -= (0.003 * m) / (Math.sqrt(v) + 1e-8);
      }
    }
  }
  let right = 0;
  for (let i = 0; i < test.count; i++) {
    score(test, i);
    if (scores.indexOf(Math.max(...scores)) === test.targets[i]) right++;
  }
  return right / test.count;
}
