import { kernels } from "./instance.js";
import { type Address, f64, i32 } from "./memory.js";
import { scoped } from "./ownership.js";

/** Complex numbers as two planes of equal length. */
export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/**
 * C = A B, row-major.
 * @param a [m·k] @param b [k·n] @returns [m·n]
 * @throws RangeError where a length does not fit
 */
export function complexMultiply(a: Complex, b: Complex, m: number, k: number, n: number): Complex {
  checkLength("a", a, m * k);
  checkLength("b", b, k * n);
  const sizes = { left: 16 * m * k, right: 16 * k * n, out: 16 * m * n, panel: 64 * k };
  return scoped(sizes, ({ left, right, out, panel }) => {
    putPlanes(a, left);
    putPlanes(b, right);
    kernels().complexMultiply(m, k, n, left, right, out, panel);
    return planes(out, m * n);
  });
}

/** The real parts, and the imaginary ones behind them. */
export function putPlanes({ re, im }: Complex, at: Address): void {
  const both = f64(at, re.length + im.length);
  both.set(re);
  both.set(im, re.length);
}

/** A copy of what the kernels leave so. */
export function planes(at: Address, length: number): Complex {
  const both = f64(at, 2 * length);
  return { re: both.slice(0, length), im: both.slice(length) };
}

export interface Solution extends Complex {
  /** Of each system: −1, or the pivot at which its matrix was found not positive definite or numerically singular */
  pivots: Int32Array;
}

/**
 * Solves A X = B for many Hermitian positive definite A at once, by Cholesky.
 * Where `pivots` is not −1, that system's X is finite and of no use.
 * @param a [batch·n·n], the lower triangle is read @param b [batch·n·m] @returns X [batch·n·m]
 * @throws RangeError where a length does not fit
 */
export function solveHermitian(a: Complex, b: Complex, n: number, m: number, batch = 1): Solution {
  checkLength("a", a, batch * n * n);
  checkLength("b", b, batch * n * m);
  const pairs = (batch + 1) >> 1;
  const sizes = { factor: 32 * pairs * n * n, right: 32 * pairs * n * m, status: 8 * pairs };
  return scoped(sizes, ({ factor, right, status }) => {
    pack(a, n * n, batch, factor);
    pack(b, n * m, batch, right);
    kernels().choleskyBatched(n, pairs, factor, status);
    kernels().solveBatched(n, m, pairs, factor, right);
    return { ...unpack(right, n * m, batch), pivots: i32(status, batch).slice() };
  });
}

/** Lower Cholesky factors [batch·n·n] of Hermitian matrices, zero above the diagonal; `pivots` as in `solveHermitian`. */
export function choleskyHermitian(a: Complex, n: number, batch = 1): Solution {
  checkLength("a", a, batch * n * n);
  const pairs = (batch + 1) >> 1;
  const l = scoped({ factor: 32 * pairs * n * n, status: 8 * pairs }, ({ factor, status }) => {
    pack(a, n * n, batch, factor);
    kernels().choleskyBatched(n, pairs, factor, status);
    return { ...unpack(factor, n * n, batch), pivots: i32(status, batch).slice() };
  });
  for (let p = 0; p < batch; p++)
    for (let i = 0; i < n; i++)
      for (let j = i; j < n; j++) {
        const at = (p * n + i) * n + j;
        if (j > i) l.re[at] = 0;
        l.im[at] = 0; // on the diagonal the kernel keeps the pivot's inverse here
      }
  return l;
}

/** Matrices 2p and 2p + 1 to the lanes of pair p (assembly/matrix/dotTile.ts); an odd last one to both. */
function pack({ re, im }: Complex, size: number, batch: number, pointer: Address): void {
  const pairs = (batch + 1) >> 1;
  const out = f64(pointer, 4 * pairs * size);
  for (let p = 0; p < pairs; p++) {
    const first = 2 * p * size;
    const second = Math.min(2 * p + 1, batch - 1) * size;
    for (let i = 0, at = 4 * p * size; i < size; i++, at += 4) {
      out[at] = re[first + i]!;
      out[at + 1] = re[second + i]!;
      out[at + 2] = im[first + i]!;
      out[at + 3] = im[second + i]!;
    }
  }
}

function unpack(pointer: Address, size: number, batch: number): Complex {
  const from = f64(pointer, 4 * ((batch + 1) >> 1) * size);
  const re = new Float64Array(batch * size);
  const im = new Float64Array(batch * size);
  for (let b = 0; b < batch; b++)
    for (let i = 0, at = 4 * (b >> 1) * size + (b & 1); i < size; i++, at += 4) {
      re[b * size + i] = from[at]!;
      im[b * size + i] = from[at + 2]!;
    }
  return { re, im };
}

function checkLength(name: string, { re, im }: Complex, wanted: number): void {
  if (re.length !== wanted || im.length !== wanted)
    throw new RangeError(`${name}: ${re.length} real and ${im.length} imaginary parts instead of ${wanted}`);
}
