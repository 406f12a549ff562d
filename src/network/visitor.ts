import { log1p } from "../../bindings/math.js";
import { atLeastZero, oneOf, record } from "../config/arguments.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { estimateChannels } from "./estimates.js";
import { describe } from "./limits.js";
import { maximumRatioMoments } from "./maximumRatio.js";
import { checkNetwork, type Network, prelog } from "./network.js";
import { gains } from "./propagation.js";

/**
 * Spectral efficiency [M] in bit/s/Hz, prelog counted, that one more client would have at each of M places: everybody at
 * full power, maximum ratio in closed form, no shadowing on its links, on the pilot whose clients are heard least at its
 * strongest AP ([B] Algorithm 4.1), served as the config's clusters have it. A radio map is this over a grid of places.
 *
 * The same as `closedFormRates` of the network with that client as its last, to rounding, for uncorrelated fading without
 * lines of sight; of others it is the map that they would have without.
 *
 * @param network with known positions, such as `createNetwork` gives
 * @param config its path loss, height and clusters
 * @param places x, y of each [2M], m
 * @throws InputError for a network without positions, or places that are no numbers
 * @example
 * const { network, seed } = parseConfig({ network: { clients: 4 } });
 * const drop = createNetwork(network, { seed });
 * visitorEfficiency(drop, network, Float64Array.of(100, 100, 500, 500)).length; // → 2
 */
export function visitorEfficiency(
  network: Network,
  config: Pick<NetworkConfig, "pathLoss" | "heightDifference" | "clusters">,
  places: Float64Array,
): Float64Array {
  checkNetwork(network);
  checkConfig("config", config);
  if (network.accessPointPositions.length !== 2 * network.accessPoints)
    throw new InputError("network.accessPointPositions", "unknown: nobody can say how far a place is from them");
  if (!(places instanceof Float64Array) || places.length % 2 !== 0)
    throw new InputError("places", `${describe(places)} is not a Float64Array of x, y after x, y`);
  const wrong = places.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new InputError(`places[${wrong}]`, `${places[wrong]} is not a finite number of m`);
  const { accessPoints: L } = network;
  const heard = whatIsHeard(network);
  const share = prelog(network);
  const out = new Float64Array(places.length / 2);
  // As many at once as keep their gains in the second-level cache
  const most = Math.max(1, Math.floor(32768 / L));
  for (let first = 0; first < out.length; first += most) {
    const gain = gainsAt(network, config, places.subarray(2 * first, 2 * (first + most)));
    for (let m = 0; m < gain.length / L; m++) {
      const own = gain.subarray(m * L, (m + 1) * L);
      out[first + m] = (share * log1p(visitorSinr(network, heard, own, config.clusters))) / Math.LN2;
    }
  }
  return out;
}

/** β from every AP to places [M·L], without shadowing. */
function gainsAt(
  { accessPoints, accessPointPositions, area, wrapAround }: Network,
  config: Pick<NetworkConfig, "pathLoss" | "heightDifference">,
  places: Float64Array,
): Float64Array {
  const clients = places.length / 2;
  const { pathLoss, heightDifference } = config;
  return gains(
    { pathLoss, heightDifference, area, wrapAround },
    accessPointPositions,
    places,
    new Float64Array(clients * accessPoints),
  );
}

const checkConfig = record({
  pathLoss: record(),
  heightDifference: atLeastZero,
  clusters: oneOf("clusters", ["all", "dcc"]),
});

/** What every AP hears, as sums over clients: what does not depend on the visitor. */
interface Heard {
  /** Σ_j β_jl [L] */
  total: Float64Array;
  /** Σ_{i on t} β_il [τ_p·L] */
  pilot: Float64Array;
  /** Largest β_il of those on t [τ_p·L]: who holds the AP where each serves one client a pilot */
  strongest: Float64Array;
  /** Clients on each pilot */
  clients: number[][];
}

