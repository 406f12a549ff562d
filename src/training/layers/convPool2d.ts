import {
  convPool2dBackward,
  convPool2dForward,
  convPoolWorkBytes,
  type Pooling,
  winogradPool2dForward,
  winogradPoolWorkBytes,
} from "../../../bindings/layers.js";
import { columnSums, reluBackward } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { convolution } from "./conv2d.js";
import type { Layer, LayerContext } from "./layer.js";
import { maxPool2d } from "./maxPool2d.js";

/** Whether a convolution with ReLU and the layer behind it can be computed as one. */
export function fusesWithPool(conv: LayerConfig, pool: LayerConfig | undefined): boolean {
  if (conv.type !== "conv2d" || conv.activation !== "relu" || pool?.type !== "maxPool2d") return false;
  return (conv.filters as number) >= 4 && (pool.stride === undefined || pool.stride === pool.size);
}

/**
 * conv2d with ReLU and maxPool2d with adjoining windows, as one: the same numbers up to the order of the gradient's
 * sums, and much less work on the way back, because only the largest pixel of a window has a gradient. Evaluation, which
 * has no way back, takes Winograd's form where there is one: fewer products, and no pixel that has to be remembered.
 */
export function convPool2d(
  conv: LayerConfig,
  context: LayerContext,
  pool: LayerConfig,
  poolContext: (input: readonly number[]) => LayerContext,
): Layer {
  const { filters, window, weight, bias } = convolution(conv, context);
  const { output } = maxPool2d(pool, poolContext([window.outHeight, window.outWidth, filters]));
  const [poolHeight, poolWidth] = output as [number, number, number];
  const pooling: Pooling = { size: pool.size as number, poolHeight, poolWidth };
  const windows = poolHeight * poolWidth;
  const winner = context.slot((batch) => 4 * batch * windows * filters);
  const winogradBytes = winogradPoolWorkBytes(window, filters, pooling);
  const work = context.work(() => Math.max(winogradBytes, convPoolWorkBytes(window, filters, pooling)));
  return {
    output,
    forward(x, y, batch, training) {
      if (!training && winogradBytes > 0) {
        winogradPool2dForward(batch, window, filters, pooling, x, weight.pointer, bias.pointer, y, work.pointer);
        return;
      }
      const keep = training ? winner.pointer : 0;
      convPool2dForward(batch, window, filters, pooling, x, weight.pointer, bias.pointer, y, keep, work.pointer);
    },
    backward(x, y, dy, dx, batch) {
      const rows = batch * windows;
      reluBackward(rows * filters, y, dy, dy);
      columnSums(rows, filters, dy, bias.gradient);
      const dw = weight.gradient;
      convPool2dBackward(batch, window, filters, pooling, x, weight.pointer, winner.pointer, dy, dw, dx, work.pointer);
    },
  };
}
