import type { PooledConvolution } from "../../../bindings/blocks.js";
import {
  convPool2dBackward,
  convPool2dForward,
  convPoolWorkBytes,
  winogradPool2dForward,
  winogradPoolWorkBytes,
} from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import { columnSums, reluBackward } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { convolution } from "./conv2d.js";
import type { Layer, LayerContext } from "./layer.js";
import { maxPool2d } from "./maxPool2d.js";

/** Whether a convolution with ReLU and the layer behind it can be computed as one. */
export function fusesWithPool(conv: LayerConfig, pool: LayerConfig | undefined): boolean {
  if (conv.type !== "conv2d" || conv.activation !== "relu" || pool?.type !== "maxPool2d") return false;
  return pool.stride === undefined || pool.stride === pool.size;
}

/**
 * conv2d with ReLU and maxPool2d with adjoining windows, as one: the same numbers up to rounding, and much less work on
 * the way back, because only the largest pixel of a window has a gradient. Where Winograd's form applies, it is taken:
 * fewer products.
 */
export function convPool2d(
  conv: LayerConfig,
  context: LayerContext,
  pool: LayerConfig,
  poolContext: (input: readonly number[]) => LayerContext,
): Layer {
  const { window, weight, bias } = convolution(conv, context);
  const { filters } = window;
  const { output } = maxPool2d(pool, poolContext([window.outHeight, window.outWidth, filters]));
  const [poolHeight, poolWidth] = output as [number, number, number];
  const fused: PooledConvolution = { ...window, poolSize: pool.size as number, poolHeight, poolWidth };
  const geometry = context.record("PooledConvolution", fused);
  const windows = poolHeight * poolWidth;
  const winner = context.slot((batch) => 4 * batch * windows * filters);
  const winogradBytes = winogradPoolWorkBytes(fused);
  const kernel = winogradBytes > 0 ? winogradPool2dForward : convPool2dForward;
  const work = context.work(() => Math.max(winogradBytes, convPoolWorkBytes(fused)));
  return {
    output,
    forward(x, y, batch, training) {
      const keep = training ? winner.pointer : none;
      kernel(batch, geometry.pointer, x, weight.pointer, bias.pointer, y, keep, work.pointer);
    },
    backward(x, y, dy, dx, batch) {
      const rows = batch * windows;
      reluBackward(rows * filters, y, dy, dy);
      columnSums(rows, filters, dy, bias.gradient);
      const dw = weight.gradient;
      convPool2dBackward(batch, geometry.pointer, x, weight.pointer, winner.pointer, dy, dw, dx, work.pointer);
    },
  };
}