function whatIsHeard({ clients: K, accessPoints: L, pilots, gain, pilotIndex }: Network): Heard {
  const total = new Float64Array(L);
  const pilot = new Float64Array(pilots * L);
  const strongest = new Float64Array(pilots * L).fill(-1);
  const clients: number[][] = Array.from({ length: pilots }, () => []);
  for (let k = 0; k < K; k++) {
    const t = pilotIndex[k]!;
    clients[t]!.push(k);
    for (let l = 0; l < L; l++) {
      const beta = gain[k * L + l]!;
      total[l]! += beta;
      pilot[t * L + l]! += beta;
      strongest[t * L + l] = Math.max(strongest[t * L + l]!, beta);
    }
  }
  return { total, pilot, strongest, clients };
}

/** The SINR of closedForm.ts for a client with gains `own` [L], all powers 1. */
function visitorSinr(network: Network, heard: Heard, own: Float64Array, clusters: NetworkConfig["clusters"]): number {
  const { accessPoints: L, antennas: N, pilots, gain } = network;
  const snr = network.transmitPower / network.noisePower;
  const pilotEnergy = pilots * snr;
  let master = 0;
  for (let l = 1; l < L; l++) if (own[l]! > own[master]!) master = l;
  let t = 0;
  for (let s = 1; s < pilots; s++) if (heard.pilot[s * L + master]! < heard.pilot[t * L + master]!) t = s;
  const rivals = heard.clients[t]!;
  const coherent = new Float64Array(rivals.length);
  let estimated = 0;
  let uncertain = 0;
  let interference = 0;
  for (let l = 0; l < L; l++) {
    const beta = own[l]!;
    if (clusters === "dcc" && l !== master && !(beta > heard.strongest[t * L + l]!)) continue;
    const ratio = (pilotEnergy * beta) / (pilotEnergy * (heard.pilot[t * L + l]! + beta) + 1);
    const gamma = ratio * beta;
    estimated += gamma;
    uncertain += gamma * beta;
    interference += gamma * heard.total[l]!;
    for (let i = 0; i < rivals.length; i++) coherent[i]! += ratio * gain[rivals[i]! * L + l]!;
  }
  if (!(estimated > 0)) return 0;
  let contamination = 0;
  for (const sum of coherent) contamination += N * sum * (N * sum);
  return (N * estimated * (N * estimated)) / (N * (uncertain + interference + estimated / snr) + contamination);
}

/**
 * What each AP contributes to a client's combined gain with maximum ratio [K·L]: γ_kl / Σ_l' γ_kl' over the APs that serve
 * it, γ_kl the mean square of the channel's estimate; tr(T_kl^H W_kl) with correlation or lines of sight. A client's shares
 * add up to 1, or are all 0 where nobody hears it.
 * @throws InputError for what is no network
 * @example
 * const { network, seed } = parseConfig({ network: { clients: 4 } });
 * gainShares(createNetwork(network, { seed })).length; // → 64
 */
export function gainShares(network: Network): Float64Array {
  checkNetwork(network);
  const { clients: K, accessPoints: L, pilots, gain, pilotIndex, serves } = network;
  const shares = new Float64Array(K * L);
  if (network.correlation !== undefined || network.lineOfSight !== undefined) {
    const { offset, accessPoint, mean } = maximumRatioMoments(network, estimateChannels(network));
    for (let k = 0; k < K; k++)
      for (let link = offset[k]!; link < offset[k + 1]!; link++)
        shares[k * L + accessPoint[link]!] = mean[2 * (link * K + k)]!;
  } else {
    const { pilot } = whatIsHeard(network);
    const pilotEnergy = (pilots * network.transmitPower) / network.noisePower;
    for (let k = 0; k < K; k++)
      for (let l = 0; l < L; l++) {
        const beta = gain[k * L + l]!;
        if (serves[k * L + l]! > 0)
          shares[k * L + l] = (pilotEnergy * beta * beta) / (pilotEnergy * pilot[pilotIndex[k]! * L + l]! + 1);
      }
  }
  for (let k = 0; k < K; k++) {
    const row = shares.subarray(k * L, (k + 1) * L);
    let sum = 0;
    for (const share of row) sum += share;
    if (sum > 0) for (let l = 0; l < L; l++) row[l]! /= sum;
  }
  return shares;
}
