import { closedFormDropArrays } from "../../bindings/largeScale.js";
import { networkSection, record, seedNumber } from "../config/arguments.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import { closedFormRates } from "./closedForm.js";
import { createNetwork } from "./create.js";
import { prelog } from "./network.js";

/** Drops `first` … `first + count − 1` of a seed. */
export interface DropRange {
  seed: number;
  first: number;
  count: number;
}

/**
 * `closedFormRates(createNetwork(config, { seed, drop }))` of a run of drops, bit for bit, in order, without making the
 * networks: for statistics over thousands of drops. The models' arrays are parts of common ones.
 *
 * In one pass where the config has uncorrelated fading, log-distance path loss, uniform clients, APs not given,
 * independent shadowing, greedy pilots and every AP serving all; drop by drop otherwise.
 * @throws InputError naming the field
 * @example
 * const { network } = parseConfig({});
 * const drops = closedFormDrops(network, { seed: 1, first: 0, count: 100 });
 * drops.map((rates) => Math.min(...spectralEfficiency(rates))).length; // → 100
 */
export function closedFormDrops(config: NetworkConfig, range: DropRange): RateModel[] {
  networkSection("network", config);
  record()("range", range);
  const { seed, first, count } = range;
  seedNumber("seed", seed);
  for (const [name, value] of Object.entries({ first, count }))
    if (!Number.isInteger(value) || value < 0 || value > 4294967295)
      throw new InputError(name, `${value} is not a whole number of 0 … 2^32 − 1`);
  if (count === 0) return [];
  const network = createNetwork(config, { seed, drop: first }); // checks the config as well
  const { clients: K, accessPoints, antennas, pilots, area, wrapAround, noisePower, transmitPower } = network;
  const { intercept, slope } = config.pathLoss;
  const arrays = inOnePass(config)
    ? closedFormDropArrays({
        ...{ seed, first, count, clients: K, accessPoints, antennas, pilots, area, wrapAround, intercept, slope },
        side: config.deployment.accessPoints === "grid" ? Math.round(Math.sqrt(accessPoints)) : 0,
        jitter: config.deployment.jitter,
        height: config.heightDifference,
        deviation: config.shadowing.deviation,
        snr: transmitPower / noisePower,
      })
    : undefined;
  const bandwidth = network.bandwidth * prelog(network);
  return Array.from({ length: count }, (_, d) =>
    arrays === undefined
      ? closedFormRates(createNetwork(config, { seed, drop: first + d }))
      : {
          clients: K,
          signal: arrays.signal.subarray(d * K, (d + 1) * K),
          selfInterference: arrays.selfInterference.subarray(d * K, (d + 1) * K),
          interference: arrays.interference.subarray(d * K * K, (d + 1) * K * K),
          noise: arrays.noise.subarray(d * K, (d + 1) * K),
          bandwidth,
          transmitPower,
        },
  );
}

function inOnePass({ deployment, pathLoss, shadowing, pilotAssignment, clusters, ...config }: NetworkConfig): boolean {
  return (
    deployment.accessPoints !== "given" &&
    deployment.clients === "uniform" &&
    pathLoss.model === "log-distance" &&
    shadowing.correlation === "none" &&
    pilotAssignment === "greedy" &&
    clusters === "all" &&
    config.correlation.model === "uncorrelated" &&
    !config.rician.enabled
  );
}
