import { geluBackward, geluForward } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import { columnSums, gemm, gemmWorkBytes, reluBackward, start } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { allowSettings, integerSetting, type Layer, type LayerContext, product, shapeText } from "./layer.js";

/**
 * y = x · kernel + bias over the last axis; kernel [in][out], Glorot-uniform. Settings: units, activation.
 *
 * What goes into a GELU gives way to the activation's derivative at once, which is all that the way back needs of it.
 */
export function dense(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["units", "activation"]);
  if (context.input.length > 2) {
    throw new InputError(
      context.path,
      `dense takes [features] or [length, features], but what comes before gives ${shapeText(context.input)}; put a { "type": "flatten" } between`,
    );
  }
  const units = integerSetting(config, context, "units", 1);
  const features = context.input.at(-1) as number;
  const positions = product(context.input) / features;
  const weight = context.parameter("kernel", [features, units], { kind: "glorot", fanIn: features, fanOut: units });
  const bias = context.parameter("bias", [units], { kind: "constant", value: 0 });
  const work = context.work(gemmWorkBytes);
  const relu = config.activation === "relu";
  const flags = start.bias + (relu ? start.relu : 0);
  const slope = config.activation === "gelu" ? context.slot((batch) => 4 * batch * positions * units) : undefined;
  const layer: Layer = {
    output: [...context.input.slice(0, -1), units],
    relu,
    forward(x, y, batch, training) {
      const rows = batch * positions;
      const sums = slope !== undefined && training ? slope.pointer : y;
      gemm(
        [rows, units, features],
        flags,
        { pointer: x, row: features, column: 1 },
        { pointer: weight.pointer, row: units, column: 1 },
        bias.pointer,
        { pointer: sums, row: units },
        work.pointer,
      );
      if (slope !== undefined) geluForward(rows * units, sums, y, training ? sums : none);
    },
    backward(x, y, dy, dx, batch) {
      const rows = batch * positions;
      if (relu && !layer.masked) reluBackward(rows * units, y, dy, dy);
      if (slope === undefined) columnSums(rows, units, dy, bias.gradient);
      else geluBackward(rows, units, slope.pointer, dy, bias.gradient);
      const dY = { pointer: dy, row: units, column: 1 };
      const dW = { pointer: weight.gradient, row: units };
      const xTransposed = { pointer: x, row: 1, column: features };
      gemm([features, units, rows], start.zero, xTransposed, dY, none, dW, work.pointer);
      if (dx !== none) {
        const transposed = { pointer: weight.pointer, row: 1, column: units };
        gemm([rows, features, units], start.zero, dY, transposed, none, { pointer: dx, row: features }, work.pointer);
      }
    },
  };
  return layer;
}
