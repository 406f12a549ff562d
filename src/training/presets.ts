import type { LayerConfig, ModelConfig } from "../config/config.js";
import { InputError, unknownName } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import type { ModelSpec } from "./engine.js";
import { shapeText } from "./layers/layer.js";

type Task = Pick<Dataset, "task" | "inputShape" | "outputs">;
type Preset = (task: Task, name: string) => readonly LayerConfig[];

const conv = (filters: number, kernel: number, padding: "valid" | "same" = "valid"): LayerConfig => ({
  type: "conv2d",
  filters,
  kernel,
  padding,
  activation: "relu",
});
const hidden = (units: number): LayerConfig => ({ type: "dense", units, activation: "relu" });
const output = ({ outputs }: Task): LayerConfig => ({ type: "dense", units: outputs });
const pool: LayerConfig = { type: "maxPool2d", size: 2 };
const flatten: LayerConfig = { type: "flatten" };

/** A Transformer's block, normalization first (Xiong et al. 2020). */
const block = (width: number, heads: number, causal: boolean): LayerConfig[] => [
  { type: "residual", layers: [{ type: "layerNorm" }, { type: "selfAttention", heads, causal }] },
  {
    type: "residual",
    layers: [
      { type: "layerNorm" },
      { type: "dense", units: 4 * width, activation: "gelu" },
      { type: "dense", units: width },
    ],
  },
];

const presets: Record<Exclude<ModelConfig["preset"], "custom">, Preset> = {
  /** On text: a table of which character follows which */
  softmax: (task) =>
    task.task === "next-token" ? [{ type: "embedding", units: task.outputs }] : [flatten, output(task)],
  mlp: (task) =>
    task.task === "next-token"
      ? [{ type: "embedding", units: 32 }, hidden(128), output(task)]
      : [flatten, hidden(128), hidden(64), output(task)],
  "small-cnn": (task, name) => images(task, name, [conv(8, 3), pool, flatten, hidden(32), output(task)]),
  "paper-cnn": (task, name) => images(task, name, [conv(32, 3), pool, flatten, hidden(64), output(task)]),
  /** Two convolutions and three dense layers, as in NIID-Bench (Li et al. 2022) */
  lenet: (task, name) =>
    images(task, name, [conv(6, 5), pool, conv(16, 5), pool, flatten, hidden(120), hidden(84), output(task)]),
  "vgg-small": (task, name) =>
    images(task, name, [
      ...[conv(32, 3, "same"), conv(32, 3, "same"), pool],
      ...[conv(64, 3, "same"), conv(64, 3, "same"), pool],
      ...[flatten, hidden(128), output(task)],
    ]),
  /** Patches of 4 × 4 pixels, four blocks of width 64 with four heads, the mean over patches */
  "vit-tiny": (task, name) => {
    const [height, width] = imageShape(task, name);
    const patches = Math.floor(height / 4) * Math.floor(width / 4);
    return [
      { type: "conv2d", filters: 64, kernel: 4, stride: 4 },
      { type: "reshape", shape: [patches, 64] },
      { type: "positional" },
      ...[1, 2, 3, 4].flatMap(() => block(64, 4, false)),
      ...[{ type: "layerNorm" }, { type: "globalAveragePool" }, output(task)],
    ];
  },
  /** Two causal blocks of width 64 with four heads */
  "char-transformer": (task, name) => {
    if (task.task !== "next-token") {
      throw new InputError("model.preset", `"${name}" predicts the next token; the data set's task is ${task.task}`);
    }
    return [
      { type: "embedding", units: 64 },
      { type: "positional" },
      ...[1, 2].flatMap(() => block(64, 4, true)),
      ...[{ type: "layerNorm" }, output(task)],
    ];
  },
};

/**
 * The network that a config asks for, on the shape of a data set.
 * @throws InputError for an unknown preset, a preset of another kind of data, or "custom" without layers
 */
export function modelSpec(config: ModelConfig, task: Task): ModelSpec {
  const kind = {
    ...(task.task === "next-token" && { vocabulary: task.outputs }),
    ...(task.task === "regression" && { loss: "squared-error" as const }),
  };
  if (config.preset === "custom") {
    if (config.layers === undefined) throw new InputError("model.layers", 'missing; preset "custom" needs them');
    return { input: task.inputShape, layers: config.layers, ...kind };
  }
  const preset = Object.hasOwn(presets, config.preset) ? presets[config.preset] : undefined;
  if (preset === undefined) {
    throw new InputError(
      "model.preset",
      unknownName("model preset", config.preset, [...Object.keys(presets), "custom"]),
    );
  }
  return { input: inputOf(config.preset, task), layers: preset(task, config.preset), ...kind };
}

/** The paper's network always sees three channels: gray images are repeated, as there. */
function inputOf(preset: string, { inputShape }: Task): readonly number[] {
  const [height, width, channels] = inputShape;
  return preset === "paper-cnn" && channels === 1 ? [height as number, width as number, 3] : inputShape;
}

function images(task: Task, preset: string, layers: readonly LayerConfig[]): readonly LayerConfig[] {
  imageShape(task, preset);
  return layers;
}

/** @throws InputError for data that are not images */
function imageShape({ inputShape }: Task, preset: string): readonly [number, number, number] {
  if (inputShape.length !== 3) {
    throw new InputError("model.preset", `"${preset}" takes images; the data has the shape ${shapeText(inputShape)}`);
  }
  return inputShape as unknown as readonly [number, number, number];
}
