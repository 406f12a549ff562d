import { borrowQp, type QpWorkspace, qpStatus, returnQp } from "../../bindings/optimize.js";
import { copyRows, type ElasticStep, elasticStep, feasibilityStep } from "./elastic.js";
import { factor, type HessianState, resetHessian, setHessian, updateHessian } from "./hessian.js";
import { infeasibility, linearInfeasibility, type Point } from "./point.js";

/** The quadratic subproblems of one minimization: their memory, the Hessian, the last active set as a warm start. */
export interface Subproblem {
  /** d [n] of the last solve */
  readonly step: Float64Array;
  /** [m rows, n lower, n upper] of the last solve */
  readonly multipliers: Float64Array;
  /** B = scale · I. */
  resetHessian(scale: number): void;
  /** B from the problem's own Hessian [n × n], made positive definite if it is not. */
  setHessian(exact: Float64Array, point: Point): void;
  /** The damped BFGS update of B, its factors updated too. */
  updateHessian(s: Float64Array, y: Float64Array): void;
  /** min g'd + ½ d'Bd at the linearized constraints. @returns "solved", "inconsistent" or "failed" */
  solve(point: Point): "solved" | "inconsistent" | "failed";
  /**
   * The same where constraints depend on each other: what contradicts them by no more than `allowance`, or by the
   * errors of the Jacobian, is left. @returns Σ violation of the linearization that is left; undefined if unsolved
   */
  solveLoosely(point: Point, allowance: number): number | undefined;
  /**
   * The second-order correction: the same program with the constraints' values at x + d in place of their
   * linearization, c(x + d) − J d. @returns the corrected step, undefined if there is none
   */
  correct(point: Point, trial: Float64Array): Float64Array | undefined;
  /** The step of the penalized program, for linearized constraints that contradict each other. */
  elastic(point: Point, penalty: number, settled: boolean): ElasticStep | undefined;
  /** The step that lowers the linearization's violation most, whatever the objective. */
  feasibility(point: Point): ElasticStep | undefined;
  release(): void;
}

/** What the parts of a subproblem share. */
interface Memory extends HessianState {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly step: Float64Array;
  /** Changes of the active set at most */
  readonly limit: number;
  /** The rows' entries are derivatives, not differences of values */
  readonly exact: boolean;
  /** How many constraint numbers stand in the workspace as a guess of the active set */
  warm: number;
}

/** What finite differences leave of a normal that depends on others, beside its length. */
const differenceError = 1e-7;

export function createSubproblem(
  n: number,
  equalities: number,
  m: number,
  lower: Float64Array,
  upper: Float64Array,
  exact: boolean,
): Subproblem {
  const qp = borrowQp(n, m);
  if (!exact) qp.tolerances(differenceError);
  const memory: Memory = {
    qp,
    equalities,
    lower,
    upper,
    step: new Float64Array(n),
    multipliers: new Float64Array(m + 2 * n),
    limit: 50 * (n + m) + 100,
    exact,
    warm: 0,
    factored: false,
    updates: 0,
  };
  return {
    step: memory.step,
    multipliers: memory.multipliers,
    resetHessian: (scale) => resetHessian(memory, scale),
    setHessian: (exact, point) => setHessian(memory, exact, point),
    updateHessian: (s, y) => updateHessian(memory, s, y),
    solve: (point) => solve(memory, point),
    solveLoosely: (point, allowance) => solveLoosely(memory, point, allowance),
    correct: (point, trial) => correct(memory, point, trial),
    elastic: (point, penalty, settled) =>
      elasticStep(point, boundedAway(qp), equalities, lower, upper, penalty, settled),
    feasibility: (point) => feasibilityStep(point, equalities, lower, upper),
    release: () => {
      qp.tolerances();
      returnQp(qp);
    },
  };
}

function solve(memory: Memory, point: Point): "solved" | "inconsistent" | "failed" {
  if (!memory.factored) return "failed";
  const { qp, equalities, lower, upper, limit } = memory;
  const { variables: n, rows: m, stride } = qp;
  const views = qp.views();
  views.linear.set(point.gradient);
  copyRows(point.jacobian, views.rows, n, m, stride);
  for (let i = 0; i < m; i++) views.rightSide[i] = -point.c[i]!;
  for (let j = 0; j < n; j++) {
    views.lower[j] = Math.min(0, lower[j]! - point.x[j]!);
    views.upper[j] = Math.max(0, upper[j]! - point.x[j]!);
  }
  qp.norms();
  let status = qp.solve(equalities, memory.warm, limit);
  if (status > qpStatus.infeasible) {
    factor(memory, 1e-6);
    status = qp.solve(equalities, 0, limit);
  }
  memory.warm = status === qpStatus.solved ? qp.activeCount() : 0;
  if (status === qpStatus.infeasible) return "inconsistent";
  if (status !== qpStatus.solved) return "failed";
  memory.step.set(qp.views().solution);
  memory.multipliers.set(qp.views().multipliers);
  return "solved";
}

function solveLoosely(memory: Memory, point: Point, allowance: number): number | undefined {
  const { qp, equalities, exact } = memory;
  let longest = 1;
  for (const entry of point.jacobian) longest = Math.max(longest, Math.abs(entry));
  qp.tolerances(exact ? 1e-9 : differenceError, exact ? 1e-10 : differenceError, allowance / longest);
  const outcome = solve(memory, point);
  qp.tolerances(exact ? undefined : differenceError);
  if (outcome !== "solved") return undefined;
  return Math.min(linearInfeasibility(point, equalities, memory.step), infeasibility(point.c, equalities));
}

function correct(memory: Memory, point: Point, trial: Float64Array): Float64Array | undefined {
  const { qp, equalities, step, warm, limit } = memory;
  const { variables: n, rows: m } = qp;
  const views = qp.views();
  for (let i = 0; i < m; i++) {
    let product = 0;
    for (let j = 0; j < n; j++) product += point.jacobian[i * n + j]! * step[j]!;
    views.rightSide[i] = product - trial[i]!;
  }
  const status = qp.solve(equalities, warm, limit);
  return status === qpStatus.solved ? Float64Array.from(qp.views().solution) : undefined;
}

/** B [n × n] with a trace of its diagonal's size added, so that it is positive definite. */
function boundedAway(qp: QpWorkspace): Float64Array {
  const { variables: n, stride } = qp;
  const dense = new Float64Array(n * n);
  const { hessian } = qp.views();
  let unit = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) dense[i * n + j] = hessian[i * stride + j]!;
    unit = Math.max(unit, dense[i * n + i]!);
  }
  for (let i = 0; i < n; i++) dense[i * n + i] = dense[i * n + i]! + 1e-9 * unit;
  return dense;
}
