import type { LayerConfig } from "../../src/config/config.js";
import { InputError } from "../../src/config/errors.js";
import type { Dataset } from "../../src/config/records.js";
import { layers } from "../../src/training/layers/registry.js";
import { createModel } from "../../src/training/model.js";
import type { Random } from "./random.js";

type Task = Pick<Dataset, "task" | "inputShape" | "outputs">;

const small = (random: Random) => 1 + random.below(9);
const activation = (random: Random) => random.pick([undefined, "relu", "gelu"]);
const window = (random: Random) => ({
  kernel: 1 + random.below(5),
  stride: 1 + random.below(3),
  padding: random.pick<unknown>(["valid", "same", 0, 1, 2]),
});

/** Settings of a layer, by its type; one that is not here is tried without any. */
export const layerSettings: Readonly<Record<string, (random: Random) => Record<string, unknown>>> = {
  conv2d: (random) => ({ filters: small(random), ...window(random), activation: activation(random) }),
  depthwiseConv2d: (random) => ({ ...window(random), activation: activation(random) }),
  maxPool2d: (random) => ({ size: 1 + random.below(3), stride: 1 + random.below(3) }),
  averagePool2d: (random) => ({ size: 1 + random.below(3), stride: 1 + random.below(3) }),
  globalAveragePool: () => ({}),
  dense: (random) => ({ units: 4 * small(random), activation: activation(random) }),
  relu: () => ({}),
  gelu: () => ({}),
  layerNorm: () => ({}),
  groupNorm: (random) => ({ groups: 1 + random.below(4) }),
  dropout: (random) => ({ rate: random.pick([0, 0.1, 0.5, 0.999]) }),
  residual: (random) => ({ layers: [oneLayer(random), oneLayer(random)], shortcut: undefined }),
  embedding: (random) => ({ units: 4 * small(random) }),
  selfAttention: (random) => ({ heads: 1 + random.below(4), causal: random.chance(0.5) }),
  positional: () => ({}),
  flatten: () => ({}),
  reshape: (random) => ({
    shape: random.pick([
      [16, 16],
      [8, 8, 4],
      [64, 4],
      [2, 5],
    ]),
  }),
};

function oneLayer(random: Random): LayerConfig {
  const type = random.pick(Object.keys(layers));
  const settings = Object.entries(layerSettings[type]?.(random) ?? {}).filter(([, value]) => value !== undefined);
  return { type, ...Object.fromEntries(settings) };
}

/** Layers that chain, found by trying: as many as fit of some, and an output for the task. */
export function randomLayers(task: Task, random: Random): LayerConfig[] {
  const wanted = 1 + random.below(5);
  let chosen: LayerConfig[] = [];
  for (let tries = 0; tries < 60 && chosen.length < wanted; tries++) {
    const longer = [...chosen, oneLayer(random)];
    if (outputOf(task, longer) !== undefined) chosen = longer;
  }
  const closings: LayerConfig[][] = [
    [{ type: "dense", units: task.outputs }],
    [{ type: "flatten" }, { type: "dense", units: task.outputs }],
    [{ type: "globalAveragePool" }, { type: "dense", units: task.outputs }],
  ];
  const token: LayerConfig[] = task.task === "next-token" ? [{ type: "embedding", units: 8 }] : [];
  for (const start of [chosen, [...token, ...chosen], token]) {
    for (const end of closings) if (fits(task, [...start, ...end])) return [...start, ...end];
  }
  return [...token, ...closings[token.length > 0 ? 0 : 1]!];
}

const rowsOf = {
  classification: (): number => 1,
  regression: () => 1,
  "next-token": ({ inputShape }: Task) => inputShape[0]!,
};

function fits(task: Task, chain: readonly LayerConfig[]): boolean {
  const size = outputOf(task, chain);
  return size === task.outputs * rowsOf[task.task](task);
}

/** Numbers an example that come out; undefined where the layers do not chain. */
function outputOf(task: Task, chain: readonly LayerConfig[]): number | undefined {
  try {
    const vocabulary = task.task === "next-token" ? { vocabulary: task.outputs } : {};
    const model = createModel({ input: task.inputShape, layers: chain, ...vocabulary });
    const input = task.inputShape.reduce((a, b) => a * b, 1);
    const size = model.parameters.length > 200_000 ? undefined : model.forward(new Float32Array(input), 1).length;
    model.dispose();
    return size;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
