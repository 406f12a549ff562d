import { type At, blockBytes, writeBlock } from "../../bindings/blocks.js";
import { copyVector, squaredError } from "../../bindings/layers.js";
import { type Address, f32, none, offset } from "../../bindings/memory.js";
import { type Holdings, holdings } from "../../bindings/ownership.js";
import { stream } from "../../bindings/random.js";
import { countCorrect, softmaxCrossEntropy } from "../../bindings/train.js";
import { record } from "../config/arguments.js";
import type { LayerConfig } from "../config/config.js";
import { InputError, show, unknownName } from "../config/errors.js";
import type { TensorSlice } from "../config/records.js";
import { buildChain } from "./layers/chain.js";
import type { Chain, LayerContext, Parameter, PassKey, Shape, Slot } from "./layers/layer.js";
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
 * Everything here is addresses; `createModel` is the same with arrays.
 */
export interface Engine {
  /** d */
  size: number;
  tensors: readonly TensorSlice[];
  output: Shape;
  parameters: Address;
  gradient: Address;
  /** Room for the inputs of a batch, after `reserve` */
  input: Slot;
  /** and for its labels or targets */
  targets: Slot;
  /** Logits of the last forward pass */
  logits: Address;
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
  /** The same of one row: 1 or 0 */
  correctRow(row: number): number;
  /** Rows of logits an example: 1, or the length of a sequence */
  rows: number;
  /** Targets an example: as many as rows, times the outputs in a regression */
  targetSize: number;
  dispose(): void;
}

/**
 * Bytes of one layer's values that stay in a core's second cache beside weights and what products pack. Batches with
 * more are evaluated in parts, because nothing has to be kept for a way back, and in parts of 16 at most: up to there
 * products read the weights of a dense layer where they lie.
 */
const nearBytes = 2 ** 19;
const mostTogether = 16;

/** What 32-bit addresses reach. */
const mostBytes = 2 ** 32;

/** @throws InputError where the layers do not chain */
export function buildEngine(spec: ModelSpec, path = "model"): Engine {
  checkSpec(spec, path);
  const plan = collect(spec, path);
  const { chain, parameters, pass, slot } = plan;
  const classes = chain.output.at(-1) as number;
  const rows = product(chain.output) / classes;
  const regression = spec.loss === "squared-error";
  const targetSize = regression ? rows * classes : rows;
  const inputSize = product(spec.input);
  const logitSize = rows * classes;
  const near = Math.floor(nearBytes / Math.max(...plan.slots.map(({ bytes }) => bytes(2) - bytes(1))));
  const together = Math.max(1, Math.min(mostTogether, near));
  const input = slot((batch) => 4 * batch * inputSize);
  const targets = slot((batch) => 4 * batch * targetSize);
  const logitsGradient = slot((batch) => 4 * batch * logitSize);
  const scratch = slot(() => 4 * classes + 16);
  const tensors = slices(parameters);
  const fixed = holdings();
  const vectors = fixed.filledBy(() => placeFixed(fixed, plan, tensors, path));
  const buffers = batchBuffers(plan.slots);
  const engine: Engine = {
    ...vectors,
    tensors,
    output: chain.output,
    input,
    targets,
    logits: none,
    pass,
    rows,
    targetSize,
    reserve: buffers.reserve,
    initialize(seed) {
      for (const [i, parameter] of parameters.entries()) initialize(parameter, seed, i);
    },
    forward(batch, training) {
      if (training || batch <= Math.max(1, near)) {
        engine.logits = chain.forward(input.pointer, batch, training);
        return;
      }
      engine.logits = logitsGradient.pointer; // there is none without a training
      for (let first = 0; first < batch; first += together) {
        const count = Math.min(together, batch - first);
        const logits = chain.forward(offset(input.pointer, 4 * first * inputSize), count, false);
        copyVector(count * logitSize, logits, offset(engine.logits, 4 * first * logitSize));
      }
    },
    loss(batch, gradient) {
      const n = batch * rows;
      const dz = gradient ? logitsGradient.pointer : none;
      const sum = regression
        ? squaredError(n, classes, engine.logits, targets.pointer, dz)
        : softmaxCrossEntropy(n, classes, engine.logits, targets.pointer, dz, scratch.pointer);
      if (gradient) chain.backward(input.pointer, dz, none, batch);
      return sum;
    },
    correct: (batch) => countCorrect(batch * rows, classes, engine.logits, targets.pointer),
    correctRow: (row) =>
      countCorrect(1, classes, offset(engine.logits, 4 * classes * row), offset(targets.pointer, 4 * row)),
    dispose() {
      fixed.free();
      buffers.memory.free();
    },
  };
  fixed.freeWith(engine);
  buffers.memory.freeWith(engine);
  return engine;
}

