import { describe, expect, it } from "vitest";
import { type Complex, choleskyHermitian, complexMultiply, solveHermitian } from "../../bindings/matrix.js";
import { stream } from "../../bindings/random.js";
import { randomComplex } from "../reference/complexMatrix.js";

/** Half the spacing of float64 at 1. */
const u = 2 ** -53;

/** X X^H/n + I/2 by the textbook's loops: eigenvalues between 1/2 and about 9. */
function positiveDefinite(n: number, key: number): Complex {
  const x = randomComplex(n * n, stream(key, "test", n));
  const adjoint = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      adjoint.re[i * n + j] = x.re[j * n + i]! / n;
      adjoint.im[i * n + j] = -x.im[j * n + i]! / n;
    }
  const a = complexMultiply(x, adjoint, n, n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      a.re[j * n + i] = a.re[i * n + j]!;
      a.im[j * n + i] = -a.im[i * n + j]!;
    }
    a.re[i * n + i]! += 0.5;
    a.im[i * n + i] = 0;
  }
  return a;
}

/** Columns of L one by one, entries one by one ([Golub & Van Loan, Matrix Computations, 4.2.5]). */
function textbookCholesky(a: Complex, n: number): Complex {
  const l = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let re = a.re[i * n + j]!;
      let im = a.im[i * n + j]!;
      for (let k = 0; k < j; k++) {
        const [xr, xi] = [l.re[i * n + k]!, l.im[i * n + k]!];
        const [yr, yi] = [l.re[j * n + k]!, l.im[j * n + k]!];
        re -= xr * yr + xi * yi;
        im -= xi * yr - xr * yi;
      }
      const pivot = i === j ? Math.sqrt(re) : l.re[j * n + j]!;
      l.re[i * n + j] = i === j ? pivot : re / pivot;
      l.im[i * n + j] = i === j ? 0 : im / pivot;
    }
  return l;
}

/** The largest of |X − Y|_ij / √(a_ii a_jj), lower triangles. */
function scaledDifference(x: Complex, y: Complex, a: Complex, n: number): number {
  let most = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const at = i * n + j;
      const scale = Math.sqrt(a.re[i * n + i]! * a.re[j * n + j]!);
      most = Math.max(most, Math.hypot(x.re[at]! - y.re[at]!, x.im[at]! - y.im[at]!) / scale);
    }
  return most;
}

function timesAdjoint(l: Complex, n: number): Complex {
  const adjoint = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      adjoint.re[i * n + j] = l.re[j * n + i]!;
      adjoint.im[i * n + j] = -l.im[j * n + i]!;
    }
  return complexMultiply(l, adjoint, n, n, n);
}

/** As toEqual, which takes seconds for the larger ones. */
const sameBits = (x: Float64Array, y: Float64Array): boolean =>
  x.length === y.length && x.every((value, i) => Object.is(value, y[i]));
const column = (x: Complex, c: number, m: number): Complex => ({
  re: x.re.filter((_, i) => i % m === c),
  im: x.im.filter((_, i) => i % m === c),
});
const both = (x: Complex, y: Complex): Complex => ({
  re: Float64Array.from([...x.re, ...y.re]),
  im: Float64Array.from([...x.im, ...y.im]),
});

/** Of small matrices, around the order from which they are taken by blocks, every remainder of a block, and large ones. */
const orders = [1, 2, 3, 7, 33, 64, 127, 128, ...Array.from({ length: 18 }, (_, i) => 129 + i), 160, 257, 400];

