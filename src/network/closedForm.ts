import type { RateModel } from "../config/records.js";
import { estimateChannels } from "./estimates.js";
import { distributedRates, fadingWeights, maximumRatioMoments } from "./moments.js";
import { type Network, prelog } from "./network.js";

/**
 * Rates of maximum-ratio combining on MMSE estimates in closed form (Ngo et al., TWC 2017; MODEL "Rates"), ρ = P_u/σ²,
 * p_p = τ_p ρ, sums over the APs that serve client k:
 *
 *   γ_kl = p_p β_kl² / (p_p Σ_{i∈P_k} β_il + 1)
 *   A_k = (N Σ_l γ_kl)², B_k = N Σ_l γ_kl β_kl, I_k = N Σ_l γ_kl / ρ
 *   B̃_kj = N Σ_l γ_kl β_jl + 1{j ∈ P_k} (N Σ_l γ_kl β_jl / β_kl)², j ≠ k
 *
 * With spatial correlation or lines of sight, [B] Corollary 5.6 (moments.ts), which this is a case of.
 */
export function closedFormRates(network: Network): RateModel {
  if (network.correlation !== undefined || network.lineOfSight !== undefined) {
    const moments = maximumRatioMoments(network, estimateChannels(network));
    return distributedRates(network, moments, fadingWeights(network, moments, "none"));
  }
  const { clients: K, accessPoints: L, antennas: N, gain, pilotIndex, serves } = network;
  const rho = network.transmitPower / network.noisePower;
  const pilotPower = network.pilots * rho;
  const load = new Float64Array(network.pilots * L);
  for (let k = 0; k < K; k++) for (let l = 0; l < L; l++) load[pilotIndex[k]! * L + l]! += gain[k * L + l]!;
  const signal = new Float64Array(K);
  const selfInterference = new Float64Array(K);
  const interference = new Float64Array(K * K);
  const noise = new Float64Array(K);
  const gamma = new Float64Array(L);
  const slope = new Float64Array(L); // γ_kl / β_kl
  for (let k = 0; k < K; k++) {
    let estimated = 0;
    let self = 0;
    for (let l = 0; l < L; l++) {
      const beta = gain[k * L + l]!;
      slope[l] = serves[k * L + l]! * ((pilotPower * beta) / (pilotPower * load[pilotIndex[k]! * L + l]! + 1));
      gamma[l] = slope[l]! * beta;
      estimated += gamma[l]!;
      self += gamma[l]! * beta;
    }
    signal[k] = N * estimated * (N * estimated);
    selfInterference[k] = N * self;
    noise[k] = (N * estimated) / rho;
    for (let j = 0; j < K; j++) {
      if (j === k) continue;
      let incoherent = 0;
      let coherent = 0;
      for (let l = 0; l < L; l++) {
        incoherent += gamma[l]! * gain[j * L + l]!;
        coherent += slope[l]! * gain[j * L + l]!;
      }
      interference[k * K + j] = N * incoherent + (pilotIndex[j] === pilotIndex[k] ? N * coherent * (N * coherent) : 0);
    }
  }
  return {
    clients: K,
    signal,
    selfInterference,
    interference,
    noise,
    bandwidth: network.bandwidth * prelog(network),
    transmitPower: network.transmitPower,
  };
}
