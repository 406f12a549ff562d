import { geluBackward, geluForward } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import type { LayerConfig } from "../../config/config.js";
import { allowSettings, type Layer, type LayerContext, product } from "./layer.js";

/** y = x Φ(x), Φ the normal distribution function (the exact form, not the tanh one). */
export function gelu(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  const size = product(context.input);
  return {
    output: context.input,
    forward: (x, y, batch) => geluForward(batch * size, x, y),
    backward(x, _y, dy, dx, batch) {
      if (dx !== none) geluBackward(batch * size, x, dy, dx);
    },
  };
}
