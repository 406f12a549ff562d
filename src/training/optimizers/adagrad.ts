import { rmspropStep } from "../../../bindings/train.js";
import { epsilon, learningRate, type OptimizerMethod, weightDecay } from "./method.js";

/** Adagrad (Duchi et al. 2011): RMSprop's step with sums in the place of means. */
export const adagrad: OptimizerMethod = {
  name: "adagrad",
  title: "Adagrad",
  settings: {
    learningRate: learningRate(0.1), // as in the sibling paper's stored curves
    initialAccumulator: { default: 0.1, minimum: 0, summary: "where the sums of squares start" },
    epsilon,
    weightDecay: weightDecay(0),
  },
  vectors: 1,
  start: ({ initialAccumulator }) => initialAccumulator!,
  stepper({ epsilon }, size, [squares]) {
    return { step: (w, g, rate) => rmspropStep(size, rate, 1, 1, epsilon!, w, g, squares!) };
  },
};
