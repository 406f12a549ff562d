import { pow } from "../../../bindings/math.js";
import type { AggregationConfig } from "../../config/config.js";
import { RunError } from "../../config/errors.js";
import type { Network } from "../../network/index.js";

/** A client with something to send. */
export interface AirClient {
  client: number;
  /** c_k: what a symbol of unit power of its counts in the sum */
  target: number;
}

/**
 * Power coefficients for sending at once, one a client; 0: it does not send. b_k = Σ_l β_kl, c_k the targets:
 *
 *   full: 1; inversion: p_k = η c_k² / b_k, η such that the largest is 1, so that every client is received in proportion to
 *   what it counts (Yang, Jiang, Shi, Ding, IEEE TWC 2020); truncated-inversion: the same of those with b_k of at least
 *   `threshold` dB to the largest of those that take part, since the weakest decides η (Zhu, Wang, Huang, IEEE TWC 2020, with the
 *   gain of all access points in the place of one antenna's fading)
 *
 * @throws RunError naming a client that no access point hears, where all are inverted
 */
export function prescale(
  { prescaling, threshold }: Pick<AggregationConfig, "prescaling" | "threshold">,
  network: Network,
  senders: readonly AirClient[],
): number[] {
  if (prescaling === "full") return senders.map(({ target }) => (target > 0 ? 1 : 0));
  const gain = gainsOf(network);
  const least =
    prescaling === "inversion"
      ? 0
      : pow(10, threshold / 10) * senders.reduce((most, { client }) => Math.max(most, gain[client]!), 0);
  const heard = (client: number) => gain[client]! >= least && gain[client]! > 0;
  const unheard = senders.find(({ client, target }) => target > 0 && !heard(client));
  if (prescaling === "inversion" && unheard !== undefined) {
    throw new RunError("no access point hears it, and no power inverts that", { client: unheard.client });
  }
  const needed = senders.map(({ client, target }) => {
    const amplitude = target > 0 && heard(client) ? target / Math.sqrt(gain[client]!) : 0;
    return amplitude * amplitude;
  });
  const most = needed.reduce((a, b) => Math.max(a, b), 0);
  return needed.map((one) => (one > 0 ? one / most : 0));
}

/** Σ_l β_kl [K] */
function gainsOf({ clients: K, accessPoints: L, gain }: Network): Float64Array {
  return Float64Array.from({ length: K }, (_, k) => gain.subarray(k * L, (k + 1) * L).reduce((a, b) => a + b, 0));
}
