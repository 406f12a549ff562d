import { residuals } from "./point.js";
import type { Solution } from "./problem.js";
import type { End, State } from "./state.js";

/** The record of a minimization that ended, its functions and multipliers unscaled. */
export function solutionOf(state: State, end: End, notes: string[]): Solution {
  const { functions, point, multipliers, lower, upper } = state;
  const { n, m, equalities, objectiveScale, constraintScale } = functions;
  const measured = residuals(point, multipliers, equalities, lower, upper, new Float64Array(n));
  let violation = 0;
  for (let i = 0; i < m; i++) {
    const value = point.c[i]! / constraintScale[i]!;
    violation = Math.max(violation, i < equalities ? Math.abs(value) : -value);
  }
  const unscaled = Float64Array.from(multipliers, (value, i) =>
    i < m ? (value * constraintScale[i]!) / objectiveScale : value / objectiveScale,
  );
  return {
    x: Float64Array.from(point.x),
    value: point.f / objectiveScale,
    status: end.status,
    iterations: state.iterations,
    evaluations: functions.evaluations,
    violation,
    stationarity: measured.stationarity,
    complementarity: measured.complementarity,
    multipliers: {
      equality: unscaled.slice(0, equalities),
      inequality: unscaled.slice(equalities, m),
      lower: unscaled.slice(m, m + n),
      upper: unscaled.slice(m + n),
    },
    ...(end.reason === undefined ? {} : { reason: end.reason }),
    notes,
  };
}
