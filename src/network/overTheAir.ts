import { solveHermitian } from "../../bindings/matrix.js";
import type { Stream } from "../../bindings/random.js";
import { RunError } from "../config/errors.js";
import { addProduct, innerProduct, squaredNorm } from "./complex.js";
import { type Estimates, estimateChannels } from "./estimates.js";
import type { Network } from "./network.js";
import { lowerFactors, semidefiniteFactors, solveLower, solveUpper } from "./triangular.js";

/** Who sends symbols of unit power at the same time, and what the sum is to have of each. */
export interface AirSenders {
  /** Their numbers, ascending [S] */
  clients: readonly number[];
  /** p [S], coefficients above 0 */
  power: ArrayLike<number>;
  /** c [S], real */
  target: ArrayLike<number>;
}

/** What the receiver makes of the symbols u_s of a coherence block: Σ_s response_s u_s + noise. */
export interface AirBlock {
  /** α_s = √p_s a^H h_s [2S: re, im] */
  response: Float64Array;
  /** ‖a‖²: variance of the complex noise */
  noise: number;
  /** Mean square of what is received less Σ_s c_s u_s, given the block's estimates: of independent symbols of mean 0 */
  error: number;
}

/**
 * The sum of what clients send at once, coherence block by coherence block. With y = Σ_s √p_s h_s u_s + n, noise of unit
 * variance, ĥ the MMSE estimates from the block's pilots at all antennas of all access points and C_s = blkdiag_l C_sl what
 * they do not know, the linear estimate a^H y of Σ_s c_s u_s with the least mean square error has
 *
 *   a = Z⁻¹ H x,  Z = I + Σ_s p_s C_s,  H = (√p_s ĥ_s)_s,  (I + H^H Z⁻¹ H) x = c,  and the error c^T x:
 *
 * the normal equations (H H^H + Z) a = H c by the matrix inversion lemma. Channels, pilots (at full power, of all clients)
 * and their noise are drawn; what clients on one pilot share in their errors is in the response.
 * @throws InputError where the channels are too many or too strong
 */
export function airReceiver(
  network: Network,
  { clients, power, target }: AirSenders,
): { block(random: Stream): AirBlock } {
  const { clients: K, accessPoints: L, antennas: N } = network;
  const [S, M] = [clients.length, L * N];
  const estimates = estimateChannels(network);
  const draw = channelDraws(network, estimates);
  const uncertain = uncertaintyFactors(network, estimates, clients, power);
  const white = new Float64Array(2 * S * M);
  const combined = new Float64Array(2 * M);
  const matrix = { re: new Float64Array(S * S), im: new Float64Array(S * S) };
  const wanted = { re: Float64Array.from(target), im: new Float64Array(S) };

  /** Rows √p_s L_l⁻¹ ĥ_sl, L L^H = Z, and I + their products. */
  function whiten(estimate: Float64Array): void {
    for (const [s, k] of clients.entries()) {
      const amplitude = Math.sqrt(power[s]!);
      for (let l = 0; l < L; l++) {
        const [from, to] = [2 * (l * K + k) * N, 2 * (s * M + l * N)];
        for (let n = 0; n < 2 * N; n++) white[to + n] = amplitude * estimate[from + n]!;
        solveLower(uncertain, l, white, to, N);
      }
    }
    for (let i = 0; i < S; i++)
      for (let j = 0; j <= i; j++) {
        const [re, im] = innerProduct(white, i * M, white, j * M, M);
        matrix.re[i * S + j] = re + (i === j ? 1 : 0);
        matrix.im[i * S + j] = im;
      }
  }

  return {
    block(random) {
      const { channel, estimate } = draw(random);
      whiten(estimate);
      const x = solveHermitian(matrix, wanted, S, 1);
      if (x.pivots[0] !== -1) throw new RunError("over the air: the clients' channels cannot be told apart");
      combined.fill(0);
      let error = 0;
      for (let s = 0; s < S; s++) {
        error += wanted.re[s]! * x.re[s]!;
        const [xr, xi] = [x.re[s]!, x.im[s]!];
        for (let m = 0; m < 2 * M; m += 2) {
          const [wr, wi] = [white[2 * s * M + m]!, white[2 * s * M + m + 1]!];
          combined[m]! += wr * xr - wi * xi;
          combined[m + 1]! += wr * xi + wi * xr;
        }
      }
      for (let l = 0; l < L; l++) solveUpper(uncertain, l, combined, 2 * l * N, N);
      const response = new Float64Array(2 * S);
      for (const [s, k] of clients.entries()) {
        const amplitude = Math.sqrt(power[s]!);
        for (let l = 0; l < L; l++) {
          const [re, im] = innerProduct(combined, l * N, channel, (l * K + k) * N, N);
          response[2 * s]! += amplitude * re;
          response[2 * s + 1]! += amplitude * im;
        }
      }
      return { response, noise: squaredNorm(combined, 0, M), error };
    },
  };
}

