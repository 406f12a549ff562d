import { none } from "../../../bindings/memory.js";
import { reluBackward, reluForward } from "../../../bindings/train.js";
import type { LayerConfig } from "../../config/config.js";
import { allowSettings, type Layer, type LayerContext, product } from "./layer.js";

/** y = max(x, 0). After conv2d or dense the chain fuses it into them instead. */
export function relu(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  const size = product(context.input);
  return {
    output: context.input,
    forward: (x, y, batch) => reluForward(batch * size, x, y),
    backward(_x, y, dy, dx, batch) {
      if (dx !== none) reluBackward(batch * size, y, dy, dx);
    },
  };
}
