import { choleskyHermitian } from "../../bindings/matrix.js";
import { InputError } from "../config/errors.js";
import { checkNetwork, type Network } from "./network.js";
import { cooperationClusters, greedyPilots } from "./pilots.js";

/** What a channel file holds; nested arrays [k][l] and [k][l][n][n'], or flat ones in that order. */
export interface ChannelFile {
  accessPoints: number;
  antennas: number;
  clients: number;
  /** Hz */
  bandwidth: number;
  /** W */
  noisePower: number;
  /** W */
  transmitPower: number;
  coherence: number;
  pilots: number;
  /** Greedy where left out */
  pilotIndex?: ArrayLike<number>;
  /** 1 where AP l serves client k; all APs where left out, cooperation clusters where "dcc" */
  serves?: Nested | "all" | "dcc";
  /** Linear β_kl */
  gain: Nested;
  /** R_kl / β_kl, trace N */
  correlation?: { re: Nested; im: Nested };
}

type Nested = ArrayLike<number> | readonly Nested[];

/**
 * A network from a channel that was made elsewhere.
 * @throws InputError naming the element: wrong shapes, negative gains, correlation that is not Hermitian positive semidefinite
 */
export function importChannel(file: ChannelFile, path = "channel"): Network {
  if (typeof file !== "object" || file === null) throw new InputError(path, "not an object");
  const number = (name: keyof ChannelFile): number => {
    const value = file[name];
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new InputError(`${path}.${name}`, `${describe(value)} is not a finite number`);
    return value;
  };
  const [L, N, K] = [number("accessPoints"), number("antennas"), number("clients")];
  for (const [name, value] of [
    ["accessPoints", L],
    ["antennas", N],
    ["clients", K],
  ] as const)
    if (!Number.isInteger(value) || value < 1)
      throw new InputError(`${path}.${name}`, `${value} is not a whole number of at least 1`);
  const pilots = number("pilots");
  if (!Number.isInteger(pilots) || pilots < 1)
    throw new InputError(`${path}.pilots`, `${pilots} is not a whole number of at least 1`);
  const gain = flatten(file.gain, [K, L], `${path}.gain`);
  gain.forEach((beta, i) => {
    if (!(beta >= 0))
      throw new InputError(
        `${path}.gain[${Math.floor(i / L)}][${i % L}]`,
        `${beta} is negative; gains are linear, not dB`,
      );
  });
  const pilotIndex =
    file.pilotIndex === undefined
      ? greedyPilots(gain, K, L, pilots)
      : Int32Array.from(flatten(file.pilotIndex, [K], `${path}.pilotIndex`), (t, k) => {
          if (!Number.isInteger(t) || t < 0 || t >= pilots)
            throw new InputError(`${path}.pilotIndex[${k}]`, `${t} is not one of the pilots 0 … ${pilots - 1}`);
          return t;
        });
  const network: Network = {
    accessPoints: L,
    antennas: N,
    clients: K,
    area: 0,
    wrapAround: false,
    accessPointPositions: new Float64Array(),
    clientPositions: new Float64Array(),
    gain,
    pilotIndex,
    serves: servesOf(file.serves, gain, pilotIndex, L, pilots, `${path}.serves`),
    noisePower: number("noisePower"),
    transmitPower: number("transmitPower"),
    coherence: number("coherence"),
    pilots,
    bandwidth: number("bandwidth"),
  };
  if (file.correlation !== undefined) {
    if (typeof file.correlation !== "object" || file.correlation === null)
      throw new InputError(`${path}.correlation`, "not an object with re and im");
    const shape = [K, L, N, N];
    const re = flatten(file.correlation.re, shape, `${path}.correlation.re`);
    const im = flatten(file.correlation.im, shape, `${path}.correlation.im`);
    checkCorrelation(re, im, K, L, N, `${path}.correlation`);
    network.correlation = { re, im };
  }
  checkNetwork(network, path);
  return network;
}

function servesOf(
  serves: ChannelFile["serves"],
  gain: Float64Array,
  pilotIndex: Int32Array,
  L: number,
  pilots: number,
  path: string,
): Uint8Array {
  if (serves === undefined || serves === "all") return new Uint8Array(gain.length).fill(1);
  if (serves === "dcc") return cooperationClusters(gain, pilotIndex, L, pilots);
  if (typeof serves === "string") throw new InputError(path, `"${serves}" is neither an array nor "all" or "dcc"`);
  return Uint8Array.from(flatten(serves, [pilotIndex.length, L], path), (s, i) => {
    if (s !== 0 && s !== 1) throw new InputError(`${path}[${Math.floor(i / L)}][${i % L}]`, `${s} is neither 0 nor 1`);
    return s;
  });
}

/** Hermitian to rounding, positive semidefinite to rounding: R + ε I must have a Cholesky factor. */
function checkCorrelation(re: Float64Array, im: Float64Array, K: number, L: number, N: number, path: string): void {
  const size = N * N;
  const at = (link: number) => `${path}[${Math.floor(link / L)}][${link % L}]`;
  const shifted = { re: re.slice(), im };
  for (let link = 0; link < K * L; link++) {
    let largest = 0;
    for (let i = link * size; i < (link + 1) * size; i++)
      largest = Math.max(largest, Math.abs(re[i]!), Math.abs(im[i]!));
    for (let a = 0; a < N; a++) {
      for (let b = 0; b <= a; b++) {
        const [i, j] = [link * size + a * N + b, link * size + b * N + a];
        if (Math.abs(re[i]! - re[j]!) > 1e-9 * largest || Math.abs(im[i]! + im[j]!) > 1e-9 * largest)
          throw new InputError(
            `${at(link)}[${a}][${b}]`,
            `${re[i]} + ${im[i]}i is not the conjugate of [${b}][${a}] = ${re[j]} + ${im[j]}i: not Hermitian`,
          );
      }
      shifted.re[link * size + a * (N + 1)]! += 1e-9 * Math.max(largest, Number.MIN_VALUE * 1e20);
    }
  }
  const { pivots } = choleskyHermitian(shifted, N, K * L);
  const bad = pivots.findIndex((pivot) => pivot >= 0);
  if (bad >= 0)
    throw new InputError(at(bad), `not positive semidefinite: pivot ${pivots[bad]} of its Cholesky factor is negative`);
}

/** Nested arrays of the given shape, row-major; a flat array of the right length is taken as it is. */
function flatten(value: unknown, shape: readonly number[], path: string): Float64Array {
  const total = shape.reduce((a, b) => a * b, 1);
  const out = new Float64Array(total);
  if (isList(value) && shape.length > 1 && typeof value[0] === "number") {
    fill(value, [total], path, out, 0);
    return out;
  }
  fill(value, shape, path, out, 0);
  return out;
}

function fill(value: unknown, shape: readonly number[], path: string, out: Float64Array, offset: number): void {
  if (!isList(value)) throw new InputError(path, `${describe(value)} is not an array`);
  const [length, ...rest] = shape as [number, ...number[]];
  if (value.length !== length) throw new InputError(path, `${value.length} entries instead of ${length}`);
  const step = rest.reduce((a, b) => a * b, 1);
  for (let i = 0; i < length; i++) {
    const item: unknown = value[i];
    if (rest.length > 0) fill(item, rest, `${path}[${i}]`, out, offset + i * step);
    else if (typeof item === "number" && Number.isFinite(item)) out[offset + i] = item;
    else throw new InputError(`${path}[${i}]`, `${describe(item)} is not a finite number`);
  }
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function describe(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value)?.slice(0, 40) ?? String(value));
}
