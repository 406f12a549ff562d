import type { Problem } from "./problem.js";

/** A problem's functions with counting, scaling, missing derivatives by finite differences, and failures caught. */
export interface Evaluator {
  readonly n: number;
  /** Equality constraints, which come first */
  readonly equalities: number;
  readonly m: number;
  evaluations: number;
  /** What the last failed call threw or gave */
  failure: string | undefined;
  /** f and c [m] (scaled) at x; NaN where a function throws or gives NaN */
  values(x: Float64Array, c: Float64Array): number;
  /** ∇f [n] and the Jacobian [m × n] (scaled) at x; false where they fail */
  derivatives(x: Float64Array, gradient: Float64Array, jacobian: Float64Array): boolean;
  /** Scaled value = scale · value */
  objectiveScale: number;
  readonly constraintScale: Float64Array;
}

export function evaluator(problem: Problem, lower: Float64Array, upper: Float64Array): Evaluator {
  const n = lower.length;
  const equalities = problem.equality?.count ?? 0;
  const m = equalities + (problem.inequality?.count ?? 0);
  const buffers: Buffers = {
    equality: new Float64Array(equalities),
    inequality: new Float64Array(m - equalities),
    probe: new Float64Array(n),
    above: new Float64Array(m),
    below: new Float64Array(m),
  };
  const constraintScale = new Float64Array(m).fill(1);
  const raw: Raw = (x, c) => valuesOf(self, problem, buffers, x, c);
  const self: Evaluator = {
    n,
    equalities,
    m,
    evaluations: 0,
    failure: undefined,
    objectiveScale: 1,
    constraintScale,
    values(x, c) {
      const value = raw(x, c) * self.objectiveScale;
      for (let i = 0; i < m; i++) c[i] = c[i]! * constraintScale[i]!;
      return value;
    },
    derivatives(x, gradient, jacobian) {
      try {
        if (problem.gradient !== undefined) problem.gradient(x, gradient);
        if (equalities > 0) problem.equality!.jacobian?.(x, jacobian.subarray(0, equalities * n));
        if (m > equalities) problem.inequality!.jacobian?.(x, jacobian.subarray(equalities * n));
      } catch (error) {
        self.failure = `a derivative threw: ${error instanceof Error ? error.message : String(error)}`;
        return false;
      }
      const wanted = {
        gradient: problem.gradient === undefined,
        equality: equalities > 0 && problem.equality!.jacobian === undefined,
        inequality: m > equalities && problem.inequality!.jacobian === undefined,
      };
      if (wanted.gradient || wanted.equality || wanted.inequality)
        differences(self, raw, buffers, { x, lower, upper, wanted }, gradient, jacobian);
      return scaleDerivatives(self, gradient, jacobian);
    },
  };
  return self;
}

/** f and c as the user's functions have them; NaN where they fail. */
type Raw = (x: Float64Array, c: Float64Array) => number;

interface Buffers {
  equality: Float64Array;
  inequality: Float64Array;
  /** x with one entry moved [n] */
  probe: Float64Array;
  /** c on the two sides [m] */
  above: Float64Array;
  below: Float64Array;
}

function valuesOf(self: Evaluator, problem: Problem, buffers: Buffers, x: Float64Array, c: Float64Array): number {
  const { equalities, m } = self;
  try {
    self.evaluations++;
    const value = problem.objective(x);
    if (equalities > 0) {
      problem.equality!.values(x, buffers.equality);
      c.set(buffers.equality);
    }
    if (m > equalities) {
      problem.inequality!.values(x, buffers.inequality);
      c.set(buffers.inequality, equalities);
    }
    if (!Number.isFinite(value)) {
      // −∞ is an answer: the problem is unbounded.
      self.failure = `the objective is ${value}`;
      return value === Number.NEGATIVE_INFINITY ? value : Number.NaN;
    }
    for (let i = 0; i < m; i++) {
      if (!Number.isFinite(c[i])) {
        self.failure = i < equalities ? `equality ${i} is ${c[i]}` : `inequality ${i - equalities} is ${c[i]}`;
        return Number.NaN;
      }
    }
    return value;
  } catch (error) {
    self.failure = `a function threw: ${error instanceof Error ? error.message : String(error)}`;
    return Number.NaN;
  }
}

