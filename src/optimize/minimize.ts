import { chooseScales, evaluator } from "./evaluate.js";
import { settle } from "./leastViolation.js";
import { lineSearch } from "./lineSearch.js";
import { type Direction, steerPenalty } from "./penalty.js";
import { evaluateAt, gradientOfLagrangian, infeasibility, largestViolation, residuals } from "./point.js";
import { checkedProblem, type Problem, type Solution } from "./problem.js";
import { holdsHere, rescale } from "./rescale.js";
import { recover, stationaryViolation } from "./restoration.js";
import { solutionOf } from "./solution.js";
import { advance, createState, type End, exactHessian, freshHessian, type State } from "./state.js";
import { createSubproblem } from "./subproblem.js";
import { fallsForEver } from "./unbounded.js";

/**
 * Sequential quadratic programming for smooth problems with dense derivatives.
 *
 * Each iteration solves min g'd + ½ d'Bd subject to the linearized constraints by the dual active-set kernel, warm
 * started with the last active set; B is the Lagrangian's Hessian where the problem gives one, else Powell's damped BFGS.
 * Steps are accepted by the l1 merit function f + π(Σ|equality| + Σ max(0, −inequality)) with an Armijo condition and a
 * penalty that only grows (Han, JOTA 1977; Nocedal and Wright, Numerical Optimization, 2nd ed., Algorithm 18.3), with a
 * second-order correction against the Maratos effect. Where the linearized constraints contradict each other the step
 * is that of the l1-penalized subproblem, its penalty steered towards feasibility (Byrd, Lopez-Calva, Nocedal,
 * Math. Programming 133, 2012): limit points are Karush–Kuhn–Tucker points or stationary points of the violation,
 * and the latter is what the status "infeasible" says.
 *
 * @throws InputError for sizes, bounds or settings that make no sense; a failure while running is a status
 * @example
 * const { x, status } = minimize({
 *   start: [-1.2, 1],
 *   objective: (x) => 100 * (x[1]! - x[0]! ** 2) ** 2 + (1 - x[0]!) ** 2, // Rosenbrock's
 * });
 * status; // → converged
 * x.map((value) => Math.round(value * 1000) / 1000); // → [1,1]
 */
export function minimize(problem: Problem): Solution {
  return solve(problem, (state) => {
    const tolerance = problem.tolerance ?? 1e-8;
    const withoutSettling = (inner: Problem): Solution => solve(inner, iterate);
    for (;;) {
      const end = settle(state, iterate(state), tolerance, withoutSettling);
      if (end !== undefined) return end;
    }
  });
}

function solve(problem: Problem, run: (state: State) => End): Solution {
  const { x, lower, upper, notes } = checkedProblem(problem);
  const functions = evaluator(problem, lower, upper);
  const subproblem = createSubproblem(functions.n, functions.equalities, functions.m, lower, upper, isExact(problem));
  try {
    const state = createState(problem, functions, subproblem, { x, lower, upper });
    return solutionOf(state, begin(state) ?? run(state), notes);
  } finally {
    subproblem.release();
  }
}

/** Are the rows' derivatives given? */
function isExact({ equality, inequality }: Problem): boolean {
  return [equality, inequality].every((rows) => rows === undefined || rows.count === 0 || rows.jacobian !== undefined);
}

/** Everything first-order at the start, scaled, and the first Hessian. */
function begin(state: State): End | undefined {
  const { functions, point } = state;
  if (!evaluateAt(functions, point) || !functions.derivatives(point.x, point.gradient, point.jacobian))
    return { status: "numerical", reason: `at the start, ${functions.failure}` };
  if (point.f === Number.NEGATIVE_INFINITY) return { status: "unbounded", reason: "the objective is −∞ at the start" };
  chooseScales(functions, point.x, point.f, point.c, point.gradient, point.jacobian);
  evaluateAt(functions, point);
  functions.derivatives(point.x, point.gradient, point.jacobian);
  freshHessian(state, point);
  return undefined;
}

