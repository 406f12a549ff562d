import { addScaled, combineRows, dot, rotate, timesVector } from "./vector";
import {
  active, activeCountAt, boundedAt, direction, dual, dualStep, factor, inverseNorm, iterationsAt, linear, lower, multipliers,
  normal, pivot, projected, rightSide, rows, rowsOf, scaledSlack, section, side, slack, solution, state, strideOf, triangle,
  upper, variablesOf,
} from "./workspace";

/**
 * Strictly convex quadratic program by the dual active-set method of Goldfarb and Idnani (Math. Programming 27, 1983):
 *
 *   min ½ x'Hx + g'x   subject to   C_i x = b_i (i < equalities),  C_i x ≥ b_i,  lower ≤ x ≤ upper.
 *
 * J with J J' = H⁻¹ comes from the caller (qpFactor, or an update of an earlier one: any such J will do). It is kept
 * transposed, so that the columns that orthogonal transformations combine are rows of memory: J'N = [R; 0] for the
 * normals N of the active set; a constraint comes in by one Householder reflection (a rank-one update of the rows from
 * q on, whose vector is the step direction computed anyway) and leaves by Givens rotations.
 *
 * The solution is finally recomputed from the factors alone, x = J [R⁻ᵀ b; −J₂'g], so that no error of the steps stays.
 */

const infinite: f64 = Infinity;
/** Relative to the size of what is compared. */
const violationTolerance: f64 = 1e-12;
/** ‖J₂'n‖ / ‖J'n‖ below which a normal depends on the active ones. */
const dependent: f64 = 1e-11;

export const solved = 0;
export const infeasible = 1;
export const iterationLimit = 2;
export const numerical = 3;

/**
 * Solves the program in the workspace.
 *
 * @param warm how many constraint numbers stand in `active` as a guess of the active set
 * @returns 0 solved; 1 infeasible (multipliers then hold a certificate: y with C'y = 0, b'y > 0, y ≥ 0 on
 *   inequalities); 2 iteration limit; 3 numerical trouble
 */
