import { describe, expect, it } from "vitest";
import { withBlock } from "../../bindings/blocks.js";
import * as layers from "../../bindings/layers.js";
import { allocate, f32, free, none, offset } from "../../bindings/memory.js";
import * as reference from "../reference/training.js";
import { expectClose, nothing, uniform, unit, withArrays } from "./arrays.js";

/** The kernels of Transformers, each against its equations in float64. */

/** Runs attention both ways. @returns copies of what the kernels wrote */
function attend(batch: number, g: reference.Heads, qkv: number[], dout: number[]) {
  const weightFloats = layers.attentionWeightBytes(g) / 4;
  const work = allocate(layers.attentionWorkBytes(g));
  f32(work, layers.attentionWorkBytes(g) / 4).fill(Number.NaN); // scratch may hold anything
  const weights = nothing(batch * g.heads * weightFloats);
  const result = withArrays(
    [qkv, weights, nothing(dout.length), dout, nothing(qkv.length)],
    (pqkv, pp, pout, pdout, pdqkv) =>
      withBlock("Attention", g, (at) => {
        layers.attentionForward(batch, at, pqkv, none, pout, work);
        const tested = f32(pout, dout.length).slice();
        layers.attentionForward(batch, at, pqkv, pp, pout, work);
        layers.attentionBackward(batch, at, pqkv, pp, pout, pdout, pdqkv, work);
        const out = f32(pout, dout.length).slice();
        return { tested, out, p: f32(pp, weights.length).slice(), dqkv: f32(pdqkv, qkv.length).slice() };
      }),
  );
  free(work);
  return { ...result, weightFloats };
}

describe("attention", () => {
  const lengths = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 20, 32];
  const widths = [
    [1, 1],
    [6, 2],
    [8, 1],
    [16, 2],
    [20, 1],
    [24, 3],
  ] as const;

  it.each(lengths)("of %i positions is the equations' at every remainder of a head's width", (length) => {
    for (const [width, heads] of widths) {
      for (const causal of [0, 1]) {
        const g = { length, width, heads, causal };
        const [batch, size] = [2, length * width];
        const [qkv, dout] = [uniform(3 * batch * size), uniform(batch * size)];
        const { tested, out, dqkv } = attend(batch, g, qkv, dout);
        expect(tested).toEqual(out);

        // Entries are at most 1, so a score is at most √w, and w products, as many sums and a factor round it; e^x adds
        // 2.1 and its argument's size. A weight has this of its own and of the sum, whose T terms round too.
        const w = width / heads;
        const weight = 2 * ((w + 8) * Math.sqrt(w) + 4 + length) * unit;
        const value = weight + length * unit;
        // dP and Σ dO O are at most w; a row's weights sum to 1, a column's to at most T.
        const row = 2 * Math.sqrt(w) * (2 * weight + 2 * (w + length + 2) * unit);
        for (let n = 0; n < batch; n++) {
          const part = (values: ArrayLike<number>, count: number) =>
            Array.from(values).slice(n * count, (n + 1) * count);
          const wanted = reference.attend(g, part(qkv, 3 * size), part(dout, size));
          expectClose(part(out, size), wanted.out, () => value);
          expectClose(part(dqkv, 3 * size), wanted.dqkv, (i) => {
            const plane = Math.floor((i % (3 * width)) / width);
            return plane === 0 ? row : plane === 1 ? length * row : length * value;
          });
          // An example's result does not depend on the batch it stands in.
          const alone = attend(1, g, part(qkv, 3 * size), part(dout, size));
          expect([...alone.out]).toEqual(part(out, size));
          expect([...alone.dqkv]).toEqual(part(dqkv, 3 * size));
        }
      }
    }
  });

  it("takes e^x within (3.1 + 1.3 |x|) · 2⁻²⁴ of it, and 0 far out", () => {
    const count = 4001;
    const scores = Array.from({ length: count }, (_, i) => Math.fround(-i / 40));
    // Two positions and one feature: q = 1, k = 0 and x, so that the weights' ratio is e^x.
    const qkv = scores.flatMap((x) => [1, 0, 1, 1, x, 1]);
    const g = { length: 2, width: 1, heads: 1, causal: 0 };
    const { p, weightFloats } = attend(count, g, qkv, uniform(2 * count));
    scores.forEach((x, i) => {
      const ratio = p[i * weightFloats + 1]! / p[i * weightFloats]!;
      if (x > -87) {
        expect(Math.abs(ratio / Math.exp(x) - 1), `e^${x}`).toBeLessThan((3.1 + 1.3 * Math.abs(x)) * unit);
      } else expect(ratio).toBeLessThan(1.01 * Math.exp(-87));
      if (x < -88) expect(ratio).toBe(0);
    });
  });

  it("spreads what is not a number over its row and no further", () => {
    const g = { length: 4, width: 8, heads: 1, causal: 1 };
    const qkv = uniform(4 * 24);
    qkv[2 * 24] = Number.NaN; // in the query of position 2
    const { out } = attend(1, g, qkv, uniform(32));
    for (let i = 0; i < 4; i++) {
      expect([...out.slice(8 * i, 8 * i + 8)].every(Number.isNaN), `row ${i}`).toBe(i === 2);
    }
  });
});

