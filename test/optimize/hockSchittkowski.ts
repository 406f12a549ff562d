import { readFileSync } from "node:fs";
import { all, create, type EvalFunction } from "mathjs";
import type { Constraints, Problem } from "../../src/optimize/index.js";

/**
 * Problems of Hock and Schittkowski, Test Examples for Nonlinear Programming Codes (Springer 1981), from the book's
 * starting points, with the value at the solution and what SciPy 1.10's SLSQP (ftol 1e-9, exact derivatives) takes:
 * see bench/peers/slsqp.py, which reads the same file.
 */
export interface TestProblem {
  number: number;
  start: number[];
  /** f at the book's solution */
  best: number;
  /** f at other local minima */
  local?: number[];
  objective: string;
  equality: string[];
  /** ≥ 0 */
  inequality: string[];
  lower: (number | null)[] | null;
  upper: (number | null)[] | null;
  slsqp: { iterations: number; evaluations: number; value: number; success: boolean };
}

export const testProblems: TestProblem[] = JSON.parse(
  readFileSync(new URL("../reference/data/hock-schittkowski.json", import.meta.url), "utf8"),
);

const math = create(all!);

/** As a problem for `minimize`, with symbolic derivatives; with the Lagrangian's exact Hessian if asked. */
export function asProblem(test: TestProblem, { hessian = false } = {}): Problem {
  const n = test.start.length;
  const scope: Record<string, number> = {};
  const at = (f: EvalFunction, x: Float64Array): number => {
    for (let j = 0; j < n; j++) scope[`x${j + 1}`] = x[j]!;
    return f.evaluate(scope) as number;
  };
  const names = test.start.map((_, j) => `x${j + 1}`);
  const compile = (text: string) => ({
    value: math.compile(text),
    gradient: names.map((name) => math.derivative(text, name).compile()),
    hessian: hessian
      ? names.map((a) => names.map((b) => math.derivative(math.derivative(text, a), b).compile()))
      : undefined,
  });
  const objective = compile(test.objective);
  const kinds = { equality: test.equality.map(compile), inequality: test.inequality.map(compile) };
  const constraints = (functions: ReturnType<typeof compile>[]): Constraints => ({
    count: functions.length,
    values: (x, out) =>
      functions.forEach((f, i) => {
        out[i] = at(f.value, x);
      }),
    jacobian: (x, out) => {
      for (const [i, f] of functions.entries()) for (const [j, g] of f.gradient.entries()) out[i * n + j] = at(g, x);
    },
  });
  return {
    start: test.start,
    objective: (x) => at(objective.value, x),
    gradient: (x, out) =>
      objective.gradient.forEach((g, j) => {
        out[j] = at(g, x);
      }),
    equality: constraints(kinds.equality),
    inequality: constraints(kinds.inequality),
    ...(test.lower === null ? {} : { lower: test.lower.map((v) => v ?? Number.NEGATIVE_INFINITY) }),
    ...(test.upper === null ? {} : { upper: test.upper.map((v) => v ?? Number.POSITIVE_INFINITY) }),
    ...(hessian
      ? {
          hessian: (x, multipliers, out) => {
            for (let i = 0; i < n; i++) {
              for (let j = 0; j < n; j++) {
                let sum = at(objective.hessian![i]![j]!, x);
                for (const kind of ["equality", "inequality"] as const)
                  kinds[kind].forEach((f, k) => {
                    sum -= multipliers[kind][k]! * at(f.hessian![i]![j]!, x);
                  });
                out[i * n + j] = sum;
              }
            }
          },
        }
      : {}),
  };
}
