import { mmseEstimation } from "../../bindings/channel.js";
import { choleskyHermitian } from "../../bindings/matrix.js";
import type { NetworkConfig } from "../config/config.js";
import { checkMatrices, checkStrength } from "./limits.js";
import type { Network } from "./network.js";

/**
 * Channel estimation of a network in noise-normalized units: the channel counts in multiples of the noise at full power.
 * Blocks of N·N complex numbers (re, im side by side) stand at link l·K + k.
 */
export interface Estimates {
  /** R_kl, of the scattered part where there is a line of sight */
  covariance: Float64Array;
  /** W_kl: the mean of h_kl given the pilots is W_kl w, w white, one w for all clients of a pilot */
  means: Float64Array;
  /** C_kl: its covariance given the pilots */
  error: Float64Array;
  /** T_kl: what the combiner takes for the channel is T_kl w; equal to W_kl with the MMSE estimator */
  estimator: Float64Array;
  /** What the combiner takes for the error's covariance */
  assumedError: Float64Array;
  /** h̄_kl [L·K·N], where there is one */
  lineOfSight?: Float64Array;
  /** The estimate holds the lines of sight of all clients on the pilot, not only the client's own */
  shared: boolean;
}

/**
 * A link without gain counts as one of this many times the noise: its combiner is then the limit of those for small gains,
 * of which only the direction matters where the receiver weights the access points, and what it receives is 0 to rounding.
 * The square of it is a normal number, as all that is made of it has to be; the square of that is 0.
 */
const leastGain = 1e-100;

/**
 * MMSE ([B] 4.2), least squares y/√τ_p, or element-wise MMSE, which knows only the diagonals of the covariances.
 * Choice: least squares assumes its own true error covariance, Ψ/τ_p − R; element-wise MMSE the diagonal that it believes.
 * @throws InputError where the channels are too many or too strong
 */
export function estimateChannels(network: Network, estimator: NetworkConfig["estimator"] = "mmse"): Estimates {
  const { clients: K, accessPoints: L, antennas: N, correlation, lineOfSight } = network;
  checkMatrices(network, "network");
  checkStrength(network);
  const snr = network.transmitPower / network.noisePower;
  const gain = network.gain.map((beta, i) => Math.max(beta * snr, leastGain) * (lineOfSight?.scattered[i] ?? 1));
  const { estimator: means, error } = mmseEstimation({
    clients: K,
    accessPoints: L,
    antennas: N,
    pilots: network.pilots,
    pilotIndex: network.pilotIndex,
    gain,
    ...(correlation ? { correlation } : {}),
  });
  const size = N * N;
  const covariance = new Float64Array(2 * K * L * size);
  for (let l = 0; l < L; l++)
    for (let k = 0; k < K; k++) {
      const to = 2 * (l * K + k) * size;
      const from = (k * L + l) * size;
      const scale = gain[k * L + l]!;
      for (let i = 0; i < size; i++) {
        covariance[to + 2 * i] = correlation ? scale * correlation.re[from + i]! : i % (N + 1) === 0 ? scale : 0;
        covariance[to + 2 * i + 1] = correlation ? scale * correlation.im[from + i]! : 0;
      }
    }
  const estimates: Estimates = { covariance, means, error, estimator: means, assumedError: error, shared: false };
  if (lineOfSight !== undefined) estimates.lineOfSight = scaledLineOfSight(network, lineOfSight, snr);
  return estimator === "mmse" ? estimates : { ...estimates, ...pilotFactorEstimator(network, covariance, estimator) };
}

function scaledLineOfSight(
  { clients: K, accessPoints: L, antennas: N, gain }: Network,
  { re, im }: { re: Float64Array; im: Float64Array },
  snr: number,
): Float64Array {
  const out = new Float64Array(2 * K * L * N);
  for (let l = 0; l < L; l++)
    for (let k = 0; k < K; k++) {
      const scale = Math.sqrt(Math.max(gain[k * L + l]! * snr, leastGain));
      for (let n = 0; n < N; n++) {
        out[2 * ((l * K + k) * N + n)] = scale * re[(k * L + l) * N + n]!;
        out[2 * ((l * K + k) * N + n) + 1] = scale * im[(k * L + l) * N + n]!;
      }
    }
  return out;
}

/** T and the assumed error of the estimators that start from the received pilot y = L w, L L^H = Ψ. */
function pilotFactorEstimator(
  { clients: K, accessPoints: L, antennas: N, pilots, pilotIndex }: Network,
  covariance: Float64Array,
  kind: "ls" | "element-wise-mmse",
): Pick<Estimates, "estimator" | "assumedError" | "shared"> {
  const size = N * N;
  const psi = { re: new Float64Array(L * pilots * size), im: new Float64Array(L * pilots * size) };
  for (let l = 0; l < L; l++) {
    for (let t = 0; t < pilots; t++) for (let n = 0; n < N; n++) psi.re[(l * pilots + t) * size + n * (N + 1)] = 1;
    for (let k = 0; k < K; k++)
      for (let i = 0; i < size; i++) {
        psi.re[(l * pilots + pilotIndex[k]!) * size + i]! += pilots * covariance[2 * ((l * K + k) * size + i)]!;
        psi.im[(l * pilots + pilotIndex[k]!) * size + i]! += pilots * covariance[2 * ((l * K + k) * size + i) + 1]!;
      }
  }
  const factor = choleskyHermitian(psi, N, L * pilots);
  const estimator = new Float64Array(2 * K * L * size);
  const assumedError = new Float64Array(2 * K * L * size);
  for (let l = 0; l < L; l++)
    for (let k = 0; k < K; k++) {
      const from = (l * pilots + pilotIndex[k]!) * size;
      const to = 2 * (l * K + k) * size;
      for (let i = 0; i < size; i++) {
        const diagonal = Math.floor(i / N) * (N + 1);
        const r = covariance[to + 2 * diagonal]!;
        const own = psi.re[from + diagonal]!;
        const weight = kind === "ls" ? 1 / Math.sqrt(pilots) : (Math.sqrt(pilots) * r) / own;
        estimator[to + 2 * i] = weight * factor.re[from + i]!;
        estimator[to + 2 * i + 1] = weight * factor.im[from + i]!;
        if (kind === "ls") {
          assumedError[to + 2 * i] = psi.re[from + i]! / pilots - covariance[to + 2 * i]!;
          assumedError[to + 2 * i + 1] = psi.im[from + i]! / pilots - covariance[to + 2 * i + 1]!;
        } else if (i % (N + 1) === 0) assumedError[to + 2 * i] = r - (pilots * r * r) / own;
      }
    }
  return { estimator, assumedError, shared: kind === "ls" };
}
