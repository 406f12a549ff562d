import { choleskyHermitian } from "../../bindings/matrix.js";
import { text } from "../config/arguments.js";
import { InputError } from "../config/errors.js";
import { checkCount, checkLinks, checkMatrices, describe } from "./limits.js";
import { checkNetwork, type Network } from "./network.js";
import { cooperationClusters, greedyPilots } from "./pilots.js";

/** What a channel file holds; nested arrays [k][l] and [k][l][n][n'], or flat ones in that order, which have no shape. */
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
  /** Linear β_kl; 0 is a link that is not there */
  gain: Nested;
  /** R_kl / β_kl, trace N */
  correlation?: { re: Nested; im: Nested };
  /** The correlation may have any trace, such as that of R_kl itself, and is divided by it; false where left out */
  normalize?: boolean;
}

type Nested = ArrayLike<number> | readonly Nested[];

/**
 * A network from a channel that was made elsewhere.
 * @throws InputError naming the element: shapes, with the one that there should be, sizes beyond the limits, negative
 * gains, correlation that is not Hermitian positive semidefinite or whose trace is not N
 * @example
 * const network = importChannel({
 *   ...{ accessPoints: 2, antennas: 1, clients: 2, pilots: 2, coherence: 200 },
 *   ...{ bandwidth: 20e6, noisePower: 4e-13, transmitPower: 0.1 },
 *   gain: [[1e-9, 2e-11], [3e-11, 2e-9]], // a row a client
 * });
 * spectralEfficiency(closedFormRates(network)).length; // → 2
 */
export function importChannel(file: ChannelFile, path = "channel"): Network {
  text("path", path);
  if (typeof file !== "object" || file === null) throw new InputError(path, `${describe(file)} is not a channel`);
  const number = (name: keyof ChannelFile): number => {
    const value = file[name];
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new InputError(`${path}.${name}`, `${describe(value)} is not a finite number`);
    return value;
  };
  for (const name of ["accessPoints", "antennas", "clients", "pilots", "coherence"] as const)
    checkCount(name, file[name], path);
  const { accessPoints: L, antennas: N, clients: K, pilots } = file;
  checkLinks(file, path);
  const gain = flatten(file.gain, { clients: K, accessPoints: L }, `${path}.gain`);
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
      : Int32Array.from(flatten(file.pilotIndex, { clients: K }, `${path}.pilotIndex`), (t, k) => {
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
    coherence: file.coherence,
    pilots,
    bandwidth: number("bandwidth"),
  };
  if (file.correlation !== undefined) network.correlation = correlationOf(file, gain, path);
  checkNetwork(network, path);
  return network;
}

function correlationOf(file: ChannelFile, gain: Float64Array, path: string): { re: Float64Array; im: Float64Array } {
  const { accessPoints: L, antennas: N, clients: K, correlation, normalize = false } = file;
  if (typeof normalize !== "boolean")
    throw new InputError(`${path}.normalize`, `${describe(normalize)} is neither true nor false`);
  if (typeof correlation !== "object" || correlation === null)
    throw new InputError(`${path}.correlation`, `${describe(correlation)} is not an object with re and im`);
  checkMatrices(file, path);
  const shape = { clients: K, accessPoints: L, antennas: N, "antennas ": N };
  const re = flatten(correlation.re, shape, `${path}.correlation.re`);
  const im = flatten(correlation.im, shape, `${path}.correlation.im`);
  checkTraces({ re, im }, gain, K, L, N, normalize, `${path}.correlation`);
  checkCorrelation(re, im, K, L, N, `${path}.correlation`);
  return { re, im };
}

/** Float32 and what was printed with seven digits are near enough. */
const traceTolerance = 1e-5;

/** A trace of N, or made so; of a link without gain, which has no correlation, whatever it is is made so. */
function checkTraces(
  { re, im }: { re: Float64Array; im: Float64Array },
  gain: Float64Array,
  K: number,
  L: number,
  N: number,
  normalize: boolean,
  path: string,
): void {
  const size = N * N;
  for (let link = 0; link < K * L; link++) {
    let trace = 0;
    for (let n = 0; n < N; n++) trace += re[link * size + n * (N + 1)]!;
    if (Math.abs(trace - N) <= traceTolerance * N && !normalize) continue;
    const at = `${path}[${Math.floor(link / L)}][${link % L}]`;
    const possible = trace > 0 && Number.isFinite(N / trace);
    if (gain[link] !== 0 && !normalize)
      throw new InputError(
        at,
        `its trace is ${trace} instead of ${N}, the number of antennas: it has to be R_kl / gain_kl ` +
          `("normalize": true divides it by its trace, and the gains stay as they are)`,
      );
    if (gain[link] !== 0 && !possible) throw new InputError(at, `a trace of ${trace} cannot be made ${N}`);
    for (let i = 0; i < size; i++) {
      const identity = i % (N + 1) === 0 ? 1 : 0;
      re[link * size + i] = possible ? re[link * size + i]! * (N / trace) : identity;
      im[link * size + i] = possible ? im[link * size + i]! * (N / trace) : 0;
    }
  }
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
  if (typeof serves === "string")
    throw new InputError(path, `${describe(serves)} is neither an array nor "all" or "dcc"`);
  return Uint8Array.from(flatten(serves, { clients: pilotIndex.length, accessPoints: L }, path), (s, i) => {
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
function flatten(value: unknown, sizes: Record<string, number>, path: string): Float64Array {
  const shape = Object.values(sizes);
  const total = shape.reduce((a, b) => a * b, 1);
  const found = shapeOf(value);
  const flat = found.length === 1 && found[0] === total;
  if (!flat && found.join() !== shape.join())
    throw new InputError(
      path,
      found.length === 0
        ? `${describe(value)} is not an array of shape ${named(sizes)}`
        : `${found[0] === shape[0] ? "" : `${found[0]} entries instead of ${shape[0]}: `}` +
            `shape (${found.join(", ")}) instead of ${named(sizes)}`,
    );
  const out = new Float64Array(total);
  fill(value, flat ? [total] : shape, path, out, 0);
  return out;
}

/** "(3, 4) = (clients, accessPoints)" */
function named(sizes: Record<string, number>): string {
  const names = Object.keys(sizes).map((name) => name.trim());
  return `(${Object.values(sizes).join(", ")}) = (${names.join(", ")})`;
}

/** By the first entries; `fill` finds those that differ. No shape that is asked for is deeper than four. */
function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let at = value; isList(at) && shape.length <= 5; at = at[0]) shape.push(at.length);
  return shape;
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
