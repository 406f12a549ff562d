import { adadeltaStep } from "../../../bindings/train.js";
import { learningRate, type OptimizerMethod, share, weightDecay } from "./method.js";

/** AdaDelta (Zeiler 2012), with the values of the paper that this simulates. */
export const adadelta: OptimizerMethod = {
  name: "adadelta",
  title: "AdaDelta",
  settings: {
    learningRate: learningRate(1),
    rho: share(0.95, "decay of the squared gradients"),
    epsilon: { default: 1e-7, above: 0, summary: "ε, inside the roots" },
    weightDecay: weightDecay(0),
  },
  vectors: 2,
  stepper({ rho, epsilon }, size, [squares, updates]) {
    return { step: (w, g, rate) => adadeltaStep(size, rate, rho!, epsilon!, w, g, squares!, updates!) };
  },
};
