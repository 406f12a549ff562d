import { innerProduct, outerProduct, traceOfProduct } from "./complex.js";
import type { Estimates } from "./estimates.js";
import { addLineOfSight } from "./lineOfSight.js";
import { type Moments, servedLinks } from "./moments.js";
import type { Network } from "./network.js";

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
  const moments: Moments = {
    ...links,
    mean: new Float64Array(2 * count * K),
    square: new Float64Array(count * K),
    norm: new Float64Array(count),
  };
  const { mean, square, norm } = moments;
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
        if (pilotIndex[i] === pilotIndex[k]) {
          const [re, im] = innerProduct(estimates.estimator, own * N * N, estimates.means, other * N * N, N * N);
          second += re * re + im * im;
          mean[2 * (link * K + i)] = re;
          mean[2 * (link * K + i) + 1] = im;
        }
        square[link * K + i] = second;
      }
      if (estimates.lineOfSight !== undefined)
        addLineOfSight(network, estimates, { link, client: k, accessPoint: l, outer }, moments);
    }
  return moments;
}
