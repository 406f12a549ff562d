import { addScaled, combineRows, dot, rotate, timesVector } from "./vector";
import {
  active, dependenceAt, direction, dual, dualStep, factor, linear, lower, pivot, projected, rightSide, rows, rowsOf, section, side,
  solution, state, strideOf, triangle, upper, variablesOf,
} from "./workspace";

/**
 * The active set's factors, J'N = [R; 0] for the normals N of its constraints: what comes in, what leaves, and x and u
 * from them, x = J [R⁻ᵀ b; −J₂'g], R u = R⁻ᵀ b + J₁'g.
 */

/** x and u from the active set and the factors. */
export function refresh(ws: usize, q: i32): void {
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
export function addInitial(ws: usize, id: i32, q: i32): i32 {
  const n = variablesOf(ws);
  if (!(Math.abs(rightSideOf(ws, id)) < Infinity)) return 0; // a bound that is not there
  const d = section(ws, projected);
  project(ws, id, 1);
  const total = dot(d, d, n);
  const from = d + (<usize>q << 3);
  const rest = dot(from, from, n - q);
  const dependence = load<f64>(ws, dependenceAt);
  if (!(rest > dependence * dependence * total)) return 0;
  const stride = strideOf(ws);
  combineRows(section(ws, factor) + <usize>q * (<usize>stride << 3), n - q, stride, from, section(ws, direction));
  insert(ws, id, 1, 0, q, rest);
  return 1;
}

/** d = J'n⁺; a bound's normal is a unit vector, which picks a column of J'. */
export function project(ws: usize, id: i32, sign: f64): void {
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
export function rightSideOf(ws: usize, id: i32): f64 {
  const n = variablesOf(ws);
  const m = rowsOf(ws);
  if (id < m) return load<f64>(section(ws, rightSide) + (<usize>id << 3));
  if (id < m + n) return load<f64>(section(ws, lower) + (<usize>(id - m) << 3));
  return -load<f64>(section(ws, upper) + (<usize>(id - m - n) << 3));
}

/**
 * The constraint becomes column q of R: with d = J'n⁺, z = Σ_{i≥q} d_i j_i and rest = ‖d₂‖², the reflection by
 * v = d₂ − σ e₁ takes d₂ to σ e₁ and the rows j_i to j_i − β v_i (z − σ j_q).
 */
export function insert(ws: usize, id: i32, sign: f64, value: f64, q: i32, rest: f64): void {
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
export function drop(ws: usize, l: i32, q: i32): void {
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
export function backSubstitute(ws: usize, q: i32, right: usize, out: usize): void {
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
