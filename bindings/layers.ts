import { type At, type Attention, type Convolution, type PooledConvolution, withBlock } from "./blocks.js";
import { kernels } from "./instance.js";
import { type Address, type Count, none } from "./memory.js";
import { products } from "./products.js";

/** The kernels of the layers beyond convolution, pooling and products; conventions as in train.ts. */

/** y = x Φ(x). @param slope for the derivative, or `none`; y and slope may each be x */
export const geluForward = (n: Count, x: Address, y: Address, slope: Address): void =>
  kernels().geluForward(n, x, y, slope);

/** dy ← dy · slope and the sums of its columns, the bias's gradient. */
export const geluBackward = (rows: Count, columns: Count, slope: Address, dy: Address, sums: Address): void =>
  kernels().geluBackward(rows, columns, slope, dy, sums);

export const averagePool2dForward = (batch: Count, g: At<"Window">, x: Address, y: Address): void =>
  kernels().averagePool2dForward(batch, g, x, y);

export const averagePool2dBackward = (batch: Count, g: At<"Window">, dy: Address, dx: Address): void =>
  kernels().averagePool2dBackward(batch, g, dy, dx);

/** y = x ∗ w + bias channel by channel, ReLU after it if asked. */
export const depthwiseConv2dForward = (
  batch: Count,
  relu: boolean,
  g: At<"Window">,
  x: Address,
  w: Address,
  bias: Address,
  y: Address,
): void => products().depthwiseConv2dForward(batch, relu ? 1 : 0, g, x, w, bias, y);

/** dw and, unless dx is `none`, dx; both are overwritten. */
export const depthwiseConv2dBackward = (
  batch: Count,
  g: At<"Window">,
  x: Address,
  w: Address,
  dy: Address,
  dw: Address,
  dx: Address,
): void => products().depthwiseConv2dBackward(batch, g, x, w, dy, dw, dx);

/** @param stats mean and inverse deviation of each group, for the way back: 2 · batch · groups floats */
export const groupNormForward = (
  batch: Count,
  epsilon: Count,
  g: At<"Grouping">,
  x: Address,
  gamma: Address,
  beta: Address,
  y: Address,
  stats: Address,
): void => kernels().groupNormForward(batch, epsilon, g, x, gamma, beta, y, stats);

/** dγ, dβ and, unless dx is `none`, dx; all are overwritten. */
export const groupNormBackward = (
  batch: Count,
  g: At<"Grouping">,
  x: Address,
  gamma: Address,
  stats: Address,
  dy: Address,
  dgamma: Address,
  dbeta: Address,
  dx: Address,
): void => kernels().groupNormBackward(batch, g, x, gamma, stats, dy, dgamma, dbeta, dx);

/** groupNorm over rows of n values. @param stats mean and inverse deviation of each row, for the way back: 2 · rows floats */
export const layerNormForward = (
  rows: Count,
  n: Count,
  epsilon: Count,
  x: Address,
  gamma: Address,
  beta: Address,
  y: Address,
  stats: Address,
): void => kernels().layerNormForward(rows, n, epsilon, x, gamma, beta, y, stats);

/** dγ, dβ and, unless dx is `none`, dx; all are overwritten. */
export const layerNormBackward = (
  rows: Count,
  n: Count,
  x: Address,
  gamma: Address,
  stats: Address,
  dy: Address,
  dgamma: Address,
  dbeta: Address,
  dx: Address,
): void => kernels().layerNormBackward(rows, n, x, gamma, stats, dy, dgamma, dbeta, dx);

/** y = x/(1 − rate) where the random word says to keep, else 0. */
export const dropout = (n: Count, rate: number, x: Address, words: Address, y: Address): void =>
  kernels().dropout(n, Math.min(4294967295, Math.floor(rate * 4294967296)), 1 / (1 - rate), x, words, y);

export const addVectors = (n: Count, a: Address, b: Address, out: Address): void => kernels().addVectors(n, a, b, out);

/** out = a·b, value by value. */
export const multiplyVectors = (n: Count, a: Address, b: Address, out: Address): void =>
  kernels().multiplyVectors(n, a, b, out);

/** out[r] = x[r] + row. */
export const addRow = (rows: Count, n: Count, x: Address, row: Address, out: Address): void =>
  kernels().addRow(rows, n, x, row, out);

export const copyVector = (n: Count, x: Address, out: Address): void => kernels().copyVector(n, x, out);

export const embeddingForward = (rows: Count, width: Count, tokens: Address, w: Address, y: Address): void =>
  kernels().embeddingForward(rows, width, tokens, w, y);

