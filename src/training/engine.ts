import { squaredError } from "../../bindings/layers.js";
import { allocate, f32, free, freeListWith } from "../../bindings/memory.js";
import { stream } from "../../bindings/random.js";
import { countCorrect, softmaxCrossEntropy } from "../../bindings/train.js";
import type { LayerConfig } from "../config/config.js";
import { InputError, show, unknownName } from "../config/errors.js";
import type { TensorSlice } from "../config/records.js";
import { buildChain } from "./layers/chain.js";
import type { LayerContext, Parameter, PassKey, Shape, Slot } from "./layers/layer.js";
import { product, shapeText } from "./layers/layer.js";

/** A network as its user declares it. */
export interface ModelSpec {
  /** [height, width, channels], [features] or, with `vocabulary`, [length] */
  input: Shape;
  layers: readonly LayerConfig[];
  /** The input is token numbers 0 … vocabulary − 1 */
  vocabulary?: number;
  /** What is trained: softmax cross-entropy of class or token numbers (default), or the mean square of real values */
  loss?: "cross-entropy" | "squared-error";
}

/**
 * A model in kernel memory: parameters and gradient each one contiguous float32 vector, activations for a batch.
 * Everything here is pointers; `createModel` is the same with arrays.
 */
export interface Engine {
  /** d */
  size: number;
  tensors: readonly TensorSlice[];
  output: Shape;
  parameters: number;
  gradient: number;
  /** Room for the inputs of a batch, after `reserve` */
  input: Slot;
  /** and for its labels or targets */
  targets: Slot;
  /** Logits of the last forward pass; an address */
  logits: number;
  pass: PassKey;
  /** Makes room for batches of so many examples; addresses in slots change when it grows */
  reserve(batch: number): void;
  /** Writes the initial weights. */
  initialize(seed: number): void;
  forward(batch: number, training: boolean): void;
  /** After `forward`: the sum over the batch's rows of the loss; with `gradient`, the mean loss's gradient is computed too. */
  loss(batch: number, gradient: boolean): number;
  /** After `forward`: rows whose largest logit is the label's */
  correct(batch: number): number;
  /** Rows of logits an example: 1, or the length of a sequence */
  rows: number;
  /** Targets an example: as many as rows, times the outputs in a regression */
  targetSize: number;
  dispose(): void;
}

/** What 32-bit addresses reach. */
const mostBytes = 2 ** 32;

