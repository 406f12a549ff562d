import { log1p } from "../../bindings/math.js";
import type { RateModel } from "../config/records.js";

/** SINR_k(p) [K] of a rate model; all coefficients 1 where `power` is left out. */
export function sinr(rates: RateModel, power?: ArrayLike<number>): Float64Array {
  const K = rates.clients;
  const out = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    const own = power?.[k] ?? 1;
    let sum = rates.selfInterference[k]! * own + rates.noise[k]!;
    for (let j = 0; j < K; j++) if (j !== k) sum += rates.interference[k * K + j]! * (power?.[j] ?? 1);
    out[k] = own > 0 ? (rates.signal[k]! * own) / sum : 0;
  }
  return out;
}

/**
 * Spectral efficiency [K] in bit/s/Hz: share · log2(1 + SINR_k(p)).
 * @param power coefficients in [0, 1]; full power where left out
 * @param share the prelog 1 − τ_p/τ_c where it is to be counted (`rates.bandwidth` has it already)
 */
export function spectralEfficiency(rates: RateModel, power?: ArrayLike<number>, share = 1): Float64Array {
  return sinr(rates, power).map((x) => (share * log1p(x)) / Math.LN2);
}
