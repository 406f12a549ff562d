import { stream } from "../bindings/random.js";
import type { Dataset } from "../src/config/records.js";
import { createModel } from "../src/training/model.js";
import { modelSpec } from "../src/training/presets.js";
import type { Comparison, Sides } from "./comparison.js";
import { besides } from "./peers/index.js";
import { here } from "./sides.js";

const batch = 32;
type Preset = "small-cnn" | "lenet" | "vgg-small" | "vit-tiny" | "char-transformer";

/** Products of a forward pass on one example, multiplications and additions; what causal attention does not see is left out. */
const operations: Partial<Record<Preset, number>> = {
  "vit-tiny": 2 * 64 * 48 * 64 + 4 * blockOperations(64),
  "char-transformer": 2 * (blockOperations(32) - 2 * 32 * 31 * 64) + 2 * 32 * 64 * 64,
};

/** Of a block on `length` positions: dense layers of 64 → 192, 64 → 64, 64 → 256 → 64; attention. */
function blockOperations(length: number): number {
  return 2 * length * 64 * (192 + 64 + 2 * 256) + 2 * 2 * length * length * 64;
}

/** Networks without their optimizer: the loss and its gradient of 32 random examples, and the evaluation of as many. */
export const comparisons: Comparison[] = (
  ["small-cnn", "lenet", "vgg-small", "vit-tiny", "char-transformer"] as const
).flatMap((preset) =>
  (["train", "evaluate"] as const).map((task): Comparison => {
    const amount = (operations[preset] ?? 0) * batch * (task === "train" ? 3 : 1);
    return {
      name: `${preset}-${task}`,
      what: task === "train" ? `${preset}, loss and gradient of 32` : `${preset}, 32 examples evaluated`,
      work:
        amount > 0 ? { amount: amount / 1e9, unit: "GFLOP", precision: "float32" } : { amount: batch, unit: "samples" },
      sides: () => sidesOf(preset, task),
      ...(preset === "small-cnn" && { full: true as const }),
    };
  }),
);

async function sidesOf(preset: Preset, task: "train" | "evaluate"): Promise<Sides> {
  const random = stream(1, "test");
  const text = preset === "char-transformer";
  const on: Pick<Dataset, "task" | "inputShape" | "outputs"> = text
    ? { task: "next-token", inputShape: [32], outputs: 64 }
    : { task: "classification", inputShape: [32, 32, 3], outputs: 10 };
  const x = Float32Array.from({ length: batch * (text ? 32 : 3072) }, () =>
    text ? random.integer(64) : random.uniform(),
  );
  const labels = Int32Array.from({ length: batch * (text ? 32 : 1) }, () => random.integer(10));
  const model = createModel(modelSpec({ preset }, on), { seed: 1 });
  const run = task === "train" ? () => model.lossAndGradient(x, labels, batch) : () => model.forward(x, batch);
  const layouts = text || preset === "vit-tiny" ? ["contiguous"] : ["contiguous", "channels_last"];
  const peers = await besides(
    layouts.map((layout) => ({
      name: `PyTorch ${layout}`,
      task: "torch-network",
      options: { network: preset, what: task, layout, batch },
    })),
  );
  return { ours: here("here", run), peers: peers.sides, free: [peers.free] };
}
