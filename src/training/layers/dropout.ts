import { copyVector, dropout as dropoutKernel } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import { fillWords } from "../../../bindings/random.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { allowSettings, type Layer, type LayerContext, product } from "./layer.js";

/**
 * While training y = x/(1 − rate) with probability 1 − rate, else 0; when testing y = x. Setting: rate.
 * The random numbers depend on seed, client, round, step and layer alone.
 */
export function dropout(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["rate"]);
  const { rate } = config;
  if (typeof rate !== "number" || !(rate >= 0 && rate < 1)) {
    throw new InputError(`${context.path}.rate`, `${JSON.stringify(rate)} must be a number in [0, 1)`);
  }
  const size = product(context.input);
  const blocks = (batch: number) => Math.ceil((batch * size) / 4);
  const words = context.slot((batch) => 16 * blocks(batch));
  return {
    output: context.input,
    forward(x, y, batch, training) {
      if (!training || rate === 0) {
        copyVector(batch * size, x, y);
        return;
      }
      const { seed, client, round, step } = context.pass;
      fillWords(seed, "dropout", [client, round, step], context.index * layerBlocks, blocks(batch), words.pointer);
      dropoutKernel(batch * size, rate, x, words.pointer, y);
    },
    backward(_x, _y, dy, dx, batch) {
      if (dx === none) return;
      if (rate === 0) copyVector(batch * size, dy, dx);
      else dropoutKernel(batch * size, rate, dy, words.pointer, dx);
    },
  };
}

/** Blocks of four words set aside for each layer of a step: the stream has 2³². */
const layerBlocks = 2 ** 24;
