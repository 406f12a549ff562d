import { none } from "../../../bindings/memory.js";
import { maxPool2dBackward, maxPool2dForward } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { windowOf } from "./conv2d.js";
import { allowSettings, integerSetting, type Layer, type LayerContext, needRank } from "./layer.js";

/** y[i,j,c] = max of the size × size window at (i, j)·stride; a remainder at the right and bottom is dropped. */
export function maxPool2d(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["size", "stride"]);
  needRank(config, context, 3, "an image [height, width, channels]");
  const window = windowOf(config, context, "size", integerSetting(config, context, "size", 1));
  const geometry = context.record("Window", window);
  const layer: Layer = {
    output: [window.outHeight, window.outWidth, window.channels],
    canMaskInput: true,
    forward: (x, y, batch) => maxPool2dForward(batch, geometry.pointer, x, y),
    backward(x, y, dy, dx, batch) {
      if (dx !== none) maxPool2dBackward(batch, layer.maskInput === true, geometry.pointer, x, y, dy, dx);
    },
  };
  return layer;
}
