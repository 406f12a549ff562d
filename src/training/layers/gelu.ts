import { geluForward, multiplyVectors } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import type { LayerConfig } from "../../config/config.js";
import { allowSettings, type Layer, type LayerContext, product } from "./layer.js";

/** y = x Φ(x), Φ the normal distribution function (the exact form, not the tanh one). After dense the chain fuses it. */
export function gelu(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  const size = product(context.input);
  const slope = context.slot((batch) => 4 * batch * size);
  return {
    output: context.input,
    forward: (x, y, batch, training) => geluForward(batch * size, x, y, training ? slope.pointer : none),
    backward(_x, _y, dy, dx, batch) {
      if (dx !== none) multiplyVectors(batch * size, dy, slope.pointer, dx);
    },
  };
}
