import { exp } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { Config } from "../config/config.js";

type LossConfig = Config["loss"];

/** How a client's upload fares. */
export interface Sending {
  /** Times it is sent */
  attempts: number;
  delivered: boolean;
}

/** What happens to a client's upload in a round: the same whatever else is drawn, and whatever the round costs. */
export function sendingOf(loss: LossConfig, seed: number, client: number, round: number): Sending {
  if (loss.kind === "none") return { attempts: 1, delivered: true };
  const random = stream(seed, "loss", client, round);
  // With the gain 10^(x/10) beside the 10^(−margin/10) that the rate was set for, the rate is too high where x < −margin.
  const isLost =
    loss.kind === "random"
      ? () => random.uniform() < loss.probability
      : () => loss.deviation * random.normal() < -loss.margin;
  for (let attempts = 1; attempts <= loss.attempts; attempts++) {
    if (!isLost()) return { attempts, delivered: true };
  }
  return { attempts: loss.attempts, delivered: false };
}

/**
 * The probability that an upload arrives at all: 1 − q^attempts, q = p or, where the gain is normal in dB about what it
 * was taken for, Φ(−margin/deviation).
 * @example
 * const { loss } = parseConfig({ loss: { kind: "random", probability: 0.5, attempts: 2 } });
 * deliveryProbability(loss); // → 0.75
 */
export function deliveryProbability(loss: LossConfig): number {
  if (loss.kind === "none") return 1;
  const once = loss.kind === "random" ? loss.probability : normalCdf(-loss.margin / loss.deviation);
  let all = 1;
  for (let attempt = 0; attempt < loss.attempts; attempt++) all *= once;
  return 1 - all;
}

/** What the signal's strength is taken for when a rate is set, of what it is in the mean. */
export function marginFactor(loss: LossConfig): number {
  return loss.kind === "outage" ? exp((-loss.margin * Math.LN10) / 10) : 1;
}

/** Beyond, Φ is 0 or 1 within 10⁻¹⁵. */
const farthest = 8;

/** Φ(x) = ½ + φ(x) (x + x³/3 + x⁵/(3·5) + …), all terms of one sign (Abramowitz and Stegun 26.2.11). */
function normalCdf(x: number): number {
  if (x <= -farthest) return 0;
  if (x >= farthest) return 1;
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + (exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
