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

/**
 * Covariances of the MMSE channel estimates' errors, C_kl [K·L·N·N], in the units of `gain` ([B] 4.9); the estimates'
 * own are R − C.
 */
export function estimationErrors(problem: EstimationProblem): Complex {
  const { clients: K, accessPoints: L, antennas: N } = problem;
  const held = estimation(problem);
  const from = f64(held.error, 2 * K * L * N * N);
  const size = N * N;
  const re = new Float64Array(K * L * size);
  const im = new Float64Array(K * L * size);
  for (let l = 0; l < L; l++)
    for (let k = 0; k < K; k++)
      for (let i = 0; i < size; i++) {
        re[(k * L + l) * size + i] = from[2 * ((l * K + k) * size + i)]!;
        im[(k * L + l) * size + i] = from[2 * ((l * K + k) * size + i) + 1]!;
      }
  free(held.estimator);
  return { re, im };
}

/** Runs the kernel. @returns pointers to W and C, both [L][K][N][N] complex, in one block to be freed by `estimator` */
export function estimation(problem: EstimationProblem): { estimator: number; error: number } {
  const { clients: K, accessPoints: L, antennas: N, pilots, correlation } = problem;
  const entries = K * L * N * N;
  const input = allocate(8 * ((correlation ? 2 * entries : 0) + K * L + K) + 32 * N * N * (K + pilots) + 16);
  const estimator = allocate(32 * entries);
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
  const error = estimator + 16 * entries;
  kernels().mmseEstimation(
    ...([correlation ? input : 0, correlation ? im : 0, gain, pilot, K, L, N, pilots, pilots] as const),
    ...([estimator, error, scratch, scratch + 32 * N * N * (K + pilots)] as const),
  );
  free(input);
  return { estimator, error };
}
