import { describe, expect, it } from "vitest";
import "../relaxedEngine.js";
import { kernels } from "../../bindings/instance.js";
import { allocate, f32, free, none } from "../../bindings/memory.js";
import {
  checkProducts,
  type KernelChoice,
  loadProducts,
  products,
  relaxedRoundings,
  withProducts,
} from "../../bindings/products.js";
import { stream } from "../../bindings/random.js";
import { gemm, gemmWorkBytes, start } from "../../bindings/train.js";
import { expectClose, unit, withArrays } from "./arrays.js";

await loadProducts("relaxed");

const random = stream(23, "test");
const work = allocate(gemmWorkBytes());

/** A · B + C [m][n] by the kernels of a choice. */
function multiplied(
  choice: KernelChoice,
  [m, n, k]: readonly [number, number, number],
  a: number[],
  b: number[],
  c: number[],
) {
  return withArrays([a, b, c], (pa, pb, pc) => {
    const left = { pointer: pa, row: k, column: 1 };
    const right = { pointer: pb, row: n, column: 1 };
    withProducts(choice, () => gemm([m, n, k], start.accumulate, left, right, none, { pointer: pc, row: n }, work));
    return f32(pc, m * n).slice();
  });
}

const draw = (length: number, make: () => number) => Array.from({ length }, () => Math.fround(make()));

describe("the relaxed kernels", () => {
  it.each([
    [1, 1, 1],
    [3, 5, 7],
    [17, 23, 70],
    [33, 40, 600],
  ] as const)("round a sum of products at most as the exact ones do: %i × %i × %i", (m, n, k) => {
    const [a, b, c] = [m * k, k * n, m * n].map((length) => draw(length, () => 2 * random.uniform() - 1)) as [
      number[],
      number[],
      number[],
    ];
    const [exact, relaxed] = [multiplied("exact", [m, n, k], a, b, c), multiplied("relaxed", [m, n, k], a, b, c)];
    const magnitude = (i: number, j: number) => {
      let sum = Math.abs(c[i * n + j]!);
      for (let q = 0; q < k; q++) sum += Math.abs(a[i * k + q]! * b[q * n + j]!);
      return sum;
    };
    // With u half a unit: k sums, each rounded once, are within k u Σ|·| of the truth, with rounded products k + 1;
    // one more for the terms in u²
    expectClose(relaxed, exact, (at) => (2 * k + 2) * unit * magnitude(Math.floor(at / n), at % n));
    if (relaxedRoundings() === 2) expect(relaxed).toEqual(exact);
    else if (k > 1) expect(relaxed).not.toEqual(exact);
  });

  it("give the same bits where nothing is rounded", () => {
    const size = [13, 21, 300] as const;
    const whole = (length: number) => draw(length, () => random.integer(65) - 32);
    const [a, b, c] = [whole(13 * 300), whole(300 * 21), whole(13 * 21)]; // sums below 300 · 2¹⁰, far below 2²⁴
    expect(multiplied("relaxed", size, a, b, c)).toEqual(multiplied("exact", size, a, b, c));
  });

  it("work in the memory of the exact ones, also after it has grown", () => {
    const before = kernels().memory.buffer.byteLength;
    const large = allocate(before);
    expect(kernels().memory.buffer.byteLength).toBeGreaterThan(before);
    expect([...multiplied("relaxed", [1, 1, 2], [2, 3], [5, 7], [1])]).toEqual([32]);
    free(large);
  });

  it("are in use for one call, also where it throws", () => {
    expect(products()).toBe(kernels());
    const seen = withProducts("relaxed", () => withProducts("exact", products) === kernels() && products());
    expect(seen).not.toBe(kernels());
    const failing = () => {
      throw new Error("on purpose");
    };
    expect(() => withProducts("relaxed", failing)).toThrow("on purpose");
    expect(products()).toBe(kernels());
  });

  it("are there where the engine has relaxed SIMD", () => {
    expect(() => checkProducts("exact")).not.toThrow();
    expect(() => checkProducts("relaxed")).not.toThrow();
    expect([1, 2]).toContain(relaxedRoundings());
  });
});
