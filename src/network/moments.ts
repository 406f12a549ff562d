import type { RateModel } from "../config/records.js";
import { type Network, prelog } from "./network.js";

/**
 * What distributed reception needs to know of the effective channels g_ki = (v_kl^H h_il)_l of client k's serving APs
 * ([B] Theorem 5.4), noise-normalized. Links are the pairs (k, l) with AP l serving client k, client after client.
 */
export interface Moments {
  /** First link of each client, and the count at the end [K + 1] */
  offset: Int32Array;
  /** AP of each link */
  accessPoint: Int32Array;
  /** E[v_kl^H h_il], re, im [links·K·2] */
  mean: Float64Array;
  /** E|v_kl^H h_il|² [links·K] */
  square: Float64Array;
  /** E‖v_kl‖² [links] */
  norm: Float64Array;
}

/** The links of a network, in the order of `Moments`. */
export function servedLinks(network: Network): Pick<Moments, "offset" | "accessPoint"> {
  const { clients: K, accessPoints: L, serves } = network;
  const offset = new Int32Array(K + 1);
  const accessPoint: number[] = [];
  for (let k = 0; k < K; k++) {
    for (let l = 0; l < L; l++) if (serves[k * L + l]! > 0) accessPoint.push(l);
    offset[k + 1] = accessPoint.length;
  }
  return { offset, accessPoint: Int32Array.from(accessPoint) };
}

/**
 * The five arrays that moments and weights make ([B] Theorem 5.4):
 * A_k = |a^H E[g_kk]|², B_k = E|a^H g_kk|² − A_k, B̃_ki = E|a^H g_ki|², I_k = Σ_l |a_l|² E‖v_kl‖².
 */
export function distributedRates(network: Network, moments: Moments, weights: Float64Array): RateModel {
  const K = network.clients;
  const rates: RateModel = {
    clients: K,
    signal: new Float64Array(K),
    selfInterference: new Float64Array(K),
    interference: new Float64Array(K * K),
    noise: new Float64Array(K),
    bandwidth: network.bandwidth * prelog(network),
    transmitPower: network.transmitPower,
  };
  for (let k = 0; k < K; k++)
    for (let i = 0; i < K; i++) {
      let re = 0;
      let im = 0;
      let spread = 0;
      for (let link = moments.offset[k]!; link < moments.offset[k + 1]!; link++) {
        const [ar, ai] = [weights[2 * link]!, weights[2 * link + 1]!];
        const [mr, mi] = [moments.mean[2 * (link * K + i)]!, moments.mean[2 * (link * K + i) + 1]!];
        re += ar * mr + ai * mi;
        im += ar * mi - ai * mr;
        const weight = ar * ar + ai * ai;
        spread += weight * (moments.square[link * K + i]! - mr * mr - mi * mi);
        if (i === k) rates.noise[k]! += weight * moments.norm[link]!;
      }
      const coherent = re * re + im * im;
      if (i === k) {
        rates.signal[k] = coherent;
        rates.selfInterference[k] = Math.max(0, spread);
      } else rates.interference[k * K + i] = Math.max(0, spread) + coherent;
    }
  return rates;
}
