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
  const inequalities = problem.inequality?.count ?? 0;
  const m = equalities + inequalities;
  const constraintScale = new Float64Array(m).fill(1);
  const equalityValues = new Float64Array(equalities);
  const inequalityValues = new Float64Array(inequalities);
  const probe = new Float64Array(n);
  const above = new Float64Array(m);
  const below = new Float64Array(m);

  /** f and c as the user's functions have them. */
  function raw(x: Float64Array, c: Float64Array): number {
    try {
      self.evaluations++;
      const value = problem.objective(x);
      if (equalities > 0) {
        problem.equality!.values(x, equalityValues);
        c.set(equalityValues);
      }
      if (inequalities > 0) {
        problem.inequality!.values(x, inequalityValues);
        c.set(inequalityValues, equalities);
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
   * Central differences of whatever has no derivative of its own, by steps that stay inside the bounds; one-sided
   * where a function is not defined on one side.
   */
  function differences(
    x: Float64Array,
    gradient: Float64Array | undefined,
    rows: Float64Array,
    which: boolean[],
  ): void {
    probe.set(x);
    for (let j = 0; j < n; j++) {
      const step = 6.055454452393343e-6 * Math.max(1, Math.abs(x[j]!)); // ε^(1/3)
      let high = Math.min(upper[j]!, x[j]! + step);
      let low = Math.max(lower[j]!, x[j]! - step);
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
      if (gradient !== undefined) gradient[j] = width > 0 ? (valueAbove - valueBelow) / width : 0;
      for (let i = 0; i < m; i++) {
        if (which[i < equalities ? 0 : 1]) rows[i * n + j] = width > 0 ? (above[i]! - below[i]!) / width : 0;
      }
    }
  }

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
        if (inequalities > 0) problem.inequality!.jacobian?.(x, jacobian.subarray(equalities * n));
      } catch (error) {
        self.failure = `a derivative threw: ${error instanceof Error ? error.message : String(error)}`;
        return false;
      }
      const missing = [
        equalities > 0 && problem.equality!.jacobian === undefined,
        inequalities > 0 && problem.inequality!.jacobian === undefined,
      ];
      if (problem.gradient === undefined || missing[0] || missing[1])
        differences(x, problem.gradient === undefined ? gradient : undefined, jacobian, missing);
      for (let j = 0; j < n; j++) {
        gradient[j] = gradient[j]! * self.objectiveScale;
        if (!Number.isFinite(gradient[j])) {
          self.failure = `entry ${j} of the gradient is ${gradient[j]}`;
          return false;
        }
      }
      for (let i = 0, at = 0; i < m; i++) {
        const scale = constraintScale[i]!;
        for (let j = 0; j < n; j++, at++) {
          jacobian[at] = jacobian[at]! * scale;
          if (!Number.isFinite(jacobian[at])) {
            self.failure = `entry [${i}][${j}] of the Jacobian is ${jacobian[at]}`;
            return false;
          }
        }
      }
      return true;
    },
  };
  return self;
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
