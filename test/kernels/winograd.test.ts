import { describe, expect, it } from "vitest";
import { type PooledConvolution, withBlock } from "../../bindings/blocks.js";
import * as layers from "../../bindings/layers.js";
import { allocate, f32, free, i32, none } from "../../bindings/memory.js";
import * as reference from "../reference/training.js";
import { winogradKernelMagnitudes, winogradMagnitudes } from "../reference/winograd.js";
import { expectClose, nothing, uniform, unit, withArrays } from "./arrays.js";
import { pooledOn, type Sliding, windowOn } from "./sliding.js";

/** Winograd's forms against plain loops, within what their roundings can add up to. */
const none4 = [0, 0, 0, 0] as const;

/** Each window's and filter's pixel of the convolution's output, from where its patch begins in the padded image. */
function winningPixels(g: PooledConvolution, batch: number, winners: Int32Array): number[] {
  const rowBytes = 4 * ((g.outWidth - 1) * g.stride + g.kernelWidth) * g.channels;
  const pixelBytes = 4 * g.stride * g.channels;
  return Array.from({ length: batch * g.poolHeight * g.poolWidth * g.filters }, (_, i) => {
    const window = Math.floor(i / g.filters);
    const [n, k] = [Math.floor(window / (g.poolHeight * g.poolWidth)), window % (g.poolHeight * g.poolWidth)];
    const row = Math.floor(winners[i]! / (g.stride * rowBytes));
    const column = (winners[i]! - row * g.stride * rowBytes) / pixelBytes;
    expect(Math.floor(row / g.poolSize)).toBe(Math.floor(k / g.poolWidth));
    expect(Math.floor(column / g.poolSize)).toBe(k % g.poolWidth);
    return (n * g.outHeight + row) * g.outWidth + column;
  });
}

describe("convolution, ReLU and max-pooling by Winograd's form", () => {
  function check(image: reference.Image, [padTop, padLeft]: readonly [number, number], filters: number): void {
    const sliding_: Sliding = { kernel: [3, 3], stride: 1, pad: [padTop, padLeft, padTop, padLeft] };
    const { fields, sliding, inputs, windows, map, outputs } = pooledOn(image, sliding_, 2, filters);
    const [x, w, bias] = [uniform(inputs), uniform(9 * image.channels * filters), uniform(filters)];
    const before = reference.convolve(image, sliding, x, w, bias);
    const values = before.map((value) => Math.max(0, value));
    const { y } = reference.maxPool(map, windows, values, new Array<number>(outputs).fill(0));
    const sizes = winogradMagnitudes(image, sliding, x, w, bias);
    const magnitude = reference.maxPool(map, windows, sizes, new Array<number>(outputs).fill(0)).y;
    // Roundings behind one another: 4 in G g Gᵀ, 2 in Bᵀ d B, a product, a sum a channel, 4 in Aᵀ m A, the bias. The
    // largest of four and ReLU add none and pass on no more than the largest error.
    const roundings = image.channels + 12;
    const bound = (i: number) => 1.001 * roundings * unit * magnitude[i]!;
    const work = allocate(layers.winogradPoolWorkBytes(fields));
    withBlock("PooledConvolution", fields, (at) =>
      withArrays([x, w, bias, nothing(outputs), nothing(outputs)], (px, pw, pb, py, winner) => {
        layers.winogradPool2dForward(image.batch, at, px, pw, pb, py, none, work);
        expectClose(f32(py, outputs), y, bound);
        const tested = f32(py, outputs).slice();
        layers.winogradPool2dForward(image.batch, at, px, pw, pb, py, winner, work);
        expect(f32(py, outputs)).toEqual(tested);
        const pixels = winningPixels(fields, image.batch, i32(winner, outputs));
        // The largest as computed is within an error of the largest, and so within two of the winner's own value.
        const chosen = pixels.map((pixel, i) => before[pixel * filters + (i % filters)]!);
        const largest = reference.maxPool(map, windows, before, new Array<number>(outputs).fill(0)).y;
        expectClose(chosen, largest, (i) => 2 * bound(i));
      }),
    );
    free(work);
  }

  it("is right at every remainder of tiles, filters and channels", () => {
    for (let filters = 1; filters <= 17; filters++) {
      for (let side = 4; side <= 9; side++) {
        const channels = 1 + ((filters + 2 * side) % 9);
        const pad = [(filters + side) % 3, (2 * filters + side + 1) % 3] as const;
        check({ batch: 2, height: side, width: 13 - side, channels }, pad, filters);
      }
    }
  });

  it.each([
    [{ batch: 2, height: 34, width: 18, channels: 3 }, [0, 0], 8], // a whole block of tiles
    [{ batch: 1, height: 25, width: 27, channels: 2 }, [1, 1], 12], // one and a part, edges on all sides
    [{ batch: 1, height: 16, width: 19, channels: 40 }, [1, 0], 9], // blocks of fewer tiles, many channels
    [{ batch: 1, height: 6, width: 6, channels: 530 }, [0, 2], 4], // the fewest tiles a block
  ] as const)("is right across blocks of tiles: %j, padding %j, %i filters", check);

  it("is for 3×3 kernels of stride 1 and 2×2 windows", () => {
    const sliding: Sliding = { kernel: [3, 3], stride: 1, pad: none4 };
    const { fields } = pooledOn({ batch: 1, height: 9, width: 9, channels: 3 }, sliding, 2, 8);
    expect(layers.winogradPoolWorkBytes(fields)).toBeGreaterThan(0);
    expect(layers.winogradPoolWorkBytes({ ...fields, stride: 2 })).toBe(0);
    expect(layers.winogradPoolWorkBytes({ ...fields, kernelHeight: 5 })).toBe(0);
    expect(layers.winogradPoolWorkBytes({ ...fields, kernelWidth: 5 })).toBe(0);
    expect(layers.winogradPoolWorkBytes({ ...fields, poolSize: 3 })).toBe(0);
  });
});

