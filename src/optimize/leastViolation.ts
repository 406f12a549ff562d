import { evaluateAt, largestViolation } from "./point.js";
import type { Problem, Solution } from "./problem.js";
import { stationaryViolation } from "./restoration.js";
import { type End, freshHessian, type State } from "./state.js";

/**
 * Looks once more at an end away from the feasible points: the least Σ violation, as a smooth problem of its own, tells
 * whether there is none near ("infeasible"), or gives one to go on from.
 * @returns how the minimization ends, undefined if it goes on
 */
export function settle(
  state: State,
  end: End,
  tolerance: number,
  solve: (problem: Problem) => Solution,
): End | undefined {
  const { functions, point } = state;
  const { equalities, n } = functions;
  const violation = largestViolation(point.c, equalities);
  if (functions.m === 0 || end.status === "converged" || end.status === "unbounded" || !(violation > tolerance))
    return end;
  const isOver = end.status === "iteration-limit";
  if ((isOver && state.iterations < 100) || state.settlements >= 5 || !Number.isFinite(point.f)) return end;
  state.settlements++;
  const found = solve(violationProblem(state));
  const next = state.next;
  next.x.set(found.x.subarray(0, n));
  if (!evaluateAt(functions, next) || !functions.derivatives(next.x, next.gradient, next.jacobian)) return end;
  const left = largestViolation(next.c, equalities);
  if (left > tolerance && found.status === "converged") {
    if (end.status !== "infeasible") take(state);
    return { status: "infeasible", reason: stationaryViolation };
  }
  if (isOver || left > 0.99 * violation) return end;
  take(state);
  return undefined;
}

/** The point that was found becomes the iterate. */
function take(state: State): void {
  const { point, next } = state;
  state.point = next;
  state.next = point;
  state.penalty = 0;
  state.restarts = 0;
  freshHessian(state, state.point);
}

/** min Σ s + t + r over [x, s, t, r]: equality + s − t = 0, inequality + r ≥ 0, s, t, r ≥ 0. */
function violationProblem({ functions, point, lower, upper }: State): Problem {
  const { n, m, equalities } = functions;
  const total = n + m + equalities;
  const inequalities = m - equalities;
  const start = new Float64Array(total);
  start.set(point.x);
  for (let i = 0; i < m; i++) start[n + i] = Math.max(0, -point.c[i]!);
  for (let i = 0; i < equalities; i++) start[n + m + i] = Math.max(0, point.c[i]!);
  const c = new Float64Array(m);
  const gradient = new Float64Array(n);
  const jacobian = new Float64Array(m * n);
  const valuesAt = (z: Float64Array): void => {
    if (Number.isNaN(functions.values(z.slice(0, n), c))) throw new Error(functions.failure);
  };
  const rowsAt = (z: Float64Array, out: Float64Array, from: number, count: number): void => {
    if (!functions.derivatives(z.slice(0, n), gradient, jacobian)) throw new Error(functions.failure);
    out.fill(0);
    for (let i = 0; i < count; i++) {
      const row = from + i;
      for (let j = 0; j < n; j++) out[i * total + j] = jacobian[row * n + j]!;
      out[i * total + n + row] = 1;
      if (row < equalities) out[i * total + n + m + row] = -1;
    }
  };
  const bounds = (given: Float64Array, slack: number): Float64Array => {
    const all = new Float64Array(total).fill(slack);
    all.set(given);
    return all;
  };
  return {
    start,
    lower: bounds(lower, 0),
    upper: bounds(upper, Number.POSITIVE_INFINITY),
    objective: (z) => z.subarray(n).reduce((sum, value) => sum + value, 0),
    gradient: (_, out) => {
      out.fill(1);
      out.fill(0, 0, n);
    },
    equality: {
      count: equalities,
      values: (z, out) => {
        valuesAt(z);
        for (let i = 0; i < equalities; i++) out[i] = c[i]! + z[n + i]! - z[n + m + i]!;
      },
      jacobian: (z, out) => rowsAt(z, out, 0, equalities),
    },
    inequality: {
      count: inequalities,
      values: (z, out) => {
        valuesAt(z);
        for (let i = 0; i < inequalities; i++) out[i] = c[equalities + i]! + z[n + equalities + i]!;
      },
      jacobian: (z, out) => rowsAt(z, out, equalities, inequalities),
    },
  };
}
