import type { ServerConfig } from "../config/config.js";
import { InputError, unknownName } from "../config/errors.js";

/** What the server does with the clients' weighted mean update Δ_t. */
export interface Server {
  /** w ← w + step(Δ), in place. */
  apply(parameters: Float32Array, update: Float32Array): void;
}

/** One entry's step from Δ and the accumulators m, v at `i`; they are float32, the step is rounded once. */
type Rule = (config: ServerConfig, update: number, m: Float32Array, v: Float32Array, i: number) => number;

/**
 * FedAvg (McMahan et al. 2017), FedAvgM (Hsu, Qi, Brown 2019) and the adaptive servers of
 * Reddi et al., "Adaptive federated optimization" (ICLR 2021, Algorithm 2), whose v starts at τ².
 */
const rules: Record<ServerConfig["rule"], Rule> = {
  fedavg: (config, update) => config.learningRate * update,
  fedavgm(config, update, m, _v, i) {
    m[i] = config.momentum * (m[i] as number) + update;
    return config.learningRate * (m[i] as number);
  },
  fedadagrad: adaptive((_config, v, square) => v + square),
  fedadam: adaptive((config, v, square) => config.beta2 * v + (1 - config.beta2) * square),
  fedyogi: adaptive((config, v, square) => v - (1 - config.beta2) * square * Math.sign(v - square)),
};

export const serverRules = Object.keys(rules) as ServerConfig["rule"][];

/** @param size d, entries of the model */
export function createServer(config: ServerConfig, size: number): Server {
  const rule = rules[config.rule];
  if (rule === undefined) throw new InputError("server.rule", unknownName("server rule", config.rule, serverRules));
  const adaptiveRule = config.rule !== "fedavg" && config.rule !== "fedavgm";
  const m = new Float32Array(config.rule === "fedavg" ? 0 : size);
  const v = new Float32Array(adaptiveRule ? size : 0).fill(config.tau * config.tau);
  return {
    apply(parameters, update) {
      for (let i = 0; i < size; i++) {
        parameters[i] = (parameters[i] as number) + rule(config, update[i] as number, m, v, i);
      }
    },
  };
}

function adaptive(second: (config: ServerConfig, v: number, square: number) => number): Rule {
  return (config, update, m, v, i) => {
    m[i] = config.beta1 * (m[i] as number) + (1 - config.beta1) * update;
    v[i] = second(config, v[i] as number, update * update);
    return (config.learningRate * (m[i] as number)) / (Math.sqrt(v[i] as number) + config.tau);
  };
}
