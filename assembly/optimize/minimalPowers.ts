import { solveScaled } from "./krylov";
import {
  bend, borderAt, countOf, couplings, demand, directLimit, growth, held, matrix, noise, own, part, power, powerStride, received, receivedGrowth, right,
  rowFactor, scale, signal, unknown,
} from "./powerWorkspace";
import { addScaled, dot, timesVector } from "./vector";

/**
 * The least powers at which ln(1 + SINR_k) = η c_k for all clients but those whose power is held, and their derivatives
 * in η:
 *
 *   M(η) p = g I,  M p′ = g′ D(p),  M p″ = g″ D(p) + 2 g′ C p′,  g_k = e^{η c_k} − 1,  M = diag(A) − diag(g) C,  D = C p + I
 *
 * M is a Z-matrix; such powers exist iff it is a nonsingular M-matrix: iff elimination without pivoting meets positive
 * pivots only (and needs no pivoting then), or iff the p with M p = g I > 0 is positive itself (Berman and Plemmons,
 * Nonnegative Matrices, theorem 6.2.3). Few clients go by elimination, many by iteration from the p that stands in
 * `power`; what does not converge is eliminated.
 *
 * Also left behind: C p and, with a derivative, C p′.
 *
 * @param order the highest derivative wanted, 0 to 2
 * @returns −1, or the index of a client by which it turned out that no powers reach η
 */
export function minimalPowers(ws: usize, eta: f64, order: i32): i32 {
  if (countOf(ws) > directLimit) {
    const found = iterate(ws, eta);
    if (found >= 0) return found;
    if (found == converged) {
      if (order > 0) growByIteration(ws, eta, order);
      return -1;
    }
  }
  return eliminate(ws, eta, order);
}

const converged = -1;
const undecided = -2;

@inline
function sinrAt(ws: usize, at: usize, eta: f64): f64 {
  return NativeMath.expm1(eta * load<f64>(part(ws, demand) + at));
}

