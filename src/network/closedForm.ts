import { closedFormArrays } from "../../bindings/largeScale.js";
import type { RateModel } from "../config/records.js";
import { unheardClients } from "./clientSets.js";
import { estimateChannels } from "./estimates.js";
import { fadingWeights } from "./fadingWeights.js";
import { maximumRatioMoments } from "./maximumRatio.js";
import { distributedRates } from "./moments.js";
import { checkNetwork, type Network, prelog } from "./network.js";

/**
 * Rates of maximum-ratio combining on MMSE estimates in closed form (Ngo et al., TWC 2017; MODEL "Rates"), ρ = P_u/σ²,
 * p_p = τ_p ρ, sums over the APs that serve client k:
 *
 *   γ_kl = p_p β_kl² / (p_p Σ_{i∈P_k} β_il + 1)
 *   A_k = (N Σ_l γ_kl)², B_k = N Σ_l γ_kl β_kl, I_k = N Σ_l γ_kl / ρ
 *   B̃_kj = N Σ_l γ_kl β_jl + 1{j ∈ P_k} (N Σ_l γ_kl β_jl / β_kl)², j ≠ k
 *
 * With spatial correlation or lines of sight, [B] Corollary 5.6 (maximumRatio.ts), which this is a case of.
 * @throws InputError for what is no network
 * @example
 * const { network, seed } = parseConfig({});
 * const rates = closedFormRates(createNetwork(network, { seed }));
 * spectralEfficiency(rates).length; // → 20
 */
export function closedFormRates(network: Network): RateModel {
  checkNetwork(network);
  if (network.correlation !== undefined || network.lineOfSight !== undefined) {
    const moments = maximumRatioMoments(network, estimateChannels(network));
    const rates = distributedRates(network, moments, fadingWeights(network, moments, "none"));
    for (const k of unheardClients(network)) rates.signal[k] = 0;
    return rates;
  }
  const { clients, accessPoints, antennas, pilots, gain, pilotIndex, serves } = network;
  const snr = network.transmitPower / network.noisePower;
  return {
    clients,
    ...closedFormArrays({ clients, accessPoints, antennas, pilots, gain, pilotIndex, serves, snr }),
    bandwidth: network.bandwidth * prelog(network),
    transmitPower: network.transmitPower,
  };
}
