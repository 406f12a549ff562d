import { addVectors, copyVector } from "../../../bindings/layers.js";
import { none } from "../../../bindings/memory.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import { allowSettings, type Chain, type Layer, type LayerContext, product, shapeText } from "./layer.js";

/**
 * y = layers(x) + x, or + shortcut(x) where the shape changes. Settings: layers, shortcut (a list of layers too).
 */
export function residual(config: LayerConfig, context: LayerContext): Layer {
  allowSettings(config, context, ["layers", "shortcut"]);
  const { path, input } = context;
  const main = branch(config, context, "layers") as Chain;
  const shortcut = branch(config, context, "shortcut");
  const beside = shortcut?.output ?? input;
  if (main.output.join() !== beside.join()) {
    throw new InputError(
      path,
      `residual adds ${shapeText(main.output)} of its layers to ${shapeText(beside)} of its ${shortcut ? "shortcut" : "input"}`,
    );
  }
  const [sizeIn, sizeOut] = [product(input), product(main.output)];
  const held = context.slot((batch) => 4 * batch * sizeOut);
  const gradient = context.slot((batch) => 4 * batch * sizeIn);
  return {
    output: main.output,
    forward(x, y, batch, training) {
      const z = main.forward(x, batch, training);
      addVectors(batch * sizeOut, z, shortcut?.forward(x, batch, training) ?? x, y);
    },
    backward(x, _y, dy, dx, batch) {
      copyVector(batch * sizeOut, dy, held.pointer); // a branch may spoil what it is given
      main.backward(x, held.pointer, dx, batch);
      if (shortcut === undefined) {
        if (dx !== none) addVectors(batch * sizeOut, dx, dy, dx);
        return;
      }
      shortcut.backward(x, dy, dx === none ? none : gradient.pointer, batch);
      if (dx !== none) addVectors(batch * sizeIn, dx, gradient.pointer, dx);
    },
  };
}

function branch(config: LayerConfig, context: LayerContext, key: "layers" | "shortcut"): Chain | undefined {
  const layers = config[key];
  if (key === "shortcut" && layers === undefined) return undefined;
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new InputError(`${context.path}.${key}`, "must be a list of at least one layer");
  }
  return context.chain(layers as LayerConfig[], `${context.path}.${key}`, context.input);
}
