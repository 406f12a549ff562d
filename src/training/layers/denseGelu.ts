import { geluForward, multiplyVectors } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import type { LayerConfig } from "../../config/config.js";
import { dense } from "./dense.js";
import { allowSettings, type Layer, type LayerContext, product } from "./layer.js";

/**
 * dense with GELU behind it, as one: what goes into the activation gives way to the activation's derivative at once,
 * which is all that the way back needs of it.
 */
export function denseGelu(
  config: LayerConfig,
  context: LayerContext,
  gelu: LayerConfig,
  geluContext: (input: readonly number[]) => LayerContext,
): Layer {
  const linear = dense(config, context);
  const { output } = linear;
  allowSettings(gelu, geluContext(output), []);
  const size = product(output);
  const slope = context.slot((batch) => 4 * batch * size);
  return {
    output,
    forward(x, y, batch, training) {
      const before = training ? slope.pointer : y;
      linear.forward(x, before, batch, training);
      geluForward(batch * size, before, y, training ? before : none);
    },
    backward(x, y, dy, dx, batch) {
      multiplyVectors(batch * size, dy, slope.pointer, dy);
      linear.backward(x, y, dy, dx, batch);
    },
  };
}
