import { momentumStep } from "../../../bindings/train.js";
import { learningRate, type OptimizerMethod, share, weightDecay } from "./method.js";

/** Gradient descent with momentum (Polyak): v ← μv + g. */
export const momentum: OptimizerMethod = {
  name: "momentum",
  title: "momentum",
  settings: { learningRate: learningRate(0.01), momentum: share(0.9, "μ"), weightDecay: weightDecay(0) },
  vectors: 1,
  stepper({ momentum: mu }, size, [velocity]) {
    return { step: (w, g, rate) => momentumStep(size, rate, mu!, w, g, velocity!) };
  },
};
