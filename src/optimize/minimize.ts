import type { Status } from "../config/records.js";
import { chooseScales, type Evaluator, evaluator } from "./evaluate.js";
import { emptyPoint, evaluateAt, gradientOfLagrangian, infeasibility, type Point, residuals } from "./point.js";
import { checkedProblem, type Problem, type Solution } from "./problem.js";
import { createSubproblem } from "./subproblem.js";

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
 */
export function minimize(problem: Problem): Solution {
  const { x, lower, upper, notes } = checkedProblem(problem);
  const functions = evaluator(problem, lower, upper);
  const { n, m, equalities } = functions;
  const subproblem = createSubproblem(n, equalities, m, lower, upper);
  try {
    return run();
  } finally {
    subproblem.release();
  }

  function run(): Solution {
    const tolerance = problem.tolerance ?? 1e-8;
    const maxIterations = problem.maxIterations ?? 200;
    let point = emptyPoint(n, m);
    let next = emptyPoint(n, m);
    const multipliers = new Float64Array(m + 2 * n);
    const hessian = new Float64Array(n * n);
    const scratch = new Float64Array(n);
    const change = new Float64Array(n);
    const s = new Float64Array(n);
    let iterations = 0;
    let penalty = 0;
    let decreases = 0;
    let restarts = 0;
    let restorations = 0;

    const finish = (status: Status, reason?: string): Solution =>
      describe(functions, point, multipliers, { status, reason, iterations, notes, lower, upper });

    point.x.set(x);
    if (!evaluateAt(functions, point) || !functions.derivatives(point.x, point.gradient, point.jacobian))
      return finish("numerical", `at the start, ${functions.failure}`);
    if (point.f === Number.NEGATIVE_INFINITY) return finish("unbounded", "the objective is −∞ at the start");
    chooseScales(functions, point.x, point.f, point.c, point.gradient, point.jacobian);
    evaluateAt(functions, point);
    functions.derivatives(point.x, point.gradient, point.jacobian);
    const firstValue = point.f;
    if (problem.hessian === undefined) subproblem.resetHessian(1);
    else subproblem.setHessian(exactHessian(problem, functions, point.x, multipliers, hessian), point);

    /** Lowers the violation alone, by penalized subproblems without an objective, to a tenth. */
    const restore = (): "restored" | "stationary" | "failed" => {
      const target = 0.1 * infeasibility(point.c, equalities);
      for (let attempt = 0; attempt < 50; attempt++) {
        const before = infeasibility(point.c, equalities);
        if (before <= target) break;
        const ideal = subproblem.feasibility(point);
        if (ideal === undefined) return "failed";
        if (ideal.stationary) return "stationary";
        let length = 1;
        for (; length > 1e-12; length *= 0.5) {
          for (let j = 0; j < n; j++)
            next.x[j] = Math.min(upper[j]!, Math.max(lower[j]!, point.x[j]! + length * ideal.step[j]!));
          if (!evaluateAt(functions, next)) continue;
          if (infeasibility(next.c, equalities) <= before - 1e-4 * length * (before - ideal.left)) break;
        }
        if (length <= 1e-12 || !functions.derivatives(next.x, next.gradient, next.jacobian)) return "failed";
        [point, next] = [next, point];
      }
      if (problem.hessian === undefined) subproblem.resetHessian(1);
      else subproblem.setHessian(exactHessian(problem, functions, point.x, multipliers, hessian), point);
      return "restored";
    };

    for (;;) {
      const outcome = subproblem.solve(point);
      let step = subproblem.step;
      let left = 0;
      if (outcome === "failed") return finish("numerical", "the quadratic subproblem could not be solved");
      if (outcome === "solved") multipliers.set(subproblem.multipliers);
      else {
        const relaxed = subproblem.elastic(point, penalty);
        if (relaxed === undefined) return finish("numerical", "the penalized subproblem could not be solved");
        multipliers.set(relaxed.multipliers);
        if (relaxed.stationary) return finish("infeasible", stationaryViolation);
        penalty = Math.max(penalty, relaxed.penalty);
        step = relaxed.step;
        left = relaxed.left;
      }
      const now = residuals(point, multipliers, equalities, lower, upper, scratch);
      if (now.stationarity <= tolerance && now.violation <= tolerance && now.complementarity <= tolerance)
        return finish("converged");
      if (iterations >= maxIterations) return finish("iteration-limit", `after ${iterations} iterations`);
      iterations++;

      // The penalty must make the step a descent direction of the merit function, whatever the objective wants.
      const before = infeasibility(point.c, equalities);
      const slope = dot(point.gradient, step);
      // d'Bd = −d'∇L, by the subproblem's own stationarity; `scratch` holds ∇L without the bounds' part.
      let curvature = 0;
      for (let j = 0; j < n; j++) curvature -= step[j]! * (scratch[j]! - multipliers[m + j]! + multipliers[m + n + j]!);
      curvature = Math.max(0, curvature);
      let price = 0;
      for (let i = 0; i < m; i++) price = Math.max(price, Math.abs(multipliers[i]!));
      if (decreases < 20 && penalty > 4 * price && outcome === "solved") {
        // An early estimate far too high makes for tiny steps; lowering it a bounded number of times keeps the proof.
        penalty = 2 * price;
        decreases++;
      }
      if (before - left > 0) {
        // Either is enough for descent: the model's decrease, or a penalty above every multiplier.
        const needed = (slope + 0.5 * curvature) / (0.9 * (before - left));
        if (needed > penalty && (outcome !== "solved" || 1.1 * price > penalty))
          penalty = outcome === "solved" ? Math.min(2 * needed, 1.5 * price) : 2 * needed;
      }
      const merit = (at: Point): number => at.f + penalty * infeasibility(at.c, equalities);
      const start = merit(point);
      const descent = slope - penalty * (before - left);
      const noise = 1e-15 * (Math.abs(point.f) + penalty * before + 1);
      const tryStep = (direction: Float64Array, length: number): boolean => {
        for (let j = 0; j < n; j++)
          next.x[j] = Math.min(upper[j]!, Math.max(lower[j]!, point.x[j]! + length * direction[j]!));
        if (!evaluateAt(functions, next)) return false;
        return merit(next) <= start + 1e-4 * length * descent + noise;
      };
      let accepted = tryStep(step, 1);
      let length = 1;
      if (!accepted && m > 0 && outcome === "solved" && !Number.isNaN(next.f)) {
        const full = merit(next);
        const corrected = subproblem.correct(point, next.c);
        accepted = corrected !== undefined && tryStep(corrected, 1);
        if (!accepted) length = backtrack(start, descent, 1, full);
      }
      while (!accepted && length > 1e-16) {
        accepted = tryStep(step, length);
        if (!accepted) length = backtrack(start, descent, length, merit(next));
      }
      if (!accepted) {
        if (Number.isNaN(next.f))
          return finish("numerical", `no step from here stays where the functions are numbers: ${functions.failure}`);
        // A Hessian gone bad first, then the constraints' violation for itself.
        if (restarts === 0 && problem.hessian === undefined) {
          restarts = 1;
          penalty = 0;
          subproblem.resetHessian(1);
          continue;
        }
        if (now.violation > tolerance && restorations < 5) {
          const outcome = restore();
          if (outcome === "stationary") return finish("infeasible", stationaryViolation);
          if (outcome === "restored") {
            restorations++;
            restarts = 0;
            penalty = 0;
            continue;
          }
        }
        return finish("numerical", "no step along the search direction lowers the merit function");
      }
      restarts = 0;
      if (next.f === Number.NEGATIVE_INFINITY) {
        [point, next] = [next, point];
        return finish("unbounded", "the objective reached −∞");
      }
      if (!functions.derivatives(next.x, next.gradient, next.jacobian))
        return finish("numerical", `at an accepted step, ${functions.failure}`);
      if (problem.hessian === undefined) {
        gradientOfLagrangian(next, multipliers, change);
        gradientOfLagrangian(point, multipliers, scratch);
        for (let j = 0; j < n; j++) {
          change[j] = change[j]! - scratch[j]!;
          s[j] = next.x[j]! - point.x[j]!;
        }
        subproblem.updateHessian(s, change);
      } else subproblem.setHessian(exactHessian(problem, functions, next.x, multipliers, hessian), next);
      [point, next] = [next, point];
      if (point.f < -1e12 * (1 + Math.abs(firstValue)) && infeasibility(point.c, equalities) <= tolerance)
        return finish("unbounded", "the objective falls without end at feasible points");
    }
  }
}