describe("Hermitian factorizations", () => {
  it.each(orders)("of order %i are as exact as the textbook's", (n) => {
    const a = positiveDefinite(n, 1);
    const l = choleskyHermitian(a, n);
    expect(l.pivots[0]).toBe(-1);
    // Each part of an entry is a sum of 2n real products, then times an inverse of three roundings: at most 2n + 4
    // roundings of the sum of absolute values, which is at most √(a_ii a_jj) (Cauchy–Schwarz); √2 for the two parts.
    // The product that checks it errs as much again.
    const bound = 2 * Math.SQRT2 * (2 * n + 4) * u * 1.01;
    expect(scaledDifference(timesAdjoint(l, n), a, a, n)).toBeLessThan(bound);
    // Both factors have that backward error E; to first order L^-1 dL is the lower half of L^-1 E L^-H
    // (Higham, Accuracy and Stability, 10.2.1): ‖dL‖_F ≤ ‖A‖^½ ‖A^-1‖ ‖E‖_F with ‖A‖ ≤ 20, ‖A^-1‖ ≤ 2, ‖E‖_F ≤ n·bound·max a_ii.
    const largest = Math.max(...Array.from({ length: n }, (_, i) => a.re[i * n + i]!));
    const least = Math.sqrt(Math.min(...Array.from({ length: n }, (_, i) => a.re[i * n + i]!)));
    expect(scaledDifference(l, textbookCholesky(a, n), a, n)).toBeLessThan(
      (2 * Math.sqrt(20) * 2 * n * bound * largest) / (least * least),
    );
  });

  it("gives a leading block the bits that it has alone, however large the matrix is around it", () => {
    const n = 290;
    const a = positiveDefinite(n, 2);
    const l = choleskyHermitian(a, n);
    for (const k of [2, 16, 100, 128, 130, 144, 146, 176, 288]) {
      const part = (x: Complex): Complex => {
        const rows = Array.from({ length: k }, (_, i) => i * n);
        return {
          re: Float64Array.from(rows.flatMap((at) => [...x.re.subarray(at, at + k)])),
          im: Float64Array.from(rows.flatMap((at) => [...x.im.subarray(at, at + k)])),
        };
      };
      const alone = choleskyHermitian(part(a), k);
      const inside = part(l);
      expect(sameBits(alone.re, inside.re)).toBe(true);
      expect(sameBits(alone.im, inside.im)).toBe(true);
    }
  });

  it.each([3, 16, 128, 129, 145, 200, 257])("refuse order %i at the pivot where it is singular or indefinite", (n) => {
    const good = positiveDefinite(n, 3);
    const factor = choleskyHermitian(good, n);
    const pivots = [0, 1, 15, 16, 17, 127, 128, 143, 144, n - 2, n - 1].filter((p) => p < n);
    for (const p of pivots) {
      const bad = { re: good.re.slice(), im: good.im.slice() };
      bad.re[p * (n + 1)]! -= 1.5 * factor.re[p * (n + 1)]! ** 2;
      const two = choleskyHermitian(both(bad, good), n, 2);
      expect([...two.pivots]).toEqual([p, -1]);
      expect(two.re.every(Number.isFinite) && two.im.every(Number.isFinite)).toBe(true);
      // The other lane is not touched by it.
      expect(sameBits(two.re.subarray(n * n), factor.re)).toBe(true);
      expect(sameBits(two.im.subarray(n * n), factor.im)).toBe(true);
    }
    // Row and column p those of an earlier client: the pivot is 0 but for 2p + 2 roundings of a_pp, below n·2^-52.
    for (const p of pivots.filter((p) => p > 0)) {
      const twice = { re: good.re.slice(), im: good.im.slice() };
      const q = p >> 1;
      for (let j = 0; j < n; j++) {
        const from = j === p ? q : j;
        twice.re[p * n + j] = good.re[q * n + from]!;
        twice.im[p * n + j] = good.im[q * n + from]!;
        twice.re[j * n + p] = good.re[from * n + q]!;
        twice.im[j * n + p] = good.im[from * n + q]!;
      }
      expect(choleskyHermitian(twice, n).pivots[0]).toBe(p);
    }
  });

  it.each([1, 2, 3, 4, 5, 9, 128, 131, 146, 400])("solve systems of order %i, any number of right sides", (n) => {
    const a = positiveDefinite(n, 4);
    for (const m of n > 200 ? [3] : [1, 2, 3, 5]) {
      const b = randomComplex(n * m, stream(5, "test", n, m));
      const x = solveHermitian(a, b, n, m);
      expect(x.pivots[0]).toBe(-1);
      // (A + E) x = b with |E|_ij ≤ √2 (6n + 12) u √(a_ii a_jj): the factor's error and that of two substitutions
      // (Higham, Theorem 10.4, twice as many roundings for complex sums); the check errs like a third substitution.
      const product = complexMultiply(a, x, n, n, m);
      for (let i = 0; i < n; i++)
        for (let c = 0; c < m; c++) {
          const at = i * m + c;
          let size = 0;
          for (let j = 0; j < n; j++)
            size += Math.sqrt(a.re[j * (n + 1)]!) * Math.hypot(x.re[j * m + c]!, x.im[j * m + c]!);
          const residual = Math.hypot(product.re[at]! - b.re[at]!, product.im[at]! - b.im[at]!);
          const bound = Math.SQRT2 * (8 * n + 14) * u * 1.01 * Math.sqrt(a.re[i * (n + 1)]!) * size;
          expect(residual).toBeLessThan(bound);
        }
      for (let c = 0; c < m; c++) {
        const alone = solveHermitian(a, column(b, c, m), n, 1);
        expect(sameBits(alone.re, column(x, c, m).re)).toBe(true);
        expect(sameBits(alone.im, column(x, c, m).im)).toBe(true);
      }
    }
  });
});
