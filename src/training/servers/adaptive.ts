import { type Keep, type ServerRule, type Step, serverRate, share } from "./rule.js";

/**
 * The adaptive rules of Reddi et al., "Adaptive Federated Optimization" (2021), Algorithm 2:
 * m ← β₁m + (1 − β₁)Δ, w ← w + ηm/(√v + τ), √ and ÷ entry by entry, no bias correction, v starting at τ²; the defaults
 * are theirs.
 */
const learningRate = serverRate(0.01);
const beta1 = share(0.9, "β₁, decay of the mean update");
const beta2 = share(0.99, "β₂, decay of the squared updates");
const tau = { default: 1e-3, above: 0, summary: "τ" } as const;

/** v ← v + Δ², with β₁ = 0 as in their experiments. */
export const fedadagrad: ServerRule = {
  name: "fedadagrad",
  title: "FedAdagrad",
  settings: { learningRate, tau },
  step: (settings, keep) => adaptive({ ...settings, beta1: 0 }, keep, (v, square) => v + square),
};

/** v ← β₂v + (1 − β₂)Δ². */
export const fedadam: ServerRule = {
  name: "fedadam",
  title: "FedAdam",
  settings: { learningRate, beta1, beta2, tau },
  step: (settings, keep) =>
    adaptive(settings, keep, (v, square) => settings.beta2! * v + (1 - settings.beta2!) * square),
};

/** v ← v − (1 − β₂)Δ² sign(v − Δ²). */
export const fedyogi: ServerRule = {
  name: "fedyogi",
  title: "FedYogi",
  settings: { learningRate, beta1, beta2, tau },
  step: (settings, keep) =>
    adaptive(settings, keep, (v, square) => v - (1 - settings.beta2!) * square * Math.sign(v - square)),
};

function adaptive(
  settings: Readonly<Record<string, number>>,
  keep: Keep,
  next: (v: number, square: number) => number,
): Step {
  const [rate, beta, small] = [settings.learningRate!, settings.beta1!, settings.tau!];
  const m = keep(0);
  const v = keep(small * small);
  return (w, delta) => {
    for (let i = 0; i < w.length; i++) {
      const d = delta[i]!;
      m[i] = beta * m[i]! + (1 - beta) * d;
      v[i] = next(v[i]!, d * d);
      w[i] = w[i]! + (rate * m[i]!) / (Math.sqrt(v[i]!) + small);
    }
  };
}
