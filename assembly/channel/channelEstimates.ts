import { Links, pilotOf } from "./links";

/**
 * Channel estimates of one pair of realizations: ĥ_kl = T_kl w_tl, t the pilot of client k (mmseEstimation.ts).
 *
 * white: [L][pilots][N], out: [L][K][N], both in the paired layout (matrix/dotTile.ts), the two lanes two realizations;
 * estimator T: [L][K][N][N] complex. Every number is multiplied by `scale`: √½ where the white numbers' parts have variance 1.
 */
export function channelEstimates(scale: f64, links: Links, white: usize, estimator: usize, out: usize): void {
  const accessPoints = links.accessPoints, clients = links.clients, n = links.antennas, pilots = links.pilots;
  const antennas = (<usize>n) << 5;
  const s = f64x2.splat(scale);
  for (let l = 0; l < accessPoints; l++) {
    for (let k = 0; k < clients; k++) {
      const w = white + <usize>pilotOf(k, links) * antennas;
      const end = w + antennas;
      for (let r = 0; r < n; r++) {
        let re = f64x2.splat(0);
        let im = re;
        for (let x = w; x < end; x += 32) {
          const tr = v128.load64_splat(estimator);
          const ti = v128.load64_splat(estimator, 8);
          const xr = v128.load(x);
          const xi = v128.load(x, 16);
          re = f64x2.sub(f64x2.add(re, f64x2.mul(tr, xr)), f64x2.mul(ti, xi));
          im = f64x2.add(f64x2.add(im, f64x2.mul(tr, xi)), f64x2.mul(ti, xr));
          estimator += 16;
        }
        v128.store(out, f64x2.mul(s, re));
        v128.store(out, f64x2.mul(s, im), 16);
        out += 32;
      }
    }
    white += <usize>pilots * antennas;
  }
}
