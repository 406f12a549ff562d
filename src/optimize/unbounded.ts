import { infeasibility } from "./point.js";
import type { State } from "./state.js";

/**
 * Is a value that has fallen this low the way to −∞? It is if it goes on falling for 40 orders of magnitude along the
 * last step, all constraints kept; where that leaves them, if it has fallen by as many again as made one ask.
 */
export function fallsForEver(state: State, lowest: number): boolean {
  const { functions, point, next: last, lower, upper } = state;
  const c = new Float64Array(functions.m);
  let previous = point.f;
  for (let factor = 10; factor < 1e40; factor *= 100) {
    let size = 1;
    const probe = point.x.map((x, j) => {
      const moved = Math.min(upper[j]!, Math.max(lower[j]!, x + factor * (x - last.x[j]!)));
      size = Math.max(size, Math.abs(moved));
      return moved;
    });
    const value = functions.values(probe, c);
    if (value === Number.NEGATIVE_INFINITY) return true;
    if (!(value < previous) || infeasibility(c, functions.equalities) > 1e-6 * size) return point.f < 1e18 * lowest;
    previous = value;
  }
  return true;
}
