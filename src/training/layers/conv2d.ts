import type { Convolution, Window } from "../../../bindings/blocks.js";
import { winogradConv2dBackward, winogradConv2dForward, winogradConvWorkBytes } from "../../../bindings/layers.js";
import { columnSums, conv2dBackward, conv2dForward, convWorkBytes, reluBackward } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import {
  allowSettings,
  integerSetting,
  type Layer,
  type LayerContext,
  needRank,
  type Parameter,
  product,
  shapeText,
  slide,
} from "./layer.js";

/** Fewer channels than this either way, and Winograd's transforms on the way back cost more than the products they save. */
const fewestForTransforms = 8;

/**
 * y[i,j,f] = bias[f] + Σ_{u,v,c} x[i·stride + u, j·stride + v, c] · kernel[u,v,c,f]; Glorot-uniform kernel.
 * Settings: filters, kernel, stride (1), padding ("valid", "same" or a number of pixels), activation.
 */
export function conv2d(config: LayerConfig, context: LayerContext): Layer {
  const { window, weight, bias } = convolution(config, context);
  const { outHeight, outWidth, filters } = window;
  const geometry = context.record("Convolution", window);
  const winogradBytes = winogradConvWorkBytes(window);
  const pays = Math.min(window.channels, filters) >= fewestForTransforms;
  const forward = winogradBytes > 0 ? winogradConv2dForward : conv2dForward;
  const backward = winogradBytes > 0 && pays ? winogradConv2dBackward : conv2dBackward;
  const work = context.work(() => Math.max(winogradBytes, convWorkBytes(window)));
  const relu = config.activation === "relu";
  const layer: Layer = {
    output: [outHeight, outWidth, filters],
    relu,
    forward(x, y, batch) {
      forward(batch, relu, geometry.pointer, x, weight.pointer, bias.pointer, y, work.pointer);
    },
    backward(x, y, dy, dx, batch) {
      const rows = batch * outHeight * outWidth;
      if (relu && !layer.masked) reluBackward(rows * filters, y, dy, dy);
      columnSums(rows, filters, dy, bias.gradient);
      backward(batch, geometry.pointer, x, weight.pointer, dy, weight.gradient, dx, work.pointer);
    },
  };
  return layer;
}

/** The settings and tensors of a convolution, checked. */
export function convolution(
  config: LayerConfig,
  context: LayerContext,
): { window: Convolution; weight: Parameter; bias: Parameter } {
  allowSettings(config, context, ["filters", "kernel", "stride", "padding", "activation"]);
  needRank(config, context, 3, "an image [height, width, channels]");
  const filters = integerSetting(config, context, "filters", 1);
  const window = { ...windowOf(config, context, "kernel", 1), filters };
  const { kernelHeight: size, channels } = window;
  const weight = context.parameter("kernel", [size, size, channels, filters], {
    kind: "glorot",
    fanIn: size * size * channels,
    fanOut: size * size * filters,
  });
  return { window, weight, bias: context.parameter("bias", [filters], { kind: "constant", value: 0 }) };
}

/** A window of `config[key]`² pixels sliding over the context's image. @throws InputError where it does not fit */
export function windowOf(config: LayerConfig, context: LayerContext, key: string, defaultStride: number): Window {
  const [height, width, channels] = context.input as [number, number, number];
  const size = integerSetting(config, context, key, 1);
  const stride = integerSetting(config, context, "stride", 1, defaultStride);
  const padding = config.padding ?? "valid";
  if (padding !== "valid" && padding !== "same" && !(Number.isInteger(padding) && (padding as number) >= 0)) {
    throw new InputError(
      `${context.path}.padding`,
      `${JSON.stringify(padding)} is neither "valid", "same" nor a whole number of pixels`,
    );
  }
  if (typeof padding === "number" && padding >= size) {
    throw new InputError(`${context.path}.padding`, `${padding} must be smaller than ${key} = ${size}`);
  }
  const rows = slide(height, size, stride, padding as "valid" | "same" | number);
  const columns = slide(width, size, stride, padding as "valid" | "same" | number);
  if (product([rows.out, columns.out]) < 1 || rows.out < 1) {
    throw new InputError(
      context.path,
      `${config.type} with ${key} ${shapeText([size, size])} does not fit into ${shapeText(context.input)}`,
    );
  }
  return {
    height,
    width,
    channels,
    outHeight: rows.out,
    outWidth: columns.out,
    kernelHeight: size,
    kernelWidth: size,
    stride,
    padTop: rows.before,
    padLeft: columns.before,
  };
}