describe("GELU", () => {
  it.each([1, 2, 3, 4, 7, 8, 9, 17, 1201])("and its derivative, %i values", (n) => {
    const x = n < 100 ? uniform(n).map((value) => Math.fround(4 * value)) : uniform(n).map((_, i) => (i - 600) / 50);
    withArrays([x, nothing(n), nothing(n)], (px, py, pslope) => {
      layers.geluForward(n, px, py, pslope);
      const [y, slope] = [f32(py, n).slice(), f32(pslope, n).slice()];
      const rounded = [...f32(px, n)];
      const tail = rounded.map((value) => reference.normalTail(Math.abs(value)));
      const density = rounded.map((value) => Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI));
      const below = rounded.map((value, i) => (value > 0 ? 1 - tail[i]! : tail[i]!));
      // Formula 7.1.26 is good to 1.5e-7 in erf, half of it in Φ; its terms' magnitudes sum to at most 2.3 times the
      // exponential, six roundings each; the exponential has 3 of its own and those of its argument.
      const formula = (i: number) => 7.5e-8 + 6 * 2.3 * unit * Math.sqrt(2 * Math.PI) * density[i]!;
      const spread = (i: number) => (rounded[i]! ** 2 + 4) * unit;
      expectClose(
        y,
        rounded.map((value, i) => value * below[i]!),
        (i) => Math.abs(rounded[i]!) * (formula(i) + spread(i) * tail[i]! + unit * below[i]!) + 2 ** -126,
      );
      expectClose(
        slope,
        rounded.map((value, i) => below[i]! + value * density[i]!),
        (i) => formula(i) + spread(i) * (tail[i]! + Math.abs(rounded[i]!) * density[i]!) + 3 * unit,
      );
      layers.geluForward(n, px, py, none);
      expect(f32(py, n).slice()).toEqual(y);
      layers.geluForward(n, px, py, px);
      expect([f32(py, n).slice(), f32(px, n).slice()]).toEqual([y, slope]);
    });
  });

  it.each([
    [1, 3],
    [16, 8],
    [17, 5],
    [40, 20],
  ])("back through %i rows of %i values, with the sums of the columns", (rows, columns) => {
    const [slope, dy] = [uniform(rows * columns), uniform(rows * columns)];
    withArrays([slope, dy, nothing(columns)], (pslope, pdy, sums) => {
      layers.geluBackward(rows, columns, pslope, pdy, sums);
      const wanted = dy.map((value, i) => Math.fround(value * slope[i]!));
      expect([...f32(pdy, dy.length)]).toEqual(wanted);
      const total = (j: number) =>
        wanted.reduce((sum, value, i) => (i % columns === j ? Math.fround(sum + value) : sum), 0);
      expect([...f32(sums, columns)]).toEqual(Array.from({ length: columns }, (_, j) => total(j)));
    });
  });

  it("keeps what is not a number, and its ends", () => {
    const x = [Number.NaN, 30, -30, 0, 1e30, -1e30];
    withArrays([x, nothing(6), nothing(6)], (px, py, pslope) => {
      layers.geluForward(6, px, py, pslope);
      expect([...f32(py, 6)]).toEqual([Number.NaN, 30, 0, 0, Math.fround(1e30), 0]);
      expect([...f32(pslope, 6)]).toEqual([Number.NaN, 1, 0, 0.5, 1, 0]);
    });
  });
});

