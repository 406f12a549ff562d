import { type ServerRule, serverRate, share } from "./rule.js";

/** m ← μm + Δ, w ← w + ηm (Hsu et al. 2019). */
export const fedavgm: ServerRule = {
  name: "fedavgm",
  title: "FedAvgM",
  settings: { learningRate: serverRate(1), momentum: share(0.9, "μ") },
  step({ learningRate, momentum }, keep) {
    const m = keep(0);
    return (w, delta) => {
      for (let i = 0; i < w.length; i++) {
        m[i] = momentum! * m[i]! + delta[i]!;
        w[i] = w[i]! + learningRate! * m[i]!;
      }
    };
  },
};
