import fc from "fast-check";
import quadprog from "quadprog";
import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { type QuadraticProgram, type QuadraticSolution, solveQp } from "../../src/optimize/index.js";
import { everyActiveSet } from "../reference/activeSets.js";

/** Small integers: degenerate vertices, dependent rows and contradictions turn up often. */
function integerProgram(seed: number) {
  const random = stream(seed, "test", 7);
  const integer = (low: number, high: number): number => low + random.integer(high - low + 1);
  const n = integer(1, 3);
  const equalities = random.integer(3) === 0 ? integer(1, Math.min(2, n)) : 0;
  const m = equalities + integer(0, 4);
  const root = Array.from({ length: n }, () => Array.from({ length: n }, () => integer(-2, 2)));
  return {
    n,
    equalities,
    root,
    linear: Array.from({ length: n }, () => integer(-4, 4)),
    rows: Array.from({ length: m }, () => Array.from({ length: n }, () => integer(-2, 2))),
    right: Array.from({ length: m }, () => integer(-3, 2)),
  };
}

function gram(root: number[][], ridge: number): number[][] {
  return root.map((_, i) =>
    root.map((_, j) => root.reduce((sum, row) => sum + row[i]! * row[j]!, 0) + (i === j ? ridge : 0)),
  );
}

const nothing = { matrix: [] as number[][], values: [] as number[] };

function split(rows: number[][], right: number[], equalities: number): Partial<QuadraticProgram> {
  return {
    equality: equalities > 0 ? { matrix: rows.slice(0, equalities), values: right.slice(0, equalities) } : nothing,
    inequality:
      rows.length > equalities ? { matrix: rows.slice(equalities), values: right.slice(equalities) } : nothing,
  };
}

function checkCertificate(solution: QuadraticSolution, rows: number[][], right: number[], equalities: number): void {
  const weights = [...solution.certificate!.equality, ...solution.certificate!.inequality];
  const n = solution.x.length;
  for (let j = 0; j < n; j++) {
    const sum = rows.reduce((total, row, i) => total + weights[i]! * row[j]!, 0);
    expect(Math.abs(sum + solution.certificate!.lower[j]! - solution.certificate!.upper[j]!)).toBeLessThan(1e-9);
  }
  weights.forEach((weight, i) => {
    if (i >= equalities) expect(weight).toBeGreaterThanOrEqual(0);
  });
  expect(right.reduce((total, b, i) => total + weights[i]! * b, 0)).toBeGreaterThan(0);
}

describe("solveQp against every active set", () => {
  it("strictly convex programs, feasible or not", () => {
    let infeasible = 0;
    for (let seed = 0; seed < 3000; seed++) {
      const { root, linear, rows, right, equalities } = integerProgram(seed);
      const hessian = gram(root, 0.5);
      const solution = solveQp({ hessian, linear, ...split(rows, right, equalities) });
      const reference = everyActiveSet(hessian, linear, rows, right, equalities);
      if (reference === undefined) {
        infeasible++;
        // Equalities that depend on one another escape the reference; a certificate settles it.
        if (solution.status === "infeasible") checkCertificate(solution, rows, right, equalities);
        else expect([seed, solution.status, dependentEqualities(rows, equalities)]).toEqual([seed, "converged", true]);
      } else {
        expect([seed, solution.status]).toEqual([seed, "converged"]);
        reference.x.forEach((x, i) => {
          expect(solution.x[i]).toBeCloseTo(x, 9);
        });
      }
    }
    expect(infeasible).toBeGreaterThan(100);
  });

  it("convex programs with a singular Hessian, linear ones among them, inside a box", () => {
    for (let seed = 0; seed < 1500; seed++) {
      const { n, root, linear, rows, right, equalities } = integerProgram(seed + 10000);
      root[0]!.fill(0);
      if (seed % 3 === 0) for (const row of root) row.fill(0);
      const hessian = gram(root, 0);
      const box = Array.from({ length: 2 * n }, (_, i) => root.map((_, j) => (i % n === j ? (i < n ? 1 : -1) : 0)));
      const reference = everyActiveSet(
        hessian,
        linear,
        [...rows, ...box],
        [...right, ...box.map(() => -5)],
        equalities,
      );
      const solution = solveQp({
        hessian,
        linear,
        ...split(rows, right, equalities),
        lower: new Array(n).fill(-5),
        upper: new Array(n).fill(5),
      });
      if (reference !== undefined) {
        expect([seed, solution.status]).toEqual([seed, "converged"]);
        expect(Math.abs(solution.value - reference.value)).toBeLessThan(1e-8 * (1 + Math.abs(reference.value)));
      } else if (!dependentEqualities(rows, equalities)) expect([seed, solution.status]).toEqual([seed, "infeasible"]);
    }
  });
});