/** @throws InputError where the layers do not chain */
export function buildEngine(spec: ModelSpec, path = "model"): Engine {
  checkSpec(spec, path);
  const parameters: Parameter[] = [];
  const slots: { slot: Slot; bytes: (batch: number) => number }[] = [];
  const newSlot: LayerContext["slot"] = (bytes) => {
    const slot = { pointer: 0 };
    slots.push({ slot, bytes });
    return slot;
  };
  const workSizes: ((batch: number) => number)[] = [];
  const work = newSlot((batch) => Math.max(16, ...workSizes.map((bytes) => bytes(batch))));
  const pass: PassKey = { seed: 0, client: 0, round: 0, step: 0 };
  let count = 0;
  const contextAt = (at: string, input: Shape): LayerContext => {
    const index = count++;
    return {
      path: at,
      input,
      vocabulary: index === 0 ? spec.vocabulary : undefined,
      index,
      pass,
      slot: newSlot,
      work(bytes) {
        workSizes.push(bytes);
        return work;
      },
      parameter(name, shape, initial) {
        const prefix = at.slice(path.length + 1).replace(/^layers/, "");
        const parameter: Parameter = {
          name: `${prefix.replaceAll(/\[(\d+)\]/g, "$1").replaceAll(".layers", ".")}.${name}`,
          shape,
          length: product(shape),
          initial,
          pointer: 0,
          gradient: 0,
        };
        parameters.push(parameter);
        return parameter;
      },
      chain: (configs, chainPath, chainInput) => buildChain(configs, chainPath, chainInput, contextAt, newSlot),
    };
  };
  const chain = buildChain(spec.layers, `${path}.layers`, spec.input, contextAt, newSlot);
  const tensors = slices(parameters);
  const size = parameters.reduce((sum, parameter) => sum + parameter.length, 0);
  const classes = chain.output.at(-1) as number;
  const rows = product(chain.output) / classes;
  const inputSize = product(spec.input);
  const input = newSlot((batch) => 4 * batch * inputSize);
  const regression = spec.loss === "squared-error";
  const targetSize = regression ? rows * classes : rows;
  const targets = newSlot((batch) => 4 * batch * targetSize);
  const logitsGradient = newSlot((batch) => 4 * batch * rows * classes);
  const scratch = newSlot(() => 4 * classes + 16);

  if (8 * size > mostBytes) {
    throw new InputError(
      `${path}.layers`,
      `${size} parameters and their gradient do not fit into the kernels' memory of ${mostBytes} bytes`,
    );
  }
  const blocks: number[] = [allocate(4 * size + 16), allocate(4 * size + 16)];
  parameters.forEach((parameter, i) => {
    parameter.pointer = blocks[0]! + 4 * tensors[i]!.offset;
    parameter.gradient = blocks[1]! + 4 * tensors[i]!.offset;
  });
  f32(blocks[0]!, size).fill(0);
  f32(blocks[1]!, size).fill(0);
  let capacity = 0;
  const engine: Engine = {
    size,
    tensors,
    output: chain.output,
    parameters: blocks[0]!,
    gradient: blocks[1]!,
    input,
    targets,
    logits: 0,
    pass,
    rows,
    targetSize,
    reserve(batch) {
      if (batch <= capacity) return;
      while (blocks.length > 2) free(blocks.pop()!);
      const sizes = slots.map(({ bytes }) => Math.ceil((bytes(batch) + 64) / 16) * 16);
      const block = allocate(sizes.reduce((sum, bytes) => sum + bytes, 0));
      blocks.push(block);
      let at = block;
      slots.forEach(({ slot }, i) => {
        slot.pointer = at;
        at += sizes[i]!;
      });
      capacity = batch;
    },
    initialize(seed) {
      for (const [i, parameter] of parameters.entries()) initialize(parameter, seed, i);
    },
    forward(batch, training) {
      engine.logits = chain.forward(input.pointer, batch, training);
    },
    loss(batch, gradient) {
      const n = batch * rows;
      const dz = gradient ? logitsGradient.pointer : 0;
      const sum = regression
        ? squaredError(n, classes, engine.logits, targets.pointer, dz)
        : softmaxCrossEntropy(n, classes, engine.logits, targets.pointer, dz, scratch.pointer);
      if (gradient) chain.backward(input.pointer, dz, 0, batch);
      return sum;
    },
    correct: (batch) => countCorrect(batch * rows, classes, engine.logits, targets.pointer),
    dispose() {
      while (blocks.length > 0) free(blocks.pop()!);
    },
  };
  freeListWith(engine, blocks);
  return engine;
}

function checkSpec(spec: ModelSpec, path: string): void {
  if (!Array.isArray(spec.layers) || spec.layers.length === 0) {
    throw new InputError(`${path}.layers`, "must be a list of at least one layer");
  }
  const { vocabulary, loss = "cross-entropy" } = spec;
  if (vocabulary !== undefined && !(Number.isSafeInteger(vocabulary) && vocabulary >= 1)) {
    throw new InputError(`${path}.vocabulary`, `${vocabulary} is not a whole number of at least 1`);
  }
  if (loss !== "cross-entropy" && loss !== "squared-error") {
    throw new InputError(`${path}.loss`, unknownName("loss", loss, ["cross-entropy", "squared-error"]));
  }
  if (vocabulary !== undefined && spec.layers[0]?.type !== "embedding") {
    throw new InputError(`${path}.layers[0]`, "must be an embedding, because the data is tokens");
  }
  if (
    !Array.isArray(spec.input) ||
    spec.input.length === 0 ||
    !spec.input.every((n) => Number.isInteger(n) && n >= 1)
  ) {
    throw new InputError(
      `${path}.input`,
      `${Array.isArray(spec.input) ? shapeText(spec.input) : show(spec.input)} must be whole numbers of at least 1`,
    );
  }
}

function slices(parameters: readonly Parameter[]): TensorSlice[] {
  let offset = 0;
  return parameters.map(({ name, shape, length }) => {
    const slice = { name, shape, offset, length };
    offset += length;
    return slice;
  });
}

/** Each tensor from its own stream, so that a layer's weights do not depend on the other layers. */
function initialize({ pointer, length, initial }: Parameter, seed: number, index: number): void {
  const random = stream(seed, "weights", index);
  if (initial.kind === "constant") {
    f32(pointer, length).fill(initial.value);
    return;
  }
  const values = new Float32Array(length); // a stream allocates, which may detach a view of kernel memory
  if (initial.kind === "glorot") {
    const limit = Math.sqrt(6 / (initial.fanIn + initial.fanOut));
    random.fillUniform(values, -limit, limit);
  } else random.fillNormal(values, initial.deviation);
  f32(pointer, length).set(values);
}