/** Draws a block's channels and what is estimated of them, N numbers of each link from 2·(l·K + k)·N on. */
function channelDraws(network: Network, estimates: Estimates) {
  const { clients: K, accessPoints: L, antennas: N, pilots, pilotIndex } = network;
  const { covariance, means, lineOfSight } = estimates;
  const links = K * L;
  const factors = semidefiniteFactors(covariance, links, N);
  const observed = pilotFactors(network, covariance);
  const fading = new Float64Array(2 * links * N);
  const channel = new Float64Array(2 * links * N);
  const estimate = new Float64Array(2 * links * N);
  const pilot = new Float64Array(2 * pilots * L * N);
  const phase = new Float64Array(lineOfSight === undefined ? 0 : 2 * links);
  const amplitude = Math.sqrt(pilots);

  return (random: Stream): { channel: Float64Array; estimate: Float64Array } => {
    random.fillNormal(fading, Math.SQRT1_2);
    random.fillNormal(pilot, Math.SQRT1_2);
    random.fillNormal(phase);
    channel.fill(0);
    for (let l = 0; l < L; l++)
      for (let k = 0; k < K; k++) {
        const link = l * K + k;
        addProduct(factors, link, fading, 2 * link * N, channel, 2 * link * N, N);
        const to = 2 * (l * pilots + pilotIndex[k]!) * N;
        for (let n = 0; n < 2 * N; n++) pilot[to + n]! += amplitude * channel[2 * link * N + n]!;
      }
    for (let at = 0; at < L * pilots; at++) solveLower(observed, at, pilot, 2 * at * N, N);
    estimate.fill(0);
    for (let l = 0; l < L; l++)
      for (let k = 0; k < K; k++) {
        const link = l * K + k;
        addProduct(means, link, pilot, 2 * (l * pilots + pilotIndex[k]!) * N, estimate, 2 * link * N, N);
        if (lineOfSight !== undefined) addTurned(lineOfSight, phase, link, N, [channel, estimate]);
      }
    return { channel, estimate };
  };
}

/** The line of sight, turned by a phase that the receiver knows, to a channel and to its estimate. */
function addTurned(
  lineOfSight: Float64Array,
  phase: Float64Array,
  link: number,
  N: number,
  into: readonly Float64Array[],
): void {
  const length = Math.sqrt(phase[2 * link]! * phase[2 * link]! + phase[2 * link + 1]! * phase[2 * link + 1]!);
  const [cos, sin] = [phase[2 * link]! / length, phase[2 * link + 1]! / length];
  for (let n = 2 * link * N; n < 2 * (link + 1) * N; n += 2) {
    const [re, im] = [lineOfSight[n]!, lineOfSight[n + 1]!];
    for (const one of into) {
      one[n]! += re * cos - im * sin;
      one[n + 1]! += re * sin + im * cos;
    }
  }
}

/** Cholesky factors of Z_l = I + Σ_s p_s C_sl [L·N·N], re and im side by side. */
function uncertaintyFactors(
  { clients: K, accessPoints: L, antennas: N }: Network,
  { error }: Estimates,
  clients: readonly number[],
  power: ArrayLike<number>,
): Float64Array {
  const size = 2 * N * N;
  const sum = new Float64Array(L * size);
  for (let l = 0; l < L; l++) {
    for (const [s, k] of clients.entries())
      for (let i = 0; i < size; i++) sum[l * size + i]! += power[s]! * error[(l * K + k) * size + i]!;
    addIdentity(sum, l, N);
  }
  return lowerFactors(sum, N);
}

/** Cholesky factors of a pilot's covariances at each access point, τ_p Σ_{k on it} R_kl + I [L·τ_p·N·N]. */
function pilotFactors(
  { clients: K, accessPoints: L, antennas: N, pilots, pilotIndex }: Network,
  covariance: Float64Array,
): Float64Array {
  const size = 2 * N * N;
  const sum = new Float64Array(L * pilots * size);
  for (let l = 0; l < L; l++) {
    for (let k = 0; k < K; k++) {
      const to = (l * pilots + pilotIndex[k]!) * size;
      for (let i = 0; i < size; i++) sum[to + i]! += pilots * covariance[(l * K + k) * size + i]!;
    }
    for (let t = 0; t < pilots; t++) addIdentity(sum, l * pilots + t, N);
  }
  return lowerFactors(sum, N);
}

function addIdentity(blocks: Float64Array, block: number, N: number): void {
  for (let n = 0; n < N; n++) blocks[2 * (block * N * N + n * (N + 1))]! += 1;
}
