import { f32, i32 } from "../../bindings/memory.js";
import { numberArray, record, seedNumber } from "../config/arguments.js";
import { InputError } from "../config/errors.js";
import type { TensorSlice } from "../config/records.js";
import { buildEngine, type ModelSpec } from "./engine.js";
import { product } from "./layers/layer.js";

export type { ModelSpec } from "./engine.js";

/** A network one can train: see `createModel`. All arrays are the caller's: they stay what they are. */
export interface Model {
  /** All weights, one vector, always the same; write to it to set them */
  readonly parameters: Float32Array;
  /** Where each tensor lies in it */
  readonly tensors: readonly TensorSlice[];
  /** @param x `batch` examples, [batch][…input], pixels in [0, 1] or token numbers @returns logits [batch][…output] */
  forward(x: ArrayLike<number>, batch: number): Float32Array;
  /**
   * Mean loss over the batch and its gradient, in the layout of `parameters`.
   * @param labels class numbers, one a row of logits; with `loss: "squared-error"` real values, one an output
   */
  lossAndGradient(
    x: ArrayLike<number>,
    labels: ArrayLike<number>,
    batch: number,
  ): { loss: number; gradient: Float32Array };
  evaluate(x: ArrayLike<number>, labels: ArrayLike<number>, batch: number): { loss: number; accuracy: number | null };
  /** Gives the memory back now instead of when the object is collected; the model cannot be used after it. */
  dispose(): void;
}

/**
 * Builds a network from its layers, with Glorot-uniform kernels and zero biases drawn from the seed.
 *
 * Layouts: x [batch][height][width][channels], convolution kernels [row][column][in][out], dense [in][out].
 *
 * @throws InputError where a layer's settings are wrong or the shapes do not chain
 * @example
 * const model = createModel({
 *   input: [8, 8, 3],
 *   layers: [
 *     { type: "conv2d", filters: 4, kernel: 3, activation: "relu" },
 *     { type: "maxPool2d", size: 2 },
 *     { type: "flatten" },
 *     { type: "dense", units: 3 },
 *   ],
 * });
 * const images = new Float32Array(2 * 8 * 8 * 3).fill(0.5);
 * model.forward(images, 2).length; // → 6
 * model.lossAndGradient(images, [0, 2], 2).gradient.length === model.parameters.length; // → true
 */
export function createModel(spec: ModelSpec, options: { seed?: number } = {}): Model {
  record()("options", options);
  const { seed = 0 } = options;
  seedNumber("seed", seed);
  const engine = buildEngine(spec);
  engine.initialize(seed);
  // Of its own: users keep it, and a view of kernel memory would be empty after the next growth.
  const parameters = f32(engine.parameters, engine.size).slice();
  const inputSize = product(spec.input);
  let disposed = false;
  const classes = engine.output.at(-1) as number;

  /** What was given back may belong to another object by now. */
  function requireLive(): void {
    if (disposed) throw new InputError("model", "was disposed of and cannot be used any more");
  }

  function load(x: ArrayLike<number>, batch: number): void {
    requireLive();
    if (!Number.isInteger(batch) || batch < 1) throw new InputError("batch", `${batch} must be a whole number above 0`);
    numberArray("x", x);
    if (x.length !== batch * inputSize) {
      throw new InputError("x", `has ${x.length} values; ${batch} examples of ${inputSize} have ${batch * inputSize}`);
    }
    if (spec.vocabulary !== undefined) checkTokens(x, spec.vocabulary);
    engine.reserve(batch);
    f32(engine.parameters, engine.size).set(parameters);
    if (spec.vocabulary === undefined) f32(engine.input.pointer, x.length).set(x);
    else i32(engine.input.pointer, x.length).set(x);
  }

  function loadLabels(labels: ArrayLike<number>, batch: number): void {
    numberArray("labels", labels);
    if (spec.loss === "squared-error") {
      const count = batch * engine.targetSize;
      if (labels.length !== count) throw new InputError("labels", `${labels.length} values; ${count} are needed`);
      f32(engine.targets.pointer, count).set(labels);
      return;
    }
    checkLabels(labels, batch * engine.rows, classes);
    i32(engine.targets.pointer, labels.length).set(labels);
  }

  return {
    get parameters() {
      requireLive();
      return parameters;
    },
    tensors: engine.tensors,
    forward(x, batch) {
      load(x, batch);
      engine.forward(batch, false);
      return f32(engine.logits, batch * engine.rows * classes).slice();
    },
    lossAndGradient(x, labels, batch) {
      load(x, batch);
      loadLabels(labels, batch);
      engine.forward(batch, true);
      const loss = engine.loss(batch, true) / (batch * engine.rows);
      return { loss, gradient: f32(engine.gradient, engine.size).slice() };
    },
    evaluate(x, labels, batch) {
      load(x, batch);
      loadLabels(labels, batch);
      engine.forward(batch, false);
      const rows = batch * engine.rows;
      const loss = engine.loss(batch, false) / rows;
      return { loss, accuracy: spec.loss === "squared-error" ? null : engine.correct(batch) / rows };
    },
    dispose() {
      disposed = true;
      engine.dispose();
    },
  };
}

/** The kernels take a token's row of a table where its number says, wherever that is. */
function checkTokens(x: ArrayLike<number>, vocabulary: number): void {
  for (let i = 0; i < x.length; i++) {
    const token = x[i] as number;
    if (!(Number.isInteger(token) && token >= 0 && token < vocabulary)) {
      throw new InputError(`x[${i}]`, `${token} is not a token number 0 … ${vocabulary - 1}`);
    }
  }
}

/** @throws InputError for a label outside 0 … classes − 1 or a wrong number of labels */
export function checkLabels(labels: ArrayLike<number>, count: number, classes: number, path = "labels"): void {
  if (labels.length !== count) throw new InputError(path, `${labels.length} labels for ${count} rows of logits`);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new InputError(`${path}[${i}]`, `${label} is not a class number 0 … ${classes - 1}`);
    }
  }
}
