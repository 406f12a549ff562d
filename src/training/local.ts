import { type Address, f32, i32, u8 } from "../../bindings/memory.js";
import { holdings } from "../../bindings/ownership.js";
import { type KernelChoice, withProducts } from "../../bindings/products.js";
import { stream } from "../../bindings/random.js";
import { regularize, subtractFinite, unitBytes } from "../../bindings/train.js";
import type { ModelConfig, TrainingConfig } from "../config/config.js";
import { InputError, RunError } from "../config/errors.js";
import type { Dataset, Examples, TensorSlice } from "../config/records.js";
import { buildEngine, type Engine } from "./engine.js";
import { product } from "./layers/layer.js";
import { type OptimizerState, optimizerState } from "./optimizers.js";
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
  /**
   * Accuracy (null for a regression) and mean loss of a parameter vector.
   * @param answers gets a 1 for every target that is answered rightly, else a 0 [count · targets an example]
   */
  evaluate(
    parameters: Float32Array,
    examples: Examples,
    answers?: Uint8Array,
  ): { accuracy: number | null; loss: number };
  /** Mean loss of a parameter vector on the training set's examples at these places. */
  trainingLoss(parameters: Float32Array, indices: Int32Array): number;
  dispose(): void;
}

/** V8 compiles a kernel anew after some ten thousand turns of its loops, which two examples make. */
const warmUpSteps = 2;

/** Examples a batch when testing: enough that reading and packing a dense layer's weights costs little a batch. */
const testBatch = 128;

/**
 * @param config `kernels`: which take the products, "exact" unless given; others must have been loaded (`loadProducts`)
 * @param seed of the run: initial weights and every client's shuffles come from it
 * @throws InputError where the model does not fit the data or a setting is wrong
 */
export function createLocalTrainer(
  dataset: Dataset,
  config: { model: ModelConfig; training: TrainingConfig; kernels?: KernelChoice },
  seed: number,
): LocalTrainer {
  const { training, kernels = "exact" } = config;
  const spec = modelSpec(config.model, dataset);
  const engine = buildEngine(spec);
  checkOutput(dataset, engine.output, engine.rows);
  checkTargets(dataset);
  if (training.batchSize > dataset.train.count) {
    throw new InputError(
      "training.batchSize",
      `${training.batchSize} is more than the ${dataset.train.count} training examples there are`,
    );
  }
  const { size } = engine;
  const most = Math.max(training.batchSize, testBatch);
  engine.reserve(most);
  const optimizer = optimizerState(training.optimizer.name, training.optimizer, size);
  const memory = holdings();
  const start = memory.hold(4 * size + 16);
  const pixels = memory.hold(most * product(dataset.inputShape) + 16);
  const gather = gatherer(dataset, engine, pixels, product(spec.input));
  const train = localTraining({ dataset, training, engine, optimizer, gather, start, seed });
  const { evaluate, trainingLoss } = evaluation(dataset, engine, gather);
  withProducts(kernels, () => warmUp(engine, optimizer, Math.min(2, training.batchSize), product(spec.input)));
  return {
    size,
    tensors: engine.tensors,
    initial() {
      engine.initialize(seed);
      return f32(engine.parameters, size).slice();
    },
    train: (job) => withProducts(kernels, () => train(job)),
    evaluate: (...asked) => withProducts(kernels, () => evaluate(...asked)),
    trainingLoss: (...asked) => withProducts(kernels, () => trainingLoss(...asked)),
    dispose() {
      engine.dispose();
      optimizer.dispose();
      memory.free();
    },
  };
}

/** Brings examples indices[first … first + count) into the engine; without indices those of these numbers. */
type Gather = (examples: Examples, indices: Int32Array | undefined, first: number, count: number) => void;

/** @param bytes room for a batch's pixels, before they become numbers @param inputSize numbers an example */
function gatherer(dataset: Dataset, engine: Engine, bytes: Address, inputSize: number): Gather {
  const exampleSize = product(dataset.inputShape);
  const { targetSize } = dataset;
  return (examples, indices, first, count) => {
    const { inputs, targets } = examples;
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
      const at = indices[first + i]!;
      to.set(inputs.subarray(at * exampleSize, (at + 1) * exampleSize), i * exampleSize);
      for (let j = 0; j < targetSize; j++) targetsTo[i * targetSize + j] = targets[at * targetSize + j]!;
    }
    if (pixels) unitBytes(count * exampleSize, inputSize / exampleSize, bytes, engine.input.pointer);
  };
}

