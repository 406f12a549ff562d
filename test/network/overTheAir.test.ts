import {
  type Complex,
  complex,
  ctranspose,
  diag,
  inv,
  type MathCollection,
  type Matrix,
  multiply,
  add as plus,
} from "mathjs";
import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { airReceiver, createNetwork, type Network } from "../../src/network/index.js";
import { parseConfig } from "../../src/parts/resolve.js";

const size = { clients: 4, accessPoints: 4, antennas: 2, pilots: 3, area: 400, transmitPower: 1e-3 };

function networkOf(changes: object = {}): Network {
  return createNetwork(parseConfig({ network: { ...size, ...changes } }).network, { seed: 3 });
}

interface Estimate {
  mean: number;
  standardError: number;
}

function estimateOf(values: readonly number[]): Estimate {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length) };
}

/** In standard errors of the difference. */
function distance(a: Estimate, b: Estimate): number {
  return Math.abs(a.mean - b.mean) / Math.hypot(a.standardError, b.standardError);
}

const senders = { clients: [0, 1, 3], power: [1, 0.3, 0.6], target: [0.5, 0.3, 0.2] };

/** mathjs' types do not follow complex matrices. */
const times = (...factors: unknown[]): Matrix => factors.reduce((a, b) => multiply(a as Matrix, b as Matrix)) as Matrix;
const sum = (...terms: unknown[]): Matrix => terms.reduce((a, b) => plus(a as Matrix, b as Matrix)) as Matrix;
const adjoint = (a: unknown): Matrix => ctranspose(a as MathCollection) as Matrix;

/**
 * Squared errors of sums received over the air, everything drawn: channels, pilots, noise, symbols. Nothing is shared with
 * the receiver but the network: full matrices over all antennas, and the normal equations as they stand.
 */
function simulated(network: Network, blocks: number): number[] {
  const { clients: K, accessPoints: L, antennas: N, gain, pilots, pilotIndex, correlation, lineOfSight } = network;
  const M = L * N;
  const random = stream(9, "test");
  const normal = () => complex(random.normal() * Math.SQRT1_2, random.normal() * Math.SQRT1_2);
  const phases = (count: number) => Array.from({ length: count }, () => random.uniform() * 2 * Math.PI);
  const normals = (rows: number) => Array.from({ length: rows }, () => [normal()]) as unknown as Matrix;
  const snr = network.transmitPower / network.noisePower;
  const scale = (k: number, l: number) => gain[k * L + l]! * snr * (lineOfSight?.scattered[k * L + l] ?? 1);
  const covariance = Array.from({ length: K }, (_, k) =>
    Array.from({ length: M }, (_, a) =>
      Array.from({ length: M }, (_, b): Complex => {
        const l = Math.floor(a / N);
        if (l !== Math.floor(b / N)) return complex(0, 0);
        if (correlation === undefined) return complex(a === b ? scale(k, l) : 0, 0);
        const at = (k * L + l) * N * N + (a % N) * N + (b % N);
        return complex(scale(k, l) * correlation.re[at]!, scale(k, l) * correlation.im[at]!);
      }),
    ),
  ) as unknown as Matrix[];
  const roots = covariance.map(cholesky);
  const identity = diag(new Array<number>(M).fill(1)) as unknown as Matrix;
  const heard = Array.from({ length: pilots }, (_, t) => {
    const on = covariance.filter((_, k) => pilotIndex[k] === t).map((one) => times(pilots, one));
    return inv(sum(identity, ...on));
  });
  const filters = covariance.map((one, k) => times(Math.sqrt(pilots), one, heard[pilotIndex[k]!]!));
  const errors = covariance.map((one, k) => sum(one, times(-Math.sqrt(pilots), filters[k], one)));
  const Z = sum(identity, ...senders.clients.map((k, s) => times(senders.power[s], errors[k])));
  const errorsOf = () => {
    const scattered = roots.map((root) => times(root, normals(M)));
    const means = covariance.map((_, k) => lineOfSightOf(network, k, phases(L), snr));
    const observed = Array.from({ length: pilots }, (_, t) => {
      const on = scattered.filter((_, k) => pilotIndex[k] === t).map((one) => times(Math.sqrt(pilots), one));
      return sum(normals(M), ...on);
    });
    const estimates = filters.map((filter, k) => sum(means[k], times(filter, observed[pilotIndex[k]!])));
    const sent = senders.clients.map((k, s) => times(Math.sqrt(senders.power[s]!), estimates[k]));
    const right = sum(...sent.map((one, s) => times(senders.target[s], one)));
    const left = sum(Z, ...sent.map((one) => times(one, adjoint(one))));
    const combiner = times(inv(left), right);
    const symbols = senders.clients.map(normal);
    const received = sum(
      normals(M),
      ...senders.clients.map((k, s) => times(Math.sqrt(senders.power[s]!), symbols[s], sum(means[k], scattered[k]))),
    );
    const got = entry(times(adjoint(combiner), received));
    const [re, im] = [0, 1].map((part) =>
      symbols.reduce((total, u, s) => total + senders.target[s]! * (part === 0 ? u.re : u.im), 0),
    );
    return (got.re - re!) ** 2 + (got.im - im!) ** 2;
  };
  return Array.from({ length: blocks }, errorsOf);
}

function entry(one: unknown): Complex {
  return (one as Complex[][])[0]![0]!;
}

