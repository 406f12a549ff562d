import { groupNormBackward, groupNormForward, layerNormBackward, layerNormForward } from "../../../bindings/layers.js";
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
  const { gamma, beta } = affine(context, channels);
  const stats = context.slot((batch) => 8 * batch * rows);
  return {
    output: context.input,
    forward(x, y, batch) {
      layerNormForward(batch * rows, channels, epsilon, x, gamma.pointer, beta.pointer, y, stats.pointer);
    },
    backward(x, _y, dy, dx, batch) {
      const [dgamma, dbeta] = [gamma.gradient, beta.gradient];
      layerNormBackward(batch * rows, channels, x, gamma.pointer, stats.pointer, dy, dgamma, dbeta, dx);
    },
  };
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
  const geometry = context.record("Grouping", { pixels, channels, groups });
  const { gamma, beta } = affine(context, channels);
  const stats = context.slot((batch) => 8 * batch * groups);
  return {
    output: context.input,
    forward(x, y, batch) {
      groupNormForward(batch, epsilon, geometry.pointer, x, gamma.pointer, beta.pointer, y, stats.pointer);
    },
    backward(x, _y, dy, dx, batch) {
      const [dgamma, dbeta] = [gamma.gradient, beta.gradient];
      groupNormBackward(batch, geometry.pointer, x, gamma.pointer, stats.pointer, dy, dgamma, dbeta, dx);
    },
  };
}

/** The scale γ and the shift β of each channel. */
function affine(context: LayerContext, channels: number) {
  return {
    gamma: context.parameter("scale", [channels], { kind: "constant", value: 1 }),
    beta: context.parameter("shift", [channels], { kind: "constant", value: 0 }),
  };
}
