import { choleskyHermitian, solveHermitian } from "../../bindings/matrix.js";
import type { Stream } from "../../bindings/random.js";
import { RunError } from "../config/errors.js";
import { innerProduct, squaredNorm } from "./complex.js";
import { type Estimates, estimateChannels } from "./estimates.js";
import type { Network } from "./network.js";

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
  return lowerFactors(sum, L, N);
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
  return lowerFactors(sum, L * pilots, N);
}

function addIdentity(blocks: Float64Array, block: number, N: number): void {
  for (let n = 0; n < N; n++) blocks[2 * (block * N * N + n * (N + 1))]! += 1;
}

function lowerFactors(blocks: Float64Array, count: number, N: number): Float64Array {
  const entries = count * N * N;
  const re = Float64Array.from({ length: entries }, (_, i) => blocks[2 * i]!);
  const im = Float64Array.from({ length: entries }, (_, i) => blocks[2 * i + 1]!);
  const factors = choleskyHermitian({ re, im }, N, count);
  const out = new Float64Array(2 * entries);
  for (let i = 0; i < entries; i++) {
    out[2 * i] = factors.re[i]!;
    out[2 * i + 1] = factors.im[i]!;
  }
  return out;
}

/** A factor L with L L^H = A of each block; A may be singular: where a pivot is rounding, its column is 0. */
function semidefiniteFactors(blocks: Float64Array, count: number, N: number): Float64Array {
  const out = new Float64Array(2 * count * N * N);
  for (let block = 0; block < count; block++) {
    const base = 2 * block * N * N;
    for (let j = 0; j < N; j++) {
      const diagonal = blocks[base + 2 * j * (N + 1)]!;
      let pivot = diagonal;
      for (let m = 0; m < 2 * j; m++) pivot -= out[base + 2 * j * N + m]! * out[base + 2 * j * N + m]!;
      if (!(pivot > 1e-14 * N * diagonal)) continue;
      const root = Math.sqrt(pivot);
      out[base + 2 * j * (N + 1)] = root;
      for (let i = j + 1; i < N; i++) {
        // (A_ij − Σ_m L_im conj(L_jm)) / L_jj
        const [re, im] = innerProduct(out, base / 2 + j * N, out, base / 2 + i * N, j);
        out[base + 2 * (i * N + j)] = (blocks[base + 2 * (i * N + j)]! - re) / root;
        out[base + 2 * (i * N + j) + 1] = (blocks[base + 2 * (i * N + j) + 1]! - im) / root;
      }
    }
  }
  return out;
}

/** out += A x, A block `block` of `matrices`, x and out from positions in their arrays. */
function addProduct(
  matrices: Float64Array,
  block: number,
  x: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
  N: number,
): void {
  for (let i = 0; i < N; i++) {
    const row = 2 * (block * N + i) * N;
    let re = 0;
    let im = 0;
    for (let j = 0; j < 2 * N; j += 2) {
      const [ar, ai] = [matrices[row + j]!, matrices[row + j + 1]!];
      const [xr, xi] = [x[from + j]!, x[from + j + 1]!];
      re += ar * xr - ai * xi;
      im += ar * xi + ai * xr;
    }
    out[to + 2 * i]! += re;
    out[to + 2 * i + 1]! += im;
  }
}

/** x ← L⁻¹ x in place, L lower triangular with a real diagonal. */
function solveLower(factors: Float64Array, block: number, x: Float64Array, at: number, N: number): void {
  for (let i = 0; i < N; i++) {
    const row = 2 * (block * N + i) * N;
    let [re, im] = [x[at + 2 * i]!, x[at + 2 * i + 1]!];
    for (let j = 0; j < 2 * i; j += 2) {
      re -= factors[row + j]! * x[at + j]! - factors[row + j + 1]! * x[at + j + 1]!;
      im -= factors[row + j]! * x[at + j + 1]! + factors[row + j + 1]! * x[at + j]!;
    }
    x[at + 2 * i] = re / factors[row + 2 * i]!;
    x[at + 2 * i + 1] = im / factors[row + 2 * i]!;
  }
}

/** x ← L^−H x in place. */
function solveUpper(factors: Float64Array, block: number, x: Float64Array, at: number, N: number): void {
  for (let i = N - 1; i >= 0; i--) {
    let [re, im] = [x[at + 2 * i]!, x[at + 2 * i + 1]!];
    for (let j = i + 1; j < N; j++) {
      const entry = 2 * ((block * N + j) * N + i);
      const [fr, fi] = [factors[entry]!, -factors[entry + 1]!];
      re -= fr * x[at + 2 * j]! - fi * x[at + 2 * j + 1]!;
      im -= fr * x[at + 2 * j + 1]! + fi * x[at + 2 * j]!;
    }
    const diagonal = factors[2 * ((block * N + i) * N + i)]!;
    x[at + 2 * i] = re / diagonal;
    x[at + 2 * i + 1] = im / diagonal;
  }
}
