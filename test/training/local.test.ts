import { describe, expect, it } from "vitest";
import { allocatedBytes } from "../../bindings/memory.js";
import type { TrainingConfig } from "../../src/config/config.js";
import { InputError, RunError } from "../../src/config/errors.js";
import { createGlyphs } from "../../src/data/glyphs.js";
import { defaults } from "../../src/parts/defaults.js";
import { createLocalTrainer } from "../../src/training/local.js";
import { createModel } from "../../src/training/model.js";
import { optimizerDefaults } from "../../src/training/optimizers.js";

const glyphs = createGlyphs(2000, 300, 1);
const all = Int32Array.from({ length: 2000 }, (_, i) => i);
const smallCnn = { preset: "small-cnn" } as const;

function trainer(changes: Partial<TrainingConfig> = {}) {
  return createLocalTrainer(glyphs, { model: smallCnn, training: { ...defaults.training, ...changes } }, 5);
}

describe("local training", () => {
  it("learns the glyphs", () => {
    const local = trainer();
    const weights = local.initial();
    const before = local.evaluate(weights, glyphs.test);
    for (let round = 1; round <= 3; round++) {
      const { update } = local.train({ client: 0, round, localEpochs: 4, start: weights, indices: all });
      for (let i = 0; i < weights.length; i++) weights[i]! += update[i]!;
    }
    const after = local.evaluate(weights, glyphs.test);
    expect(before.loss).toBeGreaterThan(2);
    expect(after.loss).toBeLessThan(before.loss / 2);
    expect(after.accuracy).toBeGreaterThan(0.8);
    local.dispose();
  });

  it("tells the loss of any of the training examples, as a test set of these has it", () => {
    const local = trainer();
    const weights = local.initial();
    const places = Int32Array.from({ length: 150 }, (_, i) => (i * 977) % 2000); // more than a batch
    const size = glyphs.train.inputs.length / glyphs.train.count;
    const inputs = glyphs.train.inputs.slice(0, 150 * size);
    places.forEach((at, i) => {
      inputs.set(glyphs.train.inputs.subarray(at * size, (at + 1) * size), i * size);
    });
    const targets = glyphs.train.targets.slice(0, 150).map((_, i) => glyphs.train.targets[places[i]!]!);
    expect(local.trainingLoss(weights, places)).toBe(local.evaluate(weights, { count: 150, inputs, targets }).loss);
    local.dispose();
  });

  it("depends on the job alone, not on what was trained before or on the trainer", () => {
    const [one, two] = [trainer(), trainer()];
    const start = one.initial();
    const job = { client: 3, round: 2, localEpochs: 2, start, indices: all.subarray(0, 77) };
    const first = one.train(job);
    const kept = { ...first, update: first.update.slice() };
    two.train({ ...job, client: 4, indices: all.subarray(100, 150) });
    two.evaluate(start, glyphs.test);
    expect(two.train(job)).toEqual(kept);
    expect(one.train({ ...job, client: 4 }).update).not.toEqual(kept.update);
    expect(kept.examples).toBe(154);
    one.dispose();
    two.dispose();
  });

  it("takes no more memory for more clients, batches or rounds, and gives all of it back", () => {
    const before = allocatedBytes();
    const local = trainer();
    const start = local.initial();
    local.train({ client: 0, round: 1, localEpochs: 1, start, indices: all.subarray(0, 40) });
    const held = allocatedBytes();
    for (let client = 1; client < 20; client++) {
      local.train({ client, round: 1, localEpochs: 1, start, indices: all.subarray(client, 2 * client + 1) });
    }
    expect(allocatedBytes()).toBe(held);
    local.dispose();
    expect(allocatedBytes()).toBe(before);
  });

  it("is pulled back to where it started by FedProx", () => {
    const distance = (proximal: number) => {
      const local = trainer({ proximal, optimizer: { ...optimizerDefaults("sgd"), learningRate: 0.05 } });
      const start = local.initial();
      const { update } = local.train({ client: 0, round: 1, localEpochs: 3, start, indices: all });
      local.dispose();
      return Math.sqrt(update.reduce((sum, v) => sum + v * v, 0));
    };
    const [free, pulled] = [distance(0), distance(5)];
    expect(pulled).toBeLessThan(0.5 * free);
    expect(pulled).toBeGreaterThan(0);
  });

  it("takes smaller steps in later rounds when the schedule says so", () => {
    const schedule = { kind: "step", every: 2, factor: 0.25 } as const;
    const optimizer = { ...optimizerDefaults("sgd"), learningRate: 0.01 };
    // One epoch of one batch is one SGD step, −rate·gradient, whatever the shuffle up to the order of a sum.
    const local = trainer({ schedule, optimizer, batchSize: 64 });
    const start = local.initial();
    const length = (round: number) => {
      const { update } = local.train({ client: 0, round, localEpochs: 1, start, indices: all.subarray(0, 50) });
      return Math.sqrt(update.reduce((sum, v) => sum + v * v, 0));
    };
    expect(length(2) / length(1)).toBeCloseTo(1, 3);
    expect(length(3) / length(1)).toBeCloseTo(0.25, 3);
    expect(length(5) / length(1)).toBeCloseTo(0.0625, 3);
    local.dispose();
  });

  it("names round and client when training diverges", () => {
    const local = trainer({ optimizer: { ...optimizerDefaults("sgd"), learningRate: 1e30 } });
    const start = local.initial();
    const job = { client: 7, round: 3, localEpochs: 2, start, indices: all };
    expect(() => local.train(job)).toThrow(RunError);
    expect(() => local.train(job)).toThrow(/^round 3, client 7: .*diverged at learning rate 1e\+30/);
    expect(() => local.train({ ...job, indices: new Int32Array(0) })).toThrow(/^round 3, client 7: has no examples/);
    local.dispose();
  });
});

