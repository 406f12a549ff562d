import { defaults } from "../src/parts/defaults.js";
import { createLocalTrainer } from "../src/training/local.js";
import type { Comparison, Sides } from "./comparison.js";
import { randomImages } from "./images.js";
import { besides } from "./peers/index.js";
import { tensorflowSides } from "./peers/tensorflow.js";
import { here } from "./sides.js";

const batch = 32;
/** Of a call of the trainer, which copies the weights in and the update out */
const stepsEach = 10;

/** Whole networks on random images: a step of training with AdaDelta at batch 32, and evaluation. */
export const comparisons: Comparison[] = [
  {
    name: "paper-cnn-train",
    what: "the paper's network, a step of 32, AdaDelta",
    work: { amount: batch, unit: "samples" },
    sides: () => sidesOf("paper-cnn", "train", batch),
  },
  {
    name: "paper-cnn-evaluate-32",
    what: "the paper's network, 32 images evaluated",
    work: { amount: batch, unit: "samples" },
    full: true,
    sides: () => sidesOf("paper-cnn", "evaluate", batch),
  },
  {
    name: "paper-cnn-evaluate",
    what: "the paper's network, 128 images evaluated",
    work: { amount: 128, unit: "samples" },
    sides: () => sidesOf("paper-cnn", "evaluate", 128),
  },
  {
    name: "mlp-train",
    what: "perceptron 3072-128-64-10, a step of 32, AdaDelta",
    work: { amount: batch, unit: "samples" },
    full: true,
    sides: () => sidesOf("mlp", "train", batch),
  },
];

async function sidesOf(preset: "paper-cnn" | "mlp", task: "train" | "evaluate", count: number): Promise<Sides> {
  const dataset = randomImages(count);
  const trainer = createLocalTrainer(dataset, { model: { preset }, training: defaults.training }, 1);
  const start = trainer.initial();
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  const run =
    task === "train"
      ? () => trainer.train({ client: 0, round: 1, localEpochs: stepsEach, start, indices })
      : () => trainer.evaluate(start, dataset.test);
  const torch = preset === "paper-cnn" ? ["contiguous", "channels_last"] : [];
  const peers = await besides(
    torch.map((layout) => ({
      name: `PyTorch ${layout}`,
      task: "torch-paper-network",
      options: { what: task, layout, batch: count },
    })),
  );
  return {
    ours: here("here", run, task === "train" ? stepsEach : 1),
    peers: [...peers.sides, ...(await tensorflowSides(preset, task, count))],
    free: [() => trainer.dispose(), peers.free],
  };
}
