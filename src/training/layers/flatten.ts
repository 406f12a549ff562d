import type { LayerConfig } from "../../config/config.js";
import { allowSettings, type Layer, type LayerContext, product } from "./layer.js";

/** [height, width, channels] → [height·width·channels], in that order: the same memory. */
export function flatten(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  return { output: [product(context.input)], alias: true, forward() {}, backward() {} };
}
