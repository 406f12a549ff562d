import type { At, Blocks } from "../../../bindings/blocks.js";
import type { Address } from "../../../bindings/memory.js";
import type { LayerConfig } from "../../config/config.js";
import { InputError, unknownName } from "../../config/errors.js";

/** Sizes of one example, without the batch: [height, width, channels], [length, features] or [features]. */
export type Shape = readonly number[];

/** A tensor of the model: where its values and its gradient live. Pointers are set once all layers are known. */
export interface Parameter {
  name: string;
  shape: Shape;
  length: number;
  initial: Initial;
  pointer: Address;
  gradient: Address;
}

export type Initial =
  | { kind: "glorot"; fanIn: number; fanOut: number }
  | { kind: "constant"; value: number }
  | { kind: "normal"; deviation: number };

/** A buffer of kernel memory whose place changes when the batch capacity does, so read `pointer` at every use. */
export interface Slot {
  pointer: Address;
}

/** A record of geometry, written once when all layers are known; read `pointer` from then on. */
export interface Placed<N extends keyof Blocks> {
  pointer: At<N>;
}

/** What a layer asks of the model while it is built. */
export interface LayerContext {
  /** "model.layers[2]", for messages */
  path: string;
  input: Shape;
  /** Number of tokens when the input is token numbers, else undefined */
  vocabulary: number | undefined;
  parameter(name: string, shape: Shape, initial: Initial): Parameter;
  /** The numbers that the layer's kernels are told, in a record of kernel memory */
  record<N extends keyof Blocks>(name: N, fields: Blocks[N]): Placed<N>;
  /** A buffer of its own, valid from forward to backward */
  slot(bytes: (batch: number) => number): Slot;
  /** Scratch that every layer shares, dirty between calls */
  work(bytes: (batch: number) => number): Slot;
  /** Builds layers inside a layer */
  chain(configs: readonly LayerConfig[], path: string, input: Shape): Chain;
  /** Key of this pass's random numbers (dropout) */
  pass: PassKey;
  /** Position among all layers, for random numbers */
  index: number;
}

/** Names the random numbers of one training step. */
export interface PassKey {
  seed: number;
  client: number;
  round: number;
  step: number;
}

/**
 * One layer bound to a model. x, y, dy, dx are addresses of [batch][…shape]; backward overwrites the gradients of
 * its parameters and, unless it is `none`, dx; it may spoil dy.
 */
export interface Layer {
  output: Shape;
  /** y is x: nothing to compute (flatten) */
  alias?: boolean;
  /** Ends in a ReLU that it computes itself */
  relu?: boolean;
  /** Set by the chain: the next layer hands back the gradient before that ReLU */
  masked?: boolean;
  /** Can do so for the layer before it; `maskInput` is set by the chain when it must */
  canMaskInput?: boolean;
  maskInput?: boolean;
  forward(x: Address, y: Address, batch: number, training: boolean): void;
  backward(x: Address, y: Address, dy: Address, dx: Address, batch: number): void;
}

/** Layers one after the other. */
export interface Chain {
  output: Shape;
  /** @returns the address of the output */
  forward(x: Address, batch: number, training: boolean): Address;
  /** @param dx `none` when not needed. dy may be spoiled. */
  backward(x: Address, dy: Address, dx: Address, batch: number): void;
}

export type LayerBuilder = (config: LayerConfig, context: LayerContext) => Layer;

export function product(shape: Shape): number {
  return shape.reduce((size, n) => size * n, 1);
}

/** @throws InputError for settings that the layer does not have */
export function allowSettings(config: LayerConfig, context: LayerContext, known: readonly string[]): void {
  for (const key of Object.keys(config)) {
    if (key !== "type" && !known.includes(key)) {
      throw new InputError(`${context.path}.${key}`, unknownName(`setting of ${config.type}`, key, known));
    }
  }
}

/** A whole number of at least `least`. @throws InputError */
export function integerSetting(
  config: LayerConfig,
  context: LayerContext,
  key: string,
  least: number,
  fallback?: number,
): number {
  const value = config[key] ?? fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least) {
    throw new InputError(
      `${context.path}.${key}`,
      value === undefined
        ? `missing; ${config.type} needs a whole number of at least ${least}`
        : `${JSON.stringify(value)} is not a whole number of at least ${least}`,
    );
  }
  return value;
}

/** @throws InputError that names the layer's index and both shapes */
export function needRank(config: LayerConfig, context: LayerContext, rank: number, wanted: string): void {
  if (context.input.length !== rank) {
    throw new InputError(
      context.path,
      `${config.type} takes ${wanted}, but what comes before gives ${shapeText(context.input)}` +
        (rank === 1 ? '; put a { "type": "flatten" } between' : ""),
    );
  }
}

export function shapeText(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Output size and padding of a sliding window along one axis. */
export function slide(
  size: number,
  kernel: number,
  stride: number,
  padding: "valid" | "same" | number,
): { out: number; before: number } {
  if (padding === "same") {
    const out = Math.ceil(size / stride);
    return { out, before: Math.max(0, (out - 1) * stride + kernel - size) >> 1 };
  }
  const pad = padding === "valid" ? 0 : padding;
  return { out: Math.floor((size + 2 * pad - kernel) / stride) + 1, before: pad };
}
