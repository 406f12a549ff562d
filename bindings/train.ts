import { kernels } from "./instance.js";

/**
 * The training kernels under TypeScript names. Every array is a pointer (from `allocate`) to float32 values,
 * row-major; sizes are not checked here, because the callers are the layers, which know them.
 */

/** One image layer's geometry: x [batch][height][width][channels] → y [batch][outHeight][outWidth][…]. */
export interface Window {
  height: number;
  width: number;
  channels: number;
  outHeight: number;
  outWidth: number;
  kernelHeight: number;
  kernelWidth: number;
  stride: number;
  padTop: number;
  padLeft: number;
}

/** What a product starts from and ends with; they add up. */
export const start = { zero: 0, accumulate: 1, bias: 2, relu: 4 } as const;

/** A matrix operand: its pointer and the distance, in elements, from row to row and from column to column. */
export interface Operand {
  pointer: number;
  row: number;
  column: number;
}

/** Bytes of scratch for `gemm`. */
export const gemmWorkBytes = (): number => kernels().gemmWorkBytes();

/**
 * C [m×n, row stride ldc] ← A [m×k] · B [k×n]; flags from `start`.
 * @param bias n values, with flag `start.bias`
 * @param work gemmWorkBytes() of scratch
 */
export function gemm(
  [m, n, k]: readonly [number, number, number],
  a: Operand,
  b: Operand,
  c: number,
  ldc: number,
  flags: number,
  bias: number,
  work: number,
): void {
  kernels().gemm(m, n, k, a.pointer, a.row, a.column, b.pointer, b.row, b.column, c, ldc, flags, bias, work);
}

/** Bytes of scratch for the convolutions with this window. */
export function convWorkBytes(window: Window): number {
  const depth = window.kernelHeight * window.kernelWidth * window.channels;
  return 4 * kernels().convWorkFloats(depth) + 32 + gemmWorkBytes();
}

/** y = x ∗ w + bias, ReLU after it if asked. */
export function conv2dForward(
  batch: number,
  g: Window,
  filters: number,
  x: number,
  w: number,
  bias: number,
  y: number,
  relu: boolean,
  work: number,
): void {
  kernels().conv2dForward(
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
    x,
    w,
    bias,
    y,
    start.bias + (relu ? start.relu : 0),
    work,
  );
}

/** dw and, unless dx is 0, dx; both are overwritten. */
export function conv2dBackward(
  batch: number,
  g: Window,
  filters: number,
  x: number,
  w: number,
  dy: number,
  dw: number,
  dx: number,
  work: number,
): void {
  kernels().conv2dBackward(
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
    x,
    w,
    dy,
    dw,
    dx,
    work,
  );
}

export function maxPool2dForward(batch: number, g: Window, x: number, y: number): void {
  kernels().maxPool2dForward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.stride,
    x,
    y,
  );
}

/** @param relu x is the output of a ReLU, and dx becomes the gradient before that ReLU */
export function maxPool2dBackward(
  batch: number,
  g: Window,
  x: number,
  y: number,
  dy: number,
  dx: number,
  relu: boolean,
): void {
  kernels().maxPool2dBackward(
    batch,
    g.height,
    g.width,
    g.channels,
    g.outHeight,
    g.outWidth,
    g.kernelHeight,
    g.stride,
    x,
    y,
    dy,
    dx,
    relu ? 1 : 0,
  );
}

export const reluForward = (n: number, x: number, y: number): void => kernels().reluForward(n, x, y);
export const reluBackward = (n: number, y: number, dy: number, dx: number): void =>
  kernels().reluBackward(n, y, dy, dx);

/** out[j] = Σ_i x[i][j]. */
export const columnSums = (rows: number, columns: number, x: number, out: number): void =>
  kernels().columnSums(rows, columns, x, out);

/**
 * @param dz gradient of the mean loss (may be z itself), or 0
 * @param scratch `classes` floats
 * @returns the sum over rows of the losses
 */
export const softmaxCrossEntropy = (
  rows: number,
  classes: number,
  z: number,
  labels: number,
  dz: number,
  scratch: number,
): number => kernels().softmaxCrossEntropy(rows, classes, z, labels, dz, scratch);

export const countCorrect = (rows: number, classes: number, z: number, labels: number): number =>
  kernels().countCorrect(rows, classes, z, labels);

/** out = bytes/255, each `repeat` times side by side. */
export const unitBytes = (n: number, from: number, out: number, repeat: number): void =>
  kernels().unitBytes(n, from, out, repeat);

export const sgdStep = (n: number, w: number, g: number, rate: number): void => kernels().sgdStep(n, w, g, rate);

export const momentumStep = (n: number, w: number, g: number, velocity: number, rate: number, mu: number): void =>
  kernels().momentumStep(n, w, g, velocity, rate, mu);

export const adadeltaStep = (
  n: number,
  w: number,
  g: number,
  squares: number,
  updates: number,
  rate: number,
  rho: number,
  epsilon: number,
): void => kernels().adadeltaStep(n, w, g, squares, updates, rate, rho, 1 - rho, epsilon);

/** RMSprop with keep = ρ, take = 1 − ρ; Adagrad with both 1. */
export const rmspropStep = (
  n: number,
  w: number,
  g: number,
  squares: number,
  rate: number,
  keep: number,
  take: number,
  epsilon: number,
): void => kernels().rmspropStep(n, w, g, squares, rate, keep, take, epsilon);

/** @param beta1Power β₁ᵗ of this step, and likewise beta2Power @param shrink what w is scaled by first (AdamW) */
export function adamStep(
  n: number,
  w: number,
  g: number,
  mean: number,
  squares: number,
  s: { rate: number; beta1: number; beta2: number; epsilon: number; shrink: number },
  beta1Power: number,
  beta2Power: number,
): void {
  kernels().adamStep(
    n,
    w,
    g,
    mean,
    squares,
    s.rate / (1 - beta1Power),
    s.beta1,
    1 - s.beta1,
    s.beta2,
    1 - s.beta2,
    1 / Math.sqrt(1 - beta2Power),
    s.epsilon,
    s.shrink,
  );
}

/** g ← g + decay·w + proximal·(w − start). */
export const regularize = (n: number, w: number, g: number, start: number, decay: number, proximal: number): void =>
  kernels().regularize(n, w, g, start, decay, proximal);

/** out = a − b. @returns whether every difference is finite */
export const subtractFinite = (n: number, a: number, b: number, out: number): boolean =>
  kernels().subtractFinite(n, a, b, out) === 1;
