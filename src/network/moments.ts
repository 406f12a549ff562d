import { solveHermitian } from "../../bindings/matrix.js";
import type { RateModel } from "../config/records.js";
import type { Estimates } from "./estimates.js";
import { type Network, prelog } from "./network.js";

/**
 * What distributed reception needs to know of the effective channels g_ki = (v_kl^H h_il)_l of client k's serving APs
 * ([B] Theorem 5.4), noise-normalized. Links are the pairs (k, l) with AP l serving client k, client after client.
 */
export interface Moments {
  /** First link of each client, and the count at the end [K + 1] */
  offset: Int32Array;
  /** AP of each link */
  accessPoint: Int32Array;
  /** E[v_kl^H h_il], re, im [links·K·2] */
  mean: Float64Array;
  /** E|v_kl^H h_il|² [links·K] */
  square: Float64Array;
  /** E‖v_kl‖² [links] */
  norm: Float64Array;
}

/** The links of a network, in the order of `Moments`. */
export function servedLinks(network: Network): Pick<Moments, "offset" | "accessPoint"> {
  const { clients: K, accessPoints: L, serves } = network;
  const offset = new Int32Array(K + 1);
  const accessPoint: number[] = [];
  for (let k = 0; k < K; k++) {
    for (let l = 0; l < L; l++) if (serves[k * L + l]! > 0) accessPoint.push(l);
    offset[k + 1] = accessPoint.length;
  }
  return { offset, accessPoint: Int32Array.from(accessPoint) };
}

/**
 * Maximum ratio, v_kl = ĥ_kl, in closed form ([B] Corollary 5.6, extended to any estimate that is linear in the pilots):
 * with ĥ_kl = T_kl w and h_il given the pilots of mean W_il w,
 *
 *   E[v_kl^H h_il] = tr(T_kl^H W_il) where i and k share a pilot, else 0
 *   E|v_kl^H h_il|² = tr(T_kl T_kl^H R_il) + |E[v_kl^H h_il]|²,  E‖v_kl‖² = tr(T_kl T_kl^H)
 *
 * A line of sight h̄ with its random phase adds its power to both sides: T T^H + h̄_k h̄_k^H, R_il + h̄_i h̄_i^H.
 */
export function maximumRatioMoments(network: Network, estimates: Estimates): Moments {
  const { clients: K, antennas: N, pilotIndex } = network;
  const links = servedLinks(network);
  const count = links.accessPoint.length;
  const mean = new Float64Array(2 * count * K);
  const square = new Float64Array(count * K);
  const norm = new Float64Array(count);
  const outer = new Float64Array(2 * N * N);
  for (let k = 0; k < K; k++)
    for (let link = links.offset[k]!; link < links.offset[k + 1]!; link++) {
      const l = links.accessPoint[link]!;
      const own = l * K + k;
      outerProduct(estimates.estimator, own, N, outer);
      for (let n = 0; n < N; n++) norm[link]! += outer[2 * n * (N + 1)]!;
      for (let i = 0; i < K; i++) {
        const other = l * K + i;
        let second = traceOfProduct(outer, 0, estimates.covariance, other, N);
        let re = 0;
        let im = 0;
        if (pilotIndex[i] === pilotIndex[k]) {
          // tr(T^H W) = Σ conj(T_ab) W_ab
          const [t, w] = [2 * own * N * N, 2 * other * N * N];
          for (let a = 0; a < 2 * N * N; a += 2) {
            const [tr, ti] = [estimates.estimator[t + a]!, estimates.estimator[t + a + 1]!];
            const [wr, wi] = [estimates.means[w + a]!, estimates.means[w + a + 1]!];
            re += tr * wr + ti * wi;
            im += tr * wi - ti * wr;
          }
          second += re * re + im * im;
        }
        mean[2 * (link * K + i)] = re;
        mean[2 * (link * K + i) + 1] = im;
        square[link * K + i] = second;
      }
      if (estimates.lineOfSight !== undefined)
        addLineOfSight(network, estimates, outer, link, k, l, mean, square, norm);
    }
  return { ...links, mean, square, norm };
}

/**
 * The line of sight's part, phases uniform and independent over links, so that only products whose phases cancel stay:
 * with the combiner's zero-mean covariance B = T T^H and lines of sight a (the combiner's, of client j) and b (the
 * channel's, of client i): E|.|² gains a^H R a + b^H B b + |a^H b|², and for j = i the mean gains ‖b‖².
 */
