import { describe, expect, it } from "vitest";
import { withBlock } from "../../bindings/blocks.js";
import * as layers from "../../bindings/layers.js";
import { allocate, f32, free, none } from "../../bindings/memory.js";
import * as train from "../../bindings/train.js";
import * as reference from "../reference/training.js";
import { expectClose, nothing, uniform, unit, withArrays } from "./arrays.js";
import { pooledOn, type Sliding, windowOn } from "./sliding.js";

/**
 * The layers that slide a window, each against plain loops. Heights differ from widths, paddings above from those to the
 * left, and windows are not square: what is exchanged shows.
 */
const none4 = [0, 0, 0, 0] as const;

const geometries: [reference.Image, Sliding][] = [
  [
    { batch: 2, height: 6, width: 5, channels: 3 },
    { kernel: [3, 3], stride: 1, pad: none4 },
  ],
  [
    { batch: 3, height: 7, width: 6, channels: 1 },
    { kernel: [2, 2], stride: 2, pad: none4 },
  ],
  [
    { batch: 1, height: 9, width: 7, channels: 4 },
    { kernel: [2, 3], stride: 2, pad: none4 },
  ],
  [
    { batch: 2, height: 6, width: 8, channels: 5 },
    { kernel: [4, 1], stride: 1, pad: none4 },
  ],
  [
    { batch: 1, height: 5, width: 8, channels: 4 },
    { kernel: [3, 3], stride: 2, pad: [1, 0, 1, 1] }, // "same"
  ],
  [
    { batch: 1, height: 8, width: 5, channels: 3 },
    { kernel: [3, 3], stride: 2, pad: [0, 1, 1, 1] },
  ],
  [
    { batch: 2, height: 6, width: 9, channels: 5 },
    { kernel: [4, 3], stride: 2, pad: [2, 1, 1, 2] },
  ],
  [
    { batch: 2, height: 5, width: 6, channels: 2 },
    { kernel: [2, 4], stride: 1, pad: [0, 3, 1, 0] },
  ],
  [
    { batch: 2, height: 4, width: 3, channels: 8 },
    { kernel: [1, 1], stride: 1, pad: none4 },
  ],
  [
    { batch: 1, height: 20, width: 23, channels: 2 },
    { kernel: [3, 2], stride: 1, pad: [1, 0, 0, 1] }, // more pixels than a block
  ],
];

