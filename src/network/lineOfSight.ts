import { innerProduct, quadraticForm, squaredNorm } from "./complex.js";
import type { Estimates } from "./estimates.js";
import type { Moments } from "./moments.js";
import type { Network } from "./network.js";

/** A link and its combiner. */
export interface CombinedLink {
  link: number;
  client: number;
  accessPoint: number;
  /** T T^H [N·N], the zero-mean covariance of the combiner */
  outer: Float64Array;
}

/**
 * The line of sight's part, phases uniform and independent over links, so that only products whose phases cancel stay:
 * with the combiner's zero-mean covariance B = T T^H and lines of sight a (the combiner's, of client j) and b (the
 * channel's, of client i): E|.|² gains a^H R a + b^H B b + |a^H b|², and for j = i the mean gains ‖b‖².
 */
export function addLineOfSight(
  { clients: K, antennas: N, pilotIndex }: Network,
  estimates: Estimates,
  { link, client: k, accessPoint: l, outer }: CombinedLink,
  { mean, square, norm }: Pick<Moments, "mean" | "square" | "norm">,
): void {
  const h = estimates.lineOfSight as Float64Array;
  for (let i = 0; i < K; i++) square[link * K + i]! += quadraticForm(outer, 0, h, l * K + i, N);
  for (let j = 0; j < K; j++) {
    if (j !== k && !(estimates.shared && pilotIndex[j] === pilotIndex[k])) continue;
    norm[link]! += squaredNorm(h, l * K + j, N);
    for (let i = 0; i < K; i++) {
      const at = link * K + i;
      square[at]! += quadraticForm(estimates.covariance, l * K + i, h, l * K + j, N);
      const [re, im] = innerProduct(h, (l * K + j) * N, h, (l * K + i) * N, N);
      square[at]! += re * re + im * im;
      if (i === j) {
        // (m + p)² − m² of the mean that was there: the cross term of |E + p|².
        square[at]! += 2 * mean[2 * at]! * re;
        mean[2 * at]! += re;
      }
    }
  }
}
