import type { AggregationConfig } from "../../config/config.js";
import { type Network, prelog } from "../../network/index.js";

/** What the links carry in a round in which access points add. */
export interface FronthaulRecord {
  /** Of all links: a sum of each access point that decoded somebody */
  bits: number;
  /** The same had they carried samples, for the server to combine */
  sampleBits: number;
  /** s after the last packet, and J, where that is counted */
  latency: number;
  energy: number;
}

/** Who decoded whom. */
export interface Decoded {
  network: Network;
  /** Of each client the one access point that decodes it [K] */
  accessPoint: Int32Array;
}

/** Each client at its access point of largest gain alone, the first of equals. */
export function decodedAlone(network: Network): Decoded {
  const { clients: K, accessPoints: L, gain } = network;
  const accessPoint = new Int32Array(K);
  const serves = new Uint8Array(K * L);
  for (let k = 0; k < K; k++) {
    let best = 0;
    for (let l = 1; l < L; l++) if (gain[k * L + l]! > gain[k * L + best]!) best = l;
    accessPoint[k] = best;
    serves[k * L + best] = 1;
  }
  return { network: { ...network, serves }, accessPoint };
}

/**
 * What sending on the sums takes: each access point that decoded somebody sends d entries of `entryBits` over its own link,
 * all at once: S / C s, and P_0 S / C + e S J of each.
 * @param bits that each client sent [K]
 * @param parameters d
 */
export function priceFronthaul(
  { entryBits, fronthaul }: AggregationConfig,
  { accessPoint }: Decoded,
  bits: ArrayLike<number>,
  parameters: number,
): Pick<FronthaulRecord, "bits" | "latency" | "energy"> {
  const links = new Set([...accessPoint].filter((_, k) => bits[k]! > 0)).size;
  const each = links > 0 ? entryBits * parameters : 0;
  const { counted, rate, power, energyPerBit } = fronthaul;
  if (!counted) return { bits: links * each, latency: 0, energy: 0 };
  return {
    ...{ bits: links * each, latency: each / rate },
    energy: links * ((power * each) / rate + energyPerBit * each),
  };
}

/**
 * Bits of the samples that the links would carry for uploads of ℓ_k s: in a channel use an access point has a combined
 * sample of everybody that sends, or one of each antenna where that is less; two numbers of `sampleBits` each.
 * @param latency of each upload [K], s
 */
export function samplesOf(
  { sampleBits }: Pick<AggregationConfig, "sampleBits">,
  network: Network,
  latency: ArrayLike<number>,
): number {
  let [longest, all] = [0, 0];
  for (let k = 0; k < network.clients; k++) {
    longest = Math.max(longest, latency[k]!);
    all += latency[k]!;
  }
  const uses = network.bandwidth * prelog(network);
  return 2 * sampleBits * uses * network.accessPoints * Math.min(network.antennas * longest, all);
}
