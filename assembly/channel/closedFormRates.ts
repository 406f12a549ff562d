import { Links, pilotOf } from "./links";

/** Where the arrays of the closed form go, f64. */
@unmanaged
export class ClosedForm {
  /** A [K] */
  signal: usize;
  /** B_kk [K] */
  self: usize;
  /** B̃ [K][K] */
  interference: usize;
  /** I [K] */
  noise: usize;
}

/**
 * The five arrays of maximum ratio on MMSE estimates, uncorrelated fading (Ngo et al. 2017; the formulas stand at
 * src/network/closedForm.ts).
 *
 * gain: [K][L]; serves: u8 [K][L]; p = τ_p ρ.
 * scratch: 8·(2·K + pilots + 1)·L' bytes with L' = L rounded up to an even number: rows are padded with zeros.
 */
export function closedFormRates(
  p: f64, rho: f64, links: Links, gain: usize, serves: usize, out: ClosedForm, scratch: usize,
): void {
  const clients = links.clients, accessPoints = links.accessPoints, pilots = links.pilots;
  const signal = out.signal, self = out.self, interference = out.interference, noise = out.noise;
  const row = (<usize>((accessPoints + 1) & ~1)) << 3;
  const beta = scratch;
  const gamma = beta + <usize>clients * row;
  const heard = gamma + <usize>clients * row;
  const slope = heard + <usize>pilots * row;
  const n = <f64>links.antennas;
  memory.fill(scratch, 0, (2 * <usize>clients + <usize>pilots + 1) * row);
  for (let k = 0; k < clients; k++) {
    const to = beta + <usize>k * row;
    const sum = heard + <usize>pilotOf(k, links) * row;
    for (let l: usize = 0; l < <usize>accessPoints; l++) {
      const value = load<f64>(gain + ((<usize>k * accessPoints + l) << 3));
      store<f64>(to + (l << 3), value);
      store<f64>(sum + (l << 3), load<f64>(sum + (l << 3)) + p * value);
    }
  }
  for (let k = 0; k < clients; k++) {
    const t = pilotOf(k, links);
    const sum = heard + <usize>t * row;
    const own = beta + <usize>k * row;
    const g = gamma + <usize>k * row;
    let estimated = 0.0;
    for (let l: usize = 0; l < <usize>accessPoints; l++) {
      const b = load<f64>(own + (l << 3));
      const s = load<u8>(serves + <usize>k * accessPoints + l) ? (p * b) / (load<f64>(sum + (l << 3)) + 1.0) : 0.0;
      store<f64>(slope + (l << 3), s);
      store<f64>(g + (l << 3), s * b);
      estimated += s * b;
    }
    store<f64>(signal + ((<usize>k) << 3), (n * estimated) * (n * estimated));
    store<f64>(noise + ((<usize>k) << 3), (n * estimated) / rho);
    const others = interference + ((<usize>k * clients) << 3);
    for (let j = 0; j < clients; j++) {
      const other = beta + <usize>j * row;
      let value = n * dot(g, other, row);
      if (j == k) {
        store<f64>(self + ((<usize>k) << 3), value);
        value = 0.0;
      } else if (pilotOf(j, links) == t) {
        const coherent = n * dot(slope, other, row);
        value += coherent * coherent;
      }
      store<f64>(others + ((<usize>j) << 3), value);
    }
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, bytes: usize): f64 {
  let sum = f64x2.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sum = f64x2.add(sum, f64x2.mul(v128.load(a + i), v128.load(b + i)));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
