import { exp, log, log1p } from "../../bindings/math.js";
import { oneOf, record } from "../config/arguments.js";
import { InputError } from "../config/errors.js";
import { aged } from "./ageing.js";
import { type Beam, beamOf, receivedBy } from "./beams.js";
import { unheardClients } from "./clientSets.js";
import { squaredNorm } from "./complex.js";
import { type Estimates, estimateChannels } from "./estimates.js";
import { describe } from "./limits.js";
import { checkNetwork, type Network, prelog } from "./network.js";

/** One signal for all clients, or one for each, all at the same time. */
export type Transmission = "broadcast" | "unicast";
export const transmissions = ["broadcast", "unicast"] as const satisfies readonly Transmission[];

/** How the access points send. */
export interface DownlinkSettings {
  transmission: Transmission;
  /** W that each access point radiates */
  transmitPower: number;
  /**
   * v: an access point gives client k a share ∝ (E‖ĥ_kl‖²)^v of its power. 1: as without power control in [N],
   * 0.5: [B]'s fractional one, 0: equal shares
   */
  powerExponent: number;
  /** Of the channel at data time with the one that was estimated (`ageingCorrelation`); 1 where left out */
  correlation?: number;
}

/** What the clients can be sent. */
export interface DownlinkRates {
  /** SINR_k [K] */
  sinr: Float64Array;
  /** R_k [K], bit/s, prelog 1 − τ_p/τ_c included; 0 for a client that no access point reaches */
  rate: Float64Array;
  /** W that all access points together radiate for a signal: of the one [1], or of each client's [K] */
  radiated: Float64Array;
  /** Signals that each access point sends [L]; 0: it serves nobody and is silent */
  signals: Int32Array;
  /** N, at each access point */
  antennas: number;
}

/**
 * Rates of conjugate beamforming on MMSE estimates, by the hardening bound: the clients know no channel, only its mean
 * (Ngo et al., TWC 2017, (24), which the unicast of uncorrelated channels with v = 1 is; Demir, Björnson, Sanguinetti
 * 2021, Theorem 6.1 with maximum ratio). The beam of signal s at access point l is w_sl = a_sl Σ_{j ∈ s} c_jl ĥ_jl,
 * c_jl = √(share_jl / E‖ĥ_jl‖²), with a_sl such that it radiates its share:
 *
 *   SINR_k = |Σ_l E[h_kl^H w_s(k)l]|² / (Σ_s E|Σ_l h_kl^H w_sl|² − |Σ_l E[h_kl^H w_s(k)l]|² + σ²)
 *
 * Unicast: s = {k}, with k's share of the power; what is meant for others disturbs. Broadcast: one signal on the sum of
 * all clients' beams (Doan et al., IEEE Commun. Lett. 2017, of one group): others' beams carry the same symbols, so that
 * those on the same pilot help, and of the rest only the unknown part disturbs.
 *
 * Choices: the noise of a client is that of an access point; an access point sends at its full power or, serving nobody,
 * not at all; all samples of a coherence block that are no pilots are data.
 * @throws InputError for settings that are not allowed, and channels that are too many or too strong
 * @example
 * const { network: config, seed } = parseConfig({});
 * const network = createNetwork(config, { seed });
 * const settings = { transmitPower: 0.2, powerExponent: 0.5 };
 * const least = (transmission: "broadcast" | "unicast") =>
 *   Math.min(...downlinkRates(network, { ...settings, transmission }).rate);
 * least("broadcast") > least("unicast"); // → true
 */
