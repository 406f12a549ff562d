import { log10, pow } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { lineOfSight, linkAngles, spatialCorrelation } from "./correlation.js";
import { deployAccessPoints, deployClients, deploymentStreams } from "./deployment.js";
import { checkNetwork, type Network } from "./network.js";
import { assignPilots, cooperationClusters } from "./pilots.js";
import { gains, geometry, shadowing } from "./propagation.js";

/** Which drop: networks of one seed differ by `drop`, 0 where it is left out. */
export interface DropOptions {
  seed: number;
  drop?: number;
}

/**
 * Draws a network: positions, gains, pilots, clusters. The same config, seed and drop give the same network on every engine.
 * @throws InputError naming the field
 */
export function createNetwork(config: NetworkConfig, { seed, drop = 0 }: DropOptions): Network {
  checkConfig(config);
  const streams = deploymentStreams(seed, drop);
  const accessPointPositions = deployAccessPoints(config, streams.accessPoints);
  const clientPositions = deployClients(config, streams.clients);
  const shadow = shadowing(config, clientPositions, stream(seed, "shadowing", drop));
  return networkAt(config, accessPointPositions, clientPositions, shadow, { seed, drop });
}

/** The network with its APs and clients at given places [2L], [2K] and given shadowing in dB [K·L]. */
export function networkAt(
  config: NetworkConfig,
  accessPointPositions: Float64Array,
  clientPositions: Float64Array,
  shadow: Float64Array,
  options: { seed: number; drop: number },
): Network {
  const gain = gains(config, accessPointPositions, clientPositions, shadow);
  const pilots = config.pilots > 0 ? config.pilots : Math.min(config.clients, 10);
  const pilotIndex = assignPilots(config, gain, pilots, options);
  const network: Network = {
    accessPoints: config.accessPoints,
    antennas: config.antennas,
    clients: config.clients,
    area: config.area,
    wrapAround: config.wrapAround,
    accessPointPositions,
    clientPositions,
    gain,
    pilotIndex,
    serves:
      config.clusters === "dcc"
        ? cooperationClusters(gain, pilotIndex, config.accessPoints, pilots)
        : new Uint8Array(gain.length).fill(1),
    noisePower: noisePower(config),
    transmitPower: config.transmitPower,
    coherence: config.coherence,
    pilots,
    bandwidth: config.bandwidth,
  };
  if (config.correlation.model !== "uncorrelated" || config.rician.enabled) {
    const angles = linkAngles(geometry(config, accessPointPositions, clientPositions));
    const correlation = spatialCorrelation(config.correlation, angles, config.antennas);
    if (correlation) network.correlation = correlation;
    if (config.rician.enabled) network.lineOfSight = lineOfSight(config.rician, angles, config.antennas);
  }
  checkNetwork(network);
  return network;
}

/** Thermal noise over the bandwidth with the receiver's noise figure, W. */
export function noisePower({ noise, bandwidth }: NetworkConfig): number {
  return pow(10, (noise.density + noise.figure + 10 * log10(bandwidth) - 30) / 10);
}

function checkConfig(config: NetworkConfig): void {
  const positive = (path: string, value: number) => {
    if (!(value > 0 && Number.isFinite(value)))
      throw new InputError(`network.${path}`, `${value} is not a finite number above 0`);
  };
  const whole = (path: string, value: number, least: number) => {
    if (!Number.isInteger(value) || value < least)
      throw new InputError(`network.${path}`, `${value} is not a whole number of at least ${least}`);
  };
  whole("clients", config.clients, 1);
  whole("accessPoints", config.accessPoints, 1);
  whole("antennas", config.antennas, 1);
  whole("pilots", config.pilots, 0);
  whole("coherence", config.coherence, 2);
  positive("area", config.area);
  if (!(config.heightDifference >= 0))
    throw new InputError("network.heightDifference", `${config.heightDifference} is not at least 0`);
  positive("bandwidth", config.bandwidth);
  positive("transmitPower", config.transmitPower);
  if (!(config.shadowing.deviation >= 0))
    throw new InputError("network.shadowing.deviation", `${config.shadowing.deviation} is not at least 0`);
  if (config.shadowing.correlation === "clients") positive("shadowing.decorrelation", config.shadowing.decorrelation);
}
