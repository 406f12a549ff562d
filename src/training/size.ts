import type { Config, DataConfig } from "../config/config.js";
import type { Dataset } from "../config/records.js";
import { createDataset } from "../data/index.js";
import { publishedSizes } from "../data/sets.js";
import { createModel } from "./model.js";
import { modelSpec } from "./presets.js";

/**
 * What can be said of a training without its data: d, the examples that each client goes through in a round where all
 * have equally many, and how many classes there are.
 * @throws InputError for a set whose size shows only when its files are read
 */
export function trainingSize({ data, model, training, network, seed }: Config): {
  parameters: number;
  examplesPerClient: number;
  /** null where the task is no classification */
  classes: number | null;
} {
  const { task, examples } = taskOf(data, seed);
  const built = createModel(modelSpec(model, task));
  const parameters = built.parameters.length;
  built.dispose();
  return {
    parameters,
    examplesPerClient: (training.localEpochs * examples) / network.clients,
    classes: task.task === "classification" ? task.outputs : null,
  };
}

function taskOf(
  data: DataConfig,
  seed: number,
): { task: Pick<Dataset, "task" | "inputShape" | "outputs">; examples: number } {
  const known = publishedSizes[data.name];
  if (known === undefined) {
    const dataset = createDataset(data, seed);
    return { task: dataset, examples: dataset.train.count };
  }
  const [height, width, channels] = known.shape;
  return {
    task: { task: "classification", inputShape: [height, width, data.channels || channels], outputs: known.classes },
    examples: data.trainExamples || known.train,
  };
}
