import { exp } from "../../bindings/math.js";
import { stream } from "../../bindings/random.js";
import type { RateModel, UploadProblem } from "../../src/config/records.js";

/** A rate model from plain arrays; interference row = the client that suffers. */
export function rateModel(
  signal: number[],
  selfInterference: number[],
  interference: number[][],
  noise: number[],
  { bandwidth = 1, transmitPower = 1 } = {},
): RateModel {
  return {
    clients: signal.length,
    signal: Float64Array.from(signal),
    selfInterference: Float64Array.from(selfInterference),
    interference: Float64Array.from(interference.flat()),
    noise: Float64Array.from(noise),
    bandwidth,
    transmitPower,
  };
}

/** The two small cases of the reference collection (power allocation). */
export const twoClients: UploadProblem = {
  rates: rateModel(
    [2, 3],
    [3, 2],
    [
      [0, 1],
      [2, 0],
    ],
    [1, 1],
  ),
  bits: Float64Array.of(10, 12),
  computeLatency: 0,
};

export const fourClients: UploadProblem = {
  rates: rateModel(
    [4, 9, 1, 16],
    [0.5, 0.6, 0.3, 0.4],
    [
      [0, 0.3, 0.2, 0.1],
      [1, 0, 0.1, 0.2],
      [0.2, 0.4, 0, 0.3],
      [0.1, 0.2, 0.5, 0],
    ],
    [1, 2, 0.5, 1.5],
    { bandwidth: 0.95 },
  ),
  bits: Float64Array.of(1, 1, 1, 1),
  computeLatency: 0,
};

/** Rate models of one to six clients over four decades, bits and budgets to match. */
export function randomProblem(seed: number): UploadProblem {
  const random = stream(seed, "test", 11);
  const spread = (decades: number): number => exp(decades * Math.LN10 * (random.uniform() - 0.5));
  const clients = 1 + random.integer(6);
  const signal = Float64Array.from({ length: clients }, () => 10 * spread(3));
  const interference = Float64Array.from({ length: clients * clients }, (_, i) =>
    i % (clients + 1) === 0 || random.integer(4) === 0 ? 0 : 0.3 * spread(3),
  );
  return {
    rates: {
      clients,
      signal,
      selfInterference: signal.map(() => 0.3 * spread(2)),
      interference,
      noise: signal.map(() => 0.1 * spread(2)),
      bandwidth: 1e6,
      transmitPower: 0.1,
    },
    bits: signal.map(() => Math.round(1e5 * spread(0.5))),
    computeLatency: 0.05 * random.uniform(),
    budgets: { energy: 1 * spread(3), latency: 20 * spread(2) },
  };
}

/** Models of few or many clients over one to eight decades, links that are blocked, clients without bits, all budgets. */
export function wildProblem(seed: number, clients?: number): UploadProblem {
  const random = stream(seed, "test", 41);
  const spread = (decades: number): number => exp(decades * Math.LN10 * (random.uniform() - 0.5));
  const one = (...choices: number[]): number => choices[random.integer(choices.length)]!;
  const count = clients ?? 1 + random.integer(12);
  const decades = one(1, 3, 4, 6, 8);
  const blocked = one(0, 0.2, 0.6);
  const bitDecades = one(0.1, 0.5, 3);
  const signal = Float64Array.from({ length: count }, () => 10 * spread(decades));
  return {
    rates: {
      clients: count,
      signal,
      selfInterference: signal.map(() => (random.integer(5) === 0 ? 0 : 0.3 * spread(2))),
      interference: Float64Array.from({ length: count * count }, (_, i) =>
        i % (count + 1) === 0 || random.uniform() < blocked ? 0 : (0.3 * spread(decades)) / count,
      ),
      noise: signal.map(() => 0.1 * spread(2)),
      bandwidth: 1e6,
      transmitPower: 0.1,
    },
    bits: signal.map((_, k) => (k > 0 && random.integer(10) === 0 ? 0 : Math.round(1e5 * spread(bitDecades)))),
    computeLatency: one(0, 0.05) * random.uniform(),
    budgets: { energy: spread(4), latency: 20 * spread(3) },
    fixedEnergy: one(0, 0.01) * spread(3),
  };
}
