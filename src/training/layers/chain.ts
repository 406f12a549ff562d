import type { LayerConfig } from "../../config/config.js";
import { InputError, show, unknownName } from "../../config/errors.js";
import { convPool2d, fusesWithPool } from "./convPool2d.js";
import { dense } from "./dense.js";
import type { Chain, Layer, LayerContext, Shape, Slot } from "./layer.js";
import { allowSettings, product } from "./layer.js";
import { layers as registry } from "./registry.js";

/** Layers that compute a ReLU themselves. */
const fusing = ["conv2d", "depthwiseConv2d", "dense"];
const activations = ["relu", "gelu"];

/** What the chain takes from the model for one layer; `chain` fills in the rest. */
export type ContextAt = (path: string, input: Shape) => LayerContext;

/**
 * Builds the layers, each on the output shape of the one before.
 * @throws InputError with the layer's index and both shapes where they do not fit
 */
export function buildChain(
  configs: readonly LayerConfig[],
  path: string,
  input: Shape,
  contextAt: ContextAt,
  slot: LayerContext["slot"],
): Chain {
  const layers: Layer[] = [];
  const outputs: Slot[] = [];
  let shape = input;
  let widest = 0;
  const parts = configs.flatMap((config, i) =>
    expand(config, configs[i - 1], configs[i + 1], `${path}[${i}]`).map((part) => ({ part, at: `${path}[${i}]` })),
  );
  for (let i = 0; i < parts.length; i++) {
    const { part, at } = parts[i] as (typeof parts)[number];
    const next = parts[i + 1];
    let layer: Layer;
    if (next !== undefined && fusesWithPool(part, next.part)) {
      layer = convPool2d(part, contextAt(at, shape), next.part, (between) => contextAt(next.at, between));
      i++;
    } else if (part.type === "dense" && part.activation === undefined && next?.part.type === "gelu") {
      layer = dense({ ...part, activation: "gelu" }, contextAt(at, shape));
      allowSettings(next.part, contextAt(next.at, layer.output), []);
      i++;
    } else {
      layer = (registry[part.type] as (typeof registry)[string])(part, contextAt(at, shape));
    }
    if (!layer.alias) {
      const before = layers.at(-1);
      if (before?.relu && layer.canMaskInput) {
        before.masked = true;
        layer.maskInput = true;
      }
      if (layers.length > 0) widest = Math.max(widest, product(shape));
      layers.push(layer);
      const size = product(layer.output);
      outputs.push(slot((batch) => 4 * batch * size));
    }
    shape = layer.output;
  }
  if (layers.length === 0) throw new InputError(path, "computes nothing: every layer only renames the shape");
  const gradients = [0, 1].map(() => slot((batch) => 4 * batch * widest)) as [Slot, Slot];
  return {
    output: shape,
    forward(x, batch, training) {
      let at = x;
      for (let i = 0; i < layers.length; i++) {
        const y = outputs[i]!.pointer;
        layers[i]!.forward(at, y, batch, training);
        at = y;
      }
      return at;
    },
    backward(x, dy, dx, batch) {
      let gradient = dy;
      for (let i = layers.length - 1; i >= 0; i--) {
        const into = i === 0 ? dx : gradients[(i & 1) as 0 | 1].pointer;
        layers[i]!.backward(i === 0 ? x : outputs[i - 1]!.pointer, outputs[i]!.pointer, gradient, into, batch);
        gradient = into;
      }
    },
  };
}

/** A layer with its activation: fused where the layer can, else as a layer of its own behind it. */
function expand(
  config: LayerConfig,
  before: LayerConfig | undefined,
  after: LayerConfig | undefined,
  path: string,
): LayerConfig[] {
  if (typeof config !== "object" || config === null) {
    throw new InputError(path, `${show(config)} is no layer (allowed: an object such as { "type": "flatten" })`);
  }
  if (!Object.hasOwn(registry, config.type)) {
    throw new InputError(`${path}.type`, unknownName("layer", String(config.type), Object.keys(registry)));
  }
  const { activation, ...plain } = config;
  if (activation !== undefined && activation !== "linear" && !activations.includes(activation as string)) {
    throw new InputError(
      `${path}.activation`,
      unknownName("activation", String(activation), [...activations, "linear"]),
    );
  }
  const fuses = fusing.includes(config.type);
  if (activation !== undefined && !fuses) {
    throw new InputError(`${path}.activation`, `${config.type} takes none; give the activation a layer of its own`);
  }
  const canTakeRelu = (layer: LayerConfig | undefined) =>
    layer !== undefined && fusing.includes(layer.type) && (layer.activation ?? "linear") === "linear";
  if (config.type === "relu" && canTakeRelu(before)) return [];
  if (fuses && (activation === "relu" || (canTakeRelu(config) && after?.type === "relu"))) {
    return [{ ...plain, activation: "relu" }];
  }
  return activation === undefined || activation === "linear" ? [plain] : [plain, { type: activation as string }];
}
