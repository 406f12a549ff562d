import { exp, log } from "../../../bindings/math.js";
import { type Stream, stream } from "../../../bindings/random.js";
import type { Problem } from "../../../src/optimize/index.js";
import { combination, dot, normals, powerOfTen, type Row, unitOf } from "./numbers.js";

/** A problem whose answer is known from how it was made. */
export interface ProblemCase {
  name: string;
  problem: Problem;
  expect:
    | { status: "converged"; value: number; terms: number; fixed?: { variable: number; force: number }[] }
    | { status: "infeasible" | "unbounded" };
}

/** f and ∇f */
interface Smooth {
  value(x: Float64Array): number;
  gradient(x: Float64Array, out: Float64Array): void;
}

const kinds = [farAway, farAway, redundantRows, redundantRows, transport, convexRegion, fixedVariables, apart, endless];

/** A random smooth problem of one of the kinds below, with or without derivatives. */
export function randomProblem(seed: number): ProblemCase {
  const random = stream(seed, "test", 42);
  const { name, problem, expect } = kinds[random.integer(kinds.length)]!(random);
  const exact = random.integer(2) === 0;
  return { name: `${name}, ${exact ? "exact" : "no"} derivatives`, problem: exact ? problem : bare(problem), expect };
}

/** Without derivatives. */
function bare({ gradient: _, equality, inequality, ...rest }: Problem): Problem {
  return {
    ...rest,
    ...(equality === undefined ? {} : { equality: { count: equality.count, values: equality.values } }),
    ...(inequality === undefined ? {} : { inequality: { count: inequality.count, values: inequality.values } }),
  };
}

function linear(rows: Row[], right: Row): NonNullable<Problem["equality"]> {
  const n = rows[0]?.length ?? 0;
  return {
    count: rows.length,
    values: (x, out) =>
      rows.forEach((row, i) => {
        out[i] = row.reduce((sum, value, j) => sum + value * x[j]!, -right[i]!);
      }),
    jacobian: (_, out) => {
      for (const [i, row] of rows.entries()) for (let j = 0; j < n; j++) out[i * n + j] = row[j]!;
    },
  };
}

/** Σ ½ w_j (x_j − c_j)² + pull'x, or Σ w_j x_j ln x_j + pull'x */
function separable(kind: "square" | "entropy", weight: Row, pull: Row): Smooth {
  return {
    value: (x) =>
      pull.reduce((sum, g, j) => {
        const own =
          kind === "square" ? 0.5 * x[j]! * x[j]! : x[j]! > 0 ? x[j]! * log(x[j]!) : x[j] === 0 ? 0 : Number.NaN;
        return sum + weight[j]! * own + g * x[j]!;
      }, 0),
    gradient: (x, out) => {
      for (let j = 0; j < pull.length; j++)
        out[j] = pull[j]! + weight[j]! * (kind === "square" ? x[j]! : log(x[j]!) + 1);
    },
  };
}

function converged(f: Smooth, x: Row): { status: "converged"; value: number; terms: number } {
  const at = Float64Array.from(x);
  const slope = new Float64Array(x.length);
  f.gradient(at, slope);
  const value = f.value(at);
  return {
    status: "converged",
    value,
    terms: 0.01 + Math.abs(value) + x.reduce((sum, v, j) => sum + Math.abs(v * slope[j]!), 0),
  };
}

