import { log2, log10, pow } from "../../../bindings/math.js";
import type { EncodeContext } from "../../config/records.js";
import type { SettingSpec } from "../settings.js";

/**
 * Resolution over the rounds as AdaQuantFL has it (Jhunjhunwala et al., ICASSP 2021): s_t = s_0 √(F(w_0)/F(w_t)), so that
 * the steps become finer as the loss F falls. The factor is 1 before there is a loss; 1/16 … 16 otherwise.
 */
export function lossFactor({ loss }: Pick<EncodeContext, "loss">): number {
  const ratio = loss.first / loss.last;
  return ratio > 0 && Number.isFinite(ratio) ? Math.max(1 / 16, Math.min(16, Math.sqrt(ratio))) : 1;
}

/** DAdaQuant's: the weight of the past in the smoothed loss, and how many rounds it may stay without falling. */
const smoothing = 0.9;
const patience = 10;

/**
 * Resolution over the rounds as DAdaQuant has it (Hönig et al., ICML 2022, section 4.1): doubled when the loss, smoothed
 * Ĝ_t = ψ Ĝ_{t−1} + (1 − ψ) G_t, is no lower than φ rounds before, and not again within φ rounds. ψ = 0.9 is the
 * paper's, φ = 10 rounds; the paper takes a tenth of the rounds of its runs.
 */
export function plateauFactor({ losses = [] }: Pick<EncodeContext, "losses">): number {
  const smoothed: number[] = [];
  let factor = 1;
  let doubled = 0;
  losses.forEach((loss, t) => {
    const before = smoothed[t - 1];
    const now = before === undefined ? loss : smoothing * before + (1 - smoothing) * loss;
    smoothed.push(now);
    if (t - doubled < patience || now < (smoothed[t - patience] as number)) return;
    factor *= 2;
    doubled = t;
  });
  return Math.min(mostDoubled, factor);
}

/** As far as any setting may go. */
const mostDoubled = 2 ** 20;

/**
 * The share of it that is a client's (there, section 4.2): q_k ∝ w_k^(2/3), w_k its weight among the round's, by which
 * Σ q_k is least for the error Σ w_k²/q_k² that the same q for all would have. 1 where nothing is known of the others.
 */
export function clientFactor({ shares }: Pick<EncodeContext, "shares">): number {
  if (shares === undefined) return 1;
  let thirds = 0;
  let squares = 0;
  for (const share of shares.all) {
    thirds += pow(share, 2 / 3);
    squares += share * share;
  }
  return Math.sqrt(thirds / squares) * pow(shares.own, 2 / 3);
}

export const schedules = ["constant", "loss", "plateau", "doubly-adaptive"] as const;

/** What multiplies the resolution of a client in a round. */
export function resolutionFactor(schedule: (typeof schedules)[number], context: EncodeContext): number {
  if (schedule === "constant") return 1;
  if (schedule === "loss") return lossFactor(context);
  return plateauFactor(context) * (schedule === "plateau" ? 1 : clientFactor(context));
}

/** How a setting counts resolution: bits as 2^b − 1 steps (whole ones stay whole), levels as themselves, digits as powers of ten, octaves as powers of two. */
export type ResolutionUnit = "bits" | "levels" | "digits" | "octaves" | "share";

/** The setting's value with `factor` times the resolution, within what the setting allows. */
export function refined(value: number, factor: number, unit: ResolutionUnit, spec: SettingSpec): number {
  const limited = (x: number) => Math.min(spec.maximum ?? x, Math.max(spec.minimum ?? 0, x));
  if (unit === "bits") {
    const bits = log2(1 + (power2(value) - 1) * factor);
    return limited(Number.isInteger(value) ? Math.round(bits) : bits);
  }
  if (unit === "digits") return limited(value + Math.round(log10(factor)));
  if (unit === "octaves") return limited(value + Math.round(log2(factor)));
  if (unit === "levels") return limited(spec.integer === true ? Math.round(value * factor) : value * factor);
  return limited(value * factor);
}

/** 2^bits; whole ones exactly. */
function power2(bits: number): number {
  let value = 1;
  for (let i = 0; i < Math.floor(bits); i++) value *= 2;
  return Number.isInteger(bits) ? value : value * pow(2, bits - Math.floor(bits));
}