describe.each(geometries)("on %j with %j", (image, sliding_) => {
  const { g, sliding, area, pixels, inputs } = windowOn(image, sliding_);
  const { batch, channels } = image;

  it.each([1, 4, 11])("convolves to %i filters and back", (filters) => {
    const x = uniform(inputs);
    const w = uniform(area * channels * filters);
    const [bias, dy] = [uniform(filters), uniform(pixels * filters)];
    const fields = { ...g, filters };
    const work = allocate(train.convWorkBytes(fields));
    const wanted = reference.convolve(image, sliding, x, w, bias);
    const back = reference.convolveBackward(image, sliding, x, w, dy, filters);
    const arrays = [x, w, bias, nothing(wanted.length), dy, nothing(w.length), nothing(inputs)] as const;
    withBlock("Convolution", fields, (at) =>
      withArrays(arrays, (px, pw, pb, py, pdy, pdw, pdx) => {
        const depth = area * channels + 2;
        train.conv2dForward(batch, false, at, px, pw, pb, py, work);
        expectClose(f32(py, wanted.length), wanted, () => depth * depth * unit);
        train.conv2dForward(batch, true, at, px, pw, pb, py, work);
        expectClose(
          f32(py, wanted.length),
          wanted.map((value) => Math.max(0, value)),
          () => depth * depth * unit,
        );
        train.conv2dBackward(batch, at, px, pw, pdy, pdw, pdx, work);
        expectClose(f32(pdw, w.length), back.dw, () => pixels * pixels * unit);
        expectClose(f32(pdx, inputs), back.dx, () => area * area * filters * filters * unit);
      }),
    );
    free(work);
  });

  it("convolves depthwise and back", () => {
    const [x, w, bias, dy] = [uniform(inputs), uniform(area * channels), uniform(channels), uniform(pixels * channels)];
    const wanted = reference.convolveDepthwise(image, sliding, x, w, bias);
    const back = reference.convolveDepthwiseBackward(image, sliding, x, w, dy);
    const arrays = [x, w, bias, nothing(wanted.length), dy, nothing(w.length), nothing(inputs)] as const;
    withBlock("Window", g, (at) =>
      withArrays(arrays, (px, pw, pb, py, pdy, pdw, pdx) => {
        layers.depthwiseConv2dForward(batch, false, at, px, pw, pb, py);
        expectClose(f32(py, wanted.length), wanted, () => (area + 2) ** 2 * unit);
        layers.depthwiseConv2dForward(batch, true, at, px, pw, pb, py);
        expectClose(
          f32(py, wanted.length),
          wanted.map((value) => Math.max(0, value)),
          () => (area + 2) ** 2 * unit,
        );
        layers.depthwiseConv2dBackward(batch, at, px, pw, pdy, pdw, pdx);
        expectClose(f32(pdw, w.length), back.dw, () => pixels * pixels * unit);
        expectClose(f32(pdx, inputs), back.dx, () => area * area * unit);
      }),
    );
  });

  it.runIf(sliding_.pad === none4)("pools and back, first of equal values", () => {
    const x = uniform(inputs).map((value) => Math.round(4 * value) / 4); // many ties
    const dy = uniform(pixels * channels);
    const largest = reference.maxPool(image, sliding, x, dy);
    const mean = reference.averagePool(image, sliding, x, dy);
    withBlock("Window", g, (at) =>
      withArrays([x, nothing(dy.length), dy, nothing(inputs)], (px, py, pdy, pdx) => {
        train.maxPool2dForward(batch, at, px, py);
        expect([...f32(py, dy.length)]).toEqual(largest.y);
        train.maxPool2dBackward(batch, false, at, px, py, pdy, pdx);
        expectClose(f32(pdx, inputs), largest.dx, () => area * area * unit);
        const positive = reference.maxPool(
          image,
          sliding,
          x,
          dy.map((value, i) => (largest.y[i]! > 0 ? value : 0)),
        );
        train.maxPool2dBackward(batch, true, at, px, py, pdy, pdx);
        expectClose(f32(pdx, inputs), positive.dx, () => area * area * unit);
        layers.averagePool2dForward(batch, at, px, py);
        expectClose(f32(py, dy.length), mean.y, () => (area + 2) * unit);
        layers.averagePool2dBackward(batch, at, pdy, pdx);
        expectClose(f32(pdx, inputs), mean.dx, () => (area + 2) * unit);
      }),
    );
  });
});

