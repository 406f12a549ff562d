import { moveAlong } from "./lineSearch.js";
import { evaluateAt, infeasibility } from "./point.js";
import { advance, type End, freshHessian, type State } from "./state.js";

export const stationaryViolation = "the violation of the constraints is stationary: no direction lowers it";

/**
 * What is left when no step is accepted: a BFGS matrix gone bad starts afresh first, then the constraints' violation is
 * lowered for itself.
 * @param violated whether there is a violation above the tolerance
 * @returns how the minimization ends, undefined if it goes on
 */
export function recover(state: State, violated: boolean): End | undefined {
  const { functions, next, problem, subproblem } = state;
  if (Number.isNaN(next.f)) {
    const reason = `no step from here stays where the functions are numbers: ${functions.failure}`;
    return { status: "numerical", reason };
  }
  if (state.restarts === 0 && problem.hessian === undefined) {
    state.restarts = 1;
    state.penalty = 0;
    subproblem.resetHessian(1);
    return undefined;
  }
  if (violated && state.restorations < 5) {
    const outcome = restore(state);
    if (outcome === "stationary") return { status: "infeasible", reason: stationaryViolation };
    if (outcome === "restored") {
      state.restorations++;
      state.restarts = 0;
      state.penalty = 0;
      return undefined;
    }
  }
  return { status: "numerical", reason: "no step along the search direction lowers the merit function" };
}

/** Restoration: lowers the violation alone, by penalized subproblems without an objective, to a tenth. */
function restore(state: State): "restored" | "stationary" | "failed" {
  const { functions, subproblem } = state;
  const { equalities } = functions;
  const target = 0.1 * infeasibility(state.point.c, equalities);
  for (let attempt = 0; attempt < 50; attempt++) {
    const before = infeasibility(state.point.c, equalities);
    if (before <= target) break;
    const ideal = subproblem.feasibility(state.point);
    if (ideal === undefined) return "failed";
    if (ideal.stationary) return "stationary";
    let length = 1;
    for (; length > 1e-12; length *= 0.5) {
      moveAlong(state, ideal.step, length);
      if (!evaluateAt(functions, state.next)) continue;
      if (infeasibility(state.next.c, equalities) <= before - 1e-4 * length * (before - ideal.left)) break;
    }
    const { next } = state;
    if (length <= 1e-12 || !functions.derivatives(next.x, next.gradient, next.jacobian)) return "failed";
    advance(state);
  }
  freshHessian(state, state.point);
  return "restored";
}