function eliminate(ws: usize, eta: f64, order: i32): i32 {
  const n = countOf(ws);
  const stride = powerStride(ws);
  const bytes = <usize>stride << 3;
  const m = part(ws, matrix);
  const c = part(ws, couplings);
  const p = part(ws, power);
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    const row = m + <usize>k * bytes;
    const fixed = load<f64>(part(ws, held) + at);
    if (fixed > 0) {
      memory.fill(row, 0, bytes);
      store<f64>(row + at, 1);
      store<f64>(p + at, fixed);
      continue;
    }
    const g = sinrAt(ws, at, eta);
    const source = c + <usize>k * bytes;
    const factor = f64x2.splat(-g);
    for (let j: usize = 0; j < bytes; j += 16) v128.store(row + j, f64x2.mul(factor, v128.load(source + j)));
    store<f64>(row + at, load<f64>(part(ws, signal) + at) + load<f64>(row + at));
    store<f64>(p + at, g * load<f64>(part(ws, noise) + at));
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
  receive(ws, p, part(ws, received));
  if (order > 0) {
    const dp = part(ws, growth);
    firstRight(ws, eta, dp);
    substitute(m, bytes, n, dp);
    receive(ws, dp, part(ws, receivedGrowth));
  }
  if (order > 1) {
    const ddp = part(ws, bend);
    secondRight(ws, eta, ddp);
    substitute(m, bytes, n, ddp);
  }
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

/** out = C x. */
function receive(ws: usize, x: usize, out: usize): void {
  timesVector(part(ws, couplings), countOf(ws), powerStride(ws), x, out);
}

/** g′ D, 0 where the power is held. */
function firstRight(ws: usize, eta: f64, out: usize): void {
  for (let k = 0; k < countOf(ws); k++) {
    const at = <usize>k << 3;
    if (load<f64>(part(ws, held) + at) > 0) {
      store<f64>(out + at, 0);
      continue;
    }
    const d = load<f64>(part(ws, received) + at) + load<f64>(part(ws, noise) + at);
    store<f64>(out + at, load<f64>(part(ws, demand) + at) * (sinrAt(ws, at, eta) + 1) * d);
  }
}

/** g″ D + 2 g′ C p′, 0 where the power is held. */
function secondRight(ws: usize, eta: f64, out: usize): void {
  for (let k = 0; k < countOf(ws); k++) {
    const at = <usize>k << 3;
    if (load<f64>(part(ws, held) + at) > 0) {
      store<f64>(out + at, 0);
      continue;
    }
    const c = load<f64>(part(ws, demand) + at);
    const d = load<f64>(part(ws, received) + at) + load<f64>(part(ws, noise) + at);
    const slope = c * (sinrAt(ws, at, eta) + 1);
    store<f64>(out + at, slope * (c * d + 2 * load<f64>(part(ws, receivedGrowth) + at)));
  }
}

/** Steps from the powers in `power` until each stands within 10⁻¹⁴ of what it has to be. */
function iterate(ws: usize, eta: f64): i32 {
  const n = countOf(ws);
  const p = part(ws, power);
  const sum = part(ws, received);
  const s = part(ws, scale);
  const q = part(ws, rowFactor);
  const u = part(ws, unknown);
  const r = part(ws, right);
  let before: f64 = Infinity;
  for (let pass = 0; pass < 12; pass++) {
    receive(ws, p, sum);
    let worst: f64 = 0;
    for (let k = 0; k < n; k++) {
      const at = <usize>k << 3;
      let asked = load<f64>(part(ws, held) + at);
      let factor: f64 = 0;
      let alone = asked;
      if (!(asked > 0)) {
        const g = sinrAt(ws, at, eta);
        const self = load<f64>(part(ws, couplings) + (<usize>k * <usize>(powerStride(ws) + 1) << 3));
        const rest = load<f64>(part(ws, signal) + at) - g * self;
        if (!(rest > 0)) return k;
        factor = g / rest;
        alone = factor * load<f64>(part(ws, noise) + at);
        asked = alone + factor * (load<f64>(sum + at) - self * load<f64>(p + at));
      }
      if (!(asked > 1e-290 && asked < 1e290)) return undecided;
      worst = Math.max(worst, Math.abs(asked - load<f64>(p + at)) / asked);
      store<f64>(s + at, asked);
      store<f64>(q + at, factor / asked);
      store<f64>(r + at, alone / asked);
      store<f64>(part(ws, own) + at, 1);
      store<f64>(u + at, 1);
    }
    store<i32>(ws, -1, borderAt);
    if (worst <= 1e-14 || (worst <= 1e-12 && worst > 0.5 * before)) return converged;
    before = worst;
    const left = solveScaled(ws, r, 2e-15, 4);
    for (let k = 0; k < n; k++) {
      const at = <usize>k << 3;
      const value = load<f64>(u + at);
      if (!(value > 0)) return left < 1e-9 && value < -1e-6 ? k : undecided;
      store<f64>(p + at, value * load<f64>(s + at));
    }
  }
  return undecided;
}

/** p′ and p″ beside the p that `iterate` has found. */
function growByIteration(ws: usize, eta: f64, order: i32): void {
  const dp = part(ws, growth);
  firstRight(ws, eta, dp);
  // The highest derivative only guesses the next η.
  solveLike(ws, eta, dp, order > 1 ? 1e-11 : 1e-7);
  receive(ws, dp, part(ws, receivedGrowth));
  if (order < 2) return;
  const ddp = part(ws, bend);
  secondRight(ws, eta, ddp);
  solveLike(ws, eta, ddp, 1e-6);
}

/** x ← M⁻¹ x, over the scale p. */
function solveLike(ws: usize, eta: f64, x: usize, precision: f64): void {
  const n = countOf(ws);
  const p = part(ws, power);
  const s = part(ws, scale);
  const q = part(ws, rowFactor);
  const u = part(ws, unknown);
  const r = part(ws, right);
  let norm: f64 = 0;
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    const scaleOf = load<f64>(p + at);
    store<f64>(s + at, scaleOf);
    let value: f64 = 0;
    let factor: f64 = 0;
    if (!(load<f64>(part(ws, held) + at) > 0)) {
      const g = sinrAt(ws, at, eta);
      const diagonal = load<f64>(part(ws, couplings) + (<usize>k * <usize>(powerStride(ws) + 1) << 3));
      const rest = load<f64>(part(ws, signal) + at) - g * diagonal;
      factor = g / (rest * scaleOf);
      value = load<f64>(x + at) / (rest * scaleOf);
    }
    store<f64>(q + at, factor);
    store<f64>(r + at, value);
    store<f64>(u + at, value);
    norm += value * value;
  }
  solveScaled(ws, r, precision * Math.sqrt(norm), 8);
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    store<f64>(x + at, load<f64>(u + at) * load<f64>(s + at));
  }
}
