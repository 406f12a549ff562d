import { embeddingBackward, embeddingForward } from "../../../bindings/layers.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { allowSettings, integerSetting, type Layer, type LayerContext, needRank } from "./layer.js";

/** Token numbers [length] → [length, units], row token of the table [vocabulary][units]; the first layer. Setting: units. */
export function embedding(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["units"]);
  const { vocabulary } = context;
  if (vocabulary === undefined) {
    throw new InputError(
      context.path,
      "embedding takes token numbers, so it must be the first layer of a text's model",
    );
  }
  needRank(config, context, 1, "tokens [length]");
  const units = integerSetting(config, context, "units", 1);
  const length = context.input[0] as number;
  // Deviation 0.02: as the Transformers' own (Radford et al. 2018).
  const table = context.parameter("table", [vocabulary, units], { kind: "normal", deviation: 0.02 });
  return {
    output: [length, units],
    forward: (x, y, batch) => embeddingForward(batch * length, units, x, table.pointer, y),
    backward(x, _y, dy, _dx, batch) {
      embeddingBackward(batch * length, units, vocabulary, x, dy, table.gradient);
    },
  };
}
