import { rmspropStep } from "../../../bindings/train.js";
import { epsilon, learningRate, type OptimizerMethod, share, weightDecay } from "./method.js";

/** RMSprop (Hinton 2012). */
export const rmsprop: OptimizerMethod = {
  name: "rmsprop",
  title: "RMSprop",
  settings: {
    learningRate: learningRate(0.001),
    rho: share(0.9, "decay of the squared gradients"),
    epsilon,
    weightDecay: weightDecay(0),
  },
  vectors: 1,
  stepper({ rho, epsilon }, size, [squares]) {
    return { step: (w, g, rate) => rmspropStep(size, rate, rho!, 1 - rho!, epsilon!, w, g, squares!) };
  },
};