/**
 * Central differences of whatever has no derivative of its own, by steps that stay inside the bounds (but of variables
 * that these fix); one-sided where a function is not defined on one side.
 */
function differences(
  { n, m, equalities }: Evaluator,
  raw: Raw,
  { probe, above, below }: Buffers,
  at: {
    x: Float64Array;
    lower: Float64Array;
    upper: Float64Array;
    wanted: { gradient: boolean; equality: boolean; inequality: boolean };
  },
  gradient: Float64Array,
  rows: Float64Array,
): void {
  const { x, lower, upper, wanted } = at;
  probe.set(x);
  for (let j = 0; j < n; j++) {
    const step = 6.055454452393343e-6 * Math.max(1, Math.abs(x[j]!)); // ε^(1/3)
    // A variable with no room is moved across its bounds: its multiplier is the slope there.
    const narrow = upper[j]! - lower[j]! < 1e-3 * step;
    let high = narrow ? x[j]! + step : Math.min(upper[j]!, x[j]! + step);
    let low = narrow ? x[j]! - step : Math.max(lower[j]!, x[j]! - step);
    probe[j] = high;
    let valueAbove = raw(probe, above);
    probe[j] = low;
    let valueBelow = raw(probe, below);
    probe[j] = x[j]!;
    if (Number.isNaN(valueAbove)) {
      high = x[j]!;
      valueAbove = raw(probe, above);
    } else if (Number.isNaN(valueBelow)) {
      low = x[j]!;
      valueBelow = raw(probe, below);
    }
    const width = high - low;
    if (wanted.gradient) gradient[j] = width > 0 ? (valueAbove - valueBelow) / width : 0;
    for (let i = 0; i < m; i++) {
      if (i < equalities ? wanted.equality : wanted.inequality)
        rows[i * n + j] = width > 0 ? (above[i]! - below[i]!) / width : 0;
    }
  }
}

/** Scales a gradient and Jacobian; false, and the entry named, where one is not finite. */
function scaleDerivatives(self: Evaluator, gradient: Float64Array, jacobian: Float64Array): boolean {
  const { n, m } = self;
  for (let j = 0; j < n; j++) {
    gradient[j] = gradient[j]! * self.objectiveScale;
    if (!Number.isFinite(gradient[j])) {
      self.failure = `entry ${j} of the gradient is ${gradient[j]}`;
      return false;
    }
  }
  for (let i = 0, at = 0; i < m; i++) {
    const scale = self.constraintScale[i]!;
    for (let j = 0; j < n; j++, at++) {
      jacobian[at] = jacobian[at]! * scale;
      if (!Number.isFinite(jacobian[at])) {
        self.failure = `entry [${i}][${j}] of the Jacobian is ${jacobian[at]}`;
        return false;
      }
    }
  }
  return true;
}

/**
 * Scales so that no gradient at the start has an entry above 100, and nothing whose value and gradient are both
 * tiny stays below 0.01: the tolerances then mean the same in any units.
 */
export function chooseScales(
  evaluator: Evaluator,
  x: Float64Array,
  value: number,
  c: Float64Array,
  gradient: Float64Array,
  jacobian: Float64Array,
): void {
  const { n, m } = evaluator;
  let size = 1;
  for (let j = 0; j < n; j++) size = Math.max(size, Math.abs(x[j]!));
  evaluator.objectiveScale = scaleFor(gradient, 0, n, size, value);
  for (let i = 0; i < m; i++) evaluator.constraintScale[i] = scaleFor(jacobian, i * n, n, size, c[i]!);
}

function scaleFor(entries: Float64Array, from: number, count: number, size: number, value: number): number {
  let largest = 0;
  for (let j = from; j < from + count; j++) largest = Math.max(largest, Math.abs(entries[j]!));
  if (largest > 100) return 100 / largest;
  const magnitude = Math.max(largest * size, Math.abs(value));
  return magnitude > 0 && magnitude < 0.01 ? 0.01 / magnitude : 1;
}
