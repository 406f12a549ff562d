import { allocate, f32, free, i32, u8 } from "../../bindings/memory.js";
import { stream } from "../../bindings/random.js";
import { regularize, subtractFinite, unitBytes } from "../../bindings/train.js";
import type { ModelConfig, TrainingConfig } from "../config/config.js";
import { InputError, RunError } from "../config/errors.js";
import type { Dataset, Examples, TensorSlice } from "../config/records.js";
import { buildEngine } from "./engine.js";
import { product } from "./layers/layer.js";
import { optimizerState } from "./optimizers.js";
import { modelSpec } from "./presets.js";
import { rateFactor } from "./schedule.js";

export interface TrainJob {
  client: number;
  /** 1, 2, … */
  round: number;
  localEpochs: number;
  /** w_t */
  start: Float32Array;
  /** The client's examples of the training set */
  indices: Int32Array;
}

/** What clients and the server's test use: one model, whatever the number of clients. */
export interface LocalTrainer {
  /** d */
  size: number;
  tensors: readonly TensorSlice[];
  /** The weights before round 1, from the seed */
  initial(): Float32Array;
  /**
   * Local training of one client from w_t, with fresh optimizer state. A client with fewer examples than a batch
   * makes one step on all of them in an epoch.
   * @returns the update v_k = w_k − w_t (the next call overwrites it), the mean loss over
   *   the last epoch's examples, and the examples gone through
   * @throws RunError with client and round when the update or the loss is not finite
   */
  train(job: TrainJob): { update: Float32Array; loss: number; examples: number };
  /** Accuracy (null for a regression) and mean loss of a parameter vector. */
  evaluate(parameters: Float32Array, examples: Examples): { accuracy: number | null; loss: number };
  dispose(): void;
}

/** V8 compiles a kernel anew after some ten thousand turns of its loops, which two examples make. */
const warmUpSteps = 2;

/** Examples a batch when testing: enough that reading and packing a dense layer's weights costs little a batch. */
const testBatch = 128;

/**
 * @param seed of the run: initial weights and every client's shuffles come from it
 * @throws InputError where the model does not fit the data or a setting is wrong
 */