function dependentEqualities(rows: number[][], equalities: number): boolean {
  if (equalities === 0) return false;
  const gramian = rows
    .slice(0, equalities)
    .map((a) => rows.slice(0, equalities).map((b) => a.reduce((sum, v, j) => sum + v * b[j]!, 0)));
  const determinant =
    equalities === 1 ? gramian[0]![0]! : gramian[0]![0]! * gramian[1]![1]! - gramian[0]![1]! * gramian[1]![0]!;
  return determinant === 0;
}

it("agrees with quadprog on random programs of up to 12 variables and 30 rows", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), (seed) => {
      const random = stream(seed, "test", 8);
      const n = 1 + random.integer(12);
      const m = random.integer(31);
      const equalities = Math.min(m, random.integer(3) === 0 ? random.integer(n) : 0);
      const root = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
      const hessian = gram(root, 0.01);
      const linear = Array.from({ length: n }, () => 3 * random.normal());
      const rows = Array.from({ length: m }, () => Array.from({ length: n }, () => random.normal()));
      const right = Array.from({ length: m }, () => random.normal() - 0.7);
      const solution = solveQp({ hessian, linear, ...split(rows, right, equalities) });
      const theirs = quadprog.solveQP(
        [[], ...hessian.map((row) => [0, ...row])],
        [0, ...linear.map((v) => -v)],
        [[], ...linear.map((_, j) => [0, ...(m > 0 ? rows.map((row) => row[j]!) : [0])])],
        [0, ...(m > 0 ? right : [-1])],
        equalities,
      );
      if (theirs.message !== "") {
        expect(solution.status).toBe("infeasible");
        checkCertificate(solution, rows, right, equalities);
        return;
      }
      expect(solution.status).toBe("converged");
      const size = 1 + Math.max(...theirs.solution.slice(1).map(Math.abs));
      for (let i = 0; i < n; i++) expect(Math.abs(solution.x[i]! - theirs.solution[i + 1]!)).toBeLessThan(1e-8 * size);
      // The multipliers prove themselves: Hx + g = C'y.
      const y = [...solution.multipliers.equality, ...solution.multipliers.inequality];
      for (let j = 0; j < n; j++) {
        const force = hessian[j]!.reduce((sum, h, i) => sum + h * solution.x[i]!, linear[j]!);
        const held = rows.reduce((sum, row, i) => sum + y[i]! * row[j]!, 0);
        const terms = rows.reduce((sum, row, i) => sum + Math.abs(y[i]! * row[j]!), 1);
        expect(Math.abs(force - held)).toBeLessThan(1e-9 * terms);
      }
      expect(Math.min(0, ...solution.multipliers.inequality)).toBe(0);
    }),
    { numRuns: 1500, seed: 4 },
  );
});