function addLineOfSight(
  { clients: K, antennas: N, pilotIndex }: Network,
  estimates: Estimates,
  outer: Float64Array,
  link: number,
  k: number,
  l: number,
  mean: Float64Array,
  square: Float64Array,
  norm: Float64Array,
): void {
  const h = estimates.lineOfSight as Float64Array;
  for (let i = 0; i < K; i++) square[link * K + i]! += quadratic(outer, 0, h, l * K + i, N);
  for (let j = 0; j < K; j++) {
    if (j !== k && !(estimates.shared && pilotIndex[j] === pilotIndex[k])) continue;
    norm[link]! += power(h, l * K + j, N);
    for (let i = 0; i < K; i++) {
      const at = link * K + i;
      square[at]! += quadratic(estimates.covariance, l * K + i, h, l * K + j, N);
      let re = 0;
      let im = 0;
      for (let n = 0; n < 2 * N; n += 2) {
        const [ar, ai] = [h[2 * (l * K + j) * N + n]!, h[2 * (l * K + j) * N + n + 1]!];
        const [br, bi] = [h[2 * (l * K + i) * N + n]!, h[2 * (l * K + i) * N + n + 1]!];
        re += ar * br + ai * bi;
        im += ar * bi - ai * br;
      }
      square[at]! += re * re + im * im;
      if (i === j) {
        // (m + p)² − m² of the mean that was there: the cross term of |E + p|².
        square[at]! += 2 * mean[2 * at]! * re;
        mean[2 * at]! += re;
      }
    }
  }
}

/** Distributed reception's weights a_k, complex, one a link ([B] 5.30 "optimal", 5.41 "nearly-optimal"). */
export type Weighting = "none" | "nearly-optimal" | "optimal";

/**
 * a_k ∝ (Σ_{i ∈ set} E[g_ki g_ki^H] + F_k)^-1 E[g_kk] with set = all clients ("optimal") or those that share a serving
 * AP with k ("nearly-optimal"). Off the diagonal E[g_ki g_ki^H] is the product of means, so the matrix is a diagonal plus
 * one outer product a client: solved in the clients or in the APs, whichever are fewer.
 */
export function fadingWeights(network: Network, moments: Moments, weighting: Weighting): Float64Array {
  const weights = new Float64Array(2 * moments.accessPoint.length);
  if (weighting === "none") {
    for (let i = 0; i < weights.length; i += 2) weights[i] = 1;
    return weights;
  }
  for (let k = 0; k < network.clients; k++) {
    const set = weighting === "optimal" ? allClients(network) : sharingClients(network, k);
    solveWeights(network.clients, moments, k, set, weights);
  }
  return weights;
}

/** All clients, or those with a serving AP in common with client k (k included; [B] 5.15). */
export function allClients({ clients }: Network): Int32Array {
  return Int32Array.from({ length: clients }, (_, i) => i);
}

export function sharingClients({ clients: K, accessPoints: L, serves }: Network, k: number): Int32Array {
  const set: number[] = [];
  for (let i = 0; i < K; i++)
    for (let l = 0; l < L; l++)
      if (serves[k * L + l]! > 0 && serves[i * L + l]! > 0) {
        set.push(i);
        break;
      }
  return Int32Array.from(set);
}

/**
 * The five arrays that moments and weights make ([B] Theorem 5.4):
 * A_k = |a^H E[g_kk]|², B_k = E|a^H g_kk|² − A_k, B̃_ki = E|a^H g_ki|², I_k = Σ_l |a_l|² E‖v_kl‖².
 */
export function distributedRates(network: Network, moments: Moments, weights: Float64Array): RateModel {
  const K = network.clients;
  const rates: RateModel = {
    clients: K,
    signal: new Float64Array(K),
    selfInterference: new Float64Array(K),
    interference: new Float64Array(K * K),
    noise: new Float64Array(K),
    bandwidth: network.bandwidth * prelog(network),
    transmitPower: network.transmitPower,
  };
  for (let k = 0; k < K; k++)
    for (let i = 0; i < K; i++) {
      let re = 0;
      let im = 0;
      let spread = 0;
      for (let link = moments.offset[k]!; link < moments.offset[k + 1]!; link++) {
        const [ar, ai] = [weights[2 * link]!, weights[2 * link + 1]!];
        const [mr, mi] = [moments.mean[2 * (link * K + i)]!, moments.mean[2 * (link * K + i) + 1]!];
        re += ar * mr + ai * mi;
        im += ar * mi - ai * mr;
        const weight = ar * ar + ai * ai;
        spread += weight * (moments.square[link * K + i]! - mr * mr - mi * mi);
        if (i === k) rates.noise[k]! += weight * moments.norm[link]!;
      }
      const coherent = re * re + im * im;
      if (i === k) {
        rates.signal[k] = coherent;
        rates.selfInterference[k] = Math.max(0, spread);
      } else rates.interference[k * K + i] = Math.max(0, spread) + coherent;
    }
  return rates;
}

