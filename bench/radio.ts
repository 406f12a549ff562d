import { mkdirSync, writeFileSync } from "node:fs";
import { add, complex, inv, type Matrix, matrix, multiply } from "mathjs";
import { mmseEstimation } from "../bindings/channel.js";
import { kernels } from "../bindings/instance.js";
import { choleskyHermitian, complexMultiply } from "../bindings/matrix.js";
import { allocate, f64, free, offset } from "../bindings/memory.js";
import { stream } from "../bindings/random.js";
import type { NetworkConfig } from "../src/config/config.js";
import { closedFormDrops, closedFormRates, compareSchemes, createNetwork } from "../src/network/index.js";
import { defaults } from "../src/parts/defaults.js";
import { lineFigure } from "../src/report/figures/charts.js";
import { textTable } from "../src/report/tables/table.js";
import { interleave, median } from "./measure.js";
import { plainCholesky, plainMultiply, plainNormals, plainPartialMmse } from "./peers/plainRadio.js";

interface Row {
  what: string;
  here: string;
  beside: string;
  ratio: string;
}
const rows: Row[] = [];

/** The radio's kernels beside plain JavaScript and mathjs in the same process, then whole computations and their scaling. */
export async function run(): Promise<void> {
  products();
  factorizations();
  normals();
  estimation();
  drops();
  monteCarlo();
  console.log(
    textTable(rows, [
      { label: "what", value: ({ what }) => what },
      { label: "here", value: ({ here }) => here },
      { label: "beside", value: ({ beside }) => beside },
      { label: "times faster", value: ({ ratio }) => ratio },
    ]),
  );
  await scaling();
}

function random(length: number): Float64Array {
  const out = new Float64Array(length);
  stream(1, "probe").fillNormal(out);
  return out;
}

function products(): void {
  for (const n of [16, 64, 128]) {
    const a = { re: random(n * n), im: random(n * n) };
    const pointer = allocate(8 * (6 * n * n + 8 * n));
    f64(pointer, 6 * n * n).set(random(6 * n * n));
    const at = (i: number) => offset(pointer, 8 * i * n * n);
    const k = kernels();
    const [plain, kernel] = interleave([
      { name: "plain", run: () => void plainMultiply(a, a, n) },
      { name: "kernel", run: () => k.complexMultiply(n, n, n, at(0), at(2), at(4), at(6)) },
    ]);
    free(pointer);
    rows.push({
      what: `complex product ${n}³, float64`,
      here: `${((8 * n ** 3) / kernel!.seconds / 1e9).toFixed(1)} GFLOP/s`,
      beside: `plain planar JS ${((8 * n ** 3) / plain!.seconds / 1e9).toFixed(2)} GFLOP/s`,
      ratio: kernel!.ratio.toFixed(1),
    });
  }
  const n = 64;
  const a = { re: random(n * n), im: random(n * n) };
  const m = toMath(a, n);
  const [math, ours] = interleave(
    [
      { name: "mathjs", run: () => void multiply(m, m) },
      { name: "with copies", run: () => void complexMultiply(a, a, n, n, n) },
    ],
    { rounds: 3 },
  );
  rows.push({
    what: "the same 64³, arrays copied in and out",
    here: `${(ours!.seconds * 1e6).toFixed(0)} µs`,
    beside: `mathjs ${(math!.seconds * 1e3).toFixed(1)} ms`,
    ratio: ours!.ratio.toFixed(0),
  });
}

