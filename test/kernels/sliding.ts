import type { PooledConvolution, Window } from "../../bindings/blocks.js";
import type * as reference from "../reference/training.js";

/** Windows that slide over images, as the kernels and as the references are told them. */
export interface Sliding {
  kernel: readonly [height: number, width: number];
  stride: number;
  /** Above, to the left, below, to the right */
  pad: readonly [number, number, number, number];
}

export function windowOn(image: reference.Image, { kernel, stride, pad }: Sliding) {
  const { batch, height, width, channels } = image;
  const [kernelHeight, kernelWidth] = kernel;
  const [padTop, padLeft, below, right] = pad;
  const outHeight = Math.floor((height + padTop + below - kernelHeight) / stride) + 1;
  const outWidth = Math.floor((width + padLeft + right - kernelWidth) / stride) + 1;
  const g: Window = {
    ...{ height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth, stride, padTop, padLeft },
  };
  const sliding: reference.Sliding = { kernel, stride, pad: [padTop, padLeft], out: [outHeight, outWidth] };
  const pixels = batch * outHeight * outWidth;
  return { g, sliding, area: kernelHeight * kernelWidth, pixels, inputs: batch * height * width * channels };
}

/** The record of a convolution with pooling in windows of size² behind it, and the reference's idea of those windows. */
export function pooledOn(image: reference.Image, sliding_: Sliding, size: number, filters: number) {
  const found = windowOn(image, sliding_);
  const { g } = found;
  const [poolHeight, poolWidth] = [Math.floor(g.outHeight / size), Math.floor(g.outWidth / size)];
  const fields: PooledConvolution = { ...g, filters, poolSize: size, poolHeight, poolWidth };
  const windows: reference.Sliding = {
    kernel: [size, size],
    stride: size,
    pad: [0, 0],
    out: [poolHeight, poolWidth],
  };
  const map: reference.Image = { batch: image.batch, height: g.outHeight, width: g.outWidth, channels: filters };
  return { ...found, fields, windows, map, outputs: image.batch * poolHeight * poolWidth * filters };
}
