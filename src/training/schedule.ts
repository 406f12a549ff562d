import { cos, pow } from "../../bindings/math.js";
import type { TrainingConfig } from "../config/config.js";

/**
 * What the learning rate is multiplied by in round t = 1, 2, …, with n = every and f = factor:
 * step f^⌊(t−1)/n⌋; exponential f^((t−1)/n); cosine from 1 down to f over n rounds, then f; constant 1.
 */
export function rateFactor({ kind, every, factor }: TrainingConfig["schedule"], round: number): number {
  const passed = (round - 1) / every;
  if (kind === "step") return pow(factor, Math.floor(passed));
  if (kind === "exponential") return pow(factor, passed);
  if (kind === "cosine") return factor + ((1 - factor) * (1 + cos(Math.PI * Math.min(1, passed)))) / 2;
  return 1;
}