/** h̄_k [M·1], turned by a phase at each access point. */
function lineOfSightOf(
  { accessPoints: L, antennas: N, gain, lineOfSight }: Network,
  k: number,
  phases: readonly number[],
  snr: number,
) {
  return Array.from({ length: L * N }, (_, m) => {
    const l = Math.floor(m / N);
    if (lineOfSight === undefined) return [complex(0, 0)];
    const at = (k * L + l) * N + (m % N);
    const phase = phases[l]!;
    const amplitude = Math.sqrt(gain[k * L + l]! * snr);
    const [re, im] = [lineOfSight.re[at]! * amplitude, lineOfSight.im[at]! * amplitude];
    return [complex(re * Math.cos(phase) - im * Math.sin(phase), re * Math.sin(phase) + im * Math.cos(phase))];
  });
}

/** L with L L^H = A, A positive definite. */
function cholesky(given: Matrix): Matrix {
  const a = given as unknown as Complex[][];
  const l = a.map((row) => row.map(() => complex(0, 0)));
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j <= i; j++) {
      let [re, im] = [a[i]![j]!.re, a[i]![j]!.im];
      for (let m = 0; m < j; m++) {
        re -= l[i]![m]!.re * l[j]![m]!.re + l[i]![m]!.im * l[j]![m]!.im;
        im -= l[i]![m]!.im * l[j]![m]!.re - l[i]![m]!.re * l[j]![m]!.im;
      }
      l[i]![j] = i === j ? complex(Math.sqrt(re), 0) : complex(re / l[j]![j]!.re, im / l[j]![j]!.re);
    }
  return l as unknown as Matrix;
}

describe("a sum over the air", () => {
  it.each([
    ["without correlation", {}],
    ["with correlation", { correlation: { model: "local-scattering" } }],
    ["with lines of sight", { rician: { enabled: true } }],
    ["with all on one pilot", { pilots: 1 }],
  ])("has the error of its formula, and that of an independent simulation, %s", { timeout: 120_000 }, (_, changes) => {
    const network = networkOf(changes);
    const receiver = airReceiver(network, senders);
    const random = stream(1, "test");
    const blocks = Array.from({ length: 4000 }, () => receiver.block(random));
    const formula = estimateOf(blocks.map(({ error }) => error));
    // Over the symbols, which are independent: Σ_s |α_s − c_s|² and the noise.
    const drawn = estimateOf(
      blocks.map(({ response, noise, error }) =>
        senders.target.reduce(
          (total, c, s) => total + (response[2 * s]! - c) ** 2 + response[2 * s + 1]! ** 2,
          noise - error,
        ),
      ),
    );
    expect(Math.abs(drawn.mean) / drawn.standardError).toBeLessThan(5);
    expect(distance(estimateOf(simulated(network, 1500)), formula)).toBeLessThan(5);
    // Neither all noise nor none: Σ c² = 0.38.
    expect(formula.mean).toBeGreaterThan(0.01);
    expect(formula.mean).toBeLessThan(0.3);
  });

  it("of one client on one antenna is c² / (1 + p |ĥ|² / (1 + p C)) off, ĥ of variance N γ and C = β − γ", () => {
    const network = networkOf({ clients: 1, accessPoints: 1, antennas: 1, pilots: 1 });
    const snr = network.transmitPower / network.noisePower;
    const beta = network.gain[0]! * snr;
    const gamma = beta ** 2 / (beta + 1);
    const [p, c] = [0.5, 2];
    const receiver = airReceiver(network, { clients: [0], power: [p], target: [c] });
    const random = stream(1, "test");
    const errors = Array.from({ length: 20_000 }, () => receiver.block(random).error);
    // |ĥ|²/γ is exponential: the midpoints of a million equally likely parts of it.
    const steps = 1e6;
    let exact = 0;
    for (let i = 0; i < steps; i++) {
      const strength = -Math.log1p(-(i + 0.5) / steps) * gamma;
      exact += c ** 2 / (1 + (p * strength) / (1 + p * (beta - gamma))) / steps;
    }
    const { mean, standardError } = estimateOf(errors);
    expect(Math.abs(mean - exact) / standardError).toBeLessThan(5);
  });

  it("is exact in the limit of no noise, and lost in that of no power", () => {
    const all = { clients: [0, 1, 2, 3], power: [1, 1, 1, 1], target: [0.4, 0.3, 0.2, 0.1] };
    const strong = networkOf({ pilots: 4, transmitPower: 1e6 });
    const { response, noise, error } = airReceiver(strong, all).block(stream(1, "test"));
    all.target.forEach((c, s) => {
      // What is not known of the channel is the same share of each of them.
      expect(Math.hypot(response[2 * s]! - c, response[2 * s + 1]!)).toBeLessThan(5 * Math.sqrt(error));
    });
    expect(noise).toBeLessThan(1e-8);
    expect(error).toBeLessThan(1e-8);
    const weak = airReceiver(networkOf({ pilots: 4, transmitPower: 1e-14 }), all).block(stream(1, "test"));
    expect(weak.error).toBeCloseTo(0.3, 6);
    expect(Math.hypot(...weak.response)).toBeLessThan(1e-3);
  });

  it("is the same for the same random numbers", () => {
    const receive = () => airReceiver(networkOf(), senders).block(stream(4, "air", 2));
    expect(receive()).toEqual(receive());
  });
});
