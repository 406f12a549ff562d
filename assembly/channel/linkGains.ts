/**
 * Large-scale gains of all links: β_kl = 10^((intercept − slope log10 d_kl + F_kl)/10), d the 3-D distance by the
 * shortest way round the area.
 *
 * accessPoints: [L] of (x, y), clients: [K] of (x, y), m; shadow F: [K][L] dB; out: [K][L] linear. d² goes through one logarithm and one exponential, two links at a time.
 */
import { exp2Lanes, log2Lanes } from "../vectorMath";

/** The log-distance model of a link's gain. */
@unmanaged
export class Propagation {
  /** Side of the area where it wraps, m; 0 where it does not */
  wrap: f64;
  /** Height difference squared, m² */
  height2: f64;
  /** dB at 1 m */
  intercept: f64;
  /** dB a decade */
  slope: f64;
}

export function linkGains(
  accessPointCount: i32, clientCount: i32, model: Propagation,
  accessPoints: usize, clients: usize, shadow: usize, out: usize,
): void {
  const area = model.wrap;
  const side = f64x2.splat(area);
  const inverse = f64x2.splat(area > 0 ? 1.0 / area : 0.0);
  const h2 = f64x2.splat(model.height2);
  const decibel = f64x2.splat(0.23025850929940458); // ln 10 / 10
  const fixed = f64x2.splat(model.intercept);
  const exponent = f64x2.splat(-model.slope / 20.0); // of d²
  const pairs = accessPointCount & ~1;
  for (let k = 0; k < clientCount; k++) {
    const x = v128.load64_splat(clients);
    const y = v128.load64_splat(clients, 8);
    clients += 16;
    for (let l = 0; l < accessPointCount; l += 2) {
      const last = l == pairs; // an odd last one in both lanes
      const from = accessPoints + ((<usize>l) << 4);
      const a = v128.load(from);
      const b = v128.load(from + (last ? 0 : 16));
      let dx = f64x2.sub(x, i64x2.shuffle(a, b, 0, 2));
      let dy = f64x2.sub(y, i64x2.shuffle(a, b, 1, 3));
      dx = f64x2.sub(dx, f64x2.mul(side, f64x2.nearest(f64x2.mul(dx, inverse))));
      dy = f64x2.sub(dy, f64x2.mul(side, f64x2.nearest(f64x2.mul(dy, inverse))));
      const d2 = f64x2.add(f64x2.add(f64x2.mul(dx, dx), f64x2.mul(dy, dy)), h2);
      const f = last ? v128.load64_splat(shadow) : v128.load(shadow);
      const beta = exp2Lanes(f64x2.add(f64x2.mul(decibel, f64x2.add(fixed, f)), f64x2.mul(exponent, log2Lanes(d2))));
      if (last) v128.store64_lane(out, beta, 0);
      else v128.store(out, beta);
      shadow += last ? 8 : 16;
      out += last ? 8 : 16;
    }
  }
}
