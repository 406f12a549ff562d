/**
 * Minimum mean-square error channel estimation with pilot contamination ([B] 4.2), per access point l and pilot t, in
 * noise-normalised units (R counts in multiples of the noise at the transmit power, e = τ_p):
 *
 *   Ψ_tl = e Σ_{i ∈ P_t} R_il + I = L L^H,  X_kl = √e L^-1 R_kl,  B_kl = X^H X,  C_kl = R_kl − B_kl
 *
 * so that the estimate is W_kl w with W = X^H and w = L^-1 y/√e ~ CN(0, I), the whitened pilot signal.
 *
 * correlation: real parts [K][L][N][N], then imaginary ones (or 0: identity), gain: [K][L], the factors that make R of it;
 * w, c: [L][K][N][N] complex, real and imaginary part side by side.
 * scratch: 32·N·N·(K + pilots) bytes; status: 8 bytes. Two access points at a time are the two lanes.
 */
import { choleskyBatched } from "../matrix/choleskyBatched";
import { forwardSubstitute } from "../matrix/solveBatched";
import { Links, pilotOf } from "./links";

export function mmseEstimation(
  energy: f64, links: Links, correlation: usize, gain: usize, w: usize, c: usize, scratch: usize, status: usize,
): void {
  const clients = links.clients, accessPoints = links.accessPoints, n = links.antennas, pilots = links.pilots;
  const square = n * n;
  const re = correlation, im = correlation + ((<usize>(clients * accessPoints * square)) << 3);
  const size = (<usize>square) << 5; // bytes of a paired matrix
  const plane = (<usize>square) << 3;
  const complex = (<usize>square) << 4;
  const psi = scratch + <usize>clients * size;
  const root = f64x2.splat(sqrt(energy));
  const e = f64x2.splat(energy);
  for (let l: i32 = 0; l < accessPoints; l += 2) {
    const next: usize = l + 1 < accessPoints ? 1 : 0; // an odd last one fills both lanes
    for (let t = 0; t < pilots; t++) identity(psi + <usize>t * size, n);
    for (let k = 0; k < clients; k++) {
      const link = <usize>(k * accessPoints + l);
      const r = scratch + <usize>k * size;
      const scale = twoOf(gain + (link << 3), next << 3);
      if (correlation == 0) {
        identity(r, n);
        for (let d = 0; d < n; d++) v128.store(r + ((<usize>(d * n + d)) << 5), scale);
      } else {
        const from = link * plane;
        for (let q: usize = 0; q < plane; q += 8) {
          v128.store(r + 4 * q, f64x2.mul(scale, twoOf(re + from + q, next * plane)));
          v128.store(r + 4 * q, f64x2.mul(scale, twoOf(im + from + q, next * plane)), 16);
        }
      }
      const p = psi + <usize>pilotOf(k, links) * size;
      for (let q: usize = 0; q < size; q += 16)
        v128.store(p + q, f64x2.add(v128.load(p + q), f64x2.mul(e, v128.load(r + q))));
    }
    for (let t = 0; t < pilots; t++) choleskyBatched(n, 1, psi + <usize>t * size, status);
    for (let k = 0; k < clients; k++) {
      const r = scratch + <usize>k * size;
      const out = <usize>(l * clients + k) * complex;
      const second = next * <usize>clients * complex;
      // C starts as R; R becomes X.
      for (let q: usize = 0; q < complex; q += 16) split(c + out + q, second, v128.load(r + 2 * q), v128.load(r + 2 * q, 16));
      forwardSubstitute(n, n, psi + <usize>pilotOf(k, links) * size, r);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const x = r + ((<usize>(j * n + i)) << 5);
          split(
            w + out + ((<usize>(i * n + j)) << 4), second,
            f64x2.mul(root, v128.load(x)), f64x2.neg(f64x2.mul(root, v128.load(x, 16))));
          // B_ij = e Σ_m conj(X_mi) X_mj
          let br = f64x2.splat(0);
          let bi = br;
          for (let m = 0; m < n; m++) {
            const a = r + ((<usize>(m * n + i)) << 5);
            const b = r + ((<usize>(m * n + j)) << 5);
            const ar = v128.load(a);
            const ai = v128.load(a, 16);
            const xr = v128.load(b);
            const xi = v128.load(b, 16);
            br = f64x2.add(f64x2.add(br, f64x2.mul(ar, xr)), f64x2.mul(ai, xi));
            bi = f64x2.add(f64x2.sub(bi, f64x2.mul(ai, xr)), f64x2.mul(ar, xi));
          }
          const at = c + out + ((<usize>(i * n + j)) << 4);
          const cr = f64x2.sub(twoOf(at, second), f64x2.mul(e, br));
          const ci = f64x2.sub(twoOf(at + 8, second), f64x2.mul(e, bi));
          split(at, second, cr, ci);
        }
      }
    }
  }
}

/** One number of each of the two access points, `apart` bytes from one another. */
// @ts-ignore: decorator
@inline
function twoOf(at: usize, apart: usize): v128 {
  return v128.load64_lane(at + apart, v128.load64_zero(at), 1);
}

/** The complex number of each lane to `at` and `apart` bytes on; the first lane last, as `apart` may be 0. */
// @ts-ignore: decorator
@inline
function split(at: usize, apart: usize, re: v128, im: v128): void {
  v128.store(at + apart, i64x2.shuffle(re, im, 1, 3));
  v128.store(at, i64x2.shuffle(re, im, 0, 2));
}

function identity(at: usize, n: i32): void {
  memory.fill(at, 0, (<usize>(n * n)) << 5);
  for (let d = 0; d < n; d++) v128.store(at + ((<usize>(d * n + d)) << 5), f64x2.splat(1.0));
}
