import { describe, expect, it } from "vitest";
import { allocate, f32, free, i32, none, u8 } from "../../bindings/memory.js";
import * as train from "../../bindings/train.js";
import * as reference from "../reference/training.js";
import { expectClose, nothing, uniform, unit, withArrays } from "./arrays.js";

describe("gemm", () => {
  const work = allocate(train.gemmWorkBytes());

  /** Checks one product; rounding: k products and sums, each within a unit of what has been summed by then. */
  function check(m: number, n: number, k: number, ta: boolean, tb: boolean, flags: number): void {
    const [a, b, c, bias] = [uniform(m * k), uniform(k * n), uniform(m * (n + 3)), uniform(n)];
    const expected = reference.product(
      m,
      n,
      k,
      (i, q) => a[ta ? q * m + i : i * k + q]!,
      (q, j) => b[tb ? j * k + q : q * n + j]!,
    );
    const before = (i: number, j: number) =>
      flags & train.start.accumulate ? c[i * (n + 3) + j]! : flags & train.start.bias ? bias[j]! : 0;
    withArrays([a, b, c, bias], (pa, pb, pc, pbias) => {
      const left = { pointer: pa, row: ta ? 1 : k, column: ta ? m : 1 };
      const right = { pointer: pb, row: tb ? 1 : n, column: tb ? k : 1 };
      train.gemm([m, n, k], flags, left, right, pbias, { pointer: pc, row: n + 3 }, work);
      const result = f32(pc, c.length);
      for (let i = 0; i < m; i++) {
        const row = (values: ArrayLike<number>, width: number) =>
          Array.from({ length: n }, (_, j) => values[i * width + j]!);
        const wanted = row(expected.c, n).map((value, j) => {
          const sum = value + before(i, j);
          return flags & train.start.relu ? Math.max(0, sum) : sum;
        });
        expectClose(
          row(result, n + 3),
          wanted,
          (j) => (k + 2) * unit * (expected.magnitude[i * n + j]! + Math.abs(before(i, j))),
        );
        // Nothing beside the n columns is touched.
        if (i < m - 1)
          expect([...result.slice(i * (n + 3) + n, (i + 1) * (n + 3))]).toEqual(
            c.slice(i * (n + 3) + n, (i + 1) * (n + 3)),
          );
      }
    });
  }

  it("is right at every remainder of the tile, in all four layouts", () => {
    for (let m = 1; m <= 9; m++) {
      for (let n = 1; n <= 17; n++) {
        for (const k of [1, 2, 5, 8]) {
          for (const [ta, tb] of [
            [false, false],
            [true, false],
            [false, true],
            [true, true],
          ] as const) {
            check(m, n, k, ta, tb, (m + n) % 3 === 0 ? 0 : (m + n) % 3);
          }
        }
      }
    }
  });

  it.each([
    [70, 50, 300],
    [13, 520, 257],
    [3, 600, 40],
    [200, 10, 600],
  ])("is right across blocks: %i × %i × %i", (m, n, k) => {
    for (const flags of [0, 1, 2, 4, 6]) check(m, n, k, flags % 4 === 0, flags > 2, flags);
  });
});

describe("element by element", () => {
  it.each([1, 2, 3, 4, 5, 8, 11])("ReLU, column sums and differences of %i values", (n) => {
    const [x, g] = [uniform(n), uniform(n)];
    withArrays([x, g, nothing(n)], (px, pg, out) => {
      train.reluForward(n, px, out);
      expect([...f32(out, n)]).toEqual(x.map((value) => Math.max(value, 0)));
      train.reluBackward(n, px, pg, out);
      expect([...f32(out, n)]).toEqual(g.map((value, i) => (x[i]! > 0 ? value : 0)));
      expect(train.subtractFinite(n, px, pg, out)).toBe(true);
      expect([...f32(out, n)]).toEqual(x.map((value, i) => Math.fround(value - g[i]!)));
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        f32(px, n)[n - 1] = bad;
        expect(train.subtractFinite(n, px, pg, out)).toBe(false);
      }
    });
    const rows = 6;
    const matrix = uniform(rows * n);
    withArrays([matrix, nothing(n)], (pm, out) => {
      train.columnSums(rows, n, pm, out);
      const wanted = Array.from({ length: n }, (_, j) =>
        matrix.reduce((sum, value, i) => sum + (i % n === j ? value : 0), 0),
      );
      expectClose(f32(out, n), wanted, () => rows * rows * unit);
    });
  });

  it.each([1, 3, 4, 7, 9])("bytes to [0, 1], %i of them", (n) => {
    const bytes = allocate(16);
    u8(bytes, n).set(Array.from({ length: n }, (_, i) => (i * 97 + 255) % 256));
    const values = [...u8(bytes, n)].map((value) => Math.fround(value / 255));
    withArrays([nothing(n)], (out) => {
      train.unitBytes(n, 1, bytes, out);
      expect([...f32(out, n)]).toEqual(values);
    });
    withArrays([nothing(3 * n)], (out) => {
      train.unitBytes(n, 3, bytes, out);
      expect([...f32(out, 3 * n)]).toEqual(values.flatMap((value) => [value, value, value]));
    });
    free(bytes);
  });

  it.each([1, 2, 3, 4, 5, 10, 100])("softmax cross-entropy of %i classes", (classes) => {
    const rows = 5;
    const labels = Array.from({ length: rows }, (_, i) => (3 * i) % classes);
    const scratch = allocate(4 * classes + 16);
    const at = allocate(4 * rows);
    i32(at, rows).set(labels);
    for (const scale of [1, 10, 80]) {
      const z = uniform(rows * classes).map((value) => Math.fround(scale * value));
      const wanted = reference.crossEntropy(rows, classes, z, labels);
      withArrays([z, nothing(z.length)], (pz, dz) => {
        // e^x is good to two units, the sum to one a term, z − top to half a unit of its own size.
        const relative = (classes + 6 + 2 * scale) * unit;
        const loss = train.softmaxCrossEntropy(rows, classes, pz, at, dz, scratch);
        expect(Math.abs(loss - wanted.loss)).toBeLessThan(rows * relative);
        expectClose(f32(dz, z.length), wanted.gradient, () => (2 * relative) / rows);
        expect(train.softmaxCrossEntropy(rows, classes, pz, at, none, scratch)).toBe(loss);
        const best = Array.from({ length: rows }, (_, i) => {
          const row = z.slice(i * classes, (i + 1) * classes);
          return row.indexOf(Math.max(...row));
        });
        expect(train.countCorrect(rows, classes, pz, at)).toBe(best.filter((label, i) => label === labels[i]).length);
      });
    }
    free(scratch);
    free(at);
  });
});
