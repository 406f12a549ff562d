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
