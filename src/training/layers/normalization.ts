import { type Grouping, groupNormBackward, groupNormForward } from "../../../bindings/layers.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { allowSettings, integerSetting, type Layer, type LayerContext, product, shapeText } from "./layer.js";

/** ε under the root of the variance. */
const epsilon = 1e-5;

/** y = γ (x − mean)/√(variance + ε) + β over the last axis (Ba, Kiros, Hinton 2016). */
export function layerNorm(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, []);
  const channels = context.input.at(-1) as number;
  const rows = product(context.input) / channels;
  return normalization(context, channels, rows, (batch) => ({ batch: batch * rows, pixels: 1, channels, groups: 1 }));
}

/** The same over the pixels and the channels of each of `groups` groups (Wu, He 2018). Setting: groups. */
export function groupNorm(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["groups"]);
  const channels = context.input.at(-1) as number;
  const groups = integerSetting(config, context, "groups", 1);
  if (channels % groups !== 0) {
    throw new InputError(
      `${context.path}.groups`,
      `${groups} does not divide the ${channels} channels of ${shapeText(context.input)}`,
    );
  }
  const pixels = product(context.input) / channels;
  return normalization(context, channels, groups, (batch) => ({ batch, pixels, channels, groups }));
}

function normalization(
  context: LayerContext,
  channels: number,
  statsPerExample: number,
  grouping: (batch: number) => Grouping,
): Layer {
  const gamma = context.parameter("scale", [channels], { kind: "constant", value: 1 });
  const beta = context.parameter("shift", [channels], { kind: "constant", value: 0 });
  const stats = context.slot((batch) => 8 * batch * statsPerExample);
  return {
    output: context.input,
    forward(x, y, batch) {
      groupNormForward(grouping(batch), x, gamma.pointer, beta.pointer, y, stats.pointer, epsilon);
    },
    backward(x, _y, dy, dx, batch) {
      groupNormBackward(grouping(batch), x, gamma.pointer, stats.pointer, dy, gamma.gradient, beta.gradient, dx);
    },
  };
}
