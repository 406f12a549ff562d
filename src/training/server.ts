import type { ServerConfig } from "../config/config.js";
import { InputError, unknownName } from "../config/errors.js";

/** What the server does with the round's weighted mean update Δ = Σ_k (D_k/D) Q(v_k). */
export interface Server {
  /** What the rule remembers: [size] each, none for fedavg */
  readonly memory: Float32Array[];
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
 * @param memory what an earlier server of this rule remembered, to go on from; it belongs to this one from now on
 * @throws InputError for an unknown rule
 */
export function createServer(config: ServerConfig, size: number, memory: readonly Float32Array[] = []): Server {
  const kept: Float32Array[] = [];
  const keep: Keep = (start) => {
    kept.push(memory[kept.length] ?? new Float32Array(size).fill(start));
    return kept.at(-1)!;
  };
  const step = Object.hasOwn(rules, config.rule) ? rules[config.rule](config, keep) : undefined;
  if (step === undefined) {
    throw new InputError("server.rule", unknownName("server rule", String(config.rule), Object.keys(rules)));
  }
  return {
    memory: kept,
    apply(parameters, update) {
      if (parameters.length !== size || update.length !== size) {
        throw new RangeError(`server of ${size} parameters given ${parameters.length} and ${update.length}`);
      }
      step(parameters, update);
    },
  };
}

/** An array that the rule remembers from step to step, every entry at `start` in the beginning. */
type Keep = (start: number) => Float32Array;

const rules: Record<ServerConfig["rule"], (config: ServerConfig, keep: Keep) => Step> = {
  fedavg:
    ({ learningRate }) =>
    (w, delta) => {
      for (let i = 0; i < w.length; i++) w[i] = (w[i] as number) + learningRate * (delta[i] as number);
    },
  fedavgm({ learningRate, momentum }, keep) {
    const m = keep(0);
    return (w, delta) => {
      for (let i = 0; i < w.length; i++) {
        m[i] = momentum * (m[i] as number) + (delta[i] as number);
        w[i] = (w[i] as number) + learningRate * (m[i] as number);
      }
    };
  },
  fedadagrad: (config, keep) => adaptive({ ...config, beta1: 0 }, keep, (v, square) => v + square),
  fedadam: (config, keep) => adaptive(config, keep, (v, square) => config.beta2 * v + (1 - config.beta2) * square),
  fedyogi: (config, keep) =>
    adaptive(config, keep, (v, square) => v - (1 - config.beta2) * square * Math.sign(v - square)),
};

function adaptive(
  { learningRate, beta1, tau }: ServerConfig,
  keep: Keep,
  next: (v: number, square: number) => number,
): Step {
  const m = keep(0);
  const v = keep(tau * tau);
  return (w, delta) => {
    for (let i = 0; i < w.length; i++) {
      const d = delta[i] as number;
      m[i] = beta1 * (m[i] as number) + (1 - beta1) * d;
      v[i] = next(v[i] as number, d * d);
      w[i] = (w[i] as number) + (learningRate * (m[i] as number)) / (Math.sqrt(v[i] as number) + tau);
    }
  };
}