/** Functions of one variable with one minimum, what it is, and where a start may be. */
const hills: {
  name: string;
  value(x: number): number;
  slope(x: number): number;
  least: number;
  start(random: Stream): number;
  lower?: number;
}[] = [
  {
    name: "exp",
    value: (x) => exp(x) + 0.5 * (x + 5) * (x + 5),
    slope: (x) => exp(x) + x + 5,
    least: 0.0067153986255623,
    start: (r) => 600 * r.uniform() - 100,
  },
  {
    name: "sixth",
    value: (x) => x ** 6 - 6 * x,
    slope: (x) => 6 * x ** 5 - 6,
    least: -5,
    start: (r) => sign(r) * 10 ** (8 * r.uniform()),
  },
  {
    name: "inverse",
    value: (x) => 1 / x + x,
    slope: (x) => 1 - 1 / (x * x),
    least: 2,
    start: (r) => 10 ** (16 * r.uniform() - 8),
    lower: 1e-15,
  },
  {
    name: "parabola",
    value: (x) => 0.5 * x * x - x,
    slope: (x) => x - 1,
    least: -0.5,
    start: (r) => sign(r) * 10 ** (12 * r.uniform()),
  },
  {
    name: "inverse square",
    value: (x) => 1 / (x * x) + x,
    slope: (x) => 1 - 2 / x ** 3,
    least: 3 * 2 ** (-2 / 3),
    start: (r) => 10 ** (12 * r.uniform() - 6),
    lower: 1e-15,
  },
  {
    name: "entropy",
    value: (x) => x * log(x) - x,
    slope: (x) => log(x),
    least: -1,
    start: (r) => 10 ** (16 * r.uniform() - 8),
    lower: 1e-300,
  },
  {
    name: "root",
    value: (x) => Math.sqrt(1 + x * x),
    slope: (x) => x / Math.sqrt(1 + x * x),
    least: 1,
    start: (r) => sign(r) * 10 ** (8 * r.uniform()),
  },
  {
    name: "cosh",
    value: (x) => exp(x) + exp(-x),
    slope: (x) => exp(x) - exp(-x),
    least: 2,
    start: (r) => 600 * r.uniform() - 300,
  },
  {
    name: "fourth",
    value: (x) => (x - 2) ** 4 + (x - 2) ** 2,
    slope: (x) => 4 * (x - 2) ** 3 + 2 * (x - 2),
    least: 0,
    start: (r) => sign(r) * 10 ** (10 * r.uniform()),
  },
];

function sign(random: Stream): number {
  return random.integer(2) === 0 ? 1 : -1;
}

/** Sums of such functions from far away, times a unit. */
function farAway(random: Stream): ProblemCase {
  const chosen = Array.from({ length: 1 + random.integer(3) }, () => hills[random.integer(hills.length)]!);
  const unit = random.integer(2) === 0 ? 1 : powerOfTen(random, 3);
  const start = chosen.map((hill) => hill.start(random));
  const least = unit * chosen.reduce((sum, hill) => sum + hill.least, 0);
  return {
    name: `far away (${chosen.map(({ name }) => name).join(" + ")} from ${start})`,
    problem: {
      start,
      lower: chosen.map(({ lower }) => lower ?? Number.NEGATIVE_INFINITY),
      objective: (x) => unit * chosen.reduce((sum, hill, j) => sum + hill.value(x[j]!), 0),
      gradient: (x, out) =>
        chosen.forEach((hill, j) => {
          out[j] = unit * hill.slope(x[j]!);
        }),
    },
    expect: {
      status: "converged",
      value: least,
      terms: unit * chosen.reduce((sum, hill) => sum + Math.abs(hill.least) + 0.1, 0),
    },
  };
}

/** Equalities that depend on each other: multiples, sums, repetitions. ∇f(x) = A'λ fixes the slope. */
function redundantRows(random: Stream): ProblemCase {
  const n = 2 + random.integer(6);
  const entropy = random.integer(3) === 0;
  const x = Array.from({ length: n }, () => (entropy ? 0.05 + random.uniform() : random.normal()));
  const whole = random.integer(2) === 0;
  const rows = Array.from({ length: 1 + random.integer(Math.min(4, n - 1)) }, () =>
    whole ? Array.from({ length: n }, () => random.integer(4) - 1) : normals(random, n),
  );
  const independent = rows.length;
  for (let more = 1 + random.integer(3); more > 0; more--)
    rows.push(
      combination(
        Array.from({ length: independent }, () => sign(random) * (random.integer(3) + (whole ? 0 : random.uniform()))),
        rows,
      ),
    );
  const sizes = rows.map(() => (random.integer(3) === 0 ? unitOf(random, 2) : 1));
  const scaled = rows.map((row, i) => row.map((value) => sizes[i]! * value));
  const weight = x.map(() => 0.2 + random.uniform());
  const forces = combination(
    Array.from({ length: independent }, () => random.normal()),
    rows,
  );
  const pull = x.map((v, j) => forces[j]! - weight[j]! * (entropy ? log(v) + 1 : v));
  const f = separable(entropy ? "entropy" : "square", weight, pull);
  const start =
    random.integer(2) === 0
      ? x.map((v) => v)
      : x.map((v) => (entropy ? v * (0.5 + random.uniform()) : 3 * random.normal()));
  return {
    name: `redundant equalities (${entropy ? "entropy" : "square"}, n = ${n}, ${independent} of ${rows.length} rows)`,
    problem: {
      start,
      ...(entropy ? { lower: x.map(() => 1e-12) } : {}),
      objective: f.value,
      gradient: f.gradient,
      equality: linear(
        scaled,
        scaled.map((row) => dot(row, x)),
      ),
    },
    expect: converged(f, x),
  };
}

