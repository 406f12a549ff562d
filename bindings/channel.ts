import { withBlock } from "./blocks.js";
import { kernels } from "./instance.js";
import { type Complex, planes, putPlanes } from "./matrix.js";
import { f64, i32, none } from "./memory.js";
import { scoped } from "./ownership.js";

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
  const sizes = {
    correlation: correlation ? 16 * entries : 0,
    gain: 8 * K * L,
    pilotOf: 4 * K,
    estimator: 16 * entries,
    error: 16 * entries,
    scratch: 32 * N * N * (K + pilots),
    status: 8,
  };
  return scoped(sizes, (at) => {
    if (correlation) putPlanes(correlation, at.correlation);
    f64(at.gain, K * L).set(problem.gain);
    i32(at.pilotOf, K).set(problem.pilotIndex);
    const from = correlation ? at.correlation : none;
    withBlock("Links", { accessPoints: L, clients: K, antennas: N, pilots, pilotOf: at.pilotOf }, (links) =>
      kernels().mmseEstimation(pilots, links, from, at.gain, at.estimator, at.error, at.scratch, at.status),
    );
    return { estimator: f64(at.estimator, 2 * entries).slice(), error: f64(at.error, 2 * entries).slice() };
  });
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
  const sizes = {
    angles: 8 * angles.length,
    nodes: 8 * (3 * a + 6 * b),
    out: 16 * matrices,
    sums: 32 * n,
  };
  return scoped(sizes, (at) => {
    f64(at.angles, angles.length).set(angles);
    const nodes = f64(at.nodes, 3 * a + 6 * b).fill(0);
    for (let i = 0; i < a; i++) nodes.set([azimuth.sine[i]!, azimuth.cosine[i]!, azimuth.weight[i]!], 3 * i);
    for (let i = 0; i < elevation.weight.length; i++) {
      const to = 3 * a + 6 * (i >> 1) + (i & 1);
      nodes[to] = elevation.sine[i]!;
      nodes[to + 2] = elevation.cosine[i]!;
      nodes[to + 4] = elevation.weight[i]!;
    }
    kernels().localScattering(links, n, a, b, at.angles, at.nodes, at.out, at.sums);
    return planes(at.out, matrices);
  });
}
