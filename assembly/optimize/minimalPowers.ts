import { countOf, couplings, demand, growth, matrix, noise, part, power, powerStride, signal } from "./powerWorkspace";
import { addScaled, dot } from "./vector";

/**
 * The least powers at which ln(1 + SINR_k) = η c_k for all clients, and their derivative in η:
 *
 *   M(η) p = g I,  M p′ = g′ D(p),  g_k = e^{η c_k} − 1,  M = diag(A − gB) − diag(g) B̃,  D = C p + I
 *
 * M is a Z-matrix; such powers exist iff it is a nonsingular M-matrix, that is iff elimination without pivoting meets
 * positive pivots only (and needs no pivoting then).
 *
 * @returns −1, or the index of the first pivot that is not positive: no powers reach η
 */
export function minimalPowers(ws: usize, eta: f64): i32 {
  const n = countOf(ws);
  const stride = powerStride(ws);
  const bytes = <usize>stride << 3;
  const m = part(ws, matrix);
  const c = part(ws, couplings);
  const p = part(ws, power);
  const dp = part(ws, growth);
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    const g = NativeMath.expm1(eta * load<f64>(part(ws, demand) + at));
    const row = m + <usize>k * bytes;
    const source = c + <usize>k * bytes;
    const factor = f64x2.splat(-g);
    for (let j: usize = 0; j < bytes; j += 16) v128.store(row + j, f64x2.mul(factor, v128.load(source + j)));
    store<f64>(row + at, load<f64>(part(ws, signal) + at) + load<f64>(row + at));
    store<f64>(p + at, g * load<f64>(part(ws, noise) + at));
    store<f64>(dp + at, g);
  }
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    const row = m + <usize>k * bytes;
    const pivot = load<f64>(row + at);
    if (!(pivot > 0)) return k;
    const inverse = 1 / pivot;
    const from = <usize>((k + 1) & ~1) << 3;
    const length = stride - ((k + 1) & ~1);
    let below = row + bytes;
    for (let i = k + 1; i < n; i++) {
      const factor = load<f64>(below + at) * inverse;
      // An even start may sweep over column k itself; the multiplier is written there afterwards.
      addScaled(-factor, row + from, below + from, length);
      store<f64>(below + at, factor);
      below += bytes;
    }
  }
  substitute(m, bytes, n, p);
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    const d = dot(c + <usize>k * bytes, p, n) + load<f64>(part(ws, noise) + at);
    store<f64>(dp + at, load<f64>(part(ws, demand) + at) * (load<f64>(dp + at) + 1) * d);
  }
  substitute(m, bytes, n, dp);
  return -1;
}

/** x ← U⁻¹ L⁻¹ x. */
function substitute(m: usize, bytes: usize, n: i32, x: usize): void {
  for (let i = 1; i < n; i++) {
    const at = x + (<usize>i << 3);
    store<f64>(at, load<f64>(at) - dot(m + <usize>i * bytes, x, i));
  }
  for (let i = n - 1; i >= 0; i--) {
    const offset = <usize>i << 3;
    const row = m + <usize>i * bytes + offset;
    const sum = load<f64>(x + offset) - dot(row + 8, x + offset + 8, n - 1 - i);
    store<f64>(x + offset, sum / load<f64>(row));
  }
}