/** Sums along the rows and columns of a table, of which one follows from the others; some entries at their bound. */
function transport(random: Stream): ProblemCase {
  const [a, b] = [2 + random.integer(3), 2 + random.integer(3)];
  const n = a * b;
  const entropy = random.integer(2) === 0;
  const x = Array.from({ length: n }, () => (entropy || random.integer(3) > 0 ? 0.1 + random.uniform() : 0));
  const rows = [
    ...Array.from({ length: a }, (_, i) => x.map((_, k) => (Math.floor(k / b) === i ? 1 : 0))),
    ...Array.from({ length: b }, (_, j) => x.map((_, k) => (k % b === j ? 1 : 0))),
  ];
  const weight = x.map(() => 0.1 + random.uniform());
  const forces = combination(normals(random, a + b), rows);
  // A reduced cost of 0 at a bound is degenerate.
  const pull = x.map(
    (v, k) =>
      forces[k]! - weight[k]! * (entropy ? log(v) + 1 : v) + (v === 0 && random.integer(3) > 0 ? random.uniform() : 0),
  );
  const f = separable(entropy ? "entropy" : "square", weight, pull);
  return {
    name: `transport (${entropy ? "entropy" : "square"}, ${a} × ${b})`,
    problem: {
      start: x.map(() => 0.2 + random.uniform()),
      lower: x.map(() => (entropy ? 1e-12 : 0)),
      objective: f.value,
      gradient: f.gradient,
      equality: linear(
        rows,
        rows.map((row) => dot(row, x)),
      ),
    },
    expect: converged(f, x),
  };
}

/** ½ Σ w x² + pull'x in an intersection of balls and half spaces, some of which hold with equality at the solution. */
function convexRegion(random: Stream): ProblemCase {
  const n = 1 + random.integer(5);
  const x = normals(random, n);
  const weight = x.map(() => 0.1 + random.uniform());
  const pull = x.map((v, j) => -weight[j]! * v);
  const balls: { center: Row; square: number; size: number }[] = [];
  for (let i = 1 + random.integer(3); i > 0; i--) {
    const center = normals(random, n);
    const away = x.map((v, j) => v - center[j]!);
    const active = random.integer(3) > 0;
    const size = random.integer(3) === 0 ? unitOf(random, 2) : 1;
    balls.push({ center, square: dot(away, away) + (active ? 0 : random.uniform()), size });
    if (active && random.integer(4) > 0) {
      const price = 0.1 + random.uniform();
      for (let j = 0; j < n; j++) pull[j] = pull[j]! - 2 * price * away[j]!;
    }
    // Twice the same region: dependent normals.
    if (random.integer(3) === 0) balls.push({ ...balls.at(-1)!, size: size * (1 + random.integer(3)) });
  }
  const f = separable("square", weight, pull);
  return {
    name: `convex region (n = ${n}, ${balls.length} balls)`,
    problem: {
      start: normals(random, n).map((v) => v * (random.integer(3) === 0 ? 10 ** (4 * random.uniform()) : 1)),
      objective: f.value,
      gradient: f.gradient,
      inequality: inBalls(balls, n),
    },
    expect: converged(f, x),
  };
}

function inBalls(
  balls: { center: Row; square: number; size: number }[],
  n: number,
): NonNullable<Problem["inequality"]> {
  return {
    count: balls.length,
    values: (at, out) =>
      balls.forEach(({ center, square, size }, i) => {
        out[i] = size * center.reduce((sum, c, j) => sum - (at[j]! - c) * (at[j]! - c), square);
      }),
    jacobian: (at, out) => {
      for (const [i, { center, size }] of balls.entries())
        for (let j = 0; j < n; j++) out[i * n + j] = -2 * size * (at[j]! - center[j]!);
    },
  };
}