function factorizations(): void {
  for (const n of [4, 8, 16, 40, 100]) {
    const pairs = n > 16 ? 4 : 64;
    const length = 4 * n * n;
    const source = allocate(8 * pairs * length);
    const work = allocate(8 * pairs * length + 8 * pairs);
    const values = f64(source, pairs * length);
    for (let p = 0; p < pairs; p++)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const at = p * length + 4 * (i * n + j);
          values[at] = values[at + 1] = i === j ? 2 * n : Math.sin(7 * (i + j));
          values[at + 2] = values[at + 3] = i === j ? 0 : Math.sin(3 * (i - j));
        }
    const plain = Array.from({ length: 2 * pairs }, () => ({
      re: Float64Array.from({ length: n * n }, (_, i) => values[4 * i]!),
      im: Float64Array.from({ length: n * n }, (_, i) => values[4 * i + 2]!),
    }));
    const k = kernels();
    const reset = () => f64(work, pairs * length).set(f64(source, pairs * length));
    const [scalar, kernel, copy] = interleave([
      {
        name: "plain",
        run: () => {
          for (const { re, im } of plain) plainCholesky(re, im, n);
        },
      },
      {
        name: "kernel",
        run: () => {
          reset();
          k.choleskyBatched(n, pairs, work, offset(work, 8 * pairs * length));
        },
      },
      { name: "copy", run: reset },
    ]);
    const each = (kernel!.seconds - copy!.seconds) / (2 * pairs);
    rows.push({
      what: `Hermitian Cholesky n = ${n}, batched, float64`,
      here: `${(each * 1e9).toFixed(0)} ns a matrix`,
      beside: `plain JS ${((scalar!.seconds / (2 * pairs)) * 1e9).toFixed(0)} ns`,
      ratio: (scalar!.seconds / (2 * pairs) / each).toFixed(1),
    });
    free(source);
    free(work);
  }
}

function normals(): void {
  const blocks = 4096;
  const pointer = allocate(32 * blocks);
  const out = new Float64Array(4 * blocks);
  const k = kernels();
  const [plain, kernel] = interleave([
    { name: "plain", run: () => plainNormals(out) },
    { name: "kernel", run: () => k.normalsFill(1, 2, 3, 4, 5, 0, blocks, pointer) },
  ]);
  free(pointer);
  rows.push({
    what: "normals, Philox + Box–Muller",
    here: `${((kernel!.seconds / (4 * blocks)) * 1e9).toFixed(2)} ns`,
    beside: `JS, xorshift + Math ${((plain!.seconds / (4 * blocks)) * 1e9).toFixed(1)} ns`,
    ratio: kernel!.ratio.toFixed(1),
  });
}

function estimation(): void {
  const [K, L, N, pilots] = [40, 100, 4, 10];
  const gain = Float64Array.from({ length: K * L }, (_, i) => 10 ** (3 * Math.sin(i)));
  const pilotIndex = Int32Array.from({ length: K }, (_, k) => k % pilots);
  const one = choleskyLike(N);
  const correlation = {
    re: Float64Array.from({ length: K * L * N * N }, (_, i) => one.re[i % (N * N)]!),
    im: Float64Array.from({ length: K * L * N * N }, (_, i) => one.im[i % (N * N)]!),
  };
  const problem = { clients: K, accessPoints: L, antennas: N, gain, correlation, pilotIndex, pilots };
  // mathjs gets two of the hundred APs: its time is proportional to their number.
  const share = 2;
  const r = toMath(one, N);
  const mathjs = () => {
    for (let l = 0; l < share; l++) {
      const scaled = Array.from({ length: K }, (_, k) => multiply(gain[k * L + l]!, r) as Matrix);
      for (let t = 0; t < pilots; t++) {
        const mates = scaled.filter((_, k) => pilotIndex[k] === t);
        let psi = toMath(
          {
            re: Float64Array.from({ length: N * N }, (_, i) => (i % (N + 1) === 0 ? 1 : 0)),
            im: new Float64Array(N * N),
          },
          N,
        );
        for (const x of mates) psi = add(psi, multiply(pilots, x)) as Matrix;
        const inverse = inv(psi);
        for (const x of mates) add(x, multiply(-pilots, multiply(multiply(x, inverse), x)));
      }
    }
  };
  const [math, ours] = interleave(
    [
      { name: "mathjs", run: mathjs },
      { name: "here", run: () => void mmseEstimation(problem) },
    ],
    { rounds: 3 },
  );
  rows.push({
    what: "MMSE estimation, 100 APs × 40 clients, N = 4",
    here: `${(ours!.seconds * 1e3).toFixed(2)} ms`,
    beside: `mathjs ${((math!.seconds * L * 1e3) / share).toFixed(0)} ms`,
    ratio: ((ours!.ratio * L) / share).toFixed(0),
  });
}