export const embeddingBackward = (
  rows: Count,
  width: Count,
  vocabulary: Count,
  tokens: Address,
  dy: Address,
  dw: Address,
): void => kernels().embeddingBackward(rows, width, vocabulary, tokens, dy, dw);

/** Bytes of one head's weights, which attention keeps for its way back. */
export const attentionWeightBytes = (g: Attention): number =>
  withBlock("Attention", g, (at) => 4 * kernels().attentionWeightFloats(at));

/** Bytes of scratch for attention. */
export const attentionWorkBytes = (g: Attention): number =>
  withBlock("Attention", g, (at) => 4 * kernels().attentionWorkFloats(at));

/** @param p kept for the way back: `attentionWeightBytes` for each head of each example, or `none` */
export const attentionForward = (
  batch: Count,
  g: At<"Attention">,
  qkv: Address,
  p: Address,
  out: Address,
  work: Address,
): void => kernels().attentionForward(batch, g, qkv, p, out, work);

/** dqkv from dout; `p` and `out` are what the way forward wrote. */
export const attentionBackward = (
  batch: Count,
  g: At<"Attention">,
  qkv: Address,
  p: Address,
  out: Address,
  dout: Address,
  dqkv: Address,
  work: Address,
): void => kernels().attentionBackward(batch, g, qkv, p, out, dout, dqkv, work);

/** @returns the sum over rows of the mean square over outputs */
export const squaredError = (rows: Count, outputs: Count, z: Address, targets: Address, dz: Address): number =>
  kernels().squaredError(rows, outputs, z, targets, dz);

/** Bytes of scratch for the fused convolution, ReLU and max-pooling. */
export const convPoolWorkBytes = (g: PooledConvolution): number =>
  withBlock(
    "PooledConvolution",
    g,
    (at) => 4 * Math.max(kernels().convPoolForwardFloats(at), kernels().convPoolBackwardFloats(at)),
  );

/** y = maxpool(relu(x ∗ w + bias)). @param winner i32 of y's shape for the way back, or `none` */
export const convPool2dForward = (
  batch: Count,
  g: At<"PooledConvolution">,
  x: Address,
  w: Address,
  bias: Address,
  y: Address,
  winner: Address,
  work: Address,
): void => products().convPool2dForward(batch, g, x, w, bias, y, winner, work);

/** dw and, unless dx is `none`, dx. @param dy the gradient before the ReLU: 0 where y is */
export const convPool2dBackward = (
  batch: Count,
  g: At<"PooledConvolution">,
  x: Address,
  w: Address,
  winner: Address,
  dy: Address,
  dw: Address,
  dx: Address,
  work: Address,
): void => products().convPool2dBackward(batch, g, x, w, winner, dy, dw, dx, work);

/**
 * Bytes of scratch for `winogradPool2dForward`, or 0 where it does not apply: it is for 3×3 kernels of stride 1 with
 * 2×2 windows.
 */
export const winogradPoolWorkBytes = (g: PooledConvolution): number =>
  withBlock("PooledConvolution", g, (at) => 4 * kernels().winogradPoolFloats(at));

/** The same as `convPool2dForward`, faster and rounded differently. */
export const winogradPool2dForward = (
  batch: Count,
  g: At<"PooledConvolution">,
  x: Address,
  w: Address,
  bias: Address,
  y: Address,
  winner: Address,
  work: Address,
): void => products().winogradPool2dForward(batch, g, x, w, bias, y, winner, work);

/** Bytes of scratch for Winograd's form of a convolution, all passes, or 0 where it does not apply: 3×3, stride 1. */
export const winogradConvWorkBytes = (g: Convolution): number =>
  withBlock("Convolution", g, (at) => 4 * kernels().winogradConvFloats(at));

/** The same as `conv2dForward`, rounded differently. */
export const winogradConv2dForward = (
  batch: Count,
  relu: boolean,
  g: At<"Convolution">,
  x: Address,
  w: Address,
  bias: Address,
  y: Address,
  work: Address,
): void => products().winogradConv2dForward(batch, relu ? 1 : 0, g, x, w, bias, y, work);

/** dw and, unless dx is `none`, dx, as `conv2dBackward`. */
export const winogradConv2dBackward = (
  batch: Count,
  g: At<"Convolution">,
  x: Address,
  w: Address,
  dy: Address,
  dw: Address,
  dx: Address,
  work: Address,
): void => {
  products().winogradConv2dBackKernels(batch, g, x, dy, dw, work);
  if (dx !== none) products().winogradConv2dBackImages(batch, g, w, dy, dx, work);
};
