import {
  type ClosedFormArrays,
  closedFormDropArrays,
  type DropsProblem,
  dropArrays,
} from "../../bindings/largeScale.js";
import { networkSection, record, seedNumber } from "../config/arguments.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import { closedFormRates } from "./closedForm.js";
import { createNetwork } from "./create.js";
import { type Network, prelog } from "./network.js";

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
  return count === 0 ? [] : [...closedFormBatches(config, seed)({ first, count })];
}

/**
 * `closedFormDrops` some drops at a time: what is the same for all is done once, and the models of one call are in the
 * place of those of the call before, which are no longer valid.
 */
export function closedFormBatches(
  config: NetworkConfig,
  seed: number,
): (drops: Omit<DropRange, "seed">) => readonly RateModel[] {
  let network: Network | undefined;
  let models: RateModel[] = [];
  let arrays = dropArrays(0, 0);

  return ({ first, count }) => {
    network ??= createNetwork(config, { seed, drop: first }); // checks the config as well
    if (!inOnePass(config)) return dropByDrop({ first, count });
    if (models.length !== count) {
      arrays = dropArrays(count, network.clients);
      models = modelsOf(network, arrays, count);
    }
    const found = closedFormDropArrays(dropsProblem(config, network, { seed, first, count }), arrays);
    return found ? models : dropByDrop({ first, count });
  };

  function dropByDrop({ first, count }: Omit<DropRange, "seed">): RateModel[] {
    return Array.from({ length: count }, (_, d) => closedFormRates(createNetwork(config, { seed, drop: first + d })));
  }
}

function dropsProblem(config: NetworkConfig, network: Network, range: DropRange): DropsProblem {
  const { clients, accessPoints, antennas, pilots, area, wrapAround, noisePower, transmitPower } = network;
  const { intercept, slope } = config.pathLoss;
  return {
    ...range,
    ...{ clients, accessPoints, antennas, pilots, area, wrapAround, intercept, slope },
    side: config.deployment.accessPoints === "grid" ? Math.round(Math.sqrt(accessPoints)) : 0,
    jitter: config.deployment.jitter,
    height: config.heightDifference,
    deviation: config.shadowing.deviation,
    snr: transmitPower / noisePower,
  };
}

/** Of each of `count` drops the parts of the common arrays. */
function modelsOf(network: Network, arrays: ClosedFormArrays, count: number): RateModel[] {
  const { clients: K, transmitPower } = network;
  const bandwidth = network.bandwidth * prelog(network);
  return Array.from({ length: count }, (_, d) => ({
    clients: K,
    signal: arrays.signal.subarray(d * K, (d + 1) * K),
    selfInterference: arrays.selfInterference.subarray(d * K, (d + 1) * K),
    interference: arrays.interference.subarray(d * K * K, (d + 1) * K * K),
    noise: arrays.noise.subarray(d * K, (d + 1) * K),
    bandwidth,
    transmitPower,
  }));
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
