import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createModel } from "../../src/training/model.js";
import { createOptimizer, type OptimizerName, type OptimizerSettings } from "../../src/training/optimizers.js";

/** Double precision results of PyTorch for one small network. In float32 the gradient agrees to 1e-5 of its largest entry. */
const reference = JSON.parse(
  readFileSync(new URL("../reference/data/training-cnn-8x8x3.json", import.meta.url), "utf8"),
) as Reference;

interface Reference {
  input: number[];
  layers: { type: string }[];
  weights: number[];
  x: number[];
  batch: number;
  labels: number[];
  logits: number[][];
  loss: number;
  gradient: number[];
  steps: number;
  optimizers: Record<string, { settings: Record<string, number>; losses: number[]; weights: number[] }>;
}

const names: Record<string, keyof OptimizerSettings> = {
  lr: "learningRate",
  momentum: "momentum",
  rho: "rho",
  alpha: "rho",
  eps: "epsilon",
  initial_accumulator_value: "initialAccumulator",
};

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
}

function loaded() {
  const model = createModel({ input: reference.input, layers: reference.layers });
  model.parameters.set(reference.weights);
  return model;
}

describe("the small network of PyTorch", () => {
  it("has the logits, the loss and the gradient", () => {
    const model = loaded();
    const logits = reference.logits.flat();
    expect(largestDifference(model.forward(reference.x, reference.batch), logits)).toBeLessThan(1e-5);
    const { loss, gradient } = model.lossAndGradient(reference.x, reference.labels, reference.batch);
    expect(Math.abs(loss - reference.loss)).toBeLessThan(1e-5);
    const largest = Math.max(...reference.gradient.map(Math.abs));
    expect(largestDifference(gradient, reference.gradient) / largest).toBeLessThan(1e-5);
  });

  it.each(Object.keys(reference.optimizers))("is trained by %s step for step", (name) => {
    const { settings, losses, weights } = reference.optimizers[name]!;
    const model = loaded();
    const translated = Object.fromEntries(Object.entries(settings).map(([key, value]) => [names[key]!, value]));
    const optimizer = createOptimizer(name as OptimizerName, translated, model.parameters.length);
    for (let step = 0; step < reference.steps; step++) {
      const { loss, gradient } = model.lossAndGradient(reference.x, reference.labels, reference.batch);
      expect(Math.abs(loss - losses[step]!)).toBeLessThan(1e-4);
      optimizer.step(model.parameters, gradient);
    }
    expect(largestDifference(model.parameters, weights)).toBeLessThan(1e-4);
  });
});
