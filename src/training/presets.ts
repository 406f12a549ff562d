import type { LayerConfig, ModelConfig } from "../config/config.js";
import { InputError, unknownName } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import type { ModelSpec } from "./engine.js";
import { shapeText } from "./layers/layer.js";

type Task = Pick<Dataset, "task" | "inputShape" | "outputs">;
type Preset = (task: Task) => ModelSpec;

const conv = (filters: number, kernel: number): LayerConfig => ({
  type: "conv2d",
  filters,
  kernel,
  activation: "relu",
});
const hidden = (units: number): LayerConfig => ({ type: "dense", units, activation: "relu" });
const output = ({ outputs }: Task): LayerConfig => ({ type: "dense", units: outputs });
const pool: LayerConfig = { type: "maxPool2d", size: 2 };
const flatten: LayerConfig = { type: "flatten" };

const presets: Record<string, Preset> = {
  softmax: (task) => ({ input: task.inputShape, layers: [flatten, output(task)] }),
  mlp: (task) => ({ input: task.inputShape, layers: [flatten, hidden(128), hidden(64), output(task)] }),
  "small-cnn": (task) => ({
    input: imageShape(task, "small-cnn"),
    layers: [conv(8, 3), pool, flatten, hidden(32), output(task)],
  }),
  /** The paper's network; gray images are repeated to three channels, as there. */
  "paper-cnn": (task) => {
    const [height, width, channels] = imageShape(task, "paper-cnn");
    return {
      input: [height, width, channels === 1 ? 3 : channels],
      layers: [conv(32, 3), pool, flatten, hidden(64), output(task)],
    };
  },
};

/**
 * The network that a config asks for, on the shape of a data set.
 * @throws InputError for an unknown preset, a preset of another kind of data, or "custom" without layers
 */
export function modelSpec(config: ModelConfig, task: Task): ModelSpec {
  if (config.preset === "custom") {
    if (config.layers === undefined) throw new InputError("model.layers", 'missing; preset "custom" needs them');
    const tokens = task.task === "next-token" ? { vocabulary: task.outputs } : {};
    return { input: task.inputShape, layers: config.layers, ...tokens };
  }
  const preset = presets[config.preset];
  if (preset === undefined) {
    throw new InputError(
      "model.preset",
      unknownName("model preset", config.preset, [...Object.keys(presets), "custom"]),
    );
  }
  return preset(task);
}

function imageShape({ inputShape }: Task, preset: string): readonly [number, number, number] {
  if (inputShape.length !== 3) {
    throw new InputError("model.preset", `"${preset}" takes images; the data has the shape ${shapeText(inputShape)}`);
  }
  return inputShape as unknown as readonly [number, number, number];
}
