import { createRegistry, type Registry } from "../../config/registry.js";
import type { Part, Settings } from "../../config/settings.js";
import { adadelta } from "./adadelta.js";
import { adagrad } from "./adagrad.js";
import { adam, adamw } from "./adam.js";
import type { OptimizerMethod } from "./method.js";
import { momentum } from "./momentum.js";
import { rmsprop } from "./rmsprop.js";
import { sgd } from "./sgd.js";

/** An optimizer that a plugin brings: it works on arrays and keeps its state itself. */
export interface OwnOptimizer extends Part {
  create(
    settings: Settings,
    size: number,
  ): { step(parameters: Float32Array, gradient: Float32Array): void; reset(): void };
}

/** Every local optimizer, in the order of lists. A new one: one file and one line here. */
export const optimizers: Registry<OptimizerMethod | OwnOptimizer> = createRegistry<OptimizerMethod | OwnOptimizer>(
  "optimizer",
  [adadelta, sgd, momentum, adagrad, rmsprop, adam, adamw],
);
