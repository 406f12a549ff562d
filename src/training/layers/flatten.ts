import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { allowSettings, type Layer, type LayerContext, product, type Shape, shapeText } from "./layer.js";

/** [height, width, channels] → [height·width·channels], in that order: the same memory. */
export function flatten(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  return sameMemory([product(context.input)]);
}

/** The same values in another shape, such as [8, 8, 64] → [64, 64]: an image's pixels as a sequence. Setting: shape. */
export function reshape(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["shape"]);
  const shape = config.shape as Shape;
  const whole = Array.isArray(shape) && shape.length > 0 && shape.every((n) => Number.isInteger(n) && n >= 1);
  if (!whole || product(shape) !== product(context.input)) {
    throw new InputError(
      `${context.path}.shape`,
      `${JSON.stringify(shape)} must hold as many values as what comes before, ${shapeText(context.input)}`,
    );
  }
  return sameMemory(shape);
}

function sameMemory(output: Shape): Layer {
  return { output, alias: true, forward() {}, backward() {} };
}
