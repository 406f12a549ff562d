import { type ServerRule, serverRate } from "./rule.js";

/** w ← w + ηΔ (McMahan et al. 2017 with η = 1). */
export const fedavg: ServerRule = {
  name: "fedavg",
  title: "FedAvg",
  settings: { learningRate: serverRate(1) },
  step:
    ({ learningRate }) =>
    (w, delta) => {
      for (let i = 0; i < w.length; i++) w[i] = w[i]! + learningRate! * delta[i]!;
    },
};