export function qpSolve(ws: usize, equalities: i32, warm: i32, maxIterations: i32): i32 {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const jt = section(ws, factor);
  const ids = section(ws, active);
  const u = section(ws, dual);
  const flags = section(ws, state);
  const x = section(ws, solution);
  const d = section(ws, projected);
  const z = section(ws, direction);
  const step = section(ws, dualStep);
  memory.fill(flags, 0, <usize>(m + 2 * n) << 2);
  store<i32>(ws, <i32>isBounded(ws), boundedAt);

  // The guess moves out of the way of the list that is built; the multipliers' section is free until the end.
  const guess = section(ws, multipliers);
  memory.copy(guess, ids, <usize>warm << 2);
  let q = 0;
  for (let i = 0; i < equalities && q < n; i++) q += addInitial(ws, i, q);
  for (let i = 0; i < warm && q < n; i++) {
    const id = load<i32>(guess + (<usize>i << 2));
    if (load<i32>(flags + (<usize>id << 2)) == 0) q += addInitial(ws, id, q);
  }
  refresh(ws, q);
  // A guess must be dual feasible: what pushes the wrong way leaves, the worst first.
  for (;;) {
    let worst = -1;
    let least: f64 = 0;
    for (let k = 0; k < q; k++) {
      const value = load<f64>(u + (<usize>k << 3));
      if (load<i32>(ids + (<usize>k << 2)) >= equalities && value < least) {
        least = value;
        worst = k;
      }
    }
    if (worst < 0) break;
    drop(ws, worst, q--);
    refresh(ws, q);
  }

  let size: f64 = 0; // largest |x| met: what the rounding of a slack is relative to
  let iterations = 0;
  let stale = false;
  let refreshes = 0;
  let status = iterationLimit;
  while (iterations < maxIterations) {
    size = Math.max(size, largest(x, n));
    if (!(size < infinite)) {
      status = numerical;
      break;
    }
    const id = mostViolated(ws, equalities, size);
    if (id < 0) {
      if (!stale || refreshes == 3) {
        status = solved;
        break;
      }
      refresh(ws, q);
      stale = false;
      refreshes++;
      continue;
    }
    iterations++;
    stale = true;

    // n⁺, its sign such that the violation s = n⁺'x − b⁺ is negative
    let s = slackOf(ws, id);
    let sign: f64 = 1;
    if (id < equalities && s > 0) {
      sign = -1;
      s = -s;
    }
    project(ws, id, sign);
    let added: f64 = 0; // u⁺
    let total = dot(d, d, n);
    for (;;) {
      const from = <usize>q << 3;
      const rest = dot(d + from, d + from, n - q);
      backSubstitute(ws, q, d, step);
      let first = infinite;
      let blocking = -1;
      for (let k = 0; k < q; k++) {
        const at = <usize>k << 3;
        const rk = load<f64>(step + at);
        if (rk > 0 && load<i32>(ids + (<usize>k << 2)) >= equalities) {
          const ratio = load<f64>(u + at) / rk;
          if (ratio < first) {
            first = ratio;
            blocking = k;
          }
        }
      }
      const movable = q < n && rest > dependent * dependent * total;
      const full = movable ? -s / rest : infinite;
      if (first == infinite && full == infinite) {
        writeCertificate(ws, q, id, sign);
        store<i32>(ws, iterations, iterationsAt);
        store<i32>(ws, q, activeCountAt);
        return infeasible;
      }
      const t = Math.min(first, full);
      for (let k = 0; k < q; k++) {
        const at = <usize>k << 3;
        store<f64>(u + at, load<f64>(u + at) - t * load<f64>(step + at));
      }
      added += t;
      if (movable) {
        combineRows(jt + <usize>q * bytes, n - q, stride, d + from, z);
        addScaled(t, z, x, stride);
      }
      if (full <= first) {
        insert(ws, id, sign, added, q, rest);
        q++;
        break;
      }
      if (movable) s += t * rest;
      drop(ws, blocking, q--);
      if (++iterations >= maxIterations) break;
    }
  }
  if (status == solved) writeMultipliers(ws, q);
  store<i32>(ws, iterations, iterationsAt);
  store<i32>(ws, q, activeCountAt);
  return status;
}

/** x and u from the active set and the factors. */
function refresh(ws: usize, q: i32): void {
  const n = variablesOf(ws);
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const jt = section(ws, factor);
  const r = section(ws, triangle);
  const ids = section(ws, active);
  const signs = section(ws, side);
  const u = section(ws, dual);
  const x = section(ws, solution);
  const h = section(ws, projected);
  const w = section(ws, dualStep);
  timesVector(jt, n, stride, section(ws, linear), h);
  for (let k = 0; k < q; k++) {
    const id = load<i32>(ids + (<usize>k << 2));
    store<f64>(w + (<usize>k << 3), rightSideOf(ws, id) * load<f64>(signs + (<usize>k << 3)));
  }
  for (let k = 0; k < q; k++) {
    const at = <usize>k << 3;
    const rest = load<f64>(w + at) - dot(r + <usize>k * bytes, w, k);
    store<f64>(w + at, rest * load<f64>(section(ws, pivot) + at));
  }
  for (let k = 0; k < n; k++) {
    const at = <usize>k << 3;
    if (k < q) {
      const value = load<f64>(w + at);
      store<f64>(u + at, value + load<f64>(h + at));
      store<f64>(h + at, value);
    } else store<f64>(h + at, -load<f64>(h + at));
  }
  backSubstitute(ws, q, u, u);
  combineRows(jt, n, stride, h, x);
}

/** Adds a constraint to the initial set unless it depends on those there; returns how many were added. */
function addInitial(ws: usize, id: i32, q: i32): i32 {
  const n = variablesOf(ws);
  if (!(Math.abs(rightSideOf(ws, id)) < infinite)) return 0; // a bound that is not there
  const d = section(ws, projected);
  project(ws, id, 1);
  const total = dot(d, d, n);
  const from = d + (<usize>q << 3);
  const rest = dot(from, from, n - q);
  if (!(rest > dependent * dependent * total)) return 0;
  const stride = strideOf(ws);
  combineRows(section(ws, factor) + <usize>q * (<usize>stride << 3), n - q, stride, from, section(ws, direction));
  insert(ws, id, 1, 0, q, rest);
  return 1;
}

