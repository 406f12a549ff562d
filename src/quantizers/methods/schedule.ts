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
