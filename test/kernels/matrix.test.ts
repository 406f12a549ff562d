import { inv, type Matrix, multiply } from "mathjs";
import { describe, expect, it } from "vitest";
import { type Complex, choleskyHermitian, complexMultiply, solveHermitian } from "../../bindings/matrix.js";
import { stream } from "../../bindings/random.js";
import { fromMath, randomComplex, randomHermitian, relativeDifference, toMath } from "../reference/complexMatrix.js";

function concatenate(parts: Complex[]): Complex {
  return {
    re: Float64Array.from(parts.flatMap((p) => [...p.re])),
    im: Float64Array.from(parts.flatMap((p) => [...p.im])),
  };
}

describe("complexMultiply", () => {
  it.each([
    [1, 1, 1],
    [2, 3, 4],
    [3, 1, 5],
    [5, 7, 6],
    [4, 8, 7],
    [1, 9, 3],
    [7, 2, 1],
    [16, 16, 16],
    [17, 13, 19],
  ])("%i × %i × %i equals mathjs", (m, k, n) => {
    const random = stream(2, "test", m, k, n);
    const a = randomComplex(m * k, random);
    const b = randomComplex(k * n, random);
    const expected = fromMath(multiply(toMath(a, m, k), toMath(b, k, n)) as Matrix);
    // Sums of k products in another order: k roundings of 1.1e-16 each, on numbers up to a few times the result's largest.
    expect(relativeDifference(complexMultiply(a, b, m, k, n), expected)).toBeLessThan(k * 1e-15);
  });

  it("names a wrong length", () => {
    expect(() => complexMultiply(randomComplex(3), randomComplex(4), 2, 2, 2)).toThrow(/a: 3 real/);
  });
});

describe("solveHermitian", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16])("n = %i equals mathjs, for any number of systems", (n) => {
    const random = stream(3, "test", n);
    for (const [m, batch] of [
      [1, 1],
      [2, 3],
      [3, 2],
      [4, 5],
    ] as const) {
      const a = Array.from({ length: batch }, () => randomHermitian(n, random));
      const b = Array.from({ length: batch }, () => randomComplex(n * m, random));
      const x = solveHermitian(concatenate(a), concatenate(b), n, m, batch);
      expect([...x.pivots]).toEqual(new Array(batch).fill(-1));
      for (let s = 0; s < batch; s++) {
        const expected = fromMath(multiply(inv(toMath(a[s]!, n, n)), toMath(b[s]!, n, m)) as Matrix);
        const part = { re: x.re.slice(s * n * m, (s + 1) * n * m), im: x.im.slice(s * n * m, (s + 1) * n * m) };
        // Both are stable here: with the smallest eigenvalue above 0.1 and the largest about 4n, the
        // condition number is below 40 n, and n roundings of it stay below 1e-12 for n ≤ 16.
        expect(relativeDifference(part, expected)).toBeLessThan(1e-12);
      }
    }
  });

  it("returns factors whose product is the matrix, up to n = 41", () => {
    for (const n of [1, 2, 3, 8, 17, 41]) {
      const a = randomHermitian(n, stream(4, "test", n));
      const l = choleskyHermitian(a, n);
      const adjoint = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          adjoint.re[i * n + j] = l.re[j * n + i]!;
          adjoint.im[i * n + j] = -l.im[j * n + i]!;
        }
      // |A − L L^H| ≤ (n + 1) u |L||L|^H (Higham, Theorem 10.3)
      expect(relativeDifference(complexMultiply(l, adjoint, n, n, n), a)).toBeLessThan((n + 1) * 1e-15);
    }
  });

  it("gives every matrix of a large batch the bits it has alone, and its own pivot", () => {
    // 23 matrices: more than the kernel takes together, an odd number, some of them indefinite from different pivots.
    for (const n of [1, 4, 5, 8, 16]) {
      const random = stream(7, "test", n);
      const a = Array.from({ length: 23 }, () => randomHermitian(n, random));
      const b = Array.from({ length: 23 }, () => randomComplex(n, random));
      a.forEach(({ re }, s) => {
        if (s % 3 === 1) re[(s % n) * (n + 1)] = -1;
      });
      const all = solveHermitian(concatenate(a), concatenate(b), n, 1, 23);
      a.forEach((one, s) => {
        const alone = solveHermitian(one, b[s]!, n, 1, 1);
        expect(all.pivots[s]).toBe(alone.pivots[0]);
        expect(all.pivots[s]).toBe(s % 3 === 1 ? s % n : -1);
        expect(all.re.slice(s * n, (s + 1) * n)).toEqual(alone.re);
        expect(all.im.slice(s * n, (s + 1) * n)).toEqual(alone.im);
      });
    }
  });

  it("gives the pivot of a singular or indefinite matrix and nothing that is not finite", () => {
    const n = 5;
    const good = randomHermitian(n, stream(5, "test"));
    const singular = { re: good.re.slice(), im: good.im.slice() };
    // Row and column 3 := those of 1.
    for (let j = 0; j < n; j++) {
      const source = j === 3 ? 1 : j;
      singular.re[3 * n + j] = good.re[1 * n + source]!;
      singular.im[3 * n + j] = good.im[1 * n + source]!;
      singular.re[j * n + 3] = good.re[source * n + 1]!;
      singular.im[j * n + 3] = good.im[source * n + 1]!;
    }
    const negative = { re: good.re.slice(), im: good.im.slice() };
    negative.re[0] = -1;
    const zero = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
    const b = randomComplex(4 * n, stream(6, "test"));
    const x = solveHermitian(concatenate([good, singular, negative, zero]), b, n, 1, 4);
    expect([...x.pivots]).toEqual([-1, 3, 0, 0]);
    expect([...x.re, ...x.im].every(Number.isFinite)).toBe(true);
    // 1/s of the smaller pivot would be infinite.
    const one = { re: new Float64Array([1e-300, 1e-310]), im: new Float64Array(2) };
    const tiny = solveHermitian(one, { re: new Float64Array([1e-300, 1e-300]), im: new Float64Array(2) }, 1, 1, 2);
    expect([...tiny.pivots]).toEqual([-1, 0]);
    expect(tiny.re[0]).toBeCloseTo(1, 12);
    expect(tiny.re[1]).toBe(0);
  });
});
