import {
  type Address,
  allocate,
  f32,
  free,
  freeListWith,
  none,
  offset,
  residentPointer,
} from "../../bindings/memory.js";
import { adadeltaStep, adamStep, momentumStep, regularize, rmspropStep, sgdStep } from "../../bindings/train.js";
import type { OptimizerConfig } from "../config/config.js";
import { optimizerDefaults } from "../config/defaults.js";
import { InputError, unknownName } from "../config/errors.js";

export type OptimizerName = OptimizerConfig["name"];
/** Settings of an optimizer; each uses those that its formula has. */
export type OptimizerSettings = Partial<Omit<OptimizerConfig, "name">>;

/** An optimizer's state in kernel memory; w and g are pointers. */
export interface OptimizerState {
  step(w: Address, g: Address, rateFactor: number): void;
  reset(): void;
  dispose(): void;
}

const stateVectors: Record<OptimizerName, number> = {
  adadelta: 2,
  sgd: 0,
  momentum: 1,
  adagrad: 1,
  rmsprop: 1,
  adam: 2,
  adamw: 2,
};

export const optimizerNames = Object.keys(stateVectors) as OptimizerName[];

/** State for `size` parameters, at its start. @throws InputError for a name or a number that cannot be */
export function optimizerState(
  name: OptimizerName,
  given: OptimizerSettings,
  size: number,
  path = "training.optimizer",
): OptimizerState {
  const s = settingsOf(name, given, path);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new InputError("size", `${size} is no number of parameters (allowed: a whole number, 0 or more)`);
  }
  const blocks = Array.from({ length: stateVectors[name] }, () => allocate(4 * size + 16));
  const [first = none, second = none] = blocks;
  let beta1Power = 1;
  let beta2Power = 1;
  const steps: Record<OptimizerName, (w: Address, g: Address, rate: number) => void> = {
    adadelta: (w, g, rate) => adadeltaStep(size, rate, s.rho, s.epsilon, w, g, first, second),
    sgd: (w, g, rate) => sgdStep(size, rate, w, g),
    momentum: (w, g, rate) => momentumStep(size, rate, s.momentum, w, g, first),
    adagrad: (w, g, rate) => rmspropStep(size, rate, 1, 1, s.epsilon, w, g, first),
    rmsprop: (w, g, rate) => rmspropStep(size, rate, s.rho, 1 - s.rho, s.epsilon, w, g, first),
    adam: (w, g, rate) => adam(w, g, rate, 1),
    adamw: (w, g, rate) => adam(w, g, rate, 1 - rate * s.weightDecay),
  };
  function adam(w: Address, g: Address, rate: number, shrink: number): void {
    beta1Power *= s.beta1;
    beta2Power *= s.beta2;
    const { beta1, beta2, epsilon } = s;
    adamStep(size, { rate, beta1, beta2, beta1Power, beta2Power, epsilon, shrink }, w, g, first, second);
  }
  const state: OptimizerState = {
    step: (w, g, rateFactor) => steps[name](w, g, s.learningRate * rateFactor),
    reset() {
      beta1Power = 1;
      beta2Power = 1;
      for (const block of blocks) f32(block, size).fill(name === "adagrad" ? s.initialAccumulator : 0);
    },
    dispose() {
      while (blocks.length > 0) free(blocks.pop()!);
    },
  };
  freeListWith(state, blocks);
  state.reset();
  return state;
}

/** A local optimizer with its state. */
export interface Optimizer {
  /** parameters ← parameters − the optimizer's step for this gradient; arrays of kernel memory are used in place */
  step(parameters: Float32Array, gradient: Float32Array): void;
  /** Forgets everything, as if new. */
  reset(): void;
}

/**
 * An optimizer for `size` parameters: "adadelta", "sgd", "momentum", "adagrad", "rmsprop", "adam" or "adamw".
 * ε stands outside the root (as in PyTorch) except in AdaDelta. `weightDecay` is added to the gradient, which is changed
 * in place when it lies in kernel memory; AdamW instead shrinks the weights.
 *
 * @throws InputError for an unknown name (with the nearest known one) or a setting out of range
 * @example
 * const optimizer = createOptimizer("adadelta", { learningRate: 1, rho: 0.95, epsilon: 1e-7 }, model.parameters.length);
 * optimizer.step(model.parameters, model.lossAndGradient(x, labels, 32).gradient);
 */
export function createOptimizer(name: OptimizerName, settings: OptimizerSettings, size: number): Optimizer {
  const state = optimizerState(name, settings, size, "optimizer");
  const { weightDecay } = settingsOf(name, settings, "optimizer");
  return {
    step(parameters, gradient) {
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
    if (weightDecay > 0 && name !== "adamw") regularize(size, weightDecay, 0, w, g, w);
    state.step(w, g, 1);
  }
}

/** What `given` says, the rest from the defaults; everything checked. */
function settingsOf(name: OptimizerName, given: OptimizerSettings = {}, path: string): OptimizerConfig {
  if (!Object.hasOwn(stateVectors, name)) {
    throw new InputError(`${path}.name`, unknownName("optimizer", String(name), optimizerNames));
  }
  const settings = optimizerDefaults(name);
  const { name: _, ...known } = settings;
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || key === "name") continue;
    if (!Object.hasOwn(known, key))
      throw new InputError(`${path}.${key}`, unknownName("setting", key, Object.keys(known)));
    const below1 = key === "momentum" || key === "rho" || key === "beta1" || key === "beta2";
    if (!(value >= 0 && (below1 ? value < 1 : value < Number.POSITIVE_INFINITY))) {
      throw new InputError(`${path}.${key}`, `${value} must be a number in [0, ${below1 ? 1 : "∞"})`);
    }
    settings[key as keyof typeof known] = value;
  }
  return settings;
}