describe("convolution, ReLU and max-pooling as one", () => {
  it.each<[reference.Image, Sliding, number, number]>([
    // A remainder is dropped
    [{ batch: 2, height: 6, width: 7, channels: 3 }, { kernel: [3, 3], stride: 1, pad: none4 }, 2, 4],
    [{ batch: 1, height: 5, width: 5, channels: 1 }, { kernel: [2, 2], stride: 1, pad: [1, 1, 1, 1] }, 3, 7],
    // Patches of two chunks, several blocks
    [{ batch: 1, height: 18, width: 19, channels: 4 }, { kernel: [3, 3], stride: 1, pad: [1, 1, 1, 1] }, 2, 10],
    [{ batch: 2, height: 9, width: 9, channels: 2 }, { kernel: [3, 3], stride: 2, pad: [1, 1, 1, 1] }, 1, 5],
    // Nothing equal to anything
    [{ batch: 2, height: 10, width: 6, channels: 3 }, { kernel: [3, 3], stride: 1, pad: none4 }, 2, 6],
    [{ batch: 2, height: 7, width: 13, channels: 2 }, { kernel: [3, 2], stride: 1, pad: [1, 0, 1, 1] }, 3, 5],
    [{ batch: 1, height: 12, width: 5, channels: 4 }, { kernel: [2, 3], stride: 2, pad: [0, 2, 0, 1] }, 2, 8],
    [{ batch: 3, height: 5, width: 14, channels: 1 }, { kernel: [3, 4], stride: 1, pad: [2, 1, 0, 0] }, 2, 4],
    [{ batch: 1, height: 28, width: 20, channels: 2 }, { kernel: [3, 3], stride: 1, pad: [0, 1, 1, 0] }, 2, 9],
    // Runs of four, eight, twelve and thirteen vectors; rows that whole passes of two or three do not divide
    [{ batch: 2, height: 11, width: 9, channels: 3 }, { kernel: [5, 5], stride: 1, pad: none4 }, 2, 6],
    [{ batch: 1, height: 9, width: 12, channels: 6 }, { kernel: [5, 5], stride: 1, pad: none4 }, 2, 5],
    [{ batch: 1, height: 8, width: 8, channels: 12 }, { kernel: [4, 4], stride: 1, pad: [1, 2, 2, 1] }, 2, 4],
    [{ batch: 1, height: 7, width: 7, channels: 17 }, { kernel: [3, 3], stride: 1, pad: [1, 1, 1, 1] }, 2, 7],
    // Rows and columns that no patch reaches, several blocks of windows
    [{ batch: 2, height: 10, width: 11, channels: 3 }, { kernel: [2, 2], stride: 3, pad: none4 }, 1, 5],
    [{ batch: 1, height: 26, width: 30, channels: 9 }, { kernel: [3, 3], stride: 1, pad: [1, 1, 1, 1] }, 2, 6],
    [{ batch: 1, height: 9, width: 8, channels: 3 }, { kernel: [3, 3], stride: 1, pad: none4 }, 3, 3],
  ])("on %j with %j, windows of %i, %i filters", (image, sliding_, size, filters) => {
    const { fields, sliding, inputs, area, windows, map } = pooledOn(image, sliding_, size, filters);
    const [x, w] = [uniform(inputs), uniform(area * image.channels * filters)];
    const bias = uniform(filters);
    const dy = uniform(image.batch * fields.poolHeight * fields.poolWidth * filters);
    const values = reference.convolve(image, sliding, x, w, bias).map((value) => Math.max(0, value));
    const { y } = reference.maxPool(map, windows, values, dy);
    const masked = dy.map((value, i) => (y[i]! > 0 ? value : 0));
    const dmap = reference.maxPool(map, windows, values, masked).dx;
    const back = reference.convolveBackward(image, sliding, x, w, dmap, filters);
    const work = allocate(layers.convPoolWorkBytes(fields));
    const arrays = [
      ...([x, w, bias, nothing(y.length), nothing(y.length), masked] as const),
      ...([nothing(w.length), nothing(inputs)] as const),
    ] as const;
    withBlock("PooledConvolution", fields, (at) =>
      withArrays(arrays, (px, pw, pb, py, winner, pdy, pdw, pdx) => {
        const depth = w.length / filters + 2;
        layers.convPool2dForward(image.batch, at, px, pw, pb, py, none, work);
        expectClose(f32(py, y.length), y, () => depth * depth * unit);
        layers.convPool2dForward(image.batch, at, px, pw, pb, py, winner, work);
        expectClose(f32(py, y.length), y, () => depth * depth * unit);
        layers.convPool2dBackward(image.batch, at, px, pw, winner, pdy, pdw, pdx, work);
        expectClose(f32(pdw, w.length), back.dw, () => dy.length ** 2 * unit);
        expectClose(f32(pdx, inputs), back.dx, () => (depth * filters) ** 2 * unit);
      }),
    );
    free(work);
  });
});
