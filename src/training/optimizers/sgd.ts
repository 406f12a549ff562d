import { sgdStep } from "../../../bindings/train.js";
import { learningRate, type OptimizerMethod, weightDecay } from "./method.js";

/** Stochastic gradient descent. */
export const sgd: OptimizerMethod = {
  name: "sgd",
  title: "SGD",
  settings: { learningRate: learningRate(0.01), weightDecay: weightDecay(0) },
  vectors: 0,
  stepper(_settings, size) {
    return { step: (w, g, rate) => sgdStep(size, rate, w, g) };
  },
};
