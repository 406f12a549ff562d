import { log10, pow } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import { networkSection, optional, record, seedNumber, whole } from "../config/arguments.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import { lineOfSight, linkAngles, spatialCorrelation } from "./correlation.js";
import { deployAccessPoints, deployClients, deploymentStreams } from "./deployment.js";
import { checkCount, checkLinks, checkMatrices, largestGain } from "./limits.js";
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
 * @example
 * const { network, seed } = parseConfig({ network: { clients: 40, accessPoints: 25 } });
 * const { gain } = createNetwork(network, { seed, drop: 3 });
 * gain.length; // → 1000
 */
export function createNetwork(config: NetworkConfig, options: DropOptions): Network {
  checkConfig(config);
  record({ seed: seedNumber, drop: optional(whole()) })("options", options);
  const { seed, drop = 0 } = options;
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
  checkGains(config, gain, shadow);
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

/** @throws InputError naming what makes the gains so large that nothing can be computed with them */
function checkGains(config: NetworkConfig, gain: Float64Array, shadow: Float64Array): void {
  const at = gain.findIndex((beta) => !(beta <= largestGain));
  if (at < 0) return;
  const { model, intercept, threeSlopeLoss } = config.pathLoss;
  const loss = model === "three-slope" ? -threeSlopeLoss : intercept;
  const { accessPoints: L } = config;
  const about = `makes gain[${Math.floor(at / L)}][${at % L}] ${gain[at]} (allowed: linear gains of 0 to ${largestGain})`;
  if (!(shadow[at]! <= Math.max(loss, 300)))
    throw new InputError("network.shadowing.deviation", `${config.shadowing.deviation} dB ${about}`);
  if (!(loss <= 300))
    throw model === "three-slope"
      ? new InputError("network.pathLoss.threeSlopeLoss", `${threeSlopeLoss} dB ${about}`)
      : new InputError("network.pathLoss.intercept", `${intercept} dB ${about}`);
  throw new InputError("network.heightDifference", `${config.heightDifference} m, the distance being small, ${about}`);
}

/** Thermal noise over the bandwidth with the receiver's noise figure, W. */
export function noisePower({ noise, bandwidth }: NetworkConfig): number {
  return pow(10, (noise.density + noise.figure + 10 * log10(bandwidth) - 30) / 10);
}

function checkConfig(config: NetworkConfig): void {
  networkSection("network", config);
  const positive = (path: string, value: number) => {
    if (!(value > 0 && Number.isFinite(value)))
      throw new InputError(`network.${path}`, `${value} is not a finite number above 0`);
  };
  const atLeast0 = (path: string, value: number) => {
    if (!(value >= 0 && Number.isFinite(value)))
      throw new InputError(`network.${path}`, `${value} is not a finite number of at least 0`);
  };
  for (const name of ["clients", "accessPoints", "antennas", "coherence"] as const)
    checkCount(name, config[name], "network");
  if (config.pilots !== 0) checkCount("pilots", config.pilots, "network");
  checkLinks(config, "network");
  if (config.correlation.model !== "uncorrelated" || config.rician.enabled) checkMatrices(config, "network");
  positive("area", config.area);
  atLeast0("heightDifference", config.heightDifference);
  positive("bandwidth", config.bandwidth);
  positive("transmitPower", config.transmitPower);
  atLeast0("shadowing.deviation", config.shadowing.deviation);
  if (config.shadowing.correlation === "clients") positive("shadowing.decorrelation", config.shadowing.decorrelation);
}