const stationaryViolation = "the violation of the constraints is stationary: no direction lowers it";

/** The next step length by quadratic interpolation of the merit function, within [0.1, 0.5] of the last. */
function backtrack(start: number, descent: number, length: number, value: number): number {
  if (!Number.isFinite(value)) return 0.1 * length;
  const minimizer = (-descent * length * length) / (2 * (value - start - descent * length));
  return Math.min(0.5 * length, Math.max(0.1 * length, Number.isNaN(minimizer) ? 0 : minimizer));
}

/** The user's Hessian of the Lagrangian, for scaled functions. */
function exactHessian(
  problem: Problem,
  functions: Evaluator,
  x: Float64Array,
  multipliers: Float64Array,
  out: Float64Array,
): Float64Array {
  const { equalities, m, objectiveScale, constraintScale } = functions;
  // σ_f ∇²f − Σ λ_i σ_i ∇²c_i = σ_f (∇²f − Σ (λ_i σ_i / σ_f) ∇²c_i)
  const unscaled = Float64Array.from(constraintScale, (scale, i) => (multipliers[i]! * scale) / objectiveScale);
  problem.hessian!(
    x,
    { equality: unscaled.subarray(0, equalities), inequality: unscaled.subarray(equalities, m) },
    out,
  );
  for (let i = 0; i < out.length; i++) out[i] = out[i]! * objectiveScale;
  return out;
}

function describe(
  functions: Evaluator,
  point: Point,
  multipliers: Float64Array,
  end: {
    status: Status;
    reason: string | undefined;
    iterations: number;
    notes: string[];
    lower: Float64Array;
    upper: Float64Array;
  },
): Solution {
  const { n, m, equalities, objectiveScale, constraintScale } = functions;
  const measured = residuals(point, multipliers, equalities, end.lower, end.upper, new Float64Array(n));
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
    iterations: end.iterations,
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
    notes: end.notes,
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