/** d = J'n⁺; a bound's normal is a unit vector, which picks a column of J'. */
function project(ws: usize, id: i32, sign: f64): void {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  const stride = strideOf(ws);
  const jt = section(ws, factor);
  const d = section(ws, projected);
  if (id < m) {
    const row = section(ws, rows) + <usize>id * (<usize>stride << 3);
    timesVector(jt, n, stride, row, d);
    if (sign < 0) for (let k = 0; k < n; k++) store<f64>(d + (<usize>k << 3), -load<f64>(d + (<usize>k << 3)));
    return;
  }
  const column = id < m + n ? id - m : id - m - n;
  const factorSign: f64 = id < m + n ? 1 : -1;
  let at = jt + (<usize>column << 3);
  for (let k = 0; k < n; k++) {
    store<f64>(d + (<usize>k << 3), factorSign * load<f64>(at));
    at += <usize>stride << 3;
  }
}

/** b⁺ of one constraint, sign +1. */
function rightSideOf(ws: usize, id: i32): f64 {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  if (id < m) return load<f64>(section(ws, rightSide) + (<usize>id << 3));
  if (id < m + n) return load<f64>(section(ws, lower) + (<usize>(id - m) << 3));
  return -load<f64>(section(ws, upper) + (<usize>(id - m - n) << 3));
}

/** n⁺'x − b⁺ of one constraint, sign +1. */
function slackOf(ws: usize, id: i32): f64 {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  const x = section(ws, solution);
  if (id < m) return load<f64>(section(ws, slack) + (<usize>id << 3));
  if (id < m + n) {
    const at = <usize>(id - m) << 3;
    return load<f64>(x + at) - load<f64>(section(ws, lower) + at);
  }
  const at = <usize>(id - m - n) << 3;
  return load<f64>(section(ws, upper) + at) - load<f64>(x + at);
}

/** The inactive constraint whose violation, over its normal's length, is the largest; equalities go first; −1: none. */
function mostViolated(ws: usize, equalities: i32, size: f64): i32 {
  const m = rowsOf(ws);
  const x = section(ws, solution);
  const s = section(ws, slack);
  const b = section(ws, rightSide);
  const norms = section(ws, inverseNorm);
  const scaled = section(ws, scaledSlack);
  timesVector(section(ws, rows), m, strideOf(ws), x, s);
  const bytes = <usize>m << 3;
  let at: usize = 0;
  let least = f64x2.splat(0);
  for (; at + 8 < bytes; at += 16) {
    const value = f64x2.sub(v128.load(s + at), v128.load(b + at));
    const measured = f64x2.mul(value, v128.load(norms + at));
    v128.store(s + at, value);
    v128.store(scaled + at, measured);
    least = f64x2.pmin(least, measured);
  }
  let lowest = Math.min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
  if (at < bytes) {
    const value = load<f64>(s + at) - load<f64>(b + at);
    const measured = value * load<f64>(norms + at);
    store<f64>(s + at, value);
    store<f64>(scaled + at, measured);
    lowest = Math.min(lowest, measured);
  }
  const floor = -violationTolerance * size;
  for (let i = 0; i < equalities; i++) {
    const violation = -Math.abs(load<f64>(scaled + (<usize>i << 3)));
    if (violation < floor && isViolated(ws, i, violation, floor)) return i;
  }
  let worst = floor;
  let found = -1;
  if (lowest < floor) {
    // As a rule the lowest is it, and only where it stands is left to be seen.
    let i = 0;
    while (load<f64>(scaled + (<usize>i << 3)) != lowest) i++;
    if (i >= equalities && isViolated(ws, i, lowest, floor)) {
      worst = lowest;
      found = i;
    } else {
      for (i = equalities; i < m; i++) {
        const violation = load<f64>(scaled + (<usize>i << 3));
        if (violation < worst && isViolated(ws, i, violation, floor)) {
          worst = violation;
          found = i;
        }
      }
    }
  }
  return load<i32>(ws, boundedAt) != 0 ? mostViolatedBound(ws, worst, found) : found;
}

