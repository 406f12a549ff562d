import { describe, expect, it } from "vitest";
import { exp, log } from "../../bindings/math.js";
import { type Constraints, checkDerivatives, minimize, type Problem } from "../../src/optimize/index.js";
import { asProblem, testProblems } from "./hockSchittkowski.js";

const named = [6, 7, 10, 14, 15, 21, 24, 28, 35, 37, 40, 43, 48, 51, 52, 71];

/** Constraints without derivatives. */
function functions(...list: ((x: Float64Array) => number)[]): Constraints {
  return {
    count: list.length,
    values: (x, out) =>
      list.forEach((f, i) => {
        out[i] = f(x);
      }),
  };
}

describe("the Hock–Schittkowski problems", () => {
  const iterations = new Map<number, number>();

  it.each(testProblems.map((test) => [test.number, test] as const))("%i", (number, test) => {
    const { value, status, violation, ...rest } = minimize(asProblem(test));
    iterations.set(number, rest.iterations);
    const known = [test.best, ...(test.local ?? [])];
    const error = Math.min(...known.map((best) => Math.abs(value - best) / Math.max(1, Math.abs(best))));
    expect(status).toBe("converged");
    expect(error).toBeLessThan(1e-6);
    expect(violation).toBeLessThanOrEqual(1e-6);
    expect(Math.max(rest.stationarity, rest.complementarity)).toBeLessThanOrEqual(1e-8);
  });

  it("take at most half as many iterations again as SciPy's SLSQP", () => {
    expect(iterations.size).toBe(testProblems.length);
    const total = (numbers: number[], count: (number: number) => number): number =>
      numbers.reduce((sum, number) => sum + count(number), 0);
    const theirs = (number: number): number => testProblems.find((test) => test.number === number)!.slsqp.iterations;
    for (const set of [named, [...iterations.keys()]])
      expect(total(set, (number) => iterations.get(number)!)).toBeLessThanOrEqual(1.5 * total(set, theirs));
  });

  it.each(testProblems.filter((test) => named.includes(test.number)).map((test) => [test.number, test] as const))(
    "%i with the exact Hessian, its derivatives checked",
    (_, test) => {
      const problem = asProblem(test, { hessian: true });
      expect(checkDerivatives(problem)).toEqual([]);
      const { value, status, iterations: count } = minimize(problem);
      expect(status).toBe("converged");
      expect(Math.abs(value - test.best) / Math.max(1, Math.abs(test.best))).toBeLessThan(1e-6);
      expect(count).toBeLessThanOrEqual(50);
    },
  );

  it.each([7, 14, 24, 43, 71, 100])("%i without derivatives", (number) => {
    const test = testProblems.find((one) => one.number === number)!;
    const { gradient: _, equality, inequality, ...rest } = asProblem(test);
    const bare = ({ count, values }: Constraints): Constraints => ({ count, values });
    const { value, status } = minimize({ ...rest, equality: bare(equality!), inequality: bare(inequality!) });
    expect(status).toBe("converged");
    expect(Math.abs(value - test.best) / Math.max(1, Math.abs(test.best))).toBeLessThan(1e-6);
  });
});

describe("a status that is true", () => {
  it.each<[string, Problem, number]>([
    [
      "a parabola that stays below zero",
      { start: [3], objective: (x) => x[0]!, inequality: functions((x) => -x[0]! * x[0]! - 1) },
      1,
    ],
    [
      "half planes apart",
      {
        start: [3, 1],
        objective: (x) => x[0]! + x[1]! * x[1]!,
        inequality: functions(
          (x) => x[0]! + x[1]! - 1,
          (x) => -x[0]! - x[1]!,
        ),
      },
      0.5,
    ],
    [
      "a line that misses a circle",
      {
        start: [2, 0],
        objective: (x) => x[0]!,
        equality: functions(
          (x) => x[0]! * x[0]! + x[1]! * x[1]! - 1,
          (x) => x[0]! + x[1]! - 3,
        ),
      },
      1,
    ],
    [
      "a hyperbola outside a disc",
      {
        start: [-1, 2],
        objective: (x) => x[1]!,
        inequality: functions(
          (x) => 1 - x[0]! * x[0]! - x[1]! * x[1]!,
          (x) => x[0]! * x[1]! - 2,
        ),
      },
      1,
    ],
  ])("infeasible: %s", (_, problem, least) => {
    // biome-ignore format: one problem a line
    const { status, violation, reason } = minimize(problem);
    expect(status).toBe("infeasible");
    expect(reason).toMatch(/stationary/);
    expect(violation).toBeGreaterThan(0.9 * least);
  });

  it.each<[string, Problem]>([
    ["linear", { start: [1], objective: (x) => -x[0]! }],
    ["cubic", { start: [1], objective: (x) => x[0]! * x[0]! * x[0]! }],
    [
      "concave in a half plane",
      { start: [1, 1], objective: (x) => -x[0]! * x[0]! - x[1]! * x[1]!, inequality: functions((x) => x[0]! + x[1]!) },
    ],
    [
      "along a hyperbola",
      { start: [1, 2], objective: (x) => -x[0]!, inequality: functions((x) => x[0]! * x[1]! - 1), lower: [0, 0] },
    ],
    ["to −∞ itself", { start: [0], objective: (x) => -exp(x[0]!) }],
  ])("unbounded: %s", (_, problem) => {
    // biome-ignore format: one problem a line
    expect(minimize(problem).status).toBe("unbounded");
  });

  it("never calls a point converged that is not: no multipliers exist at the solution of problem 13", () => {
    const { status, x } = minimize({
      start: [-2, -2],
      objective: (z) => (z[0]! - 2) * (z[0]! - 2) + z[1]! * z[1]!,
      inequality: functions((z) => (1 - z[0]!) * (1 - z[0]!) * (1 - z[0]!) - z[1]!),
      lower: [0, 0],
    });
    expect(status).not.toBe("converged");
    expect(x[0]).toBeCloseTo(1, 2);
  });

  it("says so when the iterations run out", () => {
    const { status, iterations } = minimize({ ...asProblem(testProblems[0]!), maxIterations: 3 });
    expect([status, iterations]).toEqual(["iteration-limit", 3]);
  });
});

