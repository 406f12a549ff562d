import {
  basis, border, borderAt, countOf, couplings, krylovCycle, own, part, power, powerStride, received, right, rowFactor, scaled, scale, small, unknown,
} from "./powerWorkspace";
import { addScaled, combineRows, dot, scaleBy, timesVector } from "./vector";

/**
 * (diag(d) − diag(q) (C − diag C)) x = right, such as the least powers' linear system, by restarted GMRES (Saad and Schultz, SIAM J.
 * Sci. Stat. Comput. 7, 1986) over u = x / s: an iteration is one product with C, and no matrix is formed. With s near x
 * the rows sum to less than 1, as the shares of interference do, and a dozen iterations do at any size: what many
 * clients receive comes by few ways.
 *
 * u stands in `unknown` as a guess and then as the answer; `rowFactor` holds q_k / s_k.
 *
 * @param right the right-hand side over s [stride]
 * @param tolerance of the residual's 2-norm
 * @returns the residual's 2-norm reached
 */
export function solveScaled(ws: usize, right: usize, tolerance: f64, cycles: i32): f64 {
  const n = countOf(ws);
  const stride = powerStride(ws);
  const bytes = <usize>stride << 3;
  const u = part(ws, unknown);
  const v = part(ws, basis);
  let norm: f64 = Infinity;
  for (let cycle = 0; cycle < cycles; cycle++) {
    apply(ws, u, v);
    for (let i = 0; i < n; i++) {
      const at = <usize>i << 3;
      store<f64>(v + at, load<f64>(right + at) - load<f64>(v + at));
    }
    const before = norm;
    norm = Math.sqrt(dot(v, v, n));
    if (!(norm > tolerance)) return norm;
    if (norm > 0.5 * before) return norm; // only rounding is left, or it does not converge
    scaleBy(1 / norm, v, stride);
    const steps = arnoldi(ws, norm, tolerance);
    // y from the triangle, u += V y
    const h = part(ws, small);
    const e = h + (<usize>(krylovCycle * (krylovCycle + 1)) << 3);
    for (let i = steps - 1; i >= 0; i--) {
      let sum = load<f64>(e + (<usize>i << 3));
      for (let j = i + 1; j < steps; j++) sum -= load<f64>(entry(h, i, j)) * load<f64>(e + (<usize>j << 3));
      store<f64>(e + (<usize>i << 3), sum / load<f64>(entry(h, i, i)));
    }
    for (let j = 0; j < steps; j++) addScaled(load<f64>(e + (<usize>j << 3)), v + <usize>j * bytes, u, stride);
  }
  return norm;
}

/** An orthonormal basis of the Krylov space and its triangle, the right-hand side rotated along; returns its dimension. */
function arnoldi(ws: usize, norm: f64, tolerance: f64): i32 {
  const n = countOf(ws);
  const stride = powerStride(ws);
  const bytes = <usize>stride << 3;
  const v = part(ws, basis);
  const h = part(ws, small);
  const e = h + (<usize>(krylovCycle * (krylovCycle + 1)) << 3);
  const cosines = e + (<usize>(krylovCycle + 1) << 3);
  const sines = cosines + (<usize>krylovCycle << 3);
  store<f64>(e, norm);
  // Below this share of where the cycle began, the recurrence says nothing about the residual any more.
  const enough = Math.max(0.5 * tolerance, 1e-13 * norm);
  let j = 0;
  while (j < krylovCycle) {
    const w = v + <usize>(j + 1) * bytes;
    apply(ws, v + <usize>j * bytes, w);
    for (let i = 0; i <= j; i++) {
      const from = v + <usize>i * bytes;
      const share = dot(w, from, n);
      store<f64>(entry(h, i, j), share);
      addScaled(-share, from, w, stride);
    }
    const length = Math.sqrt(dot(w, w, n));
    if (length > 0) scaleBy(1 / length, w, stride);
    for (let i = 0; i < j; i++) {
      const c = load<f64>(cosines + (<usize>i << 3));
      const s = load<f64>(sines + (<usize>i << 3));
      const a = load<f64>(entry(h, i, j));
      const b = load<f64>(entry(h, i + 1, j));
      store<f64>(entry(h, i, j), c * a + s * b);
      store<f64>(entry(h, i + 1, j), c * b - s * a);
    }
    const last = load<f64>(entry(h, j, j));
    const radius = Math.sqrt(last * last + length * length);
    if (!(radius > 0)) break;
    const at = <usize>j << 3;
    store<f64>(cosines + at, last / radius);
    store<f64>(sines + at, length / radius);
    store<f64>(entry(h, j, j), radius);
    const rest = load<f64>(e + at);
    store<f64>(e + at, (rest * last) / radius);
    const left = (-rest * length) / radius;
    store<f64>(e + at + 8, left);
    j++;
    if (Math.abs(left) <= enough || length == 0) break;
  }
  return j;
}

/** Entry i, j of the triangle, kept by columns. */
@inline
function entry(h: usize, i: i32, j: i32): usize {
  return h + (<usize>(j * (krylovCycle + 1) + i) << 3);
}

/**
 * out = d ∘ u − diag(q / s) (C − diag C) (s ∘ u), d the section `own`; in a bordered system, u_m stands for the new
 * variable, whose column is the section `border`.
 */
function apply(ws: usize, u: usize, out: usize): void {
  const n = countOf(ws);
  const stride = powerStride(ws);
  const c = part(ws, couplings);
  const s = part(ws, scale);
  const x = part(ws, scaled);
  const q = part(ws, rowFactor);
  const d = part(ws, own);
  const bordered = load<i32>(ws, borderAt);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    store<f64>(x + at, load<f64>(s + at) * load<f64>(u + at));
  }
  if (bordered >= 0) store<f64>(x + (<usize>bordered << 3), 0);
  timesVector(c, n, stride, x, out);
  let diagonal = c;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const others = load<f64>(out + at) - load<f64>(diagonal) * load<f64>(x + at);
    const mine = i == bordered ? 0 : load<f64>(d + at) * load<f64>(u + at);
    store<f64>(out + at, mine - load<f64>(q + at) * others);
    diagonal += (<usize>stride + 1) << 3;
  }
  // Four rows at a time may have written beyond the last one's place.
  if (n < stride) store<f64>(out + (<usize>n << 3), 0);
  if (bordered >= 0) addScaled(load<f64>(u + (<usize>bordered << 3)), part(ws, border), out, stride);
}

/** The received powers C p [stride] of the powers in the workspace. */
export function receivePowers(ws: usize): void {
  timesVector(part(ws, couplings), countOf(ws), powerStride(ws), part(ws, power), part(ws, received));
}

/** What each power costs the others, C' x [stride] for the prices x of what they receive [stride]; out of `right`, into `unknown`. */
export function chargePowers(ws: usize): void {
  combineRows(part(ws, couplings), countOf(ws), powerStride(ws), part(ws, right), part(ws, unknown));
}

/**
 * The bordered system of Newton's method on n equations in ln p and one variable more, ln p_m given: its right-hand side
 * stands in `right`, and u in `unknown` after, u_m being the variable's change.
 * @returns the residual's 2-norm over the right-hand side's
 */
export function solveBordered(ws: usize, m: i32, tolerance: f64): f64 {
  const n = countOf(ws);
  const r = part(ws, right);
  const size = Math.sqrt(dot(r, r, n));
  memory.fill(part(ws, unknown), 0, <usize>powerStride(ws) << 3);
  if (!(size > 0)) return 0;
  store<i32>(ws, m, borderAt);
  const left = solveScaled(ws, r, tolerance * size, 12);
  return left / size;
}
