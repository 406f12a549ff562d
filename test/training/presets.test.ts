import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { ModelConfig } from "../../src/config/config.js";
import type { Dataset } from "../../src/config/records.js";
import { createCorpus } from "../../src/data/corpus.js";
import { createGlyphs } from "../../src/data/glyphs.js";
import { defaults } from "../../src/parts/defaults.js";
import { createLocalTrainer } from "../../src/training/local.js";
import { createModel } from "../../src/training/model.js";
import { modelSpec } from "../../src/training/presets.js";

type Task = Pick<Dataset, "task" | "inputShape" | "outputs">;
const images = (inputShape: number[], outputs = 10): Task => ({ task: "classification", inputShape, outputs });
const count = (preset: ModelConfig["preset"], task: Task) => createModel(modelSpec({ preset }, task)).parameters.length;

describe("model presets", () => {
  it("have the published numbers of parameters", () => {
    // d of the paper's network: MODEL, "Local training"
    expect(count("paper-cnn", images([32, 32, 3]))).toBe(462_410);
    expect(count("paper-cnn", images([32, 32, 3], 100))).toBe(468_260);
    expect(count("paper-cnn", images([28, 28, 1]))).toBe(347_722);
    // LeNet-5 on CIFAR-10 in NIID-Bench: 456 + 2416 + 48120 + 10164 + 850
    expect(count("lenet", images([32, 32, 3]))).toBe(62_006);
    expect(count("softmax", images([28, 28, 1]))).toBe(7850);
  });

  it("name their tensors and lay them out one after the other", () => {
    const { tensors, parameters } = createModel(modelSpec({ preset: "vgg-small" }, images([16, 16, 1])));
    expect(tensors.length).toBeGreaterThanOrEqual(8);
    let end = 0;
    for (const { offset, length, shape } of tensors) {
      expect(offset).toBe(end);
      expect(length).toBe(shape.reduce((a, b) => a * b, 1));
      end += length;
    }
    expect(end).toBe(parameters.length);
    expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
  });

  it("refuse data of another kind", () => {
    expect(() => count("lenet", images([10]))).toThrow(/"lenet" takes images; the data has the shape \[10\]/);
    expect(() => count("char-transformer", images([8, 8, 1]))).toThrow(/predicts the next token/);
    expect(() => count("lenett" as "lenet", images([8, 8, 1]))).toThrow(/did you mean "lenet"/);
    expect(() => count("custom", images([8, 8, 1]))).toThrow(/model\.layers: missing/);
  });
});

/** Loss on what it was trained on, before and after. */
function learn(dataset: Dataset, model: ModelConfig, optimizer: Record<string, string | number>, epochs = 4) {
  const training = { ...defaults.training, optimizer: { ...defaults.training.optimizer, ...optimizer } };
  const local = createLocalTrainer(dataset, { model, training }, 1);
  const start = local.initial();
  const indices = Int32Array.from({ length: dataset.train.count }, (_, i) => i);
  const before = local.evaluate(start, dataset.train);
  const { update } = local.train({ client: 0, round: 1, localEpochs: epochs, start, indices });
  const after = local.evaluate(
    start.map((w, i) => w + update[i]!),
    dataset.train,
  );
  local.dispose();
  return { before, after };
}

describe("training", () => {
  const glyphs = createGlyphs(300, 20, 2);
  const few = createGlyphs(96, 10, 2);
  const corpus = createCorpus(200, 20, 4, 16, 2);

  it.each(["softmax", "mlp", "small-cnn", "paper-cnn"] as const)("%s learns images", (preset) => {
    const { before, after } = learn(glyphs, { preset }, {}, 6);
    expect(after.loss).toBeLessThan(0.9 * before.loss);
  });

  it.each([
    ["lenet", glyphs],
    ["vgg-small", few],
    ["vit-tiny", few],
  ] as const)("%s learns images", (preset, dataset) => {
    const { before, after } = learn(dataset, { preset }, { name: "adam", learningRate: 2e-3 }, 5);
    expect(after.loss).toBeLessThan(0.9 * before.loss);
  });

  it("char-transformer beats the table of pairs on text, which beats guessing", () => {
    const adam = { name: "adam", learningRate: 3e-3 } as const;
    const table = learn(corpus, { preset: "softmax" }, { ...adam, learningRate: 0.05 }, 10);
    const transformer = learn(corpus, { preset: "char-transformer" }, adam, 10);
    expect(table.before.loss).toBeCloseTo(Math.log(corpus.outputs), 1);
    expect(table.after.loss).toBeLessThan(0.85 * table.before.loss);
    expect(transformer.after.loss).toBeLessThan(table.after.loss);
    expect(transformer.after.accuracy).toBeGreaterThan(table.after.accuracy!);
  });

  it("a regression has a mean square and no accuracy", () => {
    // y = x·a, 0.25 in mean square, is linear: a linear model gets it nearly right.
    const count = 400;
    const inputs = Float32Array.from({ length: 3 * count }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
    const targets = Float32Array.from({ length: count }, (_, i) => 0.5 * inputs[3 * i]! - 0.7 * inputs[3 * i + 2]!);
    const part = { count, inputs, targets };
    const shape = { task: "regression", inputShape: [3], outputs: 1, targetSize: 1 } as const;
    const dataset: Dataset = { name: "line", ...shape, train: part, test: part };
    const { before, after } = learn(dataset, { preset: "softmax" }, { name: "sgd", learningRate: 0.1 }, 10);
    expect(before.accuracy).toBeNull();
    expect(after.accuracy).toBeNull();
    expect(after.loss).toBeLessThan(1e-4);
    expect(before.loss).toBeGreaterThan(0.01);
  });
});

describe("evaluation", () => {
  it.each([
    ["softmax", images([6, 7, 2])],
    ["mlp", images([6, 7, 2])],
    ["small-cnn", images([9, 10, 1])],
    ["paper-cnn", images([11, 10, 3])],
    ["lenet", images([16, 16, 3])],
    ["vgg-small", images([8, 9, 3])],
    ["vit-tiny", images([8, 8, 3])],
  ] as const)("%s gives an example the same bits in a batch of any size", (preset, task) => {
    const model = createModel(modelSpec({ preset }, task), { seed: 4 });
    const size = task.inputShape.reduce((a, b) => a * b, 1);
    const random = stream(5, "test");
    const x = Float32Array.from({ length: 70 * size }, () => random.uniform());
    const whole = model.forward(x, 70);
    for (const batch of [1, 2, 3, 16, 17, 64]) {
      const first = 70 - batch;
      const part = model.forward(x.subarray(first * size), batch);
      expect([...part]).toEqual([...whole.subarray(first * task.outputs)]);
    }
    model.dispose();
  });

  it("agrees with the way forward of training, which computes fused layers differently", () => {
    const model = createModel(modelSpec({ preset: "paper-cnn" }, images([11, 10, 3])), { seed: 4 });
    const random = stream(6, "test");
    const x = Float32Array.from({ length: 20 * 330 }, () => random.uniform());
    const labels = Array.from({ length: 20 }, (_, i) => i % 10);
    const { loss } = model.lossAndGradient(x, labels, 20);
    // Sums of 27 and 640 terms of order 1, whose roundings hardly add up: far below a thousand units.
    expect(Math.abs(model.evaluate(x, labels, 20).loss - loss)).toBeLessThan(1000 * 2 ** -24);
    model.dispose();
  });
});
