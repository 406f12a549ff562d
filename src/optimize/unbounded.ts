import { infeasibility } from "./point.js";
import type { State } from "./state.js";

/**
 * Is a value that has fallen this low on the way to −∞? It is if it goes on falling, all constraints kept, for three more
 * orders of magnitude along the last step or the whole way from the start (a minimum that is only far away turns
 * before); where neither does, if it has fallen by two orders of magnitude more than made one ask.
 */
export function fallsForEver(state: State, start: Float64Array, lowest: number): boolean {
  const { point, next: last } = state;
  const falls = [last.x, start].some((from) =>
    goesOn(
      state,
      point.x.map((x, j) => x - from[j]!),
    ),
  );
  return falls || point.f < 1e2 * lowest;
}

function goesOn({ functions, point, lower, upper }: State, direction: Float64Array): boolean {
  const c = new Float64Array(functions.m);
  let previous = point.f;
  for (let factor = 10; factor <= 1e3; factor *= 10) {
    let size = 1;
    const probe = point.x.map((x, j) => {
      const moved = Math.min(upper[j]!, Math.max(lower[j]!, x + factor * direction[j]!));
      size = Math.max(size, Math.abs(moved));
      return moved;
    });
    const value = functions.values(probe, c);
    if (value === Number.NEGATIVE_INFINITY) return true;
    if (!(value < previous) || infeasibility(c, functions.equalities) > 1e-6 * size) return false;
    previous = value;
  }
  return true;
}
