import type { ServerConfig } from "../config/config.js";
import { InputError, unknownName } from "../config/errors.js";

/** What the server does with the round's weighted mean update Δ = Σ_k (D_k/D) Q(v_k). */
export interface Server {
  /** parameters ← parameters + the rule's step for this update, in place. */
  apply(parameters: Float32Array, aggregatedUpdate: Float32Array): void;
}

type Step = (parameters: Float32Array, update: Float32Array) => void;

/**
 * The server's rule, with its state at the start. η is the server's learning rate, √ and ÷ entry by entry:
 *
 * - fedavg: w ← w + ηΔ (McMahan et al. 2017 with η = 1);
 * - fedavgm: m ← μm + Δ, w ← w + ηm (Hsu et al. 2019);
 * - the adaptive ones of Reddi et al., "Adaptive Federated Optimization" (2021), Algorithm 2:
 *   m ← β₁m + (1 − β₁)Δ, w ← w + ηm/(√v + τ), no bias correction, v starting at τ²;
 *   fedadagrad v ← v + Δ² (with β₁ = 0, as in their experiments), fedadam v ← β₂v + (1 − β₂)Δ²,
 *   fedyogi v ← v − (1 − β₂)Δ² sign(v − Δ²).
 *
 * @param size d
 * @throws InputError for an unknown rule
 */
export function createServer(config: ServerConfig, size: number): Server {
  const step = Object.hasOwn(rules, config.rule) ? rules[config.rule](config, size) : undefined;
  if (step === undefined) {
    throw new InputError("server.rule", unknownName("server rule", String(config.rule), Object.keys(rules)));
  }
  return {
    apply(parameters, update) {
      if (parameters.length !== size || update.length !== size) {
        throw new RangeError(`server of ${size} parameters given ${parameters.length} and ${update.length}`);
      }
      step(parameters, update);
    },
  };
}

const rules: Record<ServerConfig["rule"], (config: ServerConfig, size: number) => Step> = {
  fedavg:
    ({ learningRate }) =>
    (w, delta) => {
      for (let i = 0; i < w.length; i++) w[i] = (w[i] as number) + learningRate * (delta[i] as number);
    },
  fedavgm({ learningRate, momentum }, size) {
    const m = new Float32Array(size);
    return (w, delta) => {
      for (let i = 0; i < w.length; i++) {
        m[i] = momentum * (m[i] as number) + (delta[i] as number);
        w[i] = (w[i] as number) + learningRate * (m[i] as number);
      }
    };
  },
  fedadagrad: (config, size) => adaptive({ ...config, beta1: 0 }, size, (v, square) => v + square),
  fedadam: (config, size) => adaptive(config, size, (v, square) => config.beta2 * v + (1 - config.beta2) * square),
  fedyogi: (config, size) =>
    adaptive(config, size, (v, square) => v - (1 - config.beta2) * square * Math.sign(v - square)),
};

function adaptive(
  { learningRate, beta1, tau }: ServerConfig,
  size: number,
  next: (v: number, square: number) => number,
): Step {
  const m = new Float32Array(size);
  const v = new Float32Array(size).fill(tau * tau);
  return (w, delta) => {
    for (let i = 0; i < w.length; i++) {
      const d = delta[i] as number;
      m[i] = beta1 * (m[i] as number) + (1 - beta1) * d;
      v[i] = next(v[i] as number, d * d);
      w[i] = (w[i] as number) + (learningRate * (m[i] as number)) / (Math.sqrt(v[i] as number) + tau);
    }
  };
}