export function downlinkRates(network: Network, settings: DownlinkSettings): DownlinkRates {
  checkNetwork(network);
  checkSettings(settings);
  const { transmission, transmitPower, correlation = 1 } = settings;
  const { clients: K, accessPoints: L, antennas, serves } = network;
  const estimates = aged(estimateChannels(network), correlation, antennas);
  const { share, amplitude } = powerShares(network, estimates, settings.powerExponent);
  const groups =
    transmission === "broadcast" ? [Array.from({ length: K }, (_, k) => k)] : Array.from({ length: K }, (_, k) => [k]);
  const power = transmitPower / network.transmitPower;
  const radiated = new Float64Array(groups.length);
  const signals = new Int32Array(L);
  const beams = groups.map((members, s) => {
    const beam: Beam[] = [];
    for (let l = 0; l < L; l++) {
      const served = members.filter((k) => serves[k * L + l]! > 0 && share[l * K + k]! > 0);
      if (served.length === 0) continue;
      signals[l]!++;
      const part = transmission === "broadcast" ? 1 : share[l * K + served[0]!]!;
      radiated[s]! += transmitPower * part;
      beam.push(beamOf(network, estimates, { accessPoint: l, members: served, amplitude, power: power * part }));
    }
    return beam;
  });
  const sinr = sinrOf(network, estimates, groups, beams);
  const bandwidth = network.bandwidth * prelog(network);
  const rate = sinr.map((x) => (bandwidth * log1p(x)) / Math.LN2);
  return { sinr, rate, radiated, signals, antennas };
}

function checkSettings(settings: DownlinkSettings): void {
  record({ transmission: oneOf("transmission", transmissions) })("settings", settings);
  const { transmitPower, powerExponent, correlation = 1 } = settings;
  if (!(transmitPower > 0 && transmitPower < Number.POSITIVE_INFINITY))
    throw new InputError(
      "settings.transmitPower",
      `${describe(transmitPower)} is not allowed (allowed: a finite number of W above 0)`,
    );
  if (!(powerExponent >= -4 && powerExponent <= 4))
    throw new InputError(
      "settings.powerExponent",
      `${describe(powerExponent)} is not allowed (allowed: a number from -4 to 4)`,
    );
  if (!(correlation >= 0 && correlation <= 1))
    throw new InputError("settings.correlation", `${describe(correlation)} is not allowed (allowed: 0 to 1)`);
}

/** Of each access point's power what each client gets [L·K], and c = √(share / E‖ĥ‖²). */
function powerShares(
  { clients: K, accessPoints: L, antennas: N, serves, gain }: Network,
  { estimator, lineOfSight }: Estimates,
  exponent: number,
): { share: Float64Array; amplitude: Float64Array } {
  const share = new Float64Array(L * K);
  const amplitude = new Float64Array(L * K);
  const norm = new Float64Array(K);
  for (let l = 0; l < L; l++) {
    const served = Array.from({ length: K }, (_, k) => k).filter((k) => serves[k * L + l]! > 0 && gain[k * L + l]! > 0);
    for (const k of served) {
      norm[k] = squaredNorm(estimator, l * K + k, N * N);
      if (lineOfSight !== undefined) norm[k]! += squaredNorm(lineOfSight, l * K + k, N);
    }
    // Over the largest, which neither large exponents nor gains of any range take beyond the numbers.
    const most = served.reduce((largest, k) => Math.max(largest, exponent * log(norm[k]!)), Number.NEGATIVE_INFINITY);
    let total = 0;
    for (const k of served) {
      const part = exp(exponent * log(norm[k]!) - most);
      share[l * K + k] = part;
      total += part;
    }
    for (const k of served) {
      share[l * K + k]! /= total;
      amplitude[l * K + k] = Math.sqrt(share[l * K + k]! / norm[k]!);
    }
  }
  return { share, amplitude };
}

/** @param beams of each signal, at the access points that send it */
function sinrOf(
  network: Network,
  estimates: Estimates,
  groups: readonly (readonly number[])[],
  beams: readonly (readonly Beam[])[],
): Float64Array {
  const K = network.clients;
  const signal = new Float64Array(K);
  const disturbance = new Float64Array(K).fill(1);
  for (const [s, members] of groups.entries()) {
    const { coherent, spread } = receivedBy(network, estimates, beams[s]!);
    const wanted = new Set(members);
    for (let k = 0; k < K; k++) {
      disturbance[k]! += spread[k]!;
      if (wanted.has(k)) signal[k] = coherent[k]!;
      else disturbance[k]! += coherent[k]!;
    }
  }
  for (const k of unheardClients(network)) signal[k] = 0;
  return signal.map((value, k) => value / disturbance[k]!);
}
