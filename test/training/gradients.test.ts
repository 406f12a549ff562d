import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { LayerConfig } from "../../src/config/config.js";
import { createModel, type ModelSpec } from "../../src/training/model.js";

/**
 * For every tensor of a model, the derivative along a random direction d against central differences at two steps,
 * extrapolated (Richardson), relative to the norm of the gradient. What is left is O(h⁴) and the loss's rounding over
 * h: a loss of order 1 from float32 logits is good to about 3e-7, so 1.5e-5 at h = 0.02 and 1.5e-4 at 0.002.
 */
function worstError(spec: ModelSpec, { step = 0.02, batch = 3 } = {}): number {
  const model = createModel(spec, { seed: 3 });
  const random = stream(11, "test");
  const size = spec.input.reduce((a, b) => a * b, 1);
  const x = new Float32Array(batch * size);
  if (spec.vocabulary === undefined) random.fillNormal(x);
  else for (let i = 0; i < x.length; i++) x[i] = random.integer(spec.vocabulary);
  // Away from special values: shifts that are 0 and scales that are 1 hide mistakes.
  const jitter = new Float32Array(model.parameters.length);
  random.fillNormal(jitter, 0.1);
  const start = model.parameters.map((w, i) => w + jitter[i]!);
  const logits = model.forward(x, batch).length / batch;
  const labels =
    spec.loss === "squared-error"
      ? Float32Array.from({ length: batch * logits }, () => random.normal())
      : Int32Array.from({ length: batch * (spec.vocabulary === undefined ? 1 : size) }, () => random.integer(4));
  model.parameters.set(start);
  const gradient = model.lossAndGradient(x, labels, batch).gradient.slice();
  const loss = (offset: number, direction: Float32Array, h: number) => {
    const moved = start.slice();
    for (let i = 0; i < direction.length; i++) moved[offset + i]! += h * direction[i]!;
    model.parameters.set(moved);
    return model.lossAndGradient(x, labels, batch).loss;
  };
  let worst = 0;
  const whole = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  for (const { offset, length } of model.tensors) {
    const direction = new Float32Array(length);
    random.fillNormal(direction, 1 / Math.sqrt(length));
    const central = (h: number) => (loss(offset, direction, h) - loss(offset, direction, -h)) / (2 * h);
    const difference = (4 * central(step / 2) - central(step)) / 3;
    let derivative = 0;
    for (let i = 0; i < length; i++) derivative += gradient[offset + i]! * direction[i]!;
    worst = Math.max(worst, Math.abs(difference - derivative) / whole);
  }
  model.dispose();
  return worst;
}

const image = (...layers: LayerConfig[]): ModelSpec => ({
  input: [6, 7, 3],
  layers: [{ type: "conv2d", filters: 6, kernel: 2 }, ...layers, { type: "flatten" }, { type: "dense", units: 4 }],
});
const sequence = (...layers: LayerConfig[]): ModelSpec => ({
  input: [5, 3],
  layers: [{ type: "dense", units: 6 }, ...layers, { type: "flatten" }, { type: "dense", units: 4 }],
});
const text = (...layers: LayerConfig[]): ModelSpec => ({
  input: [5],
  vocabulary: 4,
  layers: [{ type: "embedding", units: 6 }, ...layers, { type: "dense", units: 4 }],
});

describe("gradients against finite differences", () => {
  it.each<[string, ModelSpec]>([
    ["conv2d", image({ type: "conv2d", filters: 5, kernel: 3 })],
    ["conv2d with stride 2", image({ type: "conv2d", filters: 5, kernel: 3, stride: 2 })],
    ["conv2d with same padding", image({ type: "conv2d", filters: 5, kernel: 3, padding: "same" })],
    ["conv2d with padding 2, stride 2", image({ type: "conv2d", filters: 9, kernel: 4, padding: 2, stride: 2 })],
    ["conv2d 1×1", image({ type: "conv2d", filters: 4, kernel: 1 })],
    ["depthwiseConv2d", image({ type: "depthwiseConv2d", kernel: 3 })],
    ["depthwiseConv2d, same, stride 2", image({ type: "depthwiseConv2d", kernel: 3, padding: "same", stride: 2 })],
    ["averagePool2d", image({ type: "averagePool2d", size: 2 })],
    ["averagePool2d, overlapping", image({ type: "averagePool2d", size: 3, stride: 1 })],
    ["globalAveragePool", image({ type: "globalAveragePool" })],
    ["globalAveragePool of a sequence", sequence({ type: "globalAveragePool" })],
    ["dense on a sequence", sequence({ type: "dense", units: 7 })],
    ["gelu", image({ type: "gelu" })],
    ["gelu as an activation", sequence({ type: "dense", units: 5, activation: "gelu" })],
    ["layerNorm", sequence({ type: "layerNorm" })],
    ["layerNorm of an image", image({ type: "layerNorm" })],
    ["groupNorm", image({ type: "groupNorm", groups: 3 })],
    ["groupNorm with one group", image({ type: "groupNorm", groups: 1 })],
    ["dropout", image({ type: "dropout", rate: 0.4 })],
    ["reshape", image({ type: "reshape", shape: [30, 6] }, { type: "layerNorm" })],
    ["residual", sequence({ type: "residual", layers: [{ type: "dense", units: 6, activation: "gelu" }] })],
    [
      "residual with shortcut",
      image({
        type: "residual",
        layers: [{ type: "conv2d", filters: 8, kernel: 3, padding: "same" }, { type: "gelu" }],
        shortcut: [{ type: "conv2d", filters: 8, kernel: 1 }],
      }),
    ],
    [
      "residual inside a residual",
      sequence({
        type: "residual",
        layers: [{ type: "layerNorm" }, { type: "residual", layers: [{ type: "dense", units: 6 }] }],
      }),
    ],
    ["positional", sequence({ type: "positional" })],
    ["selfAttention", sequence({ type: "selfAttention", heads: 2 })],
    ["selfAttention, causal", sequence({ type: "selfAttention", heads: 3, causal: true })],
    ["embedding", text({ type: "layerNorm" })],
    ["embedding, position, attention", text({ type: "positional" }, { type: "selfAttention", causal: true })],
    ["squared error", { ...sequence({ type: "gelu" }), loss: "squared-error" }],
  ])("%s", (_, spec) => {
    expect(worstError(spec)).toBeLessThan(3e-5);
  });

  // A kink inside the step adds an error of its own, so the step is smaller, and the rounding weighs more.
  it.each<[string, ModelSpec]>([
    ["relu", image({ type: "layerNorm" }, { type: "relu" })],
    ["conv2d with relu", image({ type: "conv2d", filters: 5, kernel: 3, activation: "relu" })],
    ["depthwiseConv2d with relu", image({ type: "depthwiseConv2d", kernel: 2, activation: "relu" })],
    ["dense with relu", sequence({ type: "dense", units: 5, activation: "relu" })],
    ["maxPool2d", image({ type: "maxPool2d", size: 2 })],
    ["maxPool2d, overlapping", image({ type: "maxPool2d", size: 3, stride: 2 })],
    [
      "conv2d, relu, maxPool2d",
      image({ type: "conv2d", filters: 5, kernel: 2, activation: "relu" }, { type: "maxPool2d", size: 2 }),
    ],
  ])("%s", (_, spec) => {
    expect(worstError(spec, { step: 2e-3 })).toBeLessThan(5e-4);
  });
});
