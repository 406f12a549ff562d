import { type Stream, stream } from "../../../bindings/random.js";
import type { QuadraticProgram } from "../../../src/optimize/index.js";
import { combination, dot, normals, powerOfTen, type Row, unitOf } from "./numbers.js";

/** A program whose answer is known from how it was made. */
export interface ProgramCase {
  name: string;
  program: QuadraticProgram & { hessian: Row[] };
  expect: { status: "converged"; value: number; terms: number } | { status: "infeasible" | "unbounded" };
}

interface Draft {
  n: number;
  hessian: Row[];
  x: Row;
  slope: Row;
  equality: { rows: Row[]; right: Row };
  inequality: { rows: Row[]; right: Row };
  lower: Row;
  upper: Row;
}

/**
 * A random convex program. The solution x, multipliers y ≥ 0 and the rows come first, then g = C'y − Hx and b: the
 * Karush–Kuhn–Tucker conditions, which suffice, hold by construction. Then rows that depend on others, contradictions
 * (with Farkas weights) or a ray (along which nothing changes but the value) are put in, and the units drawn.
 */
export function randomProgram(seed: number): ProgramCase {
  const random = stream(seed, "test", 41);
  const kind = ["plain", "plain", "redundant", "infeasible", "unbounded"][random.integer(5)]!;
  const n = 1 + random.integer(8);
  const ray = kind === "unbounded" ? normals(random, n) : undefined;
  const curvature = ray === undefined ? random.integer(4) : 1 + random.integer(2);
  const draft = emptyDraft(random, n, curvature, ray);
  addRows(random, draft, ray);
  addBounds(random, draft, ray);
  if (ray !== undefined) {
    const excess = (dot(draft.slope, ray) + 0.1 + random.uniform()) / dot(ray, ray);
    draft.slope = draft.slope.map((g, j) => g - excess * ray[j]!);
  }
  if (kind === "redundant") repeatRows(random, draft);
  if (kind === "infeasible") contradict(random, draft);
  const spread = [0, 1, 3, 6][random.integer(4)]!;
  const { program, terms, value } = inUnits(random, draft, spread);
  const name = `${kind}, ${["strictly convex", "singular", "linear", "strictly convex"][curvature]}, n = ${n}, units 10^±${spread}`;
  if (kind === "infeasible" || kind === "unbounded") return { name, program, expect: { status: kind } };
  return { name, program, expect: { status: "converged", value, terms } };
}

function emptyDraft(random: Stream, n: number, curvature: number, ray: Row | undefined): Draft {
  const rank = curvature === 2 ? 0 : curvature === 1 ? random.integer(n) : n;
  const root = Array.from({ length: rank }, () => across(normals(random, n), ray));
  const ridge = curvature === 1 || curvature === 2 ? 0 : 10 ** -random.integer(5);
  const hessian = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = root.reduce((total, row) => total + row[i]! * row[j]!, i === j ? ridge : 0);
      hessian[i]![j] = hessian[j]![i] = sum;
    }
  }
  const x = normals(random, n).map((value) => (random.integer(4) === 0 ? 0 : value));
  return {
    n,
    hessian,
    x,
    slope: hessian.map((row) => -dot(row, x)),
    equality: { rows: [], right: [] },
    inequality: { rows: [], right: [] },
    lower: new Array<number>(n).fill(Number.NEGATIVE_INFINITY),
    upper: new Array<number>(n).fill(Number.POSITIVE_INFINITY),
  };
}

/** The part of a row that does not change along a ray. */
function across(row: Row, ray: Row | undefined): Row {
  if (ray === undefined) return row;
  const along = dot(row, ray) / dot(ray, ray);
  return row.map((value, j) => value - along * ray[j]!);
}

function addRows(random: Stream, draft: Draft, ray: Row | undefined): void {
  const { n, x } = draft;
  const whole = random.integer(3) === 0;
  const row = (): Row => (whole ? Array.from({ length: n }, () => random.integer(5) - 2) : normals(random, n));
  const pull = (normal: Row, weight: number): void => {
    draft.slope = draft.slope.map((g, j) => g + weight * normal[j]!);
  };
  for (let i = random.integer(Math.max(1, n)); i > 0; i--) {
    const normal = across(row(), ray);
    draft.equality.rows.push(normal);
    draft.equality.right.push(dot(normal, x));
    pull(normal, random.normal());
  }
  for (let i = random.integer(2 * n + 1); i > 0; i--) {
    const drawn = row();
    const normal = ray !== undefined && dot(drawn, ray) < 0 ? drawn.map((value) => -value) : drawn;
    // A third are active with a multiplier, a sixth without one (degenerate).
    const part = random.integer(6);
    draft.inequality.rows.push(normal);
    draft.inequality.right.push(dot(normal, x) - (part < 3 ? 0 : random.uniform()));
    if (part < 2) pull(normal, random.uniform() + 0.01);
  }
}

