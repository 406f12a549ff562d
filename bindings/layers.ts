import { kernels } from "./instance.js";
import { gemmWorkBytes, type Window } from "./train.js";

/** The kernels of the layers beyond convolution, pooling and products; conventions as in train.ts. */

export const geluForward = (n: number, x: number, y: number): void => kernels().geluForward(n, x, y);
export const geluBackward = (n: number, x: number, dy: number, dx: number): void =>
  kernels().geluBackward(n, x, dy, dx);

export function averagePool2dForward(batch: number, g: Window, x: number, y: number): void {
  kernels().averagePool2dForward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.kernelWidth,
    g.stride,
    x,
    y,
  );
}

export function averagePool2dBackward(batch: number, g: Window, dy: number, dx: number): void {
  kernels().averagePool2dBackward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.kernelWidth,
    g.stride,
    dy,
    dx,
  );
}

export function depthwiseConv2dForward(
  batch: number,
  g: Window,
  x: number,
  w: number,
  bias: number,
  y: number,
  relu: boolean,
): void {
  kernels().depthwiseConv2dForward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.kernelWidth,
    g.stride,
    g.padTop,
    g.padLeft,
    x,
    w,
    bias,
    y,
    relu ? 1 : 0,
  );
}

export function depthwiseConv2dBackward(
  batch: number,
  g: Window,
  x: number,
  w: number,
  dy: number,
  dw: number,
  dx: number,
): void {
  kernels().depthwiseConv2dBackward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.kernelWidth,
    g.stride,
    g.padTop,
    g.padLeft,
    x,
    w,
    dy,
    dw,
    dx,
  );
}

/** What is normalized together: `pixels` × channels/groups values of one of `batch` examples. */
export interface Grouping {
  batch: number;
  pixels: number;
  channels: number;
  groups: number;
}

export const groupNormForward = (
  { batch, pixels, channels, groups }: Grouping,
  x: number,
  gamma: number,
  beta: number,
  y: number,
  stats: number,
  epsilon: number,
): void => kernels().groupNormForward(batch, pixels, channels, groups, x, gamma, beta, y, stats, epsilon);

export const groupNormBackward = (
  { batch, pixels, channels, groups }: Grouping,
  x: number,
  gamma: number,
  stats: number,
  dy: number,
  dgamma: number,
  dbeta: number,
  dx: number,
): void => kernels().groupNormBackward(batch, pixels, channels, groups, x, gamma, stats, dy, dgamma, dbeta, dx);

/** y = x/(1 − rate) where the random word says to keep, else 0. */
export const dropout = (n: number, x: number, words: number, y: number, rate: number): void =>
  kernels().dropout(n, x, words, y, Math.min(4294967295, Math.floor(rate * 4294967296)), 1 / (1 - rate));

export const addVectors = (n: number, a: number, b: number, out: number): void => kernels().addVectors(n, a, b, out);

/** out[r] = x[r] + row. */
export const addRow = (rows: number, n: number, x: number, row: number, out: number): void =>
  kernels().addRow(rows, n, x, row, out);

export const copyVector = (n: number, x: number, out: number): void => kernels().copyVector(n, x, out);

export const embeddingForward = (rows: number, width: number, tokens: number, w: number, y: number): void =>
  kernels().embeddingForward(rows, width, tokens, w, y);

export const embeddingBackward = (
  rows: number,
  width: number,
  vocabulary: number,
  tokens: number,
  dy: number,
  dw: number,
): void => kernels().embeddingBackward(rows, width, vocabulary, tokens, dy, dw);

/** @param p kept for the way back: batch · heads · length² floats */
export const attentionForward = (
  batch: number,
  [length, width]: readonly [number, number],
  heads: number,
  causal: boolean,
  qkv: number,
  p: number,
  out: number,
  work: number,
): void => kernels().attentionForward(batch, length, width, heads, causal ? 1 : 0, qkv, p, out, work);

/** @param scores length² floats of scratch */
export const attentionBackward = (
  batch: number,
  [length, width]: readonly [number, number],
  heads: number,
  qkv: number,
  p: number,
  dout: number,
  dqkv: number,
  scores: number,
  work: number,
): void => kernels().attentionBackward(batch, length, width, heads, qkv, p, dout, dqkv, scores, work);

/** @returns the sum over rows of the mean square over outputs */
export const squaredError = (rows: number, outputs: number, z: number, targets: number, dz: number): number =>
  kernels().squaredError(rows, outputs, z, targets, dz);

/** A max-pooling with adjoining windows of size² behind a convolution. */
export interface Pooling {
  size: number;
  poolHeight: number;
  poolWidth: number;
}

/** Bytes of scratch for the fused convolution, ReLU and max-pooling. */
export function convPoolWorkBytes(g: Window, filters: number, { size }: Pooling): number {
  const depth = g.kernelHeight * g.kernelWidth * g.channels;
  return 4 * kernels().convPoolWorkFloats(g.outWidth, depth, filters, size) + 32 + gemmWorkBytes();
}

/** y = maxpool(relu(x ∗ w + bias)); filters ≥ 4. @param winner i32 of y's shape for the way back, or 0 */
export function convPool2dForward(
  batch: number,
  g: Window,
  filters: number,
  { size, poolHeight, poolWidth }: Pooling,
  x: number,
  w: number,
  bias: number,
  y: number,
  winner: number,
  work: number,
): void {
  kernels().convPool2dForward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.kernelWidth,
    g.stride,
    g.padTop,
    g.padLeft,
    filters,
    size,
    poolHeight,
    poolWidth,
    x,
    w,
    bias,
    y,
    winner,
    work,
  );
}

/** dw and, unless dx is 0, dx. @param dy the gradient before the ReLU: 0 where y is */
export function convPool2dBackward(
  batch: number,
  g: Window,
  filters: number,
  { size, poolHeight, poolWidth }: Pooling,
  x: number,
  w: number,
  winner: number,
  dy: number,
  dw: number,
  dx: number,
  work: number,
): void {
  kernels().convPool2dBackward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.kernelWidth,
    g.stride,
    g.padTop,
    g.padLeft,
    filters,
    size,
    poolHeight,
    poolWidth,
    x,
    w,
    winner,
    dy,
    dw,
    dx,
    work,
  );
}

/**
 * Bytes of scratch for `winogradPool2dForward`, or 0 where it does not apply: it is for 3×3 kernels of stride 1 with
 * 2×2 windows.
 */
export function winogradPoolWorkBytes(g: Window, filters: number, { size }: Pooling): number {
  const applies = g.kernelHeight === 3 && g.kernelWidth === 3 && g.stride === 1 && size === 2;
  return applies ? 4 * kernels().winogradPoolFloats(g.channels, filters) : 0;
}

/** The same as `convPool2dForward` with no way back, faster and rounded differently. */
export function winogradPool2dForward(
  batch: number,
  g: Window,
  filters: number,
  { poolHeight, poolWidth }: Pooling,
  x: number,
  w: number,
  bias: number,
  y: number,
  work: number,
): void {
  kernels().winogradPool2dForward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.padTop,
    g.padLeft,
    filters,
    poolHeight,
    poolWidth,
    x,
    w,
    bias,
    y,
    work,
  );
}
