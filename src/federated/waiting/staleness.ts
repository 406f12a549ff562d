import { pow } from "../../../bindings/math.js";
import type { WaitingConfig } from "../../config/config.js";

/**
 * s(τ), what an update counts whose model was τ server steps old when it was added: "polynomial" and "hinge" of FedAsync
 * (Xie, Koyejo and Gupta, "Asynchronous federated optimization", 2019, section 5.2); the polynomial with a = ½ is that of
 * FedBuff (Nguyen et al., AISTATS 2022).
 */
export function stalenessWeight(
  { kind, exponent, threshold, factor }: WaitingConfig["staleness"],
  tau: number,
): number {
  switch (kind) {
    case "constant":
      return 1;
    case "polynomial":
      return tau === 0 ? 1 : pow(1 + tau, -exponent);
    case "hinge":
      return tau <= threshold ? 1 : 1 / (1 + exponent * (tau - threshold));
    case "geometric": {
      let weight = 1;
      for (let step = 0; step < tau && weight > 0; step++) weight *= factor;
      return weight;
    }
  }
}
