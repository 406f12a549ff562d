import { choleskyHermitian } from "../../bindings/matrix.js";
import { innerProduct } from "./complex.js";

/** Factors of small Hermitian matrices, and solves by them; blocks and vectors lie as complex.ts says. */

/** L with L L^H = A of each block, which is positive definite; lower triangular, its diagonal real. */
export function lowerFactors(blocks: Float64Array, N: number): Float64Array {
  const re = blocks.filter((_, i) => i % 2 === 0);
  const im = blocks.filter((_, i) => i % 2 === 1);
  const factors = choleskyHermitian({ re, im }, N, re.length / (N * N));
  const out = new Float64Array(blocks.length);
  for (let i = 0; i < re.length; i++) {
    out[2 * i] = factors.re[i]!;
    out[2 * i + 1] = factors.im[i]!;
  }
  return out;
}

/** F = L^-1 of each block L L^H, so that F^H F is the block's inverse; lower triangular. */
export function inverseFactors(blocks: Float64Array, N: number): Float64Array {
  const count = blocks.length / (2 * N * N);
  const l = lowerFactors(blocks, N);
  const out = new Float64Array(blocks.length);
  for (let b = 0; b < count; b++) {
    const base = b * N * N;
    for (let j = 0; j < N; j++) {
      out[2 * (base + j * N + j)] = 1 / l[2 * (base + j * N + j)]!;
      for (let i = j + 1; i < N; i++) {
        let sr = 0;
        let si = 0;
        for (let m = j; m < i; m++) {
          const [ar, ai] = [l[2 * (base + i * N + m)]!, l[2 * (base + i * N + m) + 1]!];
          const [xr, xi] = [out[2 * (base + m * N + j)]!, out[2 * (base + m * N + j) + 1]!];
          sr += ar * xr - ai * xi;
          si += ar * xi + ai * xr;
        }
        out[2 * (base + i * N + j)] = -sr / l[2 * (base + i * N + i)]!;
        out[2 * (base + i * N + j) + 1] = -si / l[2 * (base + i * N + i)]!;
      }
    }
  }
  return out;
}

/** A factor L with L L^H = A of each block; A may be singular: where a pivot is rounding, its column is 0. */
export function semidefiniteFactors(blocks: Float64Array, count: number, N: number): Float64Array {
  const out = new Float64Array(2 * count * N * N);
  for (let block = 0; block < count; block++) {
    const base = 2 * block * N * N;
    for (let j = 0; j < N; j++) {
      const diagonal = blocks[base + 2 * j * (N + 1)]!;
      let pivot = diagonal;
      for (let m = 0; m < 2 * j; m++) pivot -= out[base + 2 * j * N + m]! * out[base + 2 * j * N + m]!;
      if (!(pivot > 1e-14 * N * diagonal)) continue;
      const root = Math.sqrt(pivot);
      out[base + 2 * j * (N + 1)] = root;
      for (let i = j + 1; i < N; i++) {
        // (A_ij − Σ_m L_im conj(L_jm)) / L_jj
        const [re, im] = innerProduct(out, base / 2 + j * N, out, base / 2 + i * N, j);
        out[base + 2 * (i * N + j)] = (blocks[base + 2 * (i * N + j)]! - re) / root;
        out[base + 2 * (i * N + j) + 1] = (blocks[base + 2 * (i * N + j) + 1]! - im) / root;
      }
    }
  }
  return out;
}

/** x ← L⁻¹ x in place, L lower triangular with a real diagonal. */
export function solveLower(factors: Float64Array, block: number, x: Float64Array, at: number, N: number): void {
  for (let i = 0; i < N; i++) {
    const row = 2 * (block * N + i) * N;
    let [re, im] = [x[at + 2 * i]!, x[at + 2 * i + 1]!];
    for (let j = 0; j < 2 * i; j += 2) {
      re -= factors[row + j]! * x[at + j]! - factors[row + j + 1]! * x[at + j + 1]!;
      im -= factors[row + j]! * x[at + j + 1]! + factors[row + j + 1]! * x[at + j]!;
    }
    x[at + 2 * i] = re / factors[row + 2 * i]!;
    x[at + 2 * i + 1] = im / factors[row + 2 * i]!;
  }
}

/** x ← L^−H x in place. */
export function solveUpper(factors: Float64Array, block: number, x: Float64Array, at: number, N: number): void {
  for (let i = N - 1; i >= 0; i--) {
    let [re, im] = [x[at + 2 * i]!, x[at + 2 * i + 1]!];
    for (let j = i + 1; j < N; j++) {
      const entry = 2 * ((block * N + j) * N + i);
      const [fr, fi] = [factors[entry]!, -factors[entry + 1]!];
      re -= fr * x[at + 2 * j]! - fi * x[at + 2 * j + 1]!;
      im -= fr * x[at + 2 * j + 1]! + fi * x[at + 2 * j]!;
    }
    const diagonal = factors[2 * ((block * N + i) * N + i)]!;
    x[at + 2 * i] = re / diagonal;
    x[at + 2 * i + 1] = im / diagonal;
  }
}
