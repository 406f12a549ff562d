import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import type { LayerConfig } from "../../src/config/config.js";
import { createModel } from "../../src/training/model.js";
import * as reference from "../reference/training.js";

/**
 * What the layers make of their settings where heights and widths, and the paddings above and to the left, differ:
 * outputs against plain loops whose geometry is worked out here.
 */
const batch = 2;
const random = stream(29, "test");
const normals = (length: number) => {
  const values = new Float32Array(length);
  random.fillNormal(values);
  return values;
};

/** "same" of the usual definition: what is missing for ⌈size/stride⌉ outputs, the smaller half of it before. */
function same(size: number, kernel: number, stride: number): [out: number, before: number] {
  const out = Math.ceil(size / stride);
  return [out, Math.floor(Math.max(0, (out - 1) * stride + kernel - size) / 2)];
}

function slidingSame([height, width]: readonly number[], kernel: number, stride: number): reference.Sliding {
  const [rows, above] = same(height!, kernel, stride);
  const [columns, left] = same(width!, kernel, stride);
  return { kernel: [kernel, kernel], stride, pad: [above, left], out: [rows, columns] };
}

/** Windows that lie inside. */
function slidingInside([height, width]: readonly number[], kernel: readonly [number, number], stride: number) {
  const out = [height!, width!].map((size, axis) => Math.floor((size - kernel[axis]!) / stride) + 1);
  return { kernel, stride, pad: [0, 0], out: out as [number, number] } as const;
}

const imageOf = ([height, width, channels]: readonly number[]): reference.Image => ({
  batch,
  height: height!,
  width: width!,
  channels: channels!,
});

/** A model with random weights; its input and tensors as the loops take them. */
function built(input: readonly number[], layers: LayerConfig[]) {
  const model = createModel({ input, layers });
  model.parameters.set(normals(model.parameters.length));
  const x = normals(batch * input.reduce((a, b) => a * b, 1));
  const tensors = model.tensors.map(({ offset, length }) => [...model.parameters.slice(offset, offset + length)]);
  return { model, x, weights: tensors[0] ?? [], bias: tensors[1] ?? [] };
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  // A hundred products of normal numbers, each rounded to 6e-8 of a sum of some tens.
  expected.forEach((value, i) => {
    if (!(Math.abs(actual[i]! - value) <= 2e-4)) throw new Error(`[${i}]: ${actual[i]} instead of ${value}`);
  });
}

const images = [
  [5, 8, 3],
  [8, 5, 4],
  [9, 6, 2],
  [4, 11, 5],
] as const;

describe.each(images)("on images of %i × %i × %i", (...input) => {
  const image = imageOf(input);

  it.each([
    [3, 2],
    [4, 3],
    [2, 1],
  ])("conv2d and depthwiseConv2d pad to the same size, kernel %i, stride %i", (kernel, stride) => {
    const sliding = slidingSame(input, kernel, stride);
    const settings = { kernel, stride, padding: "same" };
    const dense = built(input, [{ type: "conv2d", filters: 5, ...settings }]);
    expectClose(
      dense.model.forward(dense.x, batch),
      reference.convolve(image, sliding, [...dense.x], dense.weights, dense.bias),
    );
    const each = built(input, [{ type: "depthwiseConv2d", ...settings }]);
    expectClose(
      each.model.forward(each.x, batch),
      reference.convolveDepthwise(image, sliding, [...each.x], each.weights, each.bias),
    );
  });

  // Kernels of 3 without stride and windows of 2 go by Winograd's form, the others directly.
  it.each([
    [3, 1, 2],
    [2, 1, 2],
    [3, 2, 2],
    [2, 1, 3],
  ])("conv2d of kernel %i and stride %i with ReLU and pooling by %i as one", (kernel, stride, size) => {
    const { model, x, weights, bias } = built(input, [
      { type: "conv2d", filters: 6, kernel, stride, padding: "same", activation: "relu" },
      { type: "maxPool2d", size },
    ]);
    const sliding = slidingSame(input, kernel, stride);
    const [height, width] = sliding.out;
    const map = reference.convolve(image, sliding, [...x], weights, bias).map((value) => Math.max(0, value));
    const windows = slidingInside(sliding.out, [size, size], size);
    const outputs = batch * windows.out[0] * windows.out[1] * 6;
    const { y } = reference.maxPool(
      { batch, height, width, channels: 6 },
      windows,
      map,
      new Array<number>(outputs).fill(0),
    );
    expectClose(model.forward(x, batch), y);
  });

  it.each([
    [2, 2],
    [3, 1],
    [3, 2],
  ])("maxPool2d and averagePool2d of %i, stride %i", (size, stride) => {
    const sliding = slidingInside(input, [size, size], stride);
    const outputs = new Array<number>(batch * sliding.out[0] * sliding.out[1] * image.channels).fill(0);
    for (const [type, loops] of [
      ["maxPool2d", reference.maxPool],
      ["averagePool2d", reference.averagePool],
    ] as const) {
      const { model, x } = built(input, [{ type, size, stride }]);
      expectClose(model.forward(x, batch), loops(image, sliding, [...x], outputs).y);
    }
  });

  it("globalAveragePool", () => {
    const { model, x } = built(input, [{ type: "globalAveragePool" }]);
    const whole = slidingInside(input, [image.height, image.width], 1);
    const { y } = reference.averagePool(image, whole, [...x], new Array<number>(batch * image.channels).fill(0));
    expectClose(model.forward(x, batch), y);
  });
});
