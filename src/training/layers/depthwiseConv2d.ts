import { depthwiseConv2dBackward, depthwiseConv2dForward } from "../../../bindings/layers.js";
import { columnSums, reluBackward } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { windowOf } from "./conv2d.js";
import { allowSettings, type Layer, type LayerContext, needRank } from "./layer.js";

/**
 * y[i,j,c] = bias[c] + Σ_{u,v} x[i·stride + u, j·stride + v, c] · kernel[u,v,c]: every channel its own filter.
 * Settings: kernel, stride (1), padding ("valid", "same" or pixels), activation.
 */
export function depthwiseConv2d(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["kernel", "stride", "padding", "activation"]);
  needRank(config, context, 3, "an image [height, width, channels]");
  const window = windowOf(config, context, "kernel", 1);
  const { outHeight, outWidth, kernelHeight: size, channels } = window;
  const geometry = context.record("Window", window);
  const weight = context.parameter("kernel", [size, size, channels], {
    kind: "glorot",
    fanIn: size * size,
    fanOut: size * size,
  });
  const bias = context.parameter("bias", [channels], { kind: "constant", value: 0 });
  const relu = config.activation === "relu";
  const layer: Layer = {
    output: [outHeight, outWidth, channels],
    relu,
    forward(x, y, batch) {
      depthwiseConv2dForward(batch, relu, geometry.pointer, x, weight.pointer, bias.pointer, y);
    },
    backward(x, y, dy, dx, batch) {
      const rows = batch * outHeight * outWidth;
      if (relu && !layer.masked) reluBackward(rows * channels, y, dy, dy);
      columnSums(rows, channels, dy, bias.gradient);
      depthwiseConv2dBackward(batch, geometry.pointer, x, weight.pointer, dy, weight.gradient, dx);
    },
  };
  return layer;
}
