import { timesVector } from "./vector";
import {
  allowanceAt, boundedAt, inverseNorm, lower, relativeAt, rightSide, rows, rowsOf, scaledSlack, section, slack, solution, state, strideOf, upper,
  variablesOf,
} from "./workspace";

/** Slacks s_i = C_i x − b_i (and x − lower, upper − x of the bounds), and the constraint with the least s_i / ‖C_i‖. */

/** n⁺'x − b⁺ of one constraint, sign +1. */
export function slackOf(ws: usize, id: i32): f64 {
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
export function mostViolated(ws: usize, equalities: i32, size: f64): i32 {
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
  const floor = -load<f64>(ws, relativeAt) * size - load<f64>(ws, allowanceAt);
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
export function isBounded(ws: usize): bool {
  const n = variablesOf(ws);
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 3;
    if (load<f64>(section(ws, lower) + at) > -Infinity || load<f64>(section(ws, upper) + at) < Infinity) return true;
  }
  return false;
}

/** Is an inactive row violated by more than the rounding of its own terms? */
@inline
function isViolated(ws: usize, i: i32, violation: f64, floor: f64): bool {
  if (load<i32>(section(ws, state) + (<usize>i << 2)) != 0) return false;
  const at = <usize>i << 3;
  const right = Math.abs(load<f64>(section(ws, rightSide) + at));
  return violation < floor - load<f64>(ws, relativeAt) * right * load<f64>(section(ws, inverseNorm) + at);
}