describe("batches", () => {
  it("larger than a shard are the whole shard; larger than the training set are refused", () => {
    const optimizer = { ...optimizerDefaults("sgd"), learningRate: 0.5 };
    const step = (batchSize: number) => {
      const local = trainer({ batchSize, optimizer });
      const start = local.initial();
      const { update } = local.train({ client: 0, round: 1, localEpochs: 1, start, indices: all.subarray(0, 21) });
      local.dispose();
      return [...update];
    };
    expect(step(64)).toEqual(step(21));
    expect(() => trainer({ batchSize: 2001 })).toThrow(InputError);
    expect(() => trainer({ batchSize: 2001 })).toThrow(/training\.batchSize: 2001 is more than the 2000/);
  });

  it("of every size up to a batch average the same gradients", () => {
    // One SGD step on n examples moves by −rate times the mean gradient: the sums over parts add up to the whole's.
    const optimizer = { ...optimizerDefaults("sgd"), learningRate: 1 };
    const local = trainer({ batchSize: 64, optimizer });
    const start = local.initial();
    const move = (first: number, count: number) => {
      const indices = all.subarray(first, first + count);
      return local.train({ client: 0, round: 1, localEpochs: 1, start, indices }).update.map((v) => v * count);
    };
    const whole = move(0, 37);
    const parts = [1, 2, 3, 4, 5, 22].map((count, i, counts) =>
      move(
        counts.slice(0, i).reduce((a, b) => a + b, 0),
        count,
      ),
    );
    const largest = Math.max(...whole.map(Math.abs));
    for (let i = 0; i < whole.length; i += 7) {
      const sum = parts.reduce((total, part) => total + part[i]!, 0);
      // Each part's update is rounded where it is added to the weights: half a unit of about 0.2, times its count.
      expect(Math.abs(sum - whole[i]!)).toBeLessThan(1e-5 * largest + 74 * 2 ** -26);
    }
    local.dispose();
  });
});

describe("a model's declaration", () => {
  const create = (...layers: { type: string; [key: string]: unknown }[]) =>
    createModel({ input: [8, 8, 3], layers: layers });

  it.each([
    ["shapes that do not chain", [{ type: "dense", units: 3 }], /model\.layers\[0\]: dense takes .* \[8, 8, 3\]/],
    [
      "an image layer behind a flat one",
      [{ type: "flatten" }, { type: "conv2d", filters: 2, kernel: 3 }],
      /model\.layers\[1\]: conv2d takes an image .* \[192\]/,
    ],
    [
      "a window too large",
      [{ type: "maxPool2d", size: 9 }],
      /model\.layers\[0\]: .*\[9, 9\] does not fit into \[8, 8, 3\]/,
    ],
    ["an unknown layer", [{ type: "conv2" }], /model\.layers\[0\]\.type: unknown layer "conv2"; did you mean "conv2d"/],
    ["an unknown setting", [{ type: "dense", unit: 3 }], /model\.layers\[0\]\.unit: unknown setting.*"units"/],
    ["a missing setting", [{ type: "flatten" }, { type: "dense" }], /model\.layers\[1\]\.units: missing/],
    [
      "an unknown activation",
      [{ type: "flatten" }, { type: "dense", units: 3, activation: "rellu" }],
      /model\.layers\[1\]\.activation: .*"relu"/,
    ],
    ["no layers", [], /model\.layers: must be/],
  ])("is refused with %s", (_, layers, message) => {
    expect(() => create(...layers)).toThrow(InputError);
    expect(() => create(...layers)).toThrow(message);
  });

  it("says which label is out of range, and when counts do not match", () => {
    const model = create({ type: "flatten" }, { type: "dense", units: 3 });
    const x = new Float32Array(2 * 192);
    expect(() => model.lossAndGradient(x, [0, 3], 2)).toThrow(/labels\[1\]: 3 is not a class number 0 … 2/);
    expect(() => model.lossAndGradient(x, [0], 2)).toThrow(/1 labels for 2/);
    expect(() => model.forward(x, 3)).toThrow(/x: has 384 values/);
  });
});