function iterate(state: State): End {
  const { problem, multipliers, lower, upper } = state;
  const { equalities } = state.functions;
  const tolerance = problem.tolerance ?? 1e-8;
  const maxIterations = problem.maxIterations ?? 200;
  const start = Float64Array.from(state.point.x);
  const lowest = -1e12 * (1 + Math.abs(state.point.f));
  for (;;) {
    const direction = findDirection(state, tolerance);
    if ("status" in direction) return direction;
    const now = residuals(state.point, multipliers, equalities, lower, upper, state.slope);
    if (now.stationarity <= tolerance && now.violation <= tolerance && now.complementarity <= tolerance) {
      if (holdsHere(state, tolerance)) return { status: "converged" };
      if (rescale(state)) continue;
    }
    if (state.iterations >= maxIterations)
      return { status: "iteration-limit", reason: `after ${state.iterations} iterations` };
    state.iterations++;
    const accepted = lineSearch(state, direction, steerPenalty(state, direction));
    if (!accepted && state.restarts > 0 && rescale(state)) continue;
    const end = accepted ? accept(state) : recover(state, now.violation > tolerance);
    if (end !== undefined) return end;
    const isLow = accepted && state.point.f < lowest && infeasibility(state.point.c, equalities) <= tolerance;
    if (isLow && fallsForEver(state, start, lowest))
      return { status: "unbounded", reason: "the objective falls without end at feasible points" };
  }
}

/** The subproblem's step, or the penalized one's where the linearized constraints contradict each other. */
function findDirection(state: State, tolerance: number): Direction | End {
  const { subproblem, point, multipliers } = state;
  const outcome = subproblem.solve(point);
  if (outcome === "solved") {
    multipliers.set(subproblem.multipliers);
    return { step: subproblem.step, left: 0, consistent: true };
  }
  // Rows that depend on each other contradict each other by what rounding and differences leave of them.
  const left = subproblem.solveLoosely(point, 0.1 * tolerance);
  if (left !== undefined) {
    multipliers.set(subproblem.multipliers);
    return { step: subproblem.step, left, consistent: true };
  }
  if (outcome === "failed") return { status: "numerical", reason: "the quadratic subproblem could not be solved" };
  const settled = largestViolation(point.c, state.functions.equalities) <= tolerance;
  const relaxed = subproblem.elastic(point, state.penalty, settled);
  if (relaxed === undefined) return { status: "numerical", reason: "the penalized subproblem could not be solved" };
  multipliers.set(relaxed.multipliers);
  if (relaxed.stationary) return { status: "infeasible", reason: stationaryViolation };
  state.penalty = Math.max(state.penalty, relaxed.penalty);
  return { step: relaxed.step, left: relaxed.left, consistent: false };
}

/** Goes to the point that was found, with the derivatives and the Hessian there. */
function accept(state: State): End | undefined {
  const { functions, next } = state;
  state.restarts = 0;
  if (next.f === Number.NEGATIVE_INFINITY) {
    advance(state);
    return { status: "unbounded", reason: "the objective reached −∞" };
  }
  if (!functions.derivatives(next.x, next.gradient, next.jacobian))
    return { status: "numerical", reason: `at an accepted step, ${functions.failure}` };
  if (state.problem.hessian === undefined) updateHessian(state);
  else state.subproblem.setHessian(exactHessian(state, next.x), next);
  advance(state);
  return undefined;
}

/** The damped BFGS update for the step to the point that was found. */
function updateHessian({ point, next, multipliers, subproblem }: State): void {
  const n = point.x.length;
  const change = new Float64Array(n);
  const before = new Float64Array(n);
  gradientOfLagrangian(next, multipliers, change);
  gradientOfLagrangian(point, multipliers, before);
  for (let j = 0; j < n; j++) change[j] = change[j]! - before[j]!;
  subproblem.updateHessian(
    next.x.map((value, j) => value - point.x[j]!),
    change,
  );
}
