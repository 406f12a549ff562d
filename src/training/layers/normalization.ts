import type { Grouping } from "../../../bindings/blocks.js";
import { groupNormBackward, groupNormForward } from "../../../bindings/layers.js";
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
  return normalization(context, rows, { pixels: 1, channels, groups: 1 });
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
  return normalization(context, 1, { pixels, channels, groups });
}

/** @param parts of an example, each normalized in groups of its own */
function normalization(context: LayerContext, parts: number, grouping: Grouping): Layer {
  const { channels, groups } = grouping;
  const geometry = context.record("Grouping", grouping);
  const gamma = context.parameter("scale", [channels], { kind: "constant", value: 1 });
  const beta = context.parameter("shift", [channels], { kind: "constant", value: 0 });
  const stats = context.slot((batch) => 8 * batch * parts * groups);
  return {
    output: context.input,
    forward(x, y, batch) {
      groupNormForward(batch * parts, epsilon, geometry.pointer, x, gamma.pointer, beta.pointer, y, stats.pointer);
    },
    backward(x, _y, dy, dx, batch) {
      const [dgamma, dbeta] = [gamma.gradient, beta.gradient];
      groupNormBackward(batch * parts, geometry.pointer, x, gamma.pointer, stats.pointer, dy, dgamma, dbeta, dx);
    },
  };
}