function drops(): void {
  const config: NetworkConfig = { ...defaults.network, clients: 40 };
  const count = 100;
  let first = 0;
  const [one, run] = interleave([
    {
      name: "one by one",
      run: () => {
        for (let d = 0; d < count; d++) closedFormRates(createNetwork(config, { seed: 1, drop: first + d }));
        first += count;
      },
    },
    {
      name: "a hundred a call",
      run: () => {
        closedFormDrops(config, { seed: 1, first, count });
        first += count;
      },
    },
  ]);
  rows.push({
    what: "closed-form drops, K = 40, L = 16, a hundred a call",
    here: `${(count / run!.seconds).toFixed(0)} a second`,
    beside: `one network at a time ${(count / one!.seconds).toFixed(0)}`,
    ratio: run!.ratio.toFixed(1),
  });
}

/** The network of the book's running example with L APs. */
function book(L: number, N: number, K: number): NetworkConfig {
  return {
    ...defaults.network,
    clients: K,
    accessPoints: L,
    antennas: N,
    deployment: { accessPoints: "uniform", jitter: 0, clients: "uniform" },
    pilots: Math.min(10, K),
    clusters: "dcc",
  };
}

function monteCarlo(): void {
  const key = { seed: 1, round: 0, drop: 0 };
  for (const [L, N, K, realizations, withMath] of [
    [9, 2, 6, 10, true],
    [100, 4, 40, 10, false],
  ] as const) {
    const network = createNetwork(book(L, N, K), { seed: 1 });
    const names = ["p-mmse"];
    const timed = interleave(
      [
        { name: "plain", run: () => void plainPartialMmse(network, realizations) },
        { name: "here", run: () => void compareSchemes(network, names, { realizations, key }) },
        ...(withMath ? [{ name: "mathjs", run: () => mathPartialMmse(network, 1) }] : []),
      ],
      { rounds: 3 },
    );
    const [plain, here, math] = timed;
    rows.push({
      what: `P-MMSE, L = ${L}, N = ${N}, K = ${K}, ${realizations} realizations`,
      here: `${(here!.seconds * 1e3).toFixed(2)} ms`,
      beside: `plain typed-array JS ${(plain!.seconds * 1e3).toFixed(1)} ms`,
      ratio: here!.ratio.toFixed(1),
    });
    if (math)
      rows.push({
        what: "the same",
        here: `${(here!.seconds * 1e3).toFixed(2)} ms`,
        beside: `mathjs ${(math.seconds * realizations * 1e3).toFixed(0)} ms`,
        ratio: ((math.seconds * realizations) / here!.seconds).toFixed(0),
      });
  }
  const network = createNetwork(book(100, 4, 40), { seed: 1 });
  const seconds = once(() => compareSchemes(network, ["p-mmse", "lp-mmse"], { realizations: 100, key }));
  rows.push({
    what: "P-MMSE and LP-MMSE, L = 100, N = 4, K = 40, 100 realizations",
    here: `${(seconds * 1e3).toFixed(0)} ms`,
    beside: "",
    ratio: "",
  });
}

