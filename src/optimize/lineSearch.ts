import { type Descent, type Direction, merit } from "./penalty.js";
import { evaluateAt } from "./point.js";
import type { State } from "./state.js";

/**
 * Armijo backtracking along a step: the first length 1, 0.5 … at which the merit function falls by a ten-thousandth of
 * what its slope promises. Where the full step of the subproblem fails, its second-order correction is tried before any
 * shorter one (against the Maratos effect).
 * @returns whether one was found; `state.next` is it, or else the last point tried
 */
export function lineSearch(state: State, { step, consistent }: Direction, descent: Descent): boolean {
  const { start, slope, noise } = descent;
  const tryStep = (direction: Float64Array, length: number): boolean => {
    moveAlong(state, direction, length);
    if (!evaluateAt(state.functions, state.next)) return false;
    return merit(state, state.next) <= start + 1e-4 * length * slope + noise;
  };
  let accepted = tryStep(step, 1);
  let length = 1;
  if (!accepted && state.functions.m > 0 && consistent && !Number.isNaN(state.next.f)) {
    const full = merit(state, state.next);
    const corrected = state.subproblem.correct(state.point, state.next.c);
    accepted = corrected !== undefined && tryStep(corrected, 1);
    if (!accepted) length = shorter(descent, 1, full);
  }
  while (!accepted && length > 1e-16) {
    accepted = tryStep(step, length);
    if (!accepted) length = shorter(descent, length, merit(state, state.next));
  }
  return accepted;
}

/** next.x = x + length · direction, inside the bounds. */
export function moveAlong({ point, next, lower, upper }: State, direction: Float64Array, length: number): void {
  for (let j = 0; j < direction.length; j++)
    next.x[j] = Math.min(upper[j]!, Math.max(lower[j]!, point.x[j]! + length * direction[j]!));
}

/** The next step length by quadratic interpolation of the merit function, within [0.1, 0.5] of the last. */
function shorter({ start, slope }: Descent, length: number, value: number): number {
  if (!Number.isFinite(value)) return 0.1 * length;
  const minimizer = (-slope * length * length) / (2 * (value - start - slope * length));
  return Math.min(0.5 * length, Math.max(0.1 * length, Number.isNaN(minimizer) ? 0 : minimizer));
}
