import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { LayerConfig } from "../../src/config/config.js";
import { createModel, type ModelSpec } from "../../src/training/model.js";

/** Layers against their formulas, in float64 loops; gradients.test.ts then ties the way back to the way forward. */
const random = stream(23, "test");
const normals = (length: number) => {
  const values = new Float32Array(length);
  random.fillNormal(values);
  return values;
};

/** A model of one layer with random weights; `weights` finds a tensor by the end of its name. */
function layer(input: number[], config: LayerConfig, more: Partial<ModelSpec> = {}) {
  const model = createModel({ input, layers: [config], ...more });
  model.parameters.set(normals(model.parameters.length));
  const weights = (name: string) => {
    const slice = model.tensors.find((tensor) => tensor.name.endsWith(name))!;
    return model.parameters.slice(slice.offset, slice.offset + slice.length);
  };
  return { model, weights };
}

function expectClose(actual: ArrayLike<number>, expected: number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    if (!(Math.abs(actual[i]! - value) <= tolerance)) throw new Error(`[${i}]: ${actual[i]} instead of ${value}`);
  });
}

/** Φ(x) = ½ + ∫₀ˣ φ by Simpson's rule with 2000 steps: good to 1e-13 on |x| ≤ 10. */
function normalDistribution(x: number): number {
  const steps = 2000;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    sum += (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2) / 2);
  }
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

describe("layers follow their formulas", () => {
  it("gelu is x Φ(x)", () => {
    const x = Float32Array.from({ length: 401 }, (_, i) => (i - 200) / 25);
    const model = createModel({ input: [401], layers: [{ type: "gelu" }, { type: "dropout", rate: 0 }] });
    // The formula's error is 1.5e-7 in Φ, which x multiplies.
    expectClose(
      model.forward(x, 1),
      [...x].map((value) => value * normalDistribution(value)),
      1.5e-6,
    );
  });

  it.each([
    ["layerNorm", [5, 6], { type: "layerNorm" }, 6, 1],
    ["groupNorm", [3, 2, 6], { type: "groupNorm", groups: 3 }, 6, 3],
    ["groupNorm over vectors", [2, 3, 8], { type: "groupNorm", groups: 2 }, 8, 2],
  ] as const)("%s", (_, input, config, channels, groups) => {
    const { model, weights } = layer([...input], config);
    const size = input.reduce<number>((a, b) => a * b, 1);
    const x = normals(2 * size).map((value) => 3 * value + 1);
    const [scale, shift] = [weights("scale"), weights("shift")];
    const rows = config.type === "layerNorm" ? (2 * size) / channels : 2;
    const perRow = (2 * size) / rows;
    const groupOf = (i: number) => Math.floor(i / perRow) * groups + Math.floor(((i % channels) * groups) / channels);
    const sums = new Map<number, number[]>();
    x.forEach((value, i) => {
      sums.set(groupOf(i), [...(sums.get(groupOf(i)) ?? []), value]);
    });
    const expected = [...x].map((value, i) => {
      const group = sums.get(groupOf(i))!;
      const mean = group.reduce((a, b) => a + b, 0) / group.length;
      const variance = group.reduce((a, b) => a + (b - mean) ** 2, 0) / group.length;
      return (scale[i % channels]! * (value - mean)) / Math.sqrt(variance + 1e-5) + shift[i % channels]!;
    });
    expectClose(model.forward(x, 2), expected, 1e-5);
  });

  it.each([
    [7, 6, 2, false],
    [5, 4, 1, true],
    [9, 12, 3, true],
  ])("selfAttention of %i positions, %i features, %i heads, causal %s", (length, width, heads, causal) => {
    const { model, weights } = layer([length, width], { type: "selfAttention", heads, causal });
    const x = normals(2 * length * width);
    const affine = (input: number[], kernel: Float32Array, bias: Float32Array) =>
      Array.from(bias, (b, j) => input.reduce((sum, value, i) => sum + value * kernel[i * bias.length + j]!, b));
    const expected: number[] = [];
    for (let n = 0; n < 2; n++) {
      const rows = Array.from({ length }, (_, i) =>
        affine(
          [...x.slice((n * length + i) * width, (n * length + i + 1) * width)],
          weights("qkv.kernel"),
          weights("qkv.bias"),
        ),
      );
      for (let i = 0; i < length; i++) {
        const mixed = new Array<number>(width).fill(0);
        for (let h = 0; h < heads; h++) {
          const w = width / heads;
          const seen = causal ? i + 1 : length;
          const e = Array.from({ length: seen }, (_, j) => {
            let dot = 0;
            for (let c = 0; c < w; c++) dot += rows[i]![h * w + c]! * rows[j]![width + h * w + c]!;
            return Math.exp(dot / Math.sqrt(w));
          });
          const sum = e.reduce((a, b) => a + b, 0);
          for (let j = 0; j < seen; j++) {
            for (let c = 0; c < w; c++) mixed[h * w + c]! += (e[j]! / sum) * rows[j]![2 * width + h * w + c]!;
          }
        }
        expected.push(...affine(mixed, weights("out.kernel"), weights("out.bias")));
      }
    }
    // Scores reach some tens with these weights, so the exponentials lose about their size in units.
    expectClose(model.forward(x, 2), expected, 1e-3);
  });

  it("a causal model's logits do not depend on what comes later", () => {
    const spec: ModelSpec = {
      input: [8],
      vocabulary: 5,
      layers: [
        { type: "embedding", units: 8 },
        { type: "positional" },
        { type: "residual", layers: [{ type: "layerNorm" }, { type: "selfAttention", heads: 2, causal: true }] },
        { type: "dense", units: 5 },
      ],
    };
    const model = createModel(spec, { seed: 2 });
    const [one, two] = [
      [1, 2, 3, 4, 0, 1, 2, 3],
      [1, 2, 3, 4, 4, 0, 0, 1],
    ];
    const [first, second] = [model.forward(one!, 1), model.forward(two!, 1)];
    expect([...first.slice(0, 20)]).toEqual([...second.slice(0, 20)]);
    expect([...first.slice(20, 25)]).not.toEqual([...second.slice(20, 25)]);
  });

  it("embedding takes rows, positional adds them", () => {
    const { model, weights } = layer([4], { type: "embedding", units: 3 }, { vocabulary: 6 });
    const table = weights("table");
    expect([...model.forward([5, 0, 5, 2], 1)]).toEqual(
      [5, 0, 5, 2].flatMap((token) => [...table.slice(3 * token, 3 * token + 3)]),
    );
    const positions = layer([2, 3], { type: "positional" });
    const added = positions.model.forward(new Float32Array(12).fill(1), 2);
    const rows = [...positions.weights("table")].map((value) => Math.fround(1 + value));
    expect([...added]).toEqual([...rows, ...rows]);
  });

  it("dropout keeps 1 − rate of the values, scaled, while training, and all of them when testing", () => {
    const layers = [
      { type: "dropout", rate: 0.25 },
      { type: "dense", units: 1 },
    ];
    const model = createModel({ input: [2000], layers, loss: "squared-error" });
    model.parameters.fill(1);
    const x = new Float32Array(2000).fill(1);
    expect(model.forward(x, 1)[0]).toBe(2001);
    // z = kept/0.75 + 1; the gradient of weight i is 2 z/0.75 where it is kept, else 0.
    const { loss, gradient } = model.lossAndGradient(x, [0], 1);
    const kept = [...gradient.slice(0, 2000)].filter((value) => value !== 0);
    // 2000 draws: standard deviation √(2000 · 0.1875) = 19.4; five of them. The seed is fixed.
    expect(Math.abs(kept.length - 1500)).toBeLessThan(97);
    const z = kept.length / 0.75 + 1;
    // A float32 sum of 2000 terms: 2000 · 2⁻²⁴ at most, twice that in the square.
    expect(Math.abs(loss / z ** 2 - 1)).toBeLessThan(2.4e-4);
    expect(Math.abs(kept[0]! / ((2 * z) / 0.75) - 1)).toBeLessThan(1.2e-4);
    expect(new Set(kept).size).toBe(1);
  });
});

