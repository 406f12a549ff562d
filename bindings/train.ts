import { type At, type Convolution, withBlock } from "./blocks.js";
import { Product } from "./generated/kernels.js";
import { kernels } from "./instance.js";
import type { Address, Count } from "./memory.js";
import { products } from "./products.js";

/**
 * The training kernels under TypeScript names. Every array is an address (from `allocate`) of float32 values, row-major;
 * sizes are not checked here, because the callers are the layers, which know them. Arguments stand in one order: sizes and
 * numbers, the record of the geometry, what is read, what is written, scratch.
 */

/** What a product starts from (zero unless said) and ends with; they add up. */
export const start = { zero: 0, ...Product } as const;

/** A matrix operand: its address and the distance, in elements, from row to row and from column to column. */
export interface Operand {
  pointer: Address;
  row: Count;
  column: Count;
}

/** Bytes of scratch for `gemm`. */
export const gemmWorkBytes = (): number => kernels().gemmWorkBytes();

/**
 * C [m×n, dense rows] ← A [m×k] · B [k×n].
 * @param flags from `start`
 * @param bias n values, with flag `start.bias`, else `none`
 * @param c its address, and the elements from row to row
 * @param work gemmWorkBytes() of scratch
 */
export function gemm(
  [m, n, k]: readonly [number, number, number],
  flags: Count,
  a: Operand,
  b: Operand,
  bias: Address,
  c: { pointer: Address; row: Count },
  work: Address,
): void {
  products().gemm(m, n, k, a.row, a.column, b.row, b.column, c.row, flags, a.pointer, b.pointer, bias, c.pointer, work);
}

/** Bytes of scratch for a convolution. */
export function convWorkBytes(g: Convolution): number {
  const depth = g.kernelHeight * g.kernelWidth * g.channels;
  return 4 * kernels().convWorkFloats(depth) + 32 + gemmWorkBytes();
}

/** y = x ∗ w + bias, ReLU after it if asked. */
export const conv2dForward = (
  batch: Count,
  relu: boolean,
  g: At<"Convolution">,
  x: Address,
  w: Address,
  bias: Address,
  y: Address,
  work: Address,
): void => products().conv2dForward(batch, start.bias + (relu ? start.relu : 0), g, x, w, bias, y, work);

/** dw and, unless dx is `none`, dx; both are overwritten. */
export const conv2dBackward = (
  batch: Count,
  g: At<"Convolution">,
  x: Address,
  w: Address,
  dy: Address,
  dw: Address,
  dx: Address,
  work: Address,
): void => products().conv2dBackward(batch, g, x, w, dy, dw, dx, work);

export const maxPool2dForward = (batch: Count, g: At<"Window">, x: Address, y: Address): void =>
  kernels().maxPool2dForward(batch, g, x, y);

/** @param relu x is the output of a ReLU, and dx becomes the gradient before that ReLU */
export const maxPool2dBackward = (
  batch: Count,
  relu: boolean,
  g: At<"Window">,
  x: Address,
  y: Address,
  dy: Address,
  dx: Address,
): void => kernels().maxPool2dBackward(batch, relu ? 1 : 0, g, x, y, dy, dx);

export const reluForward = (n: Count, x: Address, y: Address): void => kernels().reluForward(n, x, y);
export const reluBackward = (n: Count, y: Address, dy: Address, dx: Address): void =>
  kernels().reluBackward(n, y, dy, dx);

/** out[j] = Σ_i x[i][j]. */
export const columnSums = (rows: Count, columns: Count, x: Address, out: Address): void =>
  kernels().columnSums(rows, columns, x, out);

/**
 * @param dz gradient of the mean loss (may be z itself), or `none`
 * @param scratch `classes` floats
 * @returns the sum over rows of the losses
 */
export const softmaxCrossEntropy = (
  rows: Count,
  classes: Count,
  z: Address,
  labels: Address,
  dz: Address,
  scratch: Address,
): number => kernels().softmaxCrossEntropy(rows, classes, z, labels, dz, scratch);

export const countCorrect = (rows: Count, classes: Count, z: Address, labels: Address): number =>
  kernels().countCorrect(rows, classes, z, labels);

/** out = bytes/255, each `repeat` times side by side. */
export const unitBytes = (n: Count, repeat: Count, from: Address, out: Address): void =>
  kernels().unitBytes(n, repeat, from, out);

export const sgdStep = (n: Count, rate: Count, w: Address, g: Address): void => kernels().sgdStep(n, rate, w, g);

export const momentumStep = (n: Count, rate: Count, mu: Count, w: Address, g: Address, velocity: Address): void =>
  kernels().momentumStep(n, rate, mu, w, g, velocity);

export const adadeltaStep = (
  n: Count,
  rate: Count,
  rho: Count,
  epsilon: Count,
  w: Address,
  g: Address,
  squares: Address,
  updates: Address,
): void => kernels().adadeltaStep(n, rate, rho, epsilon, w, g, squares, updates);

/** RMSprop with keep = ρ, take = 1 − ρ; Adagrad with both 1. */
export const rmspropStep = (
  n: Count,
  rate: Count,
  keep: Count,
  take: Count,
  epsilon: Count,
  w: Address,
  g: Address,
  squares: Address,
): void => kernels().rmspropStep(n, rate, keep, take, epsilon, w, g, squares);

/** @param s with β₁ᵗ and β₂ᵗ of this step; shrink: what w is scaled by first (AdamW) */
export function adamStep(
  n: Count,
  s: {
    rate: number;
    beta1: number;
    beta2: number;
    beta1Power: number;
    beta2Power: number;
    epsilon: number;
    shrink: number;
  },
  w: Address,
  g: Address,
  mean: Address,
  squares: Address,
): void {
  const step = { ...s, rate: s.rate / (1 - s.beta1Power), correction: 1 / Math.sqrt(1 - s.beta2Power) };
  withBlock("AdamStep", step, (at) => kernels().adamStep(n, at, w, g, mean, squares));
}

/** g ← g + decay·w + proximal·(w − from). */
export const regularize = (n: Count, decay: Count, proximal: Count, w: Address, g: Address, from: Address): void =>
  kernels().regularize(n, decay, proximal, w, g, from);

/** out = a − b. @returns whether every difference is finite */
export const subtractFinite = (n: Count, a: Address, b: Address, out: Address): boolean =>
  kernels().subtractFinite(n, a, b, out) === 1;
