import { Links, pilotOf } from "./links";

/**
 * Adds each link's line of sight, turned by a uniform random phase, to one pair of realizations: ĥ_kl += e^{jψ_kl} h̄_kl,
 * and, where `shared` is 1 (least squares, which takes all it hears for the client's), those of all clients on its pilot.
 *
 * normals: [L][K] paired complex, whose directions are the phases; mean: [L][K][N] complex; out: [L][K][N] paired.
 */
export function addLineOfSight(shared: i32, links: Links, normals: usize, mean: usize, out: usize): void {
  const accessPoints = links.accessPoints, clients = links.clients, n = links.antennas;
  const antennas = (<usize>n) << 5;
  for (let l = 0; l < accessPoints; l++) {
    for (let k = 0; k < clients; k++) {
      const zr = v128.load(normals);
      const zi = v128.load(normals, 16);
      const inverse = f64x2.div(
        f64x2.splat(1.0),
        f64x2.sqrt(f64x2.add(f64x2.add(f64x2.mul(zr, zr), f64x2.mul(zi, zi)), f64x2.splat(1e-300))));
      const cr = f64x2.mul(zr, inverse);
      const ci = f64x2.mul(zi, inverse);
      const first = shared ? 0 : k;
      const last = shared ? clients : k + 1;
      for (let i = first; i < last; i++) {
        if (pilotOf(i, links) != pilotOf(k, links)) continue;
        let y = out + <usize>i * antennas;
        for (let r: usize = 0; r < <usize>n; r++) {
          const hr = v128.load64_splat(mean + (r << 4));
          const hi = v128.load64_splat(mean + (r << 4), 8);
          v128.store(y, f64x2.sub(f64x2.add(v128.load(y), f64x2.mul(cr, hr)), f64x2.mul(ci, hi)));
          v128.store(y, f64x2.add(f64x2.add(v128.load(y, 16), f64x2.mul(cr, hi)), f64x2.mul(ci, hr)), 16);
          y += 32;
        }
      }
      normals += 32;
      mean += (<usize>n) << 4;
    }
    out += <usize>clients * antennas;
  }
}