describe("batches taken in parts", () => {
  // Evaluated in parts from 43, 4 and 5 examples on, attention of the first two from 22 and 6 on
  const block: LayerConfig[] = [
    { type: "layerNorm" },
    { type: "residual", layers: [{ type: "selfAttention", heads: 2 }] },
    { type: "dense", units: 64, activation: "gelu" },
  ];
  const networks: [string, ModelSpec, number][] = [
    ["attention", { input: [32, 32], layers: [...block, { type: "dense", units: 3 }] }, 70],
    ["long attention", { input: [128, 32], layers: [...block, { type: "dense", units: 3 }] }, 37],
    [
      "a convolution",
      {
        input: [32, 32, 3],
        layers: [
          { type: "conv2d", filters: 32, kernel: 3, padding: "same", activation: "relu" },
          { type: "flatten" },
          { type: "dense", units: 3 },
        ],
      },
      9,
    ],
  ];

  it.each(networks)("give each example the bits that it has alone: %s", (_name, spec, batch) => {
    const model = createModel(spec, { seed: 4 });
    const size = spec.input.reduce((product, n) => product * n, 1);
    const x = normals(batch * size);
    const all = model.forward(x, batch);
    const each = all.length / batch;
    for (let i = 0; i < batch; i++) {
      expect(model.forward(x.subarray(i * size, (i + 1) * size), 1)).toEqual(all.subarray(i * each, (i + 1) * each));
    }
  });

  it.each(networks)("lose what evaluation says: %s", (_name, spec, batch) => {
    const model = createModel(spec, { seed: 4 });
    const x = normals(batch * spec.input.reduce((product, n) => product * n, 1));
    const rows = model.forward(x, batch).length / 3;
    const labels = Int32Array.from({ length: rows }, (_, i) => i % 3);
    expect(model.evaluate(x, labels, batch).loss).toBe(model.lossAndGradient(x, labels, batch).loss);
  });
});