/** lower = upper for some: their multipliers are what the objective pulls with there. */
function fixedVariables(random: Stream): ProblemCase {
  const n = 1 + random.integer(4);
  const x = normals(random, n);
  const weight = x.map(() => 0.2 + random.uniform());
  const pull = x.map((v, j) => -weight[j]! * v);
  const fixed: { variable: number; force: number }[] = [];
  for (let j = 0; j < n; j++) {
    if (j > 0 && random.integer(2) === 0) continue;
    const force = 3 * random.normal();
    fixed.push({ variable: j, force });
    pull[j] = pull[j]! + force;
  }
  const f = separable("square", weight, pull);
  const isFixed = (j: number): boolean => fixed.some(({ variable }) => variable === j);
  return {
    name: `fixed variables (${fixed.length} of ${n})`,
    problem: {
      start: normals(random, n),
      lower: x.map((v, j) => (isFixed(j) ? v : -50)),
      upper: x.map((v, j) => (isFixed(j) ? v : 50)),
      objective: f.value,
      gradient: f.gradient,
    },
    expect: { ...converged(f, x), fixed },
  };
}

/** Convex constraints that no point satisfies. */
function apart(random: Stream): ProblemCase {
  const n = 1 + random.integer(4);
  const f = separable(
    "square",
    normals(random, n).map((v) => 0.1 + v * v),
    normals(random, n),
  );
  const start = normals(random, n).map((v) => v * (random.integer(3) === 0 ? 100 : 1));
  const problem: Problem = { start, objective: f.value, gradient: f.gradient };
  const direction = normals(random, n);
  const length = Math.sqrt(dot(direction, direction));
  const unit = direction.map((v) => v / length);
  const gap = 10 ** (3 * random.uniform() - 2);
  const name = (what: string): string => `infeasible (${what}, n = ${n})`;
  const expect = { status: "infeasible" } as const;
  const which = random.integer(4);
  if (which === 0) {
    const center = normals(random, n);
    const radii = [0.1 + random.uniform(), 0.1 + random.uniform()];
    const other = center.map((c, j) => c + unit[j]! * (radii[0]! + radii[1]! + gap));
    const balls = [center, other].map((at, i) => ({ center: at, square: radii[i]! ** 2, size: 1 }));
    return { name: name("balls apart"), problem: { ...problem, inequality: inBalls(balls, n) }, expect };
  }
  if (which === 1) {
    // −Σ w_i a_i against the others: a Farkas certificate
    const rows = Array.from({ length: 1 + random.integer(4) }, () => normals(random, n));
    const right = rows.map(() => random.normal());
    const weights = rows.map(() => 0.2 + random.uniform());
    rows.push(combination(weights, rows).map((v) => -v));
    right.push(-dot(weights, right) + gap);
    return { name: name("half spaces"), problem: { ...problem, inequality: linear(rows, right) }, expect };
  }
  if (which === 2) {
    const rows = [unit, unit.map((v) => 2 * v)];
    const right = [random.normal()];
    right.push(2 * right[0]! + 2 * gap);
    return { name: name("equalities"), problem: { ...problem, equality: linear(rows, right) }, expect };
  }
  const bounds = normals(random, n).map(Math.abs);
  const reach = unit.reduce((sum, v, j) => sum + Math.abs(v) * bounds[j]!, 0);
  return {
    name: name("a row beyond a box"),
    problem: {
      ...problem,
      lower: bounds.map((v) => -v),
      upper: bounds,
      [random.integer(2) === 0 ? "equality" : "inequality"]: linear([unit], [reach + gap]),
    },
    expect,
  };
}

/** A slope along a cone, or with curvature across it alone. */
function endless(random: Stream): ProblemCase {
  const n = 1 + random.integer(4);
  const ray = normals(random, n);
  const bend = random.integer(2);
  const pull = ray.map((v) => -v * 10 ** (2 * random.uniform() - 1));
  const across = normals(random, n);
  const along = dot(across, ray) / dot(ray, ray);
  const normal = across.map((v, j) => v - along * ray[j]!);
  const rows = Array.from({ length: random.integer(3) }, () => normals(random, n)).map((row) =>
    dot(row, ray) < 0 ? row.map((v) => -v) : row,
  );
  return {
    name: `unbounded (n = ${n}${bend === 1 && n > 1 ? ", curved across" : ""})`,
    problem: {
      start: normals(random, n),
      objective: (x) => dot(pull, [...x]) + (bend === 1 && n > 1 ? 0.5 * dot(normal, [...x]) ** 2 : 0),
      gradient: (x, out) => {
        const s = bend === 1 && n > 1 ? dot(normal, [...x]) : 0;
        for (let j = 0; j < n; j++) out[j] = pull[j]! + s * normal[j]!;
      },
      ...(rows.length > 0
        ? {
            inequality: linear(
              rows,
              rows.map(() => -1 - random.uniform()),
            ),
          }
        : {}),
    },
    expect: { status: "unbounded" },
  };
}
