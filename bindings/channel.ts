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

/** Nodes of a quadrature over an angle's deviation, weights summing to 1. */
export interface AngleNodes {
  sine: Float64Array;
  cosine: Float64Array;
  weight: Float64Array;
}

/**
 * Correlation matrices [links·N·N] of Gaussian local scattering (the kernel's head has the formula).
 * @param angles sin φ, cos φ, sin θ, cos θ of each link [4·links]
 */
export function localScattering(angles: Float64Array, n: number, azimuth: AngleNodes, elevation: AngleNodes): Complex {
  const links = angles.length / 4;
  const a = azimuth.weight.length;
  const b = (elevation.weight.length + 1) >> 1;
  const matrices = links * n * n;
  const pointer = allocate(8 * (angles.length + 3 * a + 6 * b + 2 * matrices + 4 * n));
  const azimuthAt = pointer + 8 * angles.length;
  const elevationAt = azimuthAt + 24 * a;
  const re = elevationAt + 48 * b;
  const im = re + 8 * matrices;
  f64(pointer, angles.length).set(angles);
  const nodes = f64(azimuthAt, 3 * a);
  for (let i = 0; i < a; i++) nodes.set([azimuth.sine[i]!, azimuth.cosine[i]!, azimuth.weight[i]!], 3 * i);
  const pairs = f64(elevationAt, 6 * b).fill(0);
  for (let i = 0; i < elevation.weight.length; i++) {
    const at = 6 * (i >> 1) + (i & 1);
    pairs[at] = elevation.sine[i]!;
    pairs[at + 2] = elevation.cosine[i]!;
    pairs[at + 4] = elevation.weight[i]!;
  }
  kernels().localScattering(pointer, links, n, azimuthAt, a, elevationAt, b, re, im, im + 8 * matrices);
  const out = { re: f64(re, matrices).slice(), im: f64(im, matrices).slice() };
  free(pointer);
  return out;
}