function solveWeights(K: number, moments: Moments, k: number, set: Int32Array, weights: Float64Array): void {
  const first = moments.offset[k]!;
  const m = moments.offset[k + 1]! - first;
  const s = set.length;
  const diagonal = new Float64Array(m);
  const g = { re: new Float64Array(s * m), im: new Float64Array(s * m) };
  for (let l = 0; l < m; l++) {
    diagonal[l] = moments.norm[first + l]!;
    for (let c = 0; c < s; c++) {
      const at = (first + l) * K + set[c]!;
      const [re, im] = [moments.mean[2 * at]!, moments.mean[2 * at + 1]!];
      diagonal[l]! += Math.max(0, moments.square[at]! - re * re - im * im);
      g.re[c * m + l] = re;
      g.im[c * m + l] = im;
    }
  }
  const own = set.indexOf(k);
  const order = Math.min(s, m);
  const a = { re: new Float64Array(order * order), im: new Float64Array(order * order) };
  const b = { re: new Float64Array(order), im: new Float64Array(order) };
  if (s <= m) {
    // a = D^-1 G x, x = (I + G^H D^-1 G)^-1 e_k
    for (let i = 0; i < s; i++)
      for (let j = 0; j <= i; j++) {
        let re = i === j ? 1 : 0;
        let im = 0;
        for (let l = 0; l < m; l++) {
          const [pr, pi, qr, qi] = [g.re[i * m + l]!, g.im[i * m + l]!, g.re[j * m + l]!, g.im[j * m + l]!];
          re += (pr * qr + pi * qi) / diagonal[l]!;
          im += (pr * qi - pi * qr) / diagonal[l]!;
        }
        a.re[i * s + j] = re;
        a.im[i * s + j] = im;
      }
    b.re[own] = 1;
  } else {
    for (let l = 0; l < m; l++) {
      for (let q = 0; q <= l; q++) {
        let re = l === q ? diagonal[l]! : 0;
        let im = 0;
        for (let c = 0; c < s; c++) {
          const [pr, pi, qr, qi] = [g.re[c * m + l]!, g.im[c * m + l]!, g.re[c * m + q]!, g.im[c * m + q]!];
          re += pr * qr + pi * qi;
          im += pi * qr - pr * qi;
        }
        a.re[l * m + q] = re;
        a.im[l * m + q] = im;
      }
      b.re[l] = g.re[own * m + l]!;
      b.im[l] = g.im[own * m + l]!;
    }
  }
  const x = solveHermitian(a, b, order, 1);
  for (let l = 0; l < m; l++) {
    let re = x.re[l] ?? 0;
    let im = x.im[l] ?? 0;
    if (s <= m) {
      re = 0;
      im = 0;
      for (let c = 0; c < s; c++) {
        re += g.re[c * m + l]! * x.re[c]! - g.im[c * m + l]! * x.im[c]!;
        im += g.re[c * m + l]! * x.im[c]! + g.im[c * m + l]! * x.re[c]!;
      }
      re /= diagonal[l]!;
      im /= diagonal[l]!;
    }
    weights[2 * (first + l)] = re;
    weights[2 * (first + l) + 1] = im;
  }
}

/** out = T T^H of block `block`. */
function outerProduct(t: Float64Array, block: number, N: number, out: Float64Array): void {
  const base = 2 * block * N * N;
  for (let a = 0; a < N; a++)
    for (let b = 0; b < N; b++) {
      let re = 0;
      let im = 0;
      for (let m = 0; m < N; m++) {
        const [xr, xi] = [t[base + 2 * (a * N + m)]!, t[base + 2 * (a * N + m) + 1]!];
        const [yr, yi] = [t[base + 2 * (b * N + m)]!, t[base + 2 * (b * N + m) + 1]!];
        re += xr * yr + xi * yi;
        im += xi * yr - xr * yi;
      }
      out[2 * (a * N + b)] = re;
      out[2 * (a * N + b) + 1] = im;
    }
}

/** tr(A B) of two Hermitian blocks, which is real: Σ_ab Re(A_ab conj(B_ab)). */
export function traceOfProduct(a: Float64Array, blockA: number, b: Float64Array, blockB: number, N: number): number {
  const size = 2 * N * N;
  let sum = 0;
  for (let i = 0; i < size; i++) sum += a[blockA * size + i]! * b[blockB * size + i]!;
  return sum;
}

/** x^H A x of a Hermitian block and the vector of link `link`. */
function quadratic(a: Float64Array, block: number, x: Float64Array, link: number, N: number): number {
  const [base, from] = [2 * block * N * N, 2 * link * N];
  let sum = 0;
  for (let r = 0; r < N; r++)
    for (let c = 0; c < N; c++) {
      const [ar, ai] = [a[base + 2 * (r * N + c)]!, a[base + 2 * (r * N + c) + 1]!];
      const [xr, xi] = [x[from + 2 * r]!, x[from + 2 * r + 1]!];
      const [yr, yi] = [x[from + 2 * c]!, x[from + 2 * c + 1]!];
      sum += xr * (ar * yr - ai * yi) + xi * (ar * yi + ai * yr);
    }
  return sum;
}

function power(x: Float64Array, link: number, N: number): number {
  let sum = 0;
  for (let n = 2 * link * N; n < 2 * (link + 1) * N; n++) sum += x[n]! * x[n]!;
  return sum;
}
