import { kernels } from "./instance.js";
import type { Complex } from "./matrix.js";
import { allocate, f64, free, i32 } from "./memory.js";

export interface EstimationProblem {
  clients: number;
  accessPoints: number;
  antennas: number;
  /** β P_u/σ² [K·L] */
  gain: Float64Array;
  /** R_kl/β_kl [K·L·N·N]; absent: identity */
  correlation?: Complex;
  pilotIndex: Int32Array;
  /** τ_p */
  pilots: number;
}

export interface Estimation {
  /** W [L·K·N·N], interleaved complex at link l·K + k: the estimate of h_kl is W w, w white ([B] 4.2; the kernel's head) */
  estimator: Float64Array;
  /** C_kl [L·K·N·N] likewise, in the units of `gain`: the error's covariance ([B] 4.9); the estimate's own is W W^H */
  error: Float64Array;
}

/** MMSE estimation of every link, in noise-normalized units. */
export function mmseEstimation(problem: EstimationProblem): Estimation {
  const { clients: K, accessPoints: L, antennas: N, pilots, correlation } = problem;
  const entries = K * L * N * N;
  const scratchBytes = 32 * N * N * (K + pilots);
  const input = allocate(8 * ((correlation ? 2 * entries : 0) + K * L + K + 1) + scratchBytes + 32);
  const output = allocate(32 * entries);
  const im = input + 8 * entries;
  const gain = correlation ? im + 8 * entries : input;
  const pilot = gain + 8 * K * L;
  const scratch = pilot + 8 * K;
  if (correlation) {
    f64(input, entries).set(correlation.re);
    f64(im, entries).set(correlation.im);
  }
  f64(gain, K * L).set(problem.gain);
  i32(pilot, K).set(problem.pilotIndex);
  kernels().mmseEstimation(
    ...([correlation ? input : 0, correlation ? im : 0, gain, pilot, K, L, N, pilots, pilots] as const),
    ...([output, output + 16 * entries, scratch, scratch + scratchBytes] as const),
  );
  const estimator = f64(output, 2 * entries).slice();
  const error = f64(output + 16 * entries, 2 * entries).slice();
  free(input);
  free(output);
  return { estimator, error };
}
