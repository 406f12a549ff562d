import { InputError } from "../config/errors.js";
import { checkCount, checkLinks, checkMatrices, describe, largestGain } from "./limits.js";

/**
 * One drop: everything large-scale that the rates depend on. K clients (index k), L access points (l), N antennas.
 * Arrays are row-major; a link's index is k·L + l.
 */
export interface Network {
  accessPoints: number;
  antennas: number;
  clients: number;
  /** Side of the square area, m; 0 where the positions are unknown (an imported channel) */
  area: number;
  wrapAround: boolean;
  /** x, y of each AP [2L], m; empty where unknown */
  accessPointPositions: Float64Array;
  /** x, y of each client [2K], m; empty where unknown */
  clientPositions: Float64Array;
  /** β [K·L], linear: received over transmitted power */
  gain: Float64Array;
  /** Pilot of each client [K], 0 … pilots − 1 */
  pilotIndex: Int32Array;
  /** [K·L]: 1 where AP l serves client k */
  serves: Uint8Array;
  /** σ², W, over the whole bandwidth */
  noisePower: number;
  /** P_u, W, pilots and data */
  transmitPower: number;
  /** τ_c, samples */
  coherence: number;
  /** τ_p, samples */
  pilots: number;
  /** Hz, prelog not included */
  bandwidth: number;
  /** Spatial correlation R_kl / β_kl [K·L·N·N] (trace N); absent: identity */
  correlation?: { re: Float64Array; im: Float64Array };
  /**
   * Rician fading: mean of h_kl over √β_kl, [K·L·N], turned by a random phase in each coherence block, which the
   * receiver knows. `correlation` is then that of the scattered part, whose power is `scattered` [K·L] times β.
   */
  lineOfSight?: { re: Float64Array; im: Float64Array; scattered: Float64Array };
}

/** 1 − τ_p/τ_c: the share of a coherence block left for data. */
export function prelog(network: Network): number {
  return 1 - network.pilots / network.coherence;
}

/**
 * Checks what every rate computation relies on: sizes, lengths, gains that are finite and at least 0 (0 is a link that is
 * not there), powers in the range in which the arithmetic holds.
 * @throws InputError naming the element
 */
export function checkNetwork(network: Network, path = "network"): void {
  if (typeof network !== "object" || network === null) throw new InputError(path, "not a network");
  for (const name of ["accessPoints", "antennas", "clients", "pilots", "coherence"] as const)
    checkCount(name, network[name], path);
  const { accessPoints, antennas, clients, pilots, coherence } = network;
  checkLinks(network, path);
  if (pilots >= coherence)
    throw new InputError(
      `${path}.pilots`,
      `${pilots} pilots leave no room for data in a coherence block of ${coherence} samples`,
    );
  checkPowers(network, path);
  const links = clients * accessPoints;
  const lengths: [string, ArrayLike<number> | undefined, number][] = [
    ["gain", network.gain, links],
    ["pilotIndex", network.pilotIndex, clients],
    ["serves", network.serves, links],
  ];
  const { correlation, lineOfSight } = network;
  if (correlation !== undefined || lineOfSight !== undefined) checkMatrices(network, path);
  for (const part of ["re", "im"] as const) {
    if (correlation !== undefined)
      lengths.push([`correlation.${part}`, correlation[part], links * antennas * antennas]);
    if (lineOfSight !== undefined) lengths.push([`lineOfSight.${part}`, lineOfSight[part], links * antennas]);
  }
  if (lineOfSight !== undefined) lengths.push(["lineOfSight.scattered", lineOfSight.scattered, links]);
  for (const [name, array, wanted] of lengths) checkNumbers(`${path}.${name}`, array, wanted);
  checkClients(network, path);
}

function checkPowers(network: Network, path: string): void {
  for (const name of ["noisePower", "transmitPower", "bandwidth"] as const)
    if (!(network[name] > 0 && Number.isFinite(network[name])))
      throw new InputError(`${path}.${name}`, `${network[name]} is not a finite number above 0`);
  const ratio = network.transmitPower / network.noisePower;
  if (!(ratio >= 1e-120 && ratio <= 1e120))
    throw new InputError(
      `${path}.transmitPower`,
      `${network.transmitPower} W is ${ratio} times the noise of ${network.noisePower} W (allowed: 1e-120 to 1e120 times)`,
    );
}

/** Pilots there are, gains in range, an access point for everyone. */
function checkClients({ clients, accessPoints, pilots, pilotIndex, gain, serves }: Network, path: string): void {
  for (let k = 0; k < clients; k++) {
    const t = pilotIndex[k]!;
    if (!(Number.isInteger(t) && t >= 0 && t < pilots))
      throw new InputError(`${path}.pilotIndex[${k}]`, `${t} is not one of the pilots 0 … ${pilots - 1}`);
    let served = false;
    for (let l = 0; l < accessPoints; l++) {
      const beta = gain[k * accessPoints + l]!;
      if (!(beta >= 0))
        throw new InputError(`${path}.gain[${k}][${l}]`, `${beta} is not a finite linear gain of at least 0`);
      if (beta > largestGain)
        throw new InputError(`${path}.gain[${k}][${l}]`, `${beta} is too large (allowed: 0 to ${largestGain})`);
      if (serves[k * accessPoints + l]! > 0) served = true;
    }
    if (!served) throw new InputError(`${path}.serves[${k}]`, "no access point serves this client");
  }
}

function checkNumbers(path: string, array: ArrayLike<number> | undefined, wanted: number): void {
  if (array?.length !== wanted) throw new InputError(path, `${array?.length ?? "no"} numbers instead of ${wanted}`);
  for (let i = 0; i < wanted; i++)
    if (!Number.isFinite(array[i]))
      throw new InputError(`${path}[${i}]`, `${describe(array[i])} is not a finite number`);
}