/** How the Monte Carlo point's time grows with each of its sizes: a table and figures in bench/results. */
async function scaling(): Promise<void> {
  const base = { L: 100, N: 4, K: 40, realizations: 40 };
  const key = { seed: 1, round: 0, drop: 0 };
  const axes = { L: [25, 50, 100, 200], N: [1, 2, 4, 8], K: [10, 20, 40, 80], realizations: [20, 40, 80, 160] };
  const points: { axis: string; size: number; milliseconds: number }[] = [];
  for (const [axis, sizes] of Object.entries(axes))
    for (const size of sizes) {
      const { L, N, K, realizations } = { ...base, ...({ [axis]: size } as Partial<typeof base>) };
      const network = createNetwork(book(L, N, K), { seed: 1 });
      const seconds = once(() => compareSchemes(network, ["p-mmse", "lp-mmse"], { realizations, key }));
      points.push({ axis, size, milliseconds: seconds * 1e3 });
    }
  console.log(
    `\n${textTable(points, [
      { label: "P-MMSE and LP-MMSE over", value: ({ axis }) => axis },
      { label: "size", value: ({ size }) => size },
      { label: "ms", value: ({ milliseconds }) => milliseconds, digits: 1 },
    ])}`,
  );
  mkdirSync("bench/results", { recursive: true });
  const svg = await lineFigure({
    title: "Monte Carlo point (L = 100, N = 4, K = 40, 40 realizations), one size varied",
    x: { label: "size over the base's", scale: "log" },
    y: { label: "time (ms)", scale: "log" },
    series: Object.keys(axes).map((axis) => {
      const own = points.filter((p) => p.axis === axis);
      return {
        name: axis,
        x: own.map((p) => p.size / base[axis as keyof typeof base]),
        y: own.map((p) => p.milliseconds),
      };
    }),
  });
  writeFileSync("bench/results/radio-scaling.svg", svg);
}

/** Median of three, after one to warm up. */
function once(work: () => unknown): number {
  work();
  return median(
    [0, 1, 2].map(() => {
      const start = performance.now();
      work();
      return (performance.now() - start) / 1000;
    }),
  );
}

function toMath(a: { re: Float64Array; im: Float64Array }, n: number): Matrix {
  return matrix(
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => complex(a.re[i * n + j]!, a.im[i * n + j]!)),
    ),
  ) as Matrix;
}

/** A Hermitian positive definite matrix. */
function choleskyLike(n: number): { re: Float64Array; im: Float64Array } {
  const l = choleskyHermitian(
    {
      re: Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0.3)),
      im: new Float64Array(n * n),
    },
    n,
  );
  const adjoint = { re: l.re.map((_, i) => l.re[(i % n) * n + Math.floor(i / n)]!), im: new Float64Array(n * n) };
  return complexMultiply(l, adjoint, n, n, n);
}

/** P-MMSE's solve of one realization per client with mathjs: Gram, noise, inverse, product. */
function mathPartialMmse(network: ReturnType<typeof createNetwork>, realizations: number): void {
  const { clients: K, accessPoints: L, antennas: N, serves } = network;
  const numbers = random(2 * K * L * N);
  for (let r = 0; r < realizations; r++)
    for (let k = 0; k < K; k++) {
      const aps = Array.from({ length: L }, (_, l) => l).filter((l) => serves[k * L + l]);
      const size = aps.length * N;
      const h = matrix(
        Array.from({ length: size }, (_, a) =>
          Array.from({ length: K }, (_, i) => complex(numbers[(a * K + i) * 2]!, numbers[(a * K + i) * 2 + 1]!)),
        ),
      ) as Matrix;
      const adjoint = matrix(
        Array.from({ length: K }, (_, i) =>
          Array.from({ length: size }, (_, a) => complex(numbers[(a * K + i) * 2]!, -numbers[(a * K + i) * 2 + 1]!)),
        ),
      ) as Matrix;
      const identity = toMath(
        {
          re: Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
          im: new Float64Array(size * size),
        },
        size,
      );
      const v = multiply(inv(add(multiply(h, adjoint), identity) as Matrix), h) as Matrix;
      multiply(adjoint, v);
    }
}
