import { describe, expect, it } from "vitest";
import { exp, log } from "../../bindings/math.js";
import { minimize, type Problem, type QuadraticProgram, solveQp } from "../../src/optimize/index.js";

/** One variable, with or without the derivative. */
function along(f: (x: number) => number, slope: (x: number) => number, start: number, lower?: number): Problem {
  return {
    start: [start],
    objective: (x) => f(x[0]!),
    gradient: (x, out) => {
      out[0] = slope(x[0]!);
    },
    ...(lower === undefined ? {} : { lower: [lower] }),
  };
}

describe("far starts, where the gradient is huge", () => {
  it.each<[string, Problem, number, number]>([
    [
      "eˣ + (x + 5)²/2 from 40",
      along(
        (x) => exp(x) + 0.5 * (x + 5) ** 2,
        (x) => exp(x) + x + 5,
        40,
      ),
      -5.006693000497731,
      0.006715398625562308,
    ],
    [
      "x⁶ − 6x from 1000",
      along(
        (x) => x ** 6 - 6 * x,
        (x) => 6 * x ** 5 - 6,
        1000,
      ),
      1,
      -5,
    ],
    [
      "1/x + x from 10⁻⁶",
      along(
        (x) => 1 / x + x,
        (x) => 1 - 1 / (x * x),
        1e-6,
        1e-15,
      ),
      1,
      2,
    ],
    [
      "a parabola from 10¹²",
      along(
        (x) => 0.5 * x * x - x,
        (x) => x - 1,
        1e12,
      ),
      1,
      -0.5,
    ],
  ])("%s", (_, problem, x, value) => {
    // biome-ignore format: one problem a line
    for (const one of [problem, (({ gradient: _, ...rest }) => rest)(problem)]) {
      const found = minimize(one);
      // Differences over 6·10⁻⁶ cannot see what 1/x does at 10⁻⁶: no answer is right there, a wrong one is not.
      if (one === problem || problem.lower === undefined) expect(found.status).toBe("converged");
      if (found.status !== "converged") continue;
      expect(found.x[0]).toBeCloseTo(x, 3);
      expect(found.value).toBeCloseTo(value, 6);
    }
  });

  it("a constraint whose gradient is huge at the start holds in its own units", () => {
    const { status, x, violation } = minimize({
      start: [40, 3],
      objective: (z) => z[1]! * z[1]! + (z[0]! + 1) ** 2,
      equality: { count: 1, values: (z, out) => out.fill(exp(z[0]!) - 1 - z[1]!) },
    });
    expect(status).toBe("converged");
    expect(violation).toBeLessThan(1e-7);
    expect((exp(x[0]!) - 1) * exp(x[0]!) + x[0]! + 1).toBeCloseTo(0, 5);
  });

  it("one steep variable does not excuse another", () => {
    const { status, x, value } = minimize({
      start: [1e-5, 300],
      lower: [1e-15, Number.NEGATIVE_INFINITY],
      objective: (z) => 1 / z[0]! + z[0]! + 0.5 * (z[1]! - 7) ** 2,
    });
    expect([status, value]).toEqual(["converged", expect.closeTo(2, 6)]);
    expect(x[1]).toBeCloseTo(7, 3);
  });
});

