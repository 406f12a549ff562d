import { type Address, allocate, f32, free, freeListWith, offset, residentPointer } from "../../bindings/memory.js";
import { regularize } from "../../bindings/train.js";
import { floats, optional, record, text } from "../config/arguments.js";
import type { OptimizerConfig } from "../config/config.js";
import { copied } from "../config/copies.js";
import { failureOf, InputError, isPromise, RunError } from "../config/errors.js";
import { createdBy } from "../config/ownParts.js";
import { allSettings, completeSettings, type Settings, type SettingsSpec } from "../config/settings.js";
import type { Numbers, OptimizerMethod } from "./optimizers/method.js";
import { type OwnOptimizer, optimizers } from "./optimizers/registry.js";

export { type OwnOptimizer, optimizers } from "./optimizers/registry.js";
export type OptimizerName = string;
/** Settings of an optimizer: those that its formula has. */
export type OptimizerSettings = Settings;

/** The names of the local optimizers. */
export const optimizerNames: readonly string[] = optimizers.names;

/** An optimizer's state in kernel memory; w and g are pointers. */
export interface OptimizerState {
  /** Weight decay that whoever has the gradient adds to it; 0 where the step does it itself */
  readonly decay: number;
  step(w: Address, g: Address, rateFactor: number): void;
  reset(): void;
  dispose(): void;
}

/**
 * The settings of an optimizer: their defaults, limits and meanings.
 * @throws InputError for an unknown name
 * @example
 * Object.keys(optimizerSettings("adam")); // → ["learningRate","beta1","beta2","epsilon","weightDecay"]
 */
export function optimizerSettings(name: string, path = "training.optimizer"): SettingsSpec {
  text("path", path);
  return optimizers.named(name, `${path}.name`).settings ?? {};
}

/**
 * The section of the config with every default of its optimizer filled in, and the settings of others left out.
 * @throws InputError for an unknown name, a setting that no optimizer has, or a value that is not allowed
 */
export function completeOptimizer(
  { name, ...given }: { name: string } & Settings,
  path = "training.optimizer",
): OptimizerConfig {
  const others = allSettings(optimizers.parts);
  return { name, ...completeSettings(name, optimizerSettings(name, path), given, { path, others }) };
}

/**
 * What is used of an optimizer where nothing is said.
 * @example
 * optimizerDefaults("adadelta"); // → {"name":"adadelta","learningRate":1,"rho":0.95,"epsilon":1e-7,"weightDecay":0}
 */
export function optimizerDefaults(name: string): OptimizerConfig {
  return completeOptimizer({ name });
}

/** State for `size` parameters, at its start. @throws InputError for a name or a number that cannot be */
export function optimizerState(
  name: string,
  given: Settings,
  size: number,
  path = "training.optimizer",
): OptimizerState {
  const method = optimizers.named(name, `${path}.name`);
  const { name: _, ...settings } = completeOptimizer({ ...given, name }, path);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new InputError("size", `${size} is no number of parameters (allowed: a whole number, 0 or more)`);
  }
  return "create" in method ? ownState(method, settings, size, path) : kernelState(method, settings as Numbers, size);
}

function kernelState(method: OptimizerMethod, settings: Numbers, size: number): OptimizerState {
  const blocks = Array.from({ length: method.vectors }, () => allocate(4 * size + 16));
  const stepper = method.stepper(settings, size, [...blocks]);
  const { learningRate = 1, weightDecay = 0 } = settings;
  const start = method.start?.(settings) ?? 0;
  const state: OptimizerState = {
    decay: method.decoupledDecay === true ? 0 : weightDecay,
    step: (w, g, rateFactor) => stepper.step(w, g, learningRate * rateFactor),
    reset() {
      stepper.reset?.();
      for (const block of blocks) f32(block, size).fill(start);
    },
    dispose() {
      while (blocks.length > 0) free(blocks.pop()!);
    },
  };
  freeListWith(state, blocks);
  state.reset();
  return state;
}

/**
 * A plugin's optimizer gets arrays of its own: views of kernel memory would be empty after anything it calls that makes
 * room there. It knows nothing of a schedule either: what it moves the weights by is multiplied instead.
 */
function ownState(method: OwnOptimizer, settings: Settings, size: number, path: string): OptimizerState {
  const { name } = method;
  const optimizer = createdBy("optimizer", method, `${path}.name`, () => method.create(copied(settings), size));
  const weights = new Float32Array(size);
  const gradient = new Float32Array(size);
  return {
    decay: 0,
    step(w, g, rateFactor) {
      if (rateFactor === 0) return; // it moves nothing, as where kernels are warmed up
      weights.set(f32(w, size));
      gradient.set(f32(g, size));
      ownAnswer(name, "step", () => optimizer.step(weights, gradient));
      const before = f32(w, size);
      if (rateFactor === 1) before.set(weights);
      else for (let i = 0; i < size; i++) before[i] = before[i]! + rateFactor * (weights[i]! - before[i]!);
    },
    reset: () => ownAnswer(name, "reset", () => optimizer.reset()),
    dispose() {},
  };
}

/** @throws RunError where an optimizer of the user's own throws or is not done when it returns */
function ownAnswer(name: string, what: string, run: () => unknown): void {
  let given: unknown;
  try {
    given = run();
  } catch (error) {
    throw failureOf(name, error);
  }
  if (isPromise(given)) throw new RunError(`${name}: ${what} gave a promise; it must be done when it returns`);
}

/** A local optimizer with its state. */
export interface Optimizer {
  /** parameters ← parameters − the optimizer's step for this gradient; arrays of kernel memory are used in place */
  step(parameters: Float32Array, gradient: Float32Array): void;
  /** Forgets everything, as if new. */
  reset(): void;
}

/**
 * An optimizer for `size` parameters: "adadelta", "sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw" or a
 * plugin's. ε stands outside the root (as in PyTorch) except in AdaDelta. `weightDecay` is added to the gradient, which
 * is changed in place when it lies in kernel memory; AdamW instead shrinks the weights.
 *
 * @throws InputError for an unknown name (with the nearest known one) or a setting out of range
 * @example
 * const model = createModel({ input: [2], layers: [{ type: "dense", units: 2 }] });
 * const optimizer = createOptimizer("sgd", { learningRate: 0.1 }, model.parameters.length);
 * const before = model.lossAndGradient([1, 0], [1], 1);
 * optimizer.step(model.parameters, before.gradient);
 * model.lossAndGradient([1, 0], [1], 1).loss < before.loss; // → true
 */
export function createOptimizer(name: string, settings: OptimizerSettings, size: number): Optimizer {
  optional(record())("settings", settings ?? undefined);
  const state = optimizerState(name, settings ?? {}, size, "optimizer");
  return {
    step(parameters, gradient) {
      floats("parameters", parameters);
      floats("gradient", gradient);
      if (parameters.length !== size || gradient.length !== size) {
        throw new InputError(
          "optimizer",
          `made for ${size} parameters, given ${parameters.length} and ${gradient.length}`,
        );
      }
      const [w, g] = [residentPointer(parameters), residentPointer(gradient)];
      if (w !== undefined && g !== undefined) {
        decayed(w, g);
        return;
      }
      const block = allocate(8 * size);
      f32(block, size).set(parameters);
      f32(offset(block, 4 * size), size).set(gradient);
      decayed(block, offset(block, 4 * size));
      parameters.set(f32(block, size));
      free(block);
    },
    reset: () => state.reset(),
  };

  function decayed(w: Address, g: Address): void {
    if (state.decay > 0) regularize(size, state.decay, 0, w, g, w);
    state.step(w, g, 1);
  }
}
