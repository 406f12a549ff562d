import type { Address } from "../../../bindings/memory.js";
import { adamStep } from "../../../bindings/train.js";
import {
  epsilon,
  learningRate,
  type Numbers,
  type OptimizerMethod,
  type Stepper,
  share,
  weightDecay,
} from "./method.js";

const settings = {
  learningRate: learningRate(0.001),
  beta1: share(0.9, "β₁, decay of the mean gradient"),
  beta2: share(0.999, "β₂, decay of the squared gradients"),
  epsilon,
};

/** Adam (Kingma, Ba 2015). */
export const adam: OptimizerMethod = {
  name: "adam",
  title: "Adam",
  settings: { ...settings, weightDecay: weightDecay(0) },
  vectors: 2,
  stepper: (given, size, vectors) => stepper(given, size, vectors, () => 1),
};

/** Adam whose decay shrinks the weights instead of entering the means (Loshchilov, Hutter 2019). */
export const adamw: OptimizerMethod = {
  name: "adamw",
  title: "AdamW",
  settings: { ...settings, weightDecay: weightDecay(0.01, "decoupled weight decay") },
  vectors: 2,
  decoupledDecay: true,
  stepper: (given, size, vectors) => stepper(given, size, vectors, (rate) => 1 - rate * given.weightDecay!),
};

function stepper(
  { beta1, beta2, epsilon }: Numbers,
  size: number,
  [mean, squares]: readonly Address[],
  shrink: (rate: number) => number,
): Stepper {
  let beta1Power = 1;
  let beta2Power = 1;
  return {
    step(w, g, rate) {
      beta1Power *= beta1!;
      beta2Power *= beta2!;
      const numbers = { beta1: beta1!, beta2: beta2!, epsilon: epsilon!, shrink: shrink(rate) };
      adamStep(size, { rate, beta1Power, beta2Power, ...numbers }, w, g, mean!, squares!);
    },
    reset() {
      beta1Power = 1;
      beta2Power = 1;
    },
  };
}