function addBounds(random: Stream, draft: Draft, ray: Row | undefined): void {
  for (let j = 0; j < draft.n; j++) {
    const part = random.integer(8);
    if (part > 4) continue;
    const side = ray === undefined ? random.integer(2) : ray[j]! > 0 ? 0 : 1;
    const bounds = side === 0 ? draft.lower : draft.upper;
    bounds[j] = draft.x[j]! + (part < 3 ? 0 : (side === 0 ? -1 : 1) * random.uniform());
    if (part < 2) draft.slope[j] = draft.slope[j]! + (side === 0 ? 1 : -1) * (random.uniform() + 0.01);
  }
}

/** Sums, multiples and repetitions of the rows there are. */
function repeatRows(random: Stream, { equality, inequality }: Draft): void {
  for (const [set, least] of [
    [equality, -1],
    [inequality, 0],
  ] as const) {
    const count = set.rows.length;
    for (let more = count > 0 ? 1 + random.integer(3) : 0; more > 0; more--) {
      const weights = Array.from({ length: count }, () => (random.integer(2) === 0 ? 0 : least + 2 * random.uniform()));
      if (least === 0) for (let i = 0; i < count; i++) weights[i] = Math.max(0, weights[i]!);
      set.rows.push(combination(weights, set.rows));
      set.right.push(dot(weights, set.right.slice(0, count)));
    }
  }
}

/** One more row that the others contradict: −Σ w C with a right-hand side above −Σ w b. */
function contradict(random: Stream, draft: Draft): void {
  const { equality, inequality, n } = draft;
  if (equality.rows.length + inequality.rows.length === 0) {
    inequality.rows.push(normals(random, n));
    inequality.right.push(random.normal());
  }
  const weights = [...equality.rows, ...inequality.rows].map((_, i) =>
    i < equality.rows.length ? random.normal() : random.uniform() + 0.1,
  );
  const right = -dot(weights, [...equality.right, ...inequality.right]);
  const gap = 10 ** (-3 * random.uniform()) * (1 + Math.abs(right));
  inequality.rows.push(combination(weights, [...equality.rows, ...inequality.rows]).map((value) => -value));
  inequality.right.push(right + gap);
}

/** x_j counted in units of 10^±spread, the rows in theirs, the objective in its own. */
function inUnits(random: Stream, draft: Draft, spread: number) {
  const { n } = draft;
  const units = Array.from({ length: n }, () => unitOf(random, spread));
  const objective = powerOfTen(random, spread);
  const hessian = draft.hessian.map((row, i) => row.map((h, j) => (objective * h) / (units[i]! * units[j]!)));
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) hessian[i]![j] = hessian[j]![i]!;
  const linear = draft.slope.map((g, j) => (objective * g) / units[j]!);
  const rows = (set: { rows: Row[]; right: Row }) => {
    const sizes = set.rows.map(() => powerOfTen(random, spread / 2));
    return {
      matrix: set.rows.map((row, i) => row.map((value, j) => (sizes[i]! * value) / units[j]!)),
      values: set.right.map((value, i) => sizes[i]! * value),
    };
  };
  const x = draft.x.map((value, j) => value * units[j]!);
  let [value, terms] = [0, 0];
  for (let i = 0; i < n; i++) {
    value += linear[i]! * x[i]!;
    terms += Math.abs(linear[i]! * x[i]!);
    for (let j = 0; j < n; j++) {
      value += 0.5 * x[i]! * hessian[i]![j]! * x[j]!;
      terms += 0.5 * Math.abs(x[i]! * hessian[i]![j]! * x[j]!);
    }
  }
  const program = {
    hessian,
    linear,
    equality: rows(draft.equality),
    inequality: rows(draft.inequality),
    lower: draft.lower.map((bound, j) => bound * units[j]!),
    upper: draft.upper.map((bound, j) => bound * units[j]!),
  };
  return { program, value, terms: Math.max(terms, 1e-6 * objective) };
}
