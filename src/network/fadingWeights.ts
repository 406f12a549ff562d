import { type Complex, solveHermitian } from "../../bindings/matrix.js";
import { allClients, sharingClients } from "./clientSets.js";
import type { Moments } from "./moments.js";
import type { Network } from "./network.js";

/**
 * Large-scale fading decoding (LSFD), distributed reception's weights a_k, complex, one a link
 * ([B] 5.30 "optimal", 5.41 "nearly-optimal").
 */
export type Weighting = "none" | "nearly-optimal" | "optimal";

/**
 * a_k ∝ (Σ_{i ∈ set} E[g_ki g_ki^H] + F_k)^-1 E[g_kk] with set = all clients ("optimal") or those that share a serving
 * AP with k ("nearly-optimal"). Off the diagonal E[g_ki g_ki^H] is the product of means, so the matrix is a diagonal plus
 * one outer product a client, D + G G^H: solved in the clients or in the APs, whichever are fewer.
 */
export function fadingWeights(network: Network, moments: Moments, weighting: Weighting): Float64Array {
  const weights = new Float64Array(2 * moments.accessPoint.length);
  if (weighting === "none") {
    for (let i = 0; i < weights.length; i += 2) weights[i] = 1;
    return weights;
  }
  for (let k = 0; k < network.clients; k++) {
    const set = weighting === "optimal" ? allClients(network) : sharingClients(network, k);
    const system = systemOf(network.clients, moments, k, set);
    const { re, im } = set.length <= system.links ? solveInClients(system) : solveInAccessPoints(system);
    for (let l = 0; l < system.links; l++) {
      const at = 2 * (moments.offset[k]! + l);
      weights[at] = re[l]!;
      weights[at + 1] = im[l]!;
    }
  }
  return weights;
}

/** (D + G G^H) a = g of one client: m links, s clients in the set. */
interface FadingSystem {
  links: number;
  clients: number;
  /** D, diagonal [m] */
  diagonal: Float64Array;
  /** G' [s·m]: E[g_ki] of the set's clients */
  means: Complex;
  /** Where the client itself stands in the set */
  own: number;
}

function systemOf(K: number, moments: Moments, k: number, set: Int32Array): FadingSystem {
  const first = moments.offset[k]!;
  const m = moments.offset[k + 1]! - first;
  const s = set.length;
  const diagonal = new Float64Array(m);
  const means = { re: new Float64Array(s * m), im: new Float64Array(s * m) };
  for (let l = 0; l < m; l++) {
    diagonal[l] = moments.norm[first + l]!;
    for (let c = 0; c < s; c++) {
      const at = (first + l) * K + set[c]!;
      const [re, im] = [moments.mean[2 * at]!, moments.mean[2 * at + 1]!];
      diagonal[l]! += Math.max(0, moments.square[at]! - re * re - im * im);
      means.re[c * m + l] = re;
      means.im[c * m + l] = im;
    }
  }
  return { links: m, clients: s, diagonal, means, own: set.indexOf(k) };
}

/** a = D^-1 G x, x = (I + G^H D^-1 G)^-1 e_k. A link that yields nothing, neither signal nor noise, has weight 0. */
function solveInClients({ links: m, clients: s, diagonal, means: g, own }: FadingSystem): Complex {
  const a = { re: new Float64Array(s * s), im: new Float64Array(s * s) };
  const b = { re: new Float64Array(s), im: new Float64Array(s) };
  for (let i = 0; i < s; i++)
    for (let j = 0; j <= i; j++) {
      let re = i === j ? 1 : 0;
      let im = 0;
      for (let l = 0; l < m; l++) {
        if (!(diagonal[l]! > 0)) continue;
        const [pr, pi, qr, qi] = [g.re[i * m + l]!, g.im[i * m + l]!, g.re[j * m + l]!, g.im[j * m + l]!];
        re += (pr * qr + pi * qi) / diagonal[l]!;
        im += (pr * qi - pi * qr) / diagonal[l]!;
      }
      a.re[i * s + j] = re;
      a.im[i * s + j] = im;
    }
  b.re[own] = 1;
  const x = solveHermitian(a, b, s, 1);
  const out = { re: new Float64Array(m), im: new Float64Array(m) };
  for (let l = 0; l < m; l++) {
    if (!(diagonal[l]! > 0)) continue;
    let re = 0;
    let im = 0;
    for (let c = 0; c < s; c++) {
      re += g.re[c * m + l]! * x.re[c]! - g.im[c * m + l]! * x.im[c]!;
      im += g.re[c * m + l]! * x.im[c]! + g.im[c * m + l]! * x.re[c]!;
    }
    out.re[l] = re / diagonal[l]!;
    out.im[l] = im / diagonal[l]!;
  }
  return out;
}

/** a = (D + G G^H)^-1 g. */
function solveInAccessPoints({ links: m, clients: s, diagonal, means: g, own }: FadingSystem): Complex {
  const a = { re: new Float64Array(m * m), im: new Float64Array(m * m) };
  const b = { re: new Float64Array(m), im: new Float64Array(m) };
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
  return solveHermitian(a, b, m, 1);
}
