import { addInitial, backSubstitute, drop, insert, project, refresh } from "./activeSet";
import { addScaled, combineRows, dot } from "./vector";
import { isBounded, mostViolated, slackOf } from "./violation";
import {
  active, activeCountAt, boundedAt, dependenceAt, direction, dual, dualStep, factor, iterationsAt, multipliers, projected, rowsOf,
  section, side, solution, state, strideOf, variablesOf,
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
  const x = section(ws, solution);
  store<i32>(ws, <i32>isBounded(ws), boundedAt);
  store<i32>(ws, 0, iterationsAt);
  startFrom(ws, equalities, warm);
  let size: f64 = 0; // largest |x| met: what the rounding of a slack is relative to
  let stale = false;
  let refreshes = 0;
  while (load<i32>(ws, iterationsAt) < maxIterations) {
    size = Math.max(size, largest(x, variablesOf(ws)));
    if (!(size < Infinity)) return numerical;
    const id = mostViolated(ws, equalities, size);
    if (id < 0) {
      if (!stale || refreshes == 3) {
        writeMultipliers(ws, load<i32>(ws, activeCountAt));
        return solved;
      }
      refresh(ws, load<i32>(ws, activeCountAt));
      stale = false;
      refreshes++;
      continue;
    }
    stale = true;
    if (!enter(ws, equalities, id, maxIterations)) return infeasible;
  }
  return iterationLimit;
}

/** The first active set, x and u: the equalities and what of the guess in `active` pushes the right way. */
function startFrom(ws: usize, equalities: i32, warm: i32): void {
  const n = variablesOf(ws);
  const ids = section(ws, active);
  const u = section(ws, dual);
  const flags = section(ws, state);
  memory.fill(flags, 0, <usize>(rowsOf(ws) + 2 * n) << 2);
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
  store<i32>(ws, q, activeCountAt);
}

/**
 * A violated constraint becomes active: steps in x and u along which the active ones keep their slacks of 0, each until
 * the constraint is met or a multiplier falls to 0 and its constraint leaves.
 *
 * @returns false where neither ends the step: no x satisfies it together with the active ones
 */
function enter(ws: usize, equalities: i32, id: i32, maxIterations: i32): bool {
  const n = variablesOf(ws);
  const stride = strideOf(ws);
  const bytes = <usize>stride << 3;
  const jt = section(ws, factor);
  const u = section(ws, dual);
  const x = section(ws, solution);
  const d = section(ws, projected);
  const z = section(ws, direction);
  const step = section(ws, dualStep);
  let q = load<i32>(ws, activeCountAt);
  let iterations = load<i32>(ws, iterationsAt) + 1;
  // n⁺, its sign such that the violation s = n⁺'x − b⁺ is negative
  let s = slackOf(ws, id);
  let sign: f64 = 1;
  if (id < equalities && s > 0) {
    sign = -1;
    s = -s;
  }
  project(ws, id, sign);
  const dependence = load<f64>(ws, dependenceAt);
  let added: f64 = 0; // u⁺
  const total = dot(d, d, n);
  let met = true;
  for (;;) {
    const from = <usize>q << 3;
    const rest = dot(d + from, d + from, n - q);
    backSubstitute(ws, q, d, step);
    const blocking = firstToLeave(ws, equalities, q);
    const at = <usize>blocking << 3;
    const first = blocking < 0 ? Infinity : load<f64>(u + at) / load<f64>(step + at);
    const movable = q < n && rest > dependence * dependence * total;
    const full = movable ? -s / rest : Infinity;
    if (first == Infinity && full == Infinity) {
      writeCertificate(ws, q, id, sign);
      met = false;
      break;
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
  store<i32>(ws, iterations, iterationsAt);
  store<i32>(ws, q, activeCountAt);
  return met;
}

/** The active inequality whose multiplier u_k falls to 0 first along −r, the least u_k / r_k over r_k > 0; −1: none. */
function firstToLeave(ws: usize, equalities: i32, q: i32): i32 {
  const ids = section(ws, active);
  const u = section(ws, dual);
  const step = section(ws, dualStep);
  let first: f64 = Infinity;
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
  return blocking;
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