describe("solveQp", () => {
  const plane: QuadraticProgram = { hessian: [2, 0, 0, 2], linear: [-2, -5] };

  it("solves Nocedal and Wright's example 16.4", () => {
    const { x, value, status, multipliers } = solveQp({
      ...plane,
      inequality: {
        matrix: [
          [1, -2],
          [-1, -2],
          [-1, 2],
        ],
        values: [-2, -6, -2],
      },
      lower: [0, 0],
    });
    expect(status).toBe("converged");
    expect([...x]).toEqual([expect.closeTo(1.4, 12), expect.closeTo(1.7, 12)]);
    expect(value + 7.25).toBeCloseTo(0.8, 12);
    expect(multipliers.inequality[0]).toBeCloseTo(0.8, 12);
  });

  it("starts from the last active set and needs no change there", () => {
    const program: QuadraticProgram = { ...plane, upper: [0.5, 0.25], inequality: { matrix: [1, 1], values: [-9] } };
    const first = solveQp(program);
    expect(first.iterations).toBe(2);
    const second = solveQp({ ...program, activeSet: first.activeSet });
    expect(second.iterations).toBe(0);
    expect([...second.x]).toEqual([...first.x]);
  });

  it("recovers from a wrong guess, and from one with dependent normals", () => {
    const program: QuadraticProgram = {
      ...plane,
      inequality: { matrix: [1, 0, 2, 0, -1, -1], values: [-1, -2, -30] },
    };
    for (const activeSet of [
      [0, 1],
      [0, 1, 2],
      [2, 0],
      [3, 4, 5, 6],
    ]) {
      // biome-ignore format: sets
      const { x, status } = solveQp({ ...program, activeSet });
      expect(status).toBe("converged");
      expect([...x]).toEqual([expect.closeTo(1, 12), expect.closeTo(2.5, 12)]);
    }
  });

  it("gives a ray where the value falls without end", () => {
    const { status, ray } = solveQp({
      hessian: [1, 0, 0, 0],
      linear: [0, -1],
      inequality: { matrix: [1, 1], values: [-3] },
    });
    expect(status).toBe("unbounded");
    expect([...ray!]).toEqual([expect.closeTo(0, 9), 1]);
    const free = [0, Number.NEGATIVE_INFINITY];
    expect(solveQp({ hessian: [0, 0, 0, 0], linear: [1, 1], lower: free }).status).toBe("unbounded");
  });

  it("solves a linear program at its vertex, and one whose solutions are an edge", () => {
    const edge = { hessian: new Float64Array(4), linear: [-1, -1], lower: [0, 0], upper: [4, 4] };
    const { value, status } = solveQp({ ...edge, inequality: { matrix: [-1, -1], values: [-5] } });
    expect([status, value]).toEqual(["converged", expect.closeTo(-5, 9)]);
  });

  it("accepts equalities that repeat each other and refuses those that contradict", () => {
    const twice = { matrix: [1, 1, 2, 2], values: [1, 2] };
    expect(solveQp({ ...plane, equality: twice }).status).toBe("converged");
    const { status, certificate } = solveQp({ ...plane, equality: { ...twice, values: [1, 3] } });
    expect(status).toBe("infeasible");
    expect(certificate!.equality[0]! + 2 * certificate!.equality[1]!).toBeCloseTo(0, 12);
  });

  it("solves in any units alike", () => {
    const random = stream(3, "test", 9);
    const n = 5;
    const root = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
    const linear = Array.from({ length: n }, () => random.normal());
    const rows = Array.from({ length: 8 }, () => Array.from({ length: n }, () => random.normal()));
    const right = rows.map(() => random.normal() - 1);
    const plain = solveQp({ hessian: gram(root, 0.1), linear, inequality: { matrix: rows, values: right } });
    const scaled = solveQp({
      hessian: gram(root, 0.1).map((row) => row.map((v) => v * 1e-9)),
      linear: linear.map((v) => v * 1e-3),
      inequality: { matrix: rows, values: right.map((v) => v * 1e6) },
    });
    expect([plain.status, scaled.status]).toEqual(["converged", "converged"]);
    plain.x.forEach((x, i) => {
      expect(scaled.x[i]! / 1e6).toBeCloseTo(x, 8);
    });
  });

  it.each([
    ["hessian: 3 entries where a 2 × 2 matrix is needed", { ...plane, hessian: [1, 2, 3] }],
    ["hessian[1][0]: 1 differs", { ...plane, hessian: [1, 0, 1, 1] }],
    ["hessian: not positive semidefinite", { ...plane, hessian: [1, 0, 0, -1] }],
    ["linear[1]: NaN", { ...plane, linear: [0, Number.NaN] }],
    ["lower[0]: 2 is above upper[0] = 1", { ...plane, lower: [2, 0], upper: [1, 1] }],
    ["inequality.matrix[0][1]: Infinity", { ...plane, inequality: { matrix: [1, Infinity], values: [1] } }],
    ["activeSet[0]: 17", { ...plane, activeSet: [17] }],
  ])("%s", (message, program) => {
    expect(() => solveQp(program)).toThrow(message);
  });
});