describe("equalities that depend on each other", () => {
  const rows = (list: number[][], right: number[], exact: boolean): Problem["equality"] => ({
    count: list.length,
    values: (x, out) =>
      list.forEach((row, i) => {
        out[i] = row.reduce((sum, a, j) => sum + a * x[j]!, -right[i]!);
      }),
    ...(exact ? { jacobian: (_, out) => out.set(list.flat()) } : {}),
  });

  it.each([true, false])("proportional rows and sums of rows, Jacobian given: %s", (exact) => {
    const list = [
      [1, 2, -1],
      [0.1, 0.2, -0.1],
      [0.3, -0.7, 1.1],
      [1.3, 1.3, 0.1],
    ];
    for (const start of [
      [0.7, 0.3, 0.3],
      [9, -4, 2],
    ]) {
      const { status, value, violation, x } = minimize({
        start,
        objective: (z) => z.reduce((sum, v) => sum + v * v, 0),
        ...(exact ? { gradient: (z, out) => out.set(z.map((v) => 2 * v)) } : {}),
        equality: rows(list, [1, 0.1, 0.33, 1.33], exact),
      });
      expect(status).toBe("converged");
      expect(violation).toBeLessThan(1e-8);
      // The point of least length on the line of the first and third row: A'(AA')⁻¹b.
      const gram = [6, -2.2, 1.79] as const;
      const determinant = gram[0] * gram[2] - gram[1] * gram[1];
      const [u, v] = [(gram[2] * 1 - gram[1] * 0.33) / determinant, (gram[0] * 0.33 - gram[1] * 1) / determinant];
      const least = [u + 0.3 * v, 2 * u - 0.7 * v, -u + 1.1 * v];
      expect([...x]).toEqual(least.map((w) => expect.closeTo(w, 5)));
      expect(value).toBeCloseTo(
        least.reduce((sum, w) => sum + w * w, 0),
        8,
      );
    }
  });

  it("a transport polytope: all sums of rows and columns", () => {
    const list = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: 9 }, (_, k) => ((i < 3 ? Math.floor(k / 3) === i : k % 3 === i - 3) ? 1 : 0)),
    );
    const [supply, demand] = [
      [0.2, 0.5, 0.3],
      [0.4, 0.25, 0.35],
    ];
    for (const exact of [true, false]) {
      const { status, x } = minimize({
        start: new Array(9).fill(0.3),
        lower: new Array(9).fill(1e-12),
        objective: (z) => z.reduce((sum, v) => sum + v * log(v), 0),
        equality: rows(list, [...supply!, ...demand!], exact),
      });
      expect(status).toBe("converged");
      // Most entropy: the product of the margins.
      for (const [k, value] of [...x].entries())
        expect(value).toBeCloseTo(supply![Math.floor(k / 3)]! * demand![k % 3]!, 5);
    }
  });
});

it("multipliers of fixed variables without a gradient", () => {
  const { multipliers, status } = minimize({
    start: [0, 0, 5],
    lower: [0, -9, 5],
    upper: [0, 9, 5],
    objective: (x) => (x[0]! - 3) ** 2 + (x[1]! + 1) ** 2 + x[2]! ** 3,
  });
  expect(status).toBe("converged");
  expect(multipliers.upper[0]! - multipliers.lower[0]!).toBeCloseTo(6, 4);
  expect(multipliers.lower[2]! - multipliers.upper[2]!).toBeCloseTo(75, 3);
});

it("a minimum is not −∞ because it is low", () => {
  const far = minimize({ start: [0], objective: (x) => 0.5 * x[0]! * x[0]! - 1e12 * x[0]! });
  expect(far.status).not.toBe("unbounded");
  if (far.status === "converged") expect(far.value / 5e23).toBeCloseTo(-1, 6);
});

it("what a problem gives does not depend on infinite numbers in the one before", () => {
  const unbounded: Problem = {
    start: [0.3, -0.2, 1],
    objective: (x) => 0.5 * (x[0]! + x[1]!) ** 2 - x[2]!,
  };
  const before = minimize(unbounded);
  for (const start of [1e150, 1e200, 1e300])
    minimize({
      start: [start, -start, 700],
      objective: (x) => 1e-150 * x[0]! * x[0]! + x[1]! + exp(x[2]!),
    });
  expect(minimize(unbounded)).toEqual(before);
});

describe("solveQp in units far apart", () => {
  const scaled = (units: number[]): QuadraticProgram => ({
    hessian: [
      [2 / units[0]! ** 2, 1 / units[0]! / units[1]!],
      [1 / units[0]! / units[1]!, 1 / units[1]! ** 2],
    ],
    linear: [-3 / units[0]!, 1 / units[1]!],
    inequality: { matrix: [[-1 / units[0]!, 1 / units[1]!]], values: [-6] },
  });

  it.each([[[1, 1]], [[1e-3, 1e3]], [[1e-6, 1e6]], [[1e7, 1]], [[1e-7, 1e-3]]])("%o", (units) => {
    const { status, x, value, multipliers } = solveQp(scaled(units));
    expect(status).toBe("converged");
    // In units of 1 the row binds: 2a + b − 3 = −μ, a + b + 1 = μ, a − b = 6.
    expect([...x].map((v, j) => v / units[j]!)).toEqual([expect.closeTo(2.8, 8), expect.closeTo(-3.2, 8)]);
    expect(value).toBeCloseTo(7.84 - 8.96 + 5.12 - 8.4 - 3.2, 8);
    expect(multipliers.inequality[0]).toBeCloseTo(0.6, 8);
  });
});