describe("conv2d by Winograd's form", () => {
  function check(image: reference.Image, pad: Sliding["pad"], filters: number): void {
    const { batch, channels } = image;
    const { g, sliding, pixels, inputs } = windowOn(image, { kernel: [3, 3], stride: 1, pad });
    const [x, w, bias] = [uniform(inputs), uniform(9 * channels * filters), uniform(filters)];
    const dy = uniform(pixels * filters);
    const y = reference.convolve(image, sliding, x, w, bias);
    const back = reference.convolveBackward(image, sliding, x, w, dy, filters);
    // Roundings behind one another as above; for dw 2 in Bᵀ d B, 2 in A dy Aᵀ, a product, a sum a tile, 4 in Gᵀ m G.
    const bound = (roundings: number, sizes: readonly number[]) => (i: number) => 1.001 * roundings * unit * sizes[i]!;
    const forward = bound(channels + 12, winogradMagnitudes(image, sliding, x, w, bias));
    const map: reference.Image = { batch, height: g.outHeight, width: g.outWidth, channels: filters };
    const around: reference.Sliding = {
      ...sliding,
      pad: [2 - g.padTop, 2 - g.padLeft],
      out: [image.height, image.width],
    };
    const zeros = new Array<number>(channels).fill(0);
    const images = bound(filters + 12, winogradMagnitudes(map, around, dy, turned(w, channels, filters), zeros));
    const tiles = batch * Math.ceil(g.outHeight / 2) * Math.ceil(g.outWidth / 2);
    const kernels = bound(tiles + 9, winogradKernelMagnitudes(image, sliding, x, dy, filters));
    const fields = { ...g, filters };
    const work = allocate(layers.winogradConvWorkBytes(fields));
    const arrays = [x, w, bias, nothing(y.length), dy, nothing(w.length), nothing(inputs)] as const;
    withBlock("Convolution", fields, (at) =>
      withArrays(arrays, (px, pw, pb, py, pdy, pdw, pdx) => {
        layers.winogradConv2dForward(batch, false, at, px, pw, pb, py, work);
        expectClose(f32(py, y.length), y, forward);
        layers.winogradConv2dForward(batch, true, at, px, pw, pb, py, work);
        expectClose(
          f32(py, y.length),
          y.map((value) => Math.max(0, value)),
          forward,
        );
        layers.winogradConv2dBackward(batch, at, px, pw, pdy, pdw, pdx, work);
        expectClose(f32(pdw, w.length), back.dw, kernels);
        expectClose(f32(pdx, inputs), back.dx, images);
      }),
    );
    free(work);
  }

  it("is right at every remainder of tiles, filters, channels and pixels", () => {
    for (let filters = 1; filters <= 17; filters++) {
      for (let side = 4; side <= 9; side++) {
        const channels = 1 + ((filters + 2 * side) % 9);
        const pad = [filters % 3, side % 3, (filters + side) % 3, (2 * filters + side) % 3] as const;
        check({ batch: 2, height: side, width: 13 - side, channels }, pad, filters);
      }
    }
  });

  it.each([
    [{ batch: 1, height: 25, width: 27, channels: 3 }, [1, 1, 1, 1], 12], // several blocks of tiles
    [{ batch: 3, height: 9, width: 7, channels: 70 }, [1, 0, 1, 2], 66], // blocks of fewer, over images
    [{ batch: 1, height: 3, width: 3, channels: 5 }, none4, 8], // one pixel
    [{ batch: 1, height: 6, width: 6, channels: 530 }, [0, 2, 0, 2], 4], // the fewest tiles a block
  ] as const)("is right across blocks of tiles: %j, padding %j, %i filters", check);

  it("is for 3×3 kernels of stride 1", () => {
    const { g } = windowOn({ batch: 1, height: 9, width: 9, channels: 3 }, { kernel: [3, 3], stride: 1, pad: none4 });
    expect(layers.winogradConvWorkBytes({ ...g, filters: 8 })).toBeGreaterThan(0);
    expect(layers.winogradConvWorkBytes({ ...g, filters: 8, stride: 2 })).toBe(0);
    expect(layers.winogradConvWorkBytes({ ...g, filters: 8, kernelHeight: 1 })).toBe(0);
    expect(layers.winogradConvWorkBytes({ ...g, filters: 8, kernelWidth: 5 })).toBe(0);
  });
});

/** Kernels [3][3][C][F] turned by half a turn, channels and filters exchanged. */
function turned(w: readonly number[], channels: number, filters: number): number[] {
  return w.map((_, i) => {
    const [place, f, c] = [Math.floor(i / (channels * filters)), Math.floor(i / channels) % filters, i % channels];
    return w[((8 - place) * channels + c) * filters + f]!;
  });
}