/** The bound that is violated by more than `worst` says, if there is one, else `found`. */
function mostViolatedBound(ws: usize, worst: f64, found: i32): i32 {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  const flags = section(ws, state);
  const x = section(ws, solution);
  const low = section(ws, lower);
  const high = section(ws, upper);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    const value = load<f64>(x + at);
    const below = value - load<f64>(low + at);
    if (below < worst && load<i32>(flags + (<usize>(m + i) << 2)) == 0) {
      worst = below;
      found = m + i;
    }
    const above = load<f64>(high + at) - value;
    if (above < worst && load<i32>(flags + (<usize>(m + n + i) << 2)) == 0) {
      worst = above;
      found = m + n + i;
    }
  }
  return found;
}

/** Is there a bound at all? */
function isBounded(ws: usize): bool {
  const n = variablesOf(ws);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    if (load<f64>(section(ws, lower) + at) > -infinite || load<f64>(section(ws, upper) + at) < infinite) return true;
  }
  return false;
}

/** Is an inactive row violated by more than the rounding of its own terms? */
@inline
function isViolated(ws: usize, i: i32, violation: f64, floor: f64): bool {
  if (load<i32>(section(ws, state) + (<usize>i << 2)) != 0) return false;
  const at = <usize>i << 3;
  const right = Math.abs(load<f64>(section(ws, rightSide) + at));
  return violation < floor - violationTolerance * right * load<f64>(section(ws, inverseNorm) + at);
}

/**
 * The constraint becomes column q of R: with d = J'n⁺, z = Σ_{i≥q} d_i j_i and rest = ‖d₂‖², the reflection by
 * v = d₂ − σ e₁ takes d₂ to σ e₁ and the rows j_i to j_i − β v_i (z − σ j_q).
 */
function insert(ws: usize, id: i32, sign: f64, value: f64, q: i32, rest: f64): void {
  const n = variablesOf(ws);
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const d = section(ws, projected);
  const r = section(ws, triangle);
  const first = load<f64>(d + (<usize>q << 3));
  const column = r + <usize>q * bytes;
  for (let k = 0; k < q; k++) store<f64>(column + (<usize>k << 3), load<f64>(d + (<usize>k << 3)));
  let diagonal = first;
  if (q < n - 1) {
    const norm = Math.sqrt(rest);
    const sigma = first >= 0 ? -norm : norm;
    diagonal = sigma;
    const beta = 1 / (rest + norm * Math.abs(first));
    const z = section(ws, direction);
    let row = section(ws, factor) + <usize>q * bytes;
    addScaled(-sigma, row, z, stride);
    addScaled(-beta * (first - sigma), z, row, stride);
    for (let k = q + 1; k < n; k++) {
      row += bytes;
      addScaled(-beta * load<f64>(d + (<usize>k << 3)), z, row, stride);
    }
  }
  store<f64>(column + (<usize>q << 3), diagonal);
  store<f64>(section(ws, pivot) + (<usize>q << 3), 1 / diagonal);
  store<i32>(section(ws, active) + (<usize>q << 2), id);
  store<i32>(section(ws, state) + (<usize>id << 2), 1);
  store<f64>(section(ws, dual) + (<usize>q << 3), value);
  store<f64>(section(ws, side) + (<usize>q << 3), sign);
}