export function createLocalTrainer(
  dataset: Dataset,
  config: { model: ModelConfig; training: TrainingConfig },
  seed: number,
): LocalTrainer {
  const { training } = config;
  const spec = modelSpec(config.model, dataset);
  const engine = buildEngine(spec);
  checkOutput(dataset, engine.output, engine.rows);
  checkTargets(dataset);
  const { size } = engine;
  if (training.batchSize > dataset.train.count) {
    throw new InputError(
      "training.batchSize",
      `${training.batchSize} is more than the ${dataset.train.count} training examples there are`,
    );
  }
  engine.reserve(Math.max(training.batchSize, testBatch));
  const optimizer = optimizerState(training.optimizer.name, training.optimizer, size);
  const { decay } = optimizer;
  const repeat = repeats(dataset, spec.input);
  const exampleSize = product(dataset.inputShape);
  const bytes = allocate(Math.max(training.batchSize, testBatch) * exampleSize + 16);
  const start = allocate(4 * size + 16);
  const update = new Float32Array(size); // of its own: a view of kernel memory would not survive the encoder's allocations

  /** Brings examples indices[first … first + count) into the engine. */
  function gather(examples: Examples, indices: Int32Array | undefined, first: number, count: number): void {
    const { inputs, targets } = examples;
    const { targetSize } = dataset;
    const pixels = inputs instanceof Uint8Array;
    const to = pixels
      ? u8(bytes, count * exampleSize)
      : inputs instanceof Int32Array
        ? i32(engine.input.pointer, count * exampleSize)
        : f32(engine.input.pointer, count * exampleSize);
    const targetsTo =
      targets instanceof Int32Array
        ? i32(engine.targets.pointer, count * targetSize)
        : f32(engine.targets.pointer, count * targetSize);
    if (indices === undefined) {
      to.set(inputs.subarray(first * exampleSize, (first + count) * exampleSize));
      targetsTo.set(targets.subarray(first * targetSize, (first + count) * targetSize));
    }
    for (let i = 0; indices !== undefined && i < count; i++) {
      const at = indices[first + i] as number;
      to.set(inputs.subarray(at * exampleSize, (at + 1) * exampleSize), i * exampleSize);
      for (let j = 0; j < targetSize; j++) targetsTo[i * targetSize + j] = targets[at * targetSize + j] as number;
    }
    if (pixels) unitBytes(count * exampleSize, bytes, engine.input.pointer, repeat);
  }

  warmUp();

  /**
   * A few short steps on blank examples: kernels start in baseline code and are replaced between calls, so the first
   * client would otherwise train at a fraction of the speed. Leaves no trace: every job sets all state anew.
   */
  function warmUp(): void {
    const count = Math.min(2, training.batchSize);
    f32(engine.input.pointer, count * product(spec.input)).fill(0);
    f32(engine.targets.pointer, count * engine.targetSize).fill(0);
    f32(engine.parameters, size).fill(0);
    for (let i = 0; i < warmUpSteps; i++) {
      engine.forward(count, true);
      engine.loss(count, true);
      optimizer.step(engine.parameters, engine.gradient, 0);
      engine.forward(count, false); // evaluation has kernels of its own
    }
  }

  return {
    size,
    tensors: engine.tensors,
    initial() {
      engine.initialize(seed);
      return f32(engine.parameters, size).slice();
    },
    train(job) {
      const { client, round, indices } = job;
      const where = { client, round };
      if (indices.length === 0) throw new RunError("has no examples to train on", where);
      f32(start, size).set(job.start);
      f32(engine.parameters, size).set(job.start);
      optimizer.reset();
      const rate = rateFactor(training.schedule, round);
      Object.assign(engine.pass, { seed, client, round, step: 0 });
      let loss = 0;
      for (let epoch = 0; epoch < job.localEpochs; epoch++) {
        const order = stream(seed, "shuffle", client, round, epoch).shuffle(Int32Array.from(indices));
        let sum = 0;
        for (let first = 0; first < order.length; first += training.batchSize) {
          const count = Math.min(training.batchSize, order.length - first);
          gather(dataset.train, order, first, count);
          engine.forward(count, true);
          sum += engine.loss(count, true);
          if (decay > 0 || training.proximal > 0) {
            regularize(size, engine.parameters, engine.gradient, start, decay, training.proximal);
          }
          optimizer.step(engine.parameters, engine.gradient, rate);
          engine.pass.step++;
        }
        loss = sum / (order.length * engine.rows);
        if (!Number.isFinite(loss)) throw diverged("the training loss", where, training);
      }
      // The gradient is not needed any more: the update takes its place.
      if (!subtractFinite(size, engine.parameters, start, engine.gradient)) {
        throw diverged("the update", where, training);
      }
      update.set(f32(engine.gradient, size));
      return { update, loss, examples: job.localEpochs * indices.length };
    },
    evaluate(parameters, examples) {
      f32(engine.parameters, size).set(parameters);
      let loss = 0;
      let correct = 0;
      for (let first = 0; first < examples.count; first += testBatch) {
        const count = Math.min(testBatch, examples.count - first);
        gather(examples, undefined, first, count);
        engine.forward(count, false);
        loss += engine.loss(count, false);
        if (dataset.task !== "regression") correct += engine.correct(count);
      }
      const rows = examples.count * engine.rows;
      return { accuracy: dataset.task === "regression" ? null : correct / rows, loss: loss / rows };
    },
    dispose() {
      engine.dispose();
      optimizer.dispose();
      free(bytes);
      free(start);
    },
  };
}

function diverged(what: string, where: { client: number; round: number }, training: TrainingConfig): RunError {
  const { name, learningRate } = training.optimizer;
  return new RunError(`${what} is not finite: ${name} diverged at learning rate ${learningRate}`, where);
}

function repeats({ inputShape }: Dataset, input: readonly number[]): number {
  return product(input) / product(inputShape);
}

/** @throws InputError where the network's output is not what the data set asks for */
function checkOutput(dataset: Dataset, output: readonly number[], rows: number): void {
  if (output.at(-1) !== dataset.outputs || rows !== (dataset.task === "next-token" ? dataset.targetSize : 1)) {
    const wanted = dataset.task === "next-token" ? [dataset.targetSize, dataset.outputs] : [dataset.outputs];
    throw new InputError(
      "model.layers",
      `the last layer gives [${output.join(", ")}], but data set "${dataset.name}" needs [${wanted.join(", ")}]`,
    );
  }
}

/** @throws InputError for a label or a token that the data set does not have */
function checkTargets(dataset: Dataset): void {
  if (dataset.task === "regression") return;
  const { inputShape, outputs, targetSize } = dataset;
  for (const part of ["train", "test"] as const) {
    const { inputs, targets } = dataset[part];
    checkRange(targets, outputs, (i) => `${part} example ${Math.floor(i / targetSize)} has label`);
    if (dataset.task === "next-token") {
      checkRange(inputs, outputs, (i) => `${part} example ${Math.floor(i / product(inputShape))} has token`);
    }
  }
}

function checkRange(values: ArrayLike<number>, count: number, where: (i: number) => string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!(value >= 0 && value < count)) {
      throw new InputError("data", `${where(i)} ${value}, which is not in 0 … ${count - 1}`);
    }
  }
}
