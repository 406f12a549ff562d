/**
 * The five arrays of maximum ratio on MMSE estimates, uncorrelated fading (Ngo et al. 2017; the formulas stand at
 * src/network/closedForm.ts).
 *
 * gain: [K][L]; pilot: i32 [K]; serves: u8 [K][L]; p = τ_p ρ; signal, self, noise: [K]; interference: [K][K].
 * scratch: 8·(2·K + pilots + 1)·L' bytes with L' = L rounded up to an even number: rows are padded with zeros.
 */
export function closedFormRates(
  gain: usize, pilot: usize, serves: usize, clients: i32, accessPoints: i32, antennas: i32, pilots: i32, p: f64, rho: f64,
  signal: usize, self: usize, interference: usize, noise: usize, scratch: usize,
): void {
  const row = (<usize>((accessPoints + 1) & ~1)) << 3;
  const beta = scratch;
  const gamma = beta + <usize>clients * row;
  const load_ = gamma + <usize>clients * row;
  const slope = load_ + <usize>pilots * row;
  const n = <f64>antennas;
  memory.fill(scratch, 0, (2 * <usize>clients + <usize>pilots + 1) * row);
  for (let k = 0; k < clients; k++) {
    const to = beta + <usize>k * row;
    const sum = load_ + <usize>load<i32>(pilot + ((<usize>k) << 2)) * row;
    for (let l: usize = 0; l < <usize>accessPoints; l++) {
      const value = load<f64>(gain + ((<usize>k * accessPoints + l) << 3));
      store<f64>(to + (l << 3), value);
      store<f64>(sum + (l << 3), load<f64>(sum + (l << 3)) + p * value);
    }
  }
  for (let k = 0; k < clients; k++) {
    const t = load<i32>(pilot + ((<usize>k) << 2));
    const sum = load_ + <usize>t * row;
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
    const out = interference + ((<usize>k * clients) << 3);
    for (let j = 0; j < clients; j++) {
      const other = beta + <usize>j * row;
      let value = n * dot(g, other, row);
      if (j == k) {
        store<f64>(self + ((<usize>k) << 3), value);
        value = 0.0;
      } else if (load<i32>(pilot + ((<usize>j) << 2)) == t) {
        const coherent = n * dot(slope, other, row);
        value += coherent * coherent;
      }
      store<f64>(out + ((<usize>j) << 3), value);
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