describe("degenerate problems", () => {
  it("equalities that repeat each other", () => {
    const { status, x } = minimize({
      start: [5, 5],
      objective: (z) => z[0]! * z[0]! + 2 * z[1]! * z[1]!,
      equality: functions(
        (z) => z[0]! + z[1]! - 1,
        (z) => 2 * z[0]! + 2 * z[1]! - 2,
      ),
    });
    expect(status).toBe("converged");
    expect(x[0]).toBeCloseTo(2 / 3, 8);
  });

  it("a complementarity constraint, whose multipliers are not unique", () => {
    const { status, value } = minimize({
      start: [2, 1],
      objective: (z) => (z[0]! - 1) * (z[0]! - 1) + (z[1]! - 1) * (z[1]! - 1),
      equality: functions((z) => z[0]! * z[1]!),
      lower: [0, 0],
    });
    expect(status).toBe("converged");
    expect(value).toBeCloseTo(1, 8);
  });

  it("takes full steps on the circle of the Maratos effect", () => {
    const { status, iterations, evaluations } = minimize({
      start: [0.5403023058681398, 0.8414709848078965],
      objective: (z) => 2 * (z[0]! * z[0]! + z[1]! * z[1]! - 1) - z[0]!,
      gradient: (z, out) => {
        out[0] = 4 * z[0]! - 1;
        out[1] = 4 * z[1]!;
      },
      equality: {
        ...functions((z) => z[0]! * z[0]! + z[1]! * z[1]! - 1),
        jacobian: (z, out) => {
          out[0] = 2 * z[0]!;
          out[1] = 2 * z[1]!;
        },
      },
    });
    expect(status).toBe("converged");
    // One evaluation a step, one more where the correction is needed, two to start
    expect(evaluations).toBeLessThanOrEqual(2 * iterations + 3);
  });

  it("any units", () => {
    const bowl = (scale: number): Problem => ({
      start: [1, 1],
      objective: (x) => scale * ((x[0]! - 3) * (x[0]! - 3) + 5 * (x[1]! - x[0]!) * (x[1]! - x[0]!)),
    });
    for (const scale of [1e-12, 1, 1e12]) {
      const { status, x } = minimize(bowl(scale));
      expect(status).toBe("converged");
      expect([...x]).toEqual([expect.closeTo(3, 6), expect.closeTo(3, 6)]);
    }
  });
});

describe("functions and inputs that fail", () => {
  it("backs off where a function throws", () => {
    const { status, x } = minimize({
      start: [10],
      objective: (z) => {
        if (z[0]! <= 0) throw new Error("no logarithm there");
        return z[0]! * z[0]! - 5 * log(z[0]!);
      },
    });
    expect(status).toBe("converged");
    expect(x[0]).toBeCloseTo(Math.sqrt(2.5), 7);
  });

  it("gives the point where a NaN cannot be avoided", () => {
    const cliff = minimize({ start: [10], objective: (z) => (z[0]! < 10 ? Number.NaN : z[0]! * z[0]!) });
    expect([cliff.status, cliff.x[0]]).toEqual(["numerical", 10]);
    expect(cliff.reason).toMatch("the objective is NaN");
    const hopeless = minimize({ start: [1, 2], objective: () => Number.NaN });
    expect([hopeless.status, hopeless.reason]).toEqual(["numerical", "at the start, the objective is NaN"]);
    const constraint = minimize({ start: [1], objective: (z) => z[0]!, inequality: functions(() => Number.NaN) });
    expect(constraint.reason).toBe("at the start, inequality 0 is NaN");
  });

  it("moves a start outside the bounds and says so", () => {
    const { notes, x } = minimize({
      start: [5, 0],
      objective: (z) => z[0]! * z[0]! + z[1]! * z[1]!,
      lower: [1, -1],
      upper: [2, 1],
    });
    expect(notes).toEqual(["start moved onto the bounds in x[0]"]);
    expect([...x]).toEqual([1, expect.closeTo(0, 8)]);
  });

  it.each<[string, Partial<Problem>]>([
    ["start[1]: NaN is not a finite number", { start: [0, Number.NaN] }],
    ["lower: 1 entries where 2 are needed", { lower: [0] }],
    ["lower[0]: 3 is above upper[0] = 2", { lower: [3, 0], upper: [2, 1] }],
    ["tolerance: -1 is out of range", { tolerance: -1 }],
  ])("%s", (message, wrong) => {
    expect(() => minimize({ start: [0, 0], objective: () => 0, ...wrong })).toThrow(message);
  });

  it("finds a wrong derivative", () => {
    const problem: Problem = {
      start: [1, 2],
      objective: (z) => z[0]! * z[1]!,
      gradient: (z, out) => {
        out[0] = z[1]!;
        out[1] = -z[0]!;
      },
      inequality: { ...functions((z) => z[0]!), jacobian: (_, out) => out.set([1, 0]) },
    };
    expect(checkDerivatives(problem)).toEqual([
      { of: "gradient", row: 0, column: 1, given: -1, difference: expect.closeTo(1, 8) },
    ]);
  });
});