describe("layer normalization", () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 19, 64])("of rows of %i values, around 0 and far from it", (n) => {
    for (const [rows, middle] of [
      [1, 0],
      [5, 3],
      [3, 4096],
    ] as const) {
      const x = uniform(rows * n).map((value) => Math.fround(middle + value));
      const [gamma, beta, dy] = [uniform(n), uniform(n), uniform(rows * n)];
      const epsilon = Math.fround(1e-5);
      const wanted = reference.normalizeRows(n, x, gamma, beta, dy, epsilon);
      withArrays(
        [x, gamma, beta, dy, nothing(rows * n), nothing(rows * n), nothing(n), nothing(n), nothing(2 * rows)],
        (px, pgamma, pbeta, pdy, py, pdx, pdgamma, pdbeta, stats) => {
          layers.layerNormForward(rows, n, epsilon, px, pgamma, pbeta, py, stats);
          layers.layerNormBackward(rows, n, px, pgamma, stats, pdy, pdgamma, pdbeta, pdx);
          // The mean is within n/4 + 4 roundings of |x| ≤ middle + 1; over the deviation, that is z's error, beside its
          // own roundings and the variance's: n/4 + 8 of |z| ≤ √n.
          for (let r = 0; r < rows; r++) {
            const inverse = f32(stats, 2 * rows)[2 * r + 1]!;
            const roundings = (n / 4 + 8) * unit;
            const z = roundings * ((middle + 1) * inverse + Math.sqrt(n));
            const part = (values: ArrayLike<number>) => Array.from(values).slice(r * n, (r + 1) * n);
            expectClose(part(f32(py, rows * n)), part(wanted.y), () => z + 2 * unit);
            // dx: slopes of at most 1, z in two factors of a mean of at most √n
            const slope = 2 * z * Math.sqrt(n) + 2 * roundings * (1 + n);
            expectClose(part(f32(pdx, rows * n)), part(wanted.dx), () => 2 * inverse * slope);
          }
          const worst = Math.max(...f32(stats, 2 * rows).filter((_, i) => i % 2 === 1));
          const z = (n / 4 + 8) * unit * ((middle + 1) * worst + Math.sqrt(n));
          expectClose(f32(pdgamma, n), wanted.dgamma, () => rows * (z + rows * Math.sqrt(n) * unit));
          expectClose(f32(pdbeta, n), wanted.dbeta, () => rows * rows * unit);
          const dx = f32(pdx, rows * n).slice();
          layers.layerNormBackward(rows, n, px, pgamma, stats, pdy, pdgamma, pdbeta, none);
          expect(f32(pdx, rows * n).slice()).toEqual(dx);
          layers.layerNormForward(1, n, epsilon, offset(px, 4 * n * (rows - 1)), pgamma, pbeta, pdx, stats);
          expect([...f32(pdx, n)]).toEqual([...f32(py, rows * n)].slice(-n));
        },
      );
    }
  });
});

describe("sums and products", () => {
  it.each([1, 2, 3, 4, 5, 8, 11])("of %i values", (n) => {
    const [a, b] = [uniform(n), uniform(n)];
    withArrays([a, b, nothing(n)], (pa, pb, out) => {
      layers.addVectors(n, pa, pb, out);
      expect([...f32(out, n)]).toEqual(a.map((value, i) => Math.fround(value + b[i]!)));
      layers.multiplyVectors(n, pa, pb, out);
      expect([...f32(out, n)]).toEqual(a.map((value, i) => Math.fround(value * b[i]!)));
      layers.multiplyVectors(n, pa, pb, pa);
      expect([...f32(pa, n)]).toEqual([...f32(out, n)]);
    });
  });
});