type BatchSlot = { slot: Slot; bytes: (batch: number) => number };

/** What the layers ask for while they are built; nothing is allocated yet. */
interface Plan {
  chain: Chain;
  parameters: Parameter[];
  /** Place a record each, once */
  records: ((memory: Holdings) => void)[];
  slots: BatchSlot[];
  slot: LayerContext["slot"];
  pass: PassKey;
}

function collect(spec: ModelSpec, path: string): Plan {
  const parameters: Parameter[] = [];
  const records: Plan["records"] = [];
  const slots: BatchSlot[] = [];
  const slot: LayerContext["slot"] = (bytes) => {
    const made = { pointer: none };
    slots.push({ slot: made, bytes });
    return made;
  };
  const workSizes: ((batch: number) => number)[] = [];
  const work = slot((batch) => Math.max(16, ...workSizes.map((bytes) => bytes(batch))));
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
      slot,
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
          pointer: none,
          gradient: none,
        };
        parameters.push(parameter);
        return parameter;
      },
      record(name, fields) {
        const placed = { pointer: none as At<typeof name> };
        records.push((memory) => {
          placed.pointer = writeBlock(name, memory.hold(blockBytes(name)), fields);
        });
        return placed;
      },
      chain: (configs, chainPath, chainInput) => buildChain(configs, chainPath, chainInput, contextAt, slot),
    };
  };
  const chain = buildChain(spec.layers, `${path}.layers`, spec.input, contextAt, slot);
  return { chain, parameters, records, slots, slot, pass };
}

/** Places the parameters and their gradient, each one vector of d, all 0, and the records. @throws InputError where they do not fit */
function placeFixed(memory: Holdings, { parameters, records }: Plan, tensors: readonly TensorSlice[], path: string) {
  const size = parameters.reduce((sum, parameter) => sum + parameter.length, 0);
  if (8 * size > mostBytes) {
    throw new InputError(
      `${path}.layers`,
      `${size} parameters and their gradient do not fit into the kernels' memory of ${mostBytes} bytes`,
    );
  }
  const vectors = { size, parameters: memory.hold(4 * size + 16), gradient: memory.hold(4 * size + 16) };
  parameters.forEach((parameter, i) => {
    parameter.pointer = offset(vectors.parameters, 4 * tensors[i]!.offset);
    parameter.gradient = offset(vectors.gradient, 4 * tensors[i]!.offset);
  });
  f32(vectors.parameters, size).fill(0);
  f32(vectors.gradient, size).fill(0);
  for (const place of records) place(memory);
  return vectors;
}

/** One block for all that depends on the batch; a larger one replaces it, which moves every slot. */
function batchBuffers(slots: readonly BatchSlot[]) {
  const memory = holdings();
  let capacity = 0;
  return {
    memory,
    reserve(batch: number): void {
      if (batch <= capacity) return;
      memory.free();
      capacity = 0; // none while there is no block: a larger one may not be had
      const sizes = slots.map(({ bytes }) => Math.ceil((bytes(batch) + 64) / 16) * 16);
      let at = memory.hold(sizes.reduce((sum, bytes) => sum + bytes, 0));
      slots.forEach(({ slot }, i) => {
        slot.pointer = at;
        at = offset(at, sizes[i]!);
      });
      capacity = batch;
    },
  };
}

function checkSpec(spec: ModelSpec, path: string): void {
  record({}, "model's declaration")(path, spec);
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
