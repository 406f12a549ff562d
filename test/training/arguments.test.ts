import { describe, expect, it } from "vitest";
import { InputError } from "../../src/config/errors.js";
import { quantizer } from "../../src/quantizers/index.js";
import { createModel, type ModelSpec } from "../../src/training/model.js";
import { createOptimizer, type OptimizerName, type OptimizerSettings } from "../../src/training/optimizers.js";

/** What a caller without types can get wrong must be told: kernels would read and write wherever it leads. */
function problem(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "nothing was wrong";
}

const text: ModelSpec = { input: [4], vocabulary: 5, layers: [{ type: "embedding", units: 5 }] };

describe("createModel", () => {
  it.each([-1, 5, 1e9, 1.5, Number.NaN])("refuses the token %s", (token) => {
    const model = createModel(text);
    const message = `x[2]: ${token} is not a token number 0 … 4`;
    expect(problem(() => model.forward([0, 4, token, 1], 1))).toBe(message);
    expect(problem(() => model.lossAndGradient([0, 4, token, 1], [0, 0, 0, 0], 1))).toBe(message);
    expect(model.forward([0, 4, 3, 1], 1)).toHaveLength(20);
  });

  it("cannot be used after dispose, whose memory may be another's", () => {
    const model = createModel(text);
    model.dispose();
    model.dispose();
    for (const use of [() => model.parameters, () => model.forward([0, 0, 0, 0], 1)]) {
      expect(problem(use)).toMatch(/^model: was disposed of/);
    }
  });

  it.each<[string, object, RegExp]>([
    ["no vocabulary", { vocabulary: 0 }, /^model.vocabulary: 0 is not a whole number of at least 1/],
    ["half a vocabulary", { vocabulary: 2.5 }, /^model.vocabulary: 2.5 is not/],
    [
      "a loss that is none",
      { loss: "hinge" },
      /^model.loss: unknown loss "hinge" \(allowed: cross-entropy, squared-error/,
    ],
    ["no shape", { input: undefined }, /^model.input: undefined must be whole numbers/],
    ["a layer that is none", { layers: [text.layers[0], null] }, /^model.layers\[1\]: null is no layer/],
    [
      "a layer of every object's name",
      { layers: [text.layers[0], { type: "toString" }] },
      /^model.layers\[1\].type: unknown layer "toString"/,
    ],
    [
      "more weights than there is memory",
      { input: [16], vocabulary: undefined, layers: [{ type: "dense", units: 1e9 }] },
      /^model.layers: 17000000000 parameters and their gradient do not fit/,
    ],
  ])("refuses %s", (_, change, message) => {
    expect(problem(() => createModel({ ...text, ...change } as ModelSpec))).toMatch(message);
  });
});

describe("createOptimizer", () => {
  it.each([-1, 1.5, Number.NaN, undefined])("refuses the size %s", (size) => {
    expect(problem(() => createOptimizer("adam", {}, size as number))).toMatch(/^size: .* is no number of parameters/);
  });

  it("refuses names that are every object's, and takes no settings for the defaults", () => {
    expect(problem(() => createOptimizer("toString" as OptimizerName, {}, 2))).toMatch(/^optimizer.name: unknown/);
    expect(problem(() => createOptimizer("sgd", { toString: 1 } as unknown as OptimizerSettings, 2))).toMatch(
      /^optimizer.toString: unknown/,
    );
    const weights = Float32Array.of(1, 2);
    createOptimizer("sgd", undefined as unknown as OptimizerSettings, 2).step(weights, Float32Array.of(1, 0));
    expect(weights).toEqual(Float32Array.of(0.99, 2));
  });
});

it("a quantizer without a name is told what there is", () => {
  for (const nothing of [undefined, null, {}]) {
    expect(problem(() => quantizer(nothing as unknown as string))).toMatch(
      /^quantizer.name: undefined is no quantizer \(allowed: emq,/,
    );
  }
});
