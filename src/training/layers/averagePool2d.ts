import type { Window } from "../../../bindings/blocks.js";
import { averagePool2dBackward, averagePool2dForward } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { windowOf } from "./conv2d.js";
import { allowSettings, integerSetting, type Layer, type LayerContext, needRank, shapeText } from "./layer.js";

/** y[i,j,c] = mean of the size × size window at (i, j)·stride; a remainder at the right and bottom is dropped. */
export function averagePool2d(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["size", "stride"]);
  needRank(config, context, 3, "an image [height, width, channels]");
  const window = windowOf(config, context, "size", integerSetting(config, context, "size", 1));
  return pooling(context, window, [window.outHeight, window.outWidth, window.channels]);
}

/** [height, width, channels] or [length, channels] → [channels]: the mean over all pixels or positions. */
export function globalAveragePool(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  const { input } = context;
  if (input.length !== 2 && input.length !== 3) {
    throw new InputError(
      context.path,
      `globalAveragePool takes [height, width, channels] or [length, channels], but what comes before gives ${shapeText(input)}`,
    );
  }
  const [height, width, channels] = (input.length === 3 ? input : [input[0], 1, input[1]]) as [number, number, number];
  const whole: Window = {
    height,
    width,
    channels,
    outHeight: 1,
    outWidth: 1,
    kernelHeight: height,
    kernelWidth: width,
    stride: 1,
    padTop: 0,
    padLeft: 0,
  };
  return pooling(context, whole, [channels]);
}

function pooling(context: LayerContext, window: Window, output: readonly number[]): Layer {
  const geometry = context.record("Window", window);
  return {
    output,
    forward: (x, y, batch) => averagePool2dForward(batch, geometry.pointer, x, y),
    backward(_x, _y, dy, dx, batch) {
      if (dx !== none) averagePool2dBackward(batch, geometry.pointer, dy, dx);
    },
  };
}
