import { stream } from "../../bindings/random.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";

/** Index of the AP with the largest gain to client k; the first of equals. */
export function strongestAccessPoint(gain: Float64Array, k: number, accessPoints: number): number {
  let best = 0;
  for (let l = 1; l < accessPoints; l++) if (gain[k * accessPoints + l]! > gain[k * accessPoints + best]!) best = l;
  return best;
}

/** The pilots of all clients, by the config's rule. @throws InputError */
export function assignPilots(
  config: NetworkConfig,
  gain: Float64Array,
  pilots: number,
  { seed, drop }: { seed: number; drop: number },
): Int32Array {
  const { clients, accessPoints, pilotAssignment, pilotIndex } = config;
  if (pilotAssignment === "greedy") return greedyPilots(gain, clients, accessPoints, pilots);
  const assigned = new Int32Array(clients);
  if (pilotAssignment === "random") {
    const random = stream(seed, "pilots", drop);
    for (let k = 0; k < clients; k++) assigned[k] = random.integer(pilots);
    return assigned;
  }
  if (pilotIndex === undefined)
    throw new InputError("network.pilotIndex", 'missing, and network.pilotAssignment says "given"');
  if (pilotIndex.length !== clients)
    throw new InputError("network.pilotIndex", `${pilotIndex.length} pilots for ${clients} clients`);
  pilotIndex.forEach((t, k) => {
    if (!Number.isInteger(t) || t < 0 || t >= pilots)
      throw new InputError(`network.pilotIndex[${k}]`, `${t} is not one of the pilots 0 … ${pilots - 1}`);
    assigned[k] = t;
  });
  return assigned;
}

/**
 * [B] Algorithm 4.1: the first τ_p clients get distinct pilots; each further client takes, at its strongest AP, the
 * pilot with the least summed gain of the clients already on it (the first of equals).
 */
export function greedyPilots(gain: Float64Array, clients: number, accessPoints: number, pilots: number): Int32Array {
  const assigned = new Int32Array(clients);
  const load = new Float64Array(pilots);
  for (let k = 0; k < clients; k++) {
    if (k < pilots) {
      assigned[k] = k;
      continue;
    }
    const master = strongestAccessPoint(gain, k, accessPoints);
    load.fill(0);
    for (let i = 0; i < k; i++) load[assigned[i]!]! += gain[i * accessPoints + master]!;
    let best = 0;
    for (let t = 1; t < pilots; t++) if (load[t]! < load[best]!) best = t;
    assigned[k] = best;
  }
  return assigned;
}

/**
 * Dynamic cooperation clusters ([B] 4.4 and Section 5.3): every AP serves on each pilot the client with the largest
 * gain; every client is also served by its strongest AP. @returns [K·L], 1 where AP l serves client k
 */
export function cooperationClusters(
  gain: Float64Array,
  pilotIndex: Int32Array,
  accessPoints: number,
  pilots: number,
): Uint8Array {
  const clients = pilotIndex.length;
  const serves = new Uint8Array(clients * accessPoints);
  const best = new Int32Array(pilots * accessPoints).fill(-1);
  for (let k = 0; k < clients; k++) {
    const row = k * accessPoints;
    const holders = pilotIndex[k]! * accessPoints;
    for (let l = 0; l < accessPoints; l++) {
      const holder = best[holders + l]!;
      if (holder < 0 || gain[row + l]! > gain[holder * accessPoints + l]!) best[holders + l] = k;
    }
    serves[row + strongestAccessPoint(gain, k, accessPoints)] = 1;
  }
  for (let t = 0; t < pilots; t++)
    for (let l = 0; l < accessPoints; l++) {
      const k = best[t * accessPoints + l]!;
      if (k >= 0) serves[k * accessPoints + l] = 1;
    }
  return serves;
}
