import type { RateModel } from "../config/records.js";
import type { Estimates } from "./estimates.js";

/**
 * Combiners and weights that suit given powers. A client that sends with coefficient p over the channel h is one that
 * sends at full power over √p h: estimates are scaled so, receivers made of them as ever, and the rate model that they
 * give is put back into coefficients, so that it holds for any powers with these combiners.
 */

/** A client that is silent has no weight in any combiner; of a rate model for coefficients something has to be left. */
const leastPower = 1e-9;

/**
 * The estimates of √p h, in the units of full power.
 * Choice: with least squares and a line of sight, a pilot's other lines of sight count at their own powers.
 * @param power [K], 0 to 1
 */
export function estimatesAt(estimates: Estimates, accessPoints: number, power: Float64Array): Estimates {
  const factor = power.map((p) => Math.max(p, leastPower));
  const root = factor.map((p) => Math.sqrt(p));
  const byPower = (blocks: Float64Array) => scaled(blocks, accessPoints * power.length, factor);
  const byRoot = (blocks: Float64Array) => scaled(blocks, accessPoints * power.length, root);
  const means = byRoot(estimates.means);
  const error = byPower(estimates.error);
  const matched = estimates.estimator === estimates.means;
  return {
    ...estimates,
    covariance: byPower(estimates.covariance),
    means,
    error,
    estimator: matched ? means : byRoot(estimates.estimator),
    assumedError: matched ? error : byPower(estimates.assumedError),
    ...(estimates.lineOfSight && { lineOfSight: byRoot(estimates.lineOfSight) }),
  };
}

/** The rate model of h from that of √p h. */
export function inCoefficients(rates: RateModel, power: Float64Array): RateModel {
  const K = rates.clients;
  const factor = power.map((p) => Math.max(p, leastPower));
  return {
    ...rates,
    signal: rates.signal.map((value, k) => value / factor[k]!),
    selfInterference: rates.selfInterference.map((value, k) => value / factor[k]!),
    interference: rates.interference.map((value, at) => value / factor[at % K]!),
  };
}

/** Blocks of the links l·K + k, of one size, each times its client's factor. */
function scaled(blocks: Float64Array, links: number, factor: Float64Array): Float64Array {
  const K = factor.length;
  const size = blocks.length / links;
  const out = blocks.slice();
  for (let link = 0; link < links; link++) {
    for (let i = link * size; i < (link + 1) * size; i++) out[i]! *= factor[link % K]!;
  }
  return out;
}
