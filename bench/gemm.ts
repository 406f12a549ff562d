import { type Address, allocate, f32, free, none } from "../bindings/memory.js";
import { stream } from "../bindings/random.js";
import { gemm, gemmWorkBytes } from "../bindings/train.js";
import { type Comparison, inProcess, type Sides } from "./comparison.js";
import { besides } from "./peers/index.js";
import { here } from "./sides.js";

/** float32 products, against the plain loops of JavaScript and the BLAS behind NumPy and PyTorch. */
export const comparisons: Comparison[] = [
  ...[16, 32, 64, 128, 256, 512, 1024].map(
    (n): Comparison => ({
      name: `gemm-${n}`,
      what: `float32 product ${n}³`,
      work: { amount: (2 * n ** 3) / 1e9, unit: "GFLOP", precision: "float32" },
      ...(n === 32 || n === 128 || n === 1024 ? { full: true as const } : {}),
      sides: async (): Promise<Sides> => {
        const product = productOf(n);
        const loops = n <= 256 ? [here("JavaScript's triple loop", loopsOf(n))] : [];
        const peers = await besides([
          { name: "NumPy matmul", task: "sgemm", options: { n } },
          { name: "PyTorch mm", task: "torch-product", options: { n } },
        ]);
        return {
          ours: here("here", product.run),
          peers: [...loops, ...peers.sides],
          free: [product.free, peers.free],
        };
      },
    }),
  ),
  ...(["T N", "N T", "T T"] as const).map(
    (layout): Comparison => ({
      name: `gemm-256-${layout.replace(" ", "").toLowerCase()}`,
      what: `float32 product 256³, ${layout.replaceAll("T", "transposed").replaceAll("N", "plain").replace(" ", " by ")}`,
      work: { amount: (2 * 256 ** 3) / 1e9, unit: "GFLOP", precision: "float32" },
      full: true,
      sides: () => {
        const [turned, plain] = [productOf(256, layout[0] === "T", layout[2] === "T"), productOf(256)];
        return inProcess(turned.run, { "plain by plain": plain.run }, [turned.free, plain.free]);
      },
    }),
  ),
];

/** C = A·B of size n². */
function productOf(n: number, ta = false, tb = false) {
  const blocks = [randomBlock(n * n), randomBlock(n * n), allocate(4 * n * n), allocate(gemmWorkBytes())] as const;
  const [a, b, c, work] = blocks;
  const left = { pointer: a, row: ta ? 1 : n, column: ta ? n : 1 };
  const right = { pointer: b, row: tb ? 1 : n, column: tb ? n : 1 };
  return {
    run: () => gemm([n, n, n], 0, left, right, none, { pointer: c, row: n }, work),
    free: () => blocks.forEach(free),
  };
}

function loopsOf(n: number): () => void {
  const matrix = (shift: number) => Float32Array.from({ length: n * n }, (_, j) => ((shift + j) % 7) - 3);
  const [a, b, c] = [matrix(0), matrix(1), matrix(2)];
  return () => tripleLoop(n, a, b, c);
}

/** A dot product an entry: with V8 this order is the faster of the two plain ones, because the sum stays in a register. */
function tripleLoop(n: number, a: Float32Array, b: Float32Array, c: Float32Array): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[k * n + j]!;
      c[i * n + j] = sum;
    }
  }
}

export function randomBlock(length: number): Address {
  const values = new Float32Array(length);
  stream(length, "test").fillUniform(values, -1, 1);
  const pointer = allocate(4 * length + 16);
  f32(pointer, length).set(values);
  return pointer;
}
