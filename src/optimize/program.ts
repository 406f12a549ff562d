import type { QpWorkspace } from "../../bindings/optimize.js";
import { numberArray, optional, record, whole } from "../config/arguments.js";
import { InputError } from "../config/errors.js";

/** Row-major, or an array of rows. */
export type Matrix = ArrayLike<number> | readonly ArrayLike<number>[];

/** min ½ x'Hx + g'x  subject to  equality.matrix x = equality.values, inequality.matrix x ≥ inequality.values, bounds. */
export interface QuadraticProgram {
  /** H [n × n], symmetric, positive semidefinite (zero: a linear program) */
  hessian: Matrix;
  /** g [n] */
  linear: ArrayLike<number>;
  equality?: LinearConstraints;
  inequality?: LinearConstraints;
  /** [n], −Infinity where there is none */
  lower?: ArrayLike<number>;
  /** [n], Infinity where there is none */
  upper?: ArrayLike<number>;
  /** `activeSet` of a similar program's solution: a warm start */
  activeSet?: ArrayLike<number>;
  /** Changes of the active set at most; 50 (n + m) + 100 by default */
  maxIterations?: number;
}

/** Rows of linear constraints. */
export interface LinearConstraints {
  /** [m × n] */
  matrix: Matrix;
  /** [m] */
  values: ArrayLike<number>;
}

const rows = optional(record({ matrix: numberArray, values: numberArray }));

/** What a program is made of, for callers without types. @throws InputError */
export function checkShape(program: QuadraticProgram): void {
  record()("program", program);
  numberArray("hessian", program.hessian);
  numberArray("linear", program.linear);
  for (const name of ["equality", "inequality"] as const) rows(name, program[name]);
  for (const name of ["lower", "upper", "activeSet"] as const) optional(numberArray)(name, program[name]);
  optional(whole())("maxIterations", program.maxIterations);
}

/**
 * A program's arrays into kernel memory.
 * @throws InputError for sizes that disagree, numbers that are not finite, crossed bounds, an asymmetric Hessian
 */
export function loadProgram(qp: QpWorkspace, program: QuadraticProgram, equalities: number): void {
  const n = qp.variables;
  const { stride } = qp;
  const views = qp.views();
  copyMatrix("hessian", program.hessian, n, n, views.hessian, stride, 0);
  views.linear.set(program.linear);
  if (program.equality !== undefined) {
    copyMatrix("equality.matrix", program.equality.matrix, equalities, n, views.rows, stride, 0);
    views.rightSide.set(program.equality.values);
  }
  if (program.inequality !== undefined) {
    copyMatrix("inequality.matrix", program.inequality.matrix, qp.rows - equalities, n, views.rows, stride, equalities);
    views.rightSide.set(program.inequality.values, equalities);
  }
  copyBounds("lower", program.lower, views.lower, Number.NEGATIVE_INFINITY);
  copyBounds("upper", program.upper, views.upper, Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    if (views.lower[i]! > views.upper[i]!)
      throw new InputError(`lower[${i}]`, `${views.lower[i]} is above upper[${i}] = ${views.upper[i]}`);
  }
  if (qp.check() !== 0) complain(qp, equalities);
}

/** Finds what the kernel's check has found, to say where it stands. */
function complain(qp: QpWorkspace, equalities: number): never {
  const n = qp.variables;
  const { hessian, linear, rows, rightSide } = qp.views();
  const finite = (path: string, value: number): void => {
    if (!Number.isFinite(value)) throw new InputError(path, `${value} is not a finite number`);
  };
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) finite(`hessian[${i}][${j}]`, hessian[i * qp.stride + j]!);
  for (let i = 0; i < n; i++) finite(`linear[${i}]`, linear[i]!);
  for (let i = 0; i < qp.rows; i++) {
    const [kind, row] = i < equalities ? ["equality", i] : ["inequality", i - equalities];
    for (let j = 0; j < n; j++) finite(`${kind}.matrix[${row}][${j}]`, rows[i * qp.stride + j]!);
    finite(`${kind}.values[${row}]`, rightSide[i]!);
  }
  let [row, column, worst] = [0, 0, -1];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const gap = Math.abs(hessian[i * qp.stride + j]! - hessian[j * qp.stride + i]!);
      if (gap > worst) [row, column, worst] = [i, j, gap];
    }
  }
  const [a, b] = [hessian[row * qp.stride + column], hessian[column * qp.stride + row]];
  throw new InputError(
    `hessian[${row}][${column}]`,
    `${a} differs from hessian[${column}][${row}] = ${b}: not symmetric`,
  );
}

function copyMatrix(
  path: string,
  from: Matrix,
  count: number,
  n: number,
  to: Float64Array,
  stride: number,
  firstRow: number,
): void {
  const nested = typeof from[0] === "object";
  const expected = nested ? count : count * n;
  if (from.length !== expected) {
    const shape = `${count} × ${n}`;
    throw new InputError(path, `${from.length} ${nested ? "rows" : "entries"} where a ${shape} matrix is needed`);
  }
  if (!nested && stride === n) {
    to.set(from as ArrayLike<number>, firstRow * stride);
    return;
  }
  for (let i = 0; i < count; i++) {
    const row = nested ? (from as readonly ArrayLike<number>[])[i]! : (from as ArrayLike<number>);
    if (nested) numberArray(`${path}[${i}]`, row);
    const start = nested ? 0 : i * n;
    if (nested && row.length !== n)
      throw new InputError(`${path}[${i}]`, `${row.length} entries where ${n} are needed`);
    const target = (firstRow + i) * stride;
    for (let j = 0; j < n; j++) to[target + j] = row[start + j]!;
  }
}

function copyBounds(path: string, from: ArrayLike<number> | undefined, to: Float64Array, open: number): void {
  if (from === undefined) {
    to.fill(open);
    return;
  }
  if (from.length !== to.length) throw new InputError(path, `${from.length} entries where ${to.length} are needed`);
  for (let i = 0; i < to.length; i++) {
    if (Number.isNaN(from[i]) || from[i] === -open) throw new InputError(`${path}[${i}]`, `${from[i]} is no bound`);
    to[i] = from[i]!;
  }
}
