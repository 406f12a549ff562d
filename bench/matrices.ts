import { multiply } from "mathjs";
import { kernels } from "../bindings/instance.js";
import { complexMultiply } from "../bindings/matrix.js";
import { allocate, f64, free, offset } from "../bindings/memory.js";
import { stream } from "../bindings/random.js";
import { type Comparison, inProcess, type Sides } from "./comparison.js";
import { besides } from "./peers/index.js";
import { toMath } from "./peers/mathRadio.js";
import { plainCholesky, plainMultiply } from "./peers/plainRadio.js";
import { here, shared } from "./sides.js";

const shown = [4, 16, 64, 100, 400];

/** Complex products, batched Hermitian factorizations and solves, against plain loops and LAPACK. */
export const comparisons: Comparison[] = [
  ...[16, 64, 256].map(
    (n): Comparison => ({
      name: `complex-product-${n}`,
      what: `complex product ${n}³, float64`,
      work: { amount: (8 * n ** 3) / 1e9, unit: "GFLOP", precision: "float64" },
      ...(n === 16 ? { full: true as const } : {}),
      sides: () => products(n),
    }),
  ),
  {
    name: "complex-product-copied",
    what: "complex product 64³, arrays copied in and out",
    full: true,
    sides: () => {
      const n = 64;
      const a = { re: normals(n * n), im: normals(n * n) };
      const m = toMath(a, n);
      return inProcess(() => complexMultiply(a, a, n, n, n), { mathjs: () => multiply(m, m) });
    },
  },
  ...[4, 8, 16, 32, 64, 100, 200, 400].map(
    (n): Comparison => ({
      name: `cholesky-${n}`,
      what: `Hermitian Cholesky n = ${n}, batched, a matrix`,
      // n³/6 complex multiplications with an addition, eight real operations each
      work: { amount: ((4 / 3) * n ** 3) / 1e9, unit: "GFLOP", precision: "float64" },
      ...(shown.includes(n) ? {} : { full: true as const }),
      sides: () => factorizations(n),
    }),
  ),
  ...[4, 16, 100, 400].map(
    (n): Comparison => ({
      name: `solve-${n}`,
      what: `Hermitian solve n = ${n}, 20 right sides, batched, a matrix`,
      work: { amount: (8 * 20 * n ** 2) / 1e9, unit: "GFLOP", precision: "float64" },
      ...(n === 16 ? { full: true as const } : {}),
      sides: () => solves(n, 20),
    }),
  ),
];

function normals(length: number): Float64Array {
  const out = new Float64Array(length);
  stream(1, "probe").fillNormal(out);
  return out;
}

async function products(n: number): Promise<Sides> {
  const a = { re: normals(n * n), im: normals(n * n) };
  const pointer = allocate(8 * (6 * n * n + 8 * n));
  f64(pointer, 6 * n * n).set(normals(6 * n * n));
  const at = (i: number) => offset(pointer, 8 * i * n * n);
  const k = kernels();
  const peers = await besides([{ name: "NumPy matmul", task: "zgemm", options: { n } }]);
  const plain = n <= 128 ? [here("plain planar JavaScript", () => plainMultiply(a, a, n))] : [];
  return {
    ours: here("here", () => k.complexMultiply(n, n, n, at(0), at(2), at(4), at(6))),
    peers: [...plain, ...peers.sides],
    free: [() => free(pointer), peers.free],
  };
}

/** Pairs of positive definite matrices in the kernels' layout, and a place where each call finds them as they were. */
function batch(n: number, columns: number) {
  const pairs = n > 64 ? 1 : n > 16 ? 4 : 64;
  const length = pairs * 4 * n * n;
  const right = pairs * 4 * n * columns;
  const held = [allocate(8 * length), allocate(8 * (length + pairs)), allocate(8 * right + 16)] as const;
  const [source, work, b] = held;
  const values = f64(source, length);
  for (let p = 0; p < pairs; p++)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const at = 4 * ((p * n + i) * n + j);
        values[at] = values[at + 1] = i === j ? 2 * n : Math.sin(7 * (i + j));
        values[at + 2] = values[at + 3] = i === j ? 0 : Math.sin(3 * (i - j));
      }
  const status = offset(work, 8 * length);
  const reset = () => f64(work, length).set(f64(source, length));
  return { pairs, length, source, work, b, status, reset, free: () => held.forEach(free) };
}

/** Both sides copy the matrices first, which a factorization overwrites. */
async function factorizations(n: number): Promise<Sides> {
  const own = batch(n, 0);
  const count = 2 * own.pairs;
  const values = f64(own.source, own.length);
  const plain = {
    re: Float64Array.from({ length: n * n }, (_, i) => values[4 * i]!),
    im: Float64Array.from({ length: n * n }, (_, i) => values[4 * i + 2]!),
  };
  const peers = await besides([
    { name: "SciPy zpotrf", task: "zpotrf", options: { n, count } },
    { name: "NumPy batched cholesky", task: "cholesky", options: { n, count } },
  ]);
  const k = kernels();
  const run = () => {
    own.reset();
    k.choleskyBatched(n, own.pairs, own.work, own.status);
  };
  return {
    ours: here("here", run, count),
    peers: [
      ...(n <= 100 ? [here("plain JavaScript", () => plainCholesky(plain.re, plain.im, n))] : []),
      ...peers.sides.map((side) => ("turn" in side ? shared(side, count) : side)),
    ],
    free: [own.free, peers.free],
  };
}

async function solves(n: number, columns: number): Promise<Sides> {
  const own = batch(n, columns);
  const count = 2 * own.pairs;
  const k = kernels();
  own.reset();
  k.choleskyBatched(n, own.pairs, own.work, own.status);
  const right = normals(own.pairs * 4 * n * columns);
  const peers = await besides([{ name: "SciPy zpotrs", task: "zpotrs", options: { n, m: columns, count } }]);
  const run = () => {
    f64(own.b, right.length).set(right);
    k.solveBatched(n, columns, own.pairs, own.work, own.b);
  };
  return {
    ours: here("here", run, count),
    peers: peers.sides.map((side) => ("turn" in side ? shared(side, count) : side)),
    free: [own.free, peers.free],
  };
}
