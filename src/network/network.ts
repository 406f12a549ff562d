import { InputError } from "../config/errors.js";

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

/** Checks what every rate computation relies on. @throws InputError naming the element */
export function checkNetwork(network: Network, path = "network"): void {
  const { accessPoints, antennas, clients, pilots, coherence } = network;
  const count = (name: string, value: number) => {
    if (!Number.isInteger(value) || value < 1)
      throw new InputError(`${path}.${name}`, `${value} is not a whole number of at least 1`);
  };
  count("accessPoints", accessPoints);
  count("antennas", antennas);
  count("clients", clients);
  count("pilots", pilots);
  count("coherence", coherence);
  if (pilots >= coherence)
    throw new InputError(
      `${path}.pilots`,
      `${pilots} pilots leave no room for data in a coherence block of ${coherence} samples`,
    );
  for (const name of ["noisePower", "transmitPower", "bandwidth"] as const)
    if (!(network[name] > 0 && Number.isFinite(network[name])))
      throw new InputError(`${path}.${name}`, `${network[name]} is not a finite number above 0`);
  const links = clients * accessPoints;
  const length = (name: string, array: ArrayLike<number>, wanted: number) => {
    if (array.length !== wanted)
      throw new InputError(`${path}.${name}`, `${array.length} numbers instead of ${wanted}`);
  };
  length("gain", network.gain, links);
  length("pilotIndex", network.pilotIndex, clients);
  length("serves", network.serves, links);
  for (let k = 0; k < clients; k++) {
    const t = network.pilotIndex[k]!;
    if (!(t >= 0 && t < pilots))
      throw new InputError(`${path}.pilotIndex[${k}]`, `${t} is not one of the pilots 0 … ${pilots - 1}`);
    let served = false;
    for (let l = 0; l < accessPoints; l++) {
      const beta = network.gain[k * accessPoints + l]!;
      if (!(beta >= 0 && Number.isFinite(beta)))
        throw new InputError(`${path}.gain[${k}][${l}]`, `${beta} is not a finite linear gain of at least 0`);
      if (network.serves[k * accessPoints + l]! > 0) served = true;
    }
    if (!served) throw new InputError(`${path}.serves[${k}]`, "no access point serves this client");
  }
}