/** Takes column l out of R; rotations of the rows of R, J' and d make it triangular again. */
function drop(ws: usize, l: i32, q: i32): void {
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const r = section(ws, triangle);
  const jt = section(ws, factor);
  const d = section(ws, projected);
  const ids = section(ws, active);
  const u = section(ws, dual);
  const signs = section(ws, side);
  store<i32>(section(ws, state) + (<usize>load<i32>(ids + (<usize>l << 2)) << 2), 0);
  for (let k = l; k < q - 1; k++) {
    store<i32>(ids + (<usize>k << 2), load<i32>(ids + (<usize>(k + 1) << 2)));
    store<f64>(u + (<usize>k << 3), load<f64>(u + (<usize>(k + 1) << 3)));
    store<f64>(signs + (<usize>k << 3), load<f64>(signs + (<usize>(k + 1) << 3)));
  }
  for (let k = l; k < q - 1; k++) {
    const column = r + <usize>k * bytes;
    for (let i = 0; i <= k + 1; i++) store<f64>(column + (<usize>i << 3), load<f64>(column + bytes + (<usize>i << 3)));
  }
  for (let k = l; k < q - 1; k++) {
    const at = <usize>k << 3;
    let entry = r + <usize>k * bytes + at;
    const a = load<f64>(entry);
    const b = load<f64>(entry, 8);
    const length = Math.sqrt(a * a + b * b);
    const cos = a / length;
    const sin = b / length;
    store<f64>(entry, length);
    store<f64>(section(ws, pivot) + at, 1 / length);
    for (let j = k + 1; j < q - 1; j++) {
      entry += bytes;
      const x = load<f64>(entry);
      const y = load<f64>(entry, 8);
      store<f64>(entry, cos * x + sin * y);
      store<f64>(entry, cos * y - sin * x, 8);
    }
    rotate(cos, sin, jt + <usize>k * bytes, jt + <usize>(k + 1) * bytes, stride);
    const x = load<f64>(d + at);
    const y = load<f64>(d + at + 8);
    store<f64>(d + at, cos * x + sin * y);
    store<f64>(d + at + 8, cos * y - sin * x);
  }
}

/** out = R⁻¹ right; right and out may be the same. R by columns: each found entry leaves the others' sums at once. */
function backSubstitute(ws: usize, q: i32, right: usize, out: usize): void {
  const bytes = <usize>strideOf(ws) << 3;
  const inverse = section(ws, pivot);
  if (right != out) for (let i = 0; i < q; i++) store<f64>(out + (<usize>i << 3), load<f64>(right + (<usize>i << 3)));
  let column = section(ws, triangle) + <usize>(q - 1) * bytes;
  for (let i = q - 1; i >= 0; i--) {
    const at = <usize>i << 3;
    const value = load<f64>(out + at) * load<f64>(inverse + at);
    // An odd number of entries takes its own along, which is written afterwards.
    addScaled(-value, column, out, (i + 1) & ~1);
    store<f64>(out + at, value);
    column -= bytes;
  }
}

function largest(x: usize, n: i32): f64 {
  let value: f64 = 0;
  for (let i = 0; i < n; i++) {
    const entry = Math.abs(load<f64>(x + (<usize>i << 3)));
    if (!(entry <= value)) value = entry; // a NaN stays
  }
  return value;
}

/** Multipliers by constraint number; an equality's has either sign. */
function writeMultipliers(ws: usize, q: i32): void {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  const out = section(ws, multipliers);
  memory.fill(out, 0, <usize>(m + 2 * n) << 3);
  for (let k = 0; k < q; k++) {
    const at = <usize>k << 3;
    const value = load<f64>(section(ws, dual) + at) * load<f64>(section(ws, side) + at);
    store<f64>(out + (<usize>load<i32>(section(ws, active) + (<usize>k << 2)) << 3), value);
  }
}

/** n⁺ = N r with r ≤ 0 on the inequalities: y = 1 at the violated constraint, −r at the active ones. */
function writeCertificate(ws: usize, q: i32, id: i32, sign: f64): void {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  const out = section(ws, multipliers);
  memory.fill(out, 0, <usize>(m + 2 * n) << 3);
  for (let k = 0; k < q; k++) {
    const at = <usize>k << 3;
    const value = -load<f64>(section(ws, dualStep) + at) * load<f64>(section(ws, side) + at);
    store<f64>(out + (<usize>load<i32>(section(ws, active) + (<usize>k << 2)) << 3), value);
  }
  store<f64>(out + (<usize>id << 3), sign);
}
