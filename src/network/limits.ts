import { InputError } from "../config/errors.js";

/** The most of each that a network may have, as `network.…` of a config allows it. */
export const mostOf = { accessPoints: 10_000, antennas: 256, clients: 100_000, pilots: 1e6, coherence: 1e6 } as const;

/** Links K·L, pairs of clients K·K and numbers of all the links' matrices K·L·N·N that fit into the kernels' 4 GiB. */
const most = { links: 5e7, pairs: 2e8, entries: 2 ** 25 };

/** Gains above this have squares and sums that float64 does not hold. */
export const largestGain = 1e120;

/** A whole number of at least 1, of what a network counts. @throws InputError with the limit */
export function checkCount(name: keyof typeof mostOf, value: unknown, path: string): void {
  if (!Number.isInteger(value) || (value as number) < 1)
    throw new InputError(`${path}.${name}`, `${describe(value)} is not a whole number of at least 1`);
  if ((value as number) > mostOf[name])
    throw new InputError(`${path}.${name}`, `${value} is too large (allowed: 1 to ${mostOf[name]})`);
}

interface Sizes {
  clients: number;
  accessPoints: number;
  antennas: number;
  pilots?: number;
}

/** Before anything is made for every link. @throws InputError with what it comes to and the limit */
export function checkLinks({ clients: K, accessPoints: L, pilots = 0 }: Omit<Sizes, "antennas">, path: string): void {
  if (K * L > most.links)
    throw new InputError(
      `${path}.clients`,
      `${K} clients with ${L} access points are ${K * L} links, ${bytes(8 * K * L)} for the gains alone ` +
        `(allowed: ${most.links} links)`,
    );
  if (pilots * L > most.links)
    throw new InputError(
      `${path}.pilots`,
      `${pilots} pilots at ${L} access points are ${pilots * L} received signals (allowed: ${most.links})`,
    );
  if (K * K > most.pairs)
    throw new InputError(
      `${path}.clients`,
      `${K} clients are ${K * K} pairs that interfere, ${bytes(8 * K * K)} ` +
        `(allowed: ${Math.floor(Math.sqrt(most.pairs))} clients)`,
    );
}

/** Before matrices are made for every link. @throws InputError with what it comes to and the limit */
export function checkMatrices({ clients: K, accessPoints: L, antennas: N, pilots = 0 }: Sizes, path: string): void {
  for (const [count, what] of [
    [K, "clients"],
    [pilots, "pilots"],
  ] as const) {
    const entries = count * L * N * N;
    if (entries > most.entries)
      throw new InputError(
        `${path}.${what === "pilots" ? "pilots" : "antennas"}`,
        `${N} × ${N} antennas of ${L} access points and ${count} ${what} are ${entries} complex numbers, ` +
          `${bytes(16 * entries)} and several times that with estimates (allowed: ${most.entries})`,
      );
  }
}

/**
 * Estimates and combiners invert sums of channels and noise; where a channel is so strong that the noise is lost in its
 * rounding, what they give is no longer true. The sum of a client's channel-to-noise ratios over all antennas, and of all
 * clients' pilots at an antenna, therefore has a limit.
 * @throws InputError naming the strongest link
 */
export function checkStrength(
  network: Sizes & { gain: Float64Array; pilots: number; transmitPower: number; noisePower: number },
  path = "network",
): void {
  const { clients: K, accessPoints: L, antennas: N, gain, pilots, transmitPower, noisePower } = network;
  const limit = 1e15 / Math.max(100, K, N * L);
  const snr = transmitPower / noisePower;
  const ofClient = new Float64Array(K);
  const atAccessPoint = new Float64Array(L);
  let strongest = 0;
  for (let k = 0; k < K; k++)
    for (let l = 0; l < L; l++) {
      const beta = gain[k * L + l]!;
      ofClient[k]! += snr * N * beta;
      atAccessPoint[l]! += snr * pilots * beta;
      if (beta > gain[strongest]!) strongest = k * L + l;
    }
  const sum = Math.max(largest(ofClient), largest(atAccessPoint));
  if (!(sum <= limit))
    throw new InputError(
      `${path}.gain[${Math.floor(strongest / L)}][${strongest % L}]`,
      `${gain[strongest]} is too strong for estimates and combiners: the channels add up to ${sum} times the noise, and ` +
        `above ${limit} the noise is lost in their rounding (look at path loss, shadowing, transmit power and noise; ` +
        `"mr" without correlation and line of sight has no such limit)`,
    );
}

function largest(values: Float64Array): number {
  let top = 0;
  for (const value of values) top = Math.max(top, value);
  return top;
}

function bytes(count: number): string {
  return count < 1e9 ? `${Math.ceil(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}

/** A value in a message, however large or deep it is. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return "a typed array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