/**
 * A few short steps on blank examples: kernels start in baseline code and are replaced between calls, so the first
 * client would otherwise train at a fraction of the speed. Leaves no trace: every job sets all state anew.
 */
function warmUp(engine: Engine, optimizer: OptimizerState, count: number, inputSize: number): void {
  f32(engine.input.pointer, count * inputSize).fill(0);
  f32(engine.targets.pointer, count * engine.targetSize).fill(0);
  f32(engine.parameters, engine.size).fill(0);
  for (let i = 0; i < warmUpSteps; i++) {
    engine.forward(count, true);
    engine.loss(count, true);
    optimizer.step(engine.parameters, engine.gradient, 0);
    engine.forward(count, false); // evaluation has kernels of its own
  }
}

/** What local training works with. */
interface Workshop {
  dataset: Dataset;
  training: TrainingConfig;
  engine: Engine;
  optimizer: OptimizerState;
  gather: Gather;
  /** Room for w_t */
  start: Address;
  seed: number;
}

function localTraining({ dataset, training, engine, optimizer, gather, start, seed }: Workshop): LocalTrainer["train"] {
  const { size } = engine;
  const { batchSize, proximal } = training;
  const { decay } = optimizer;
  const update = new Float32Array(size); // of its own: a view of kernel memory would not survive the encoder's allocations

  /** @returns the sum of the losses */
  function epoch(order: Int32Array, rate: number): number {
    let sum = 0;
    for (let first = 0; first < order.length; first += batchSize) {
      const count = Math.min(batchSize, order.length - first);
      gather(dataset.train, order, first, count);
      engine.forward(count, true);
      sum += engine.loss(count, true);
      if (decay > 0 || proximal > 0) {
        regularize(size, decay, proximal, engine.parameters, engine.gradient, start);
      }
      optimizer.step(engine.parameters, engine.gradient, rate);
      engine.pass.step++;
    }
    return sum;
  }

  return ({ client, round, indices, localEpochs, start: from }) => {
    const where = { client, round };
    if (indices.length === 0) throw new RunError("has no examples to train on", where);
    f32(start, size).set(from);
    f32(engine.parameters, size).set(from);
    optimizer.reset();
    const rate = rateFactor(training.schedule, round);
    Object.assign(engine.pass, { seed, client, round, step: 0 });
    let loss = 0;
    for (let e = 0; e < localEpochs; e++) {
      const order = stream(seed, "shuffle", client, round, e).shuffle(Int32Array.from(indices));
      loss = epoch(order, rate) / (order.length * engine.rows);
      if (!Number.isFinite(loss)) throw diverged("the training loss", where, training);
    }
    // The gradient is not needed any more: the update takes its place.
    if (!subtractFinite(size, engine.parameters, start, engine.gradient)) {
      throw diverged("the update", where, training);
    }
    update.set(f32(engine.gradient, size));
    return { update, loss, examples: localEpochs * indices.length };
  };
}

function evaluation(dataset: Dataset, engine: Engine, gather: Gather): Pick<LocalTrainer, "evaluate" | "trainingLoss"> {
  const regression = dataset.task === "regression";

  /** @param each hears of every batch, once its outputs are there @returns the mean loss */
  function lossOf(
    parameters: Float32Array,
    { examples, indices, count }: { examples: Examples; indices?: Int32Array; count: number },
    each?: (first: number, count: number) => void,
  ): number {
    f32(engine.parameters, engine.size).set(parameters);
    let loss = 0;
    for (let first = 0; first < count; first += testBatch) {
      const batch = Math.min(testBatch, count - first);
      gather(examples, indices, first, batch);
      engine.forward(batch, false);
      loss += engine.loss(batch, false);
      each?.(first, batch);
    }
    return loss / (count * engine.rows);
  }

  return {
    evaluate(parameters, examples, answers) {
      let correct = 0;
      const loss = lossOf(parameters, { examples, count: examples.count }, (first, count) => {
        if (regression) return;
        correct += engine.correct(count);
        if (answers === undefined) return;
        const before = first * engine.rows;
        for (let row = 0; row < count * engine.rows; row++) answers[before + row] = engine.correctRow(row);
      });
      return { accuracy: regression ? null : correct / (examples.count * engine.rows), loss };
    },
    trainingLoss: (parameters, indices) =>
      lossOf(parameters, { examples: dataset.train, indices, count: indices.length }),
  };
}

function diverged(what: string, where: { client: number; round: number }, training: TrainingConfig): RunError {
  const { name, learningRate } = training.optimizer;
  return new RunError(`${what} is not finite: ${name} diverged at learning rate ${learningRate}`, where);
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
