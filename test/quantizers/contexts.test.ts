import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stream } from "../../bindings/random.js";
import { simulate } from "../../src/federated/simulate.js";
import { neighborDistances } from "../../src/quantizers/coding/contexts.js";
import { PacketError, sealed } from "../../src/quantizers/coding/packet.js";
import { quantizer } from "../../src/quantizers/index.js";
import { freshContext } from "../../src/quantizers/method.js";
import type { Settings } from "../../src/quantizers/settings.js";
import { createModel } from "../../src/training/model.js";

const tensorsOf = (shape: readonly number[], offset = 0) => ({
  name: "kernel",
  shape,
  offset,
  length: shape.reduce((a, b) => a * b, 1),
});

function encode(values: Float32Array, settings: Settings, tensors = [tensorsOf([values.length])]) {
  return quantizer("emq", settings).encode(values, { ...freshContext(1), tensors })!;
}

function decoded(bytes: Uint8Array, length: number): Float32Array {
  const into = new Float32Array(length);
  quantizer("emq").decode(bytes, into, freshContext(1));
  return into;
}

/** A chain down the columns: an entry repeats the one a row above with probability `stay`, else is drawn anew from −1, 0, 1. */
function chain(rows: number, columns: number, stay: number): Float32Array {
  const random = stream(5, "test");
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < values.length; i++) {
    const above = i >= columns ? values[i - columns]! : 0;
    values[i] = random.uniform() < stay ? above : random.integer(3) - 1;
  }
  return values;
}

describe("range coding in contexts", () => {
  it("reaches the entropy rate of a chain, far below the entropy of its entries", () => {
    const [rows, columns, stay] = [2000, 40, 0.9];
    const values = chain(rows, columns, stay);
    const tensors = [tensorsOf([rows, columns])];
    // P(same) = stay + (1 − stay)/3, the other two (1 − stay)/3 each
    const other = (1 - stay) / 3;
    const rate = -(stay + other) * Math.log2(stay + other) - 2 * other * Math.log2(other);
    const bits = (coder: string) => (8 * encode(values, { coder }, tensors).bytes.length) / values.length;
    expect(bits("range")).toBeGreaterThan(1.5);
    // n = 80,000 entries: a sampled entropy rate has a standard deviation of about sqrt(Var[−log2 p] / n) = 0.005
    const variance =
      (stay + other) * (Math.log2(stay + other) + rate) ** 2 + 2 * other * (Math.log2(other) + rate) ** 2;
    const spread = Math.sqrt(variance / values.length);
    const overhead = (8 * 120) / values.length;
    expect(bits("auto")).toBeLessThan(rate + 4 * spread + overhead);
    expect(bits("auto")).toBeGreaterThan(rate - 4 * spread);
    expect(decoded(encode(values, {}, tensors).bytes, values.length)).toEqual(values);
  });

  it("decodes to what a fixed width decodes to, for random updates, shapes and methods", () => {
    const methods = ["emq", "sign", "terngrad", "qsgd", "laq", "uniform", "mxfp4", "fp8-e4m3"];
    fc.assert(
      fc.property(
        fc.constantFrom(...methods),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        (method, rows, columns, seed) => {
          const random = stream(seed >>> 0, "test");
          const v = new Float32Array(rows * columns);
          random.fillNormal(v);
          const tensors = [tensorsOf([rows, columns])];
          const [one, other] = ["context", "fixed"].map((coder) => {
            const { bytes } = quantizer(method, { coder }).encode(v, { ...freshContext(1), tensors })!;
            const into = new Float32Array(v.length);
            quantizer(method).decode(bytes, into, freshContext(1));
            return into;
          });
          expect(one).toEqual(other);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("brings EMQ's packets below their nominal bits in every round of a run", async () => {
    const { rounds } = await simulate({ preset: "quick", rounds: 6, budgets: { energy: null, latency: null } });
    expect(rounds).toHaveLength(6);
    for (const { wireBits, nominalBits } of rounds) expect(wireBits).toBeLessThan(nominalBits);
  }, 60_000);

  it("is left alone where neighbors tell nothing", () => {
    const v = new Float32Array(20_000);
    stream(3, "test").fillNormal(v);
    const tensors = [tensorsOf([200, 100])];
    expect(encode(v, { coder: "auto" }, tensors).bytes).toEqual(encode(v, { coder: "range" }, tensors).bytes);
  });

  it("finds the pixel before and the one above in the paper's dense layer", () => {
    const { tensors } = createModel({
      input: [32, 32, 3],
      layers: [
        { type: "conv2d", filters: 32, kernel: 3, activation: "relu" },
        { type: "maxPool2d", size: 2 },
        { type: "flatten" },
        { type: "dense", units: 64, activation: "relu" },
        { type: "dense", units: 10 },
      ],
    });
    // 15 × 15 pixels of 32 channels, 64 units
    expect(neighborDistances(tensors)).toEqual(expect.arrayContaining([1, 64, 32 * 64, 15 * 32 * 64]));
  });
});

describe("a damaged context section", () => {
  const values = chain(60, 20, 0.9);
  const { bytes } = encode(values, { coder: "context" }, [tensorsOf([60, 20])]);
  // Frame 5 (1200 entries take two bytes), EMQ's form and exponent 2, then coder, half, precision, neighbors, distances …
  const at = 7;
  const withBytes = (...changes: [number, number][]) => {
    const copy = bytes.slice();
    for (const [index, value] of changes) copy[at + index] = value;
    return () => decoded(sealed(copy), values.length);
  };

  it("is what the offsets below stand for", () => {
    expect(bytes[at]).toBe(4);
    expect(bytes[at + 1]).toBe(1);
    expect(bytes[at + 3]).toBeGreaterThanOrEqual(1);
    expect(bytes[at + 4]).toBe(20);
  });

  it.each([
    ["no magnitude", [[1, 0]], /all zero need no contexts/],
    [
      "a magnitude beyond a byte",
      [
        [1, 0x7f + 1],
        [2, 1],
      ],
      /the largest of the mantissas is/,
    ],
    ["a precision of none", [[2, 1]], /precision 1 of the mantissas; 9 is what they take/],
    ["a precision beyond the states", [[2, 15]], /precision 15 of the mantissas/],
    ["no neighbors", [[3, 0]], /0 neighbors of the mantissas; 1 … 3/],
    ["four neighbors", [[3, 4]], /4 neighbors of the mantissas/],
    ["a neighbor at no distance", [[4, 0]], /at distance 0/],
    ["a neighbor of three levels", [[5, 3]], /with 3 levels/],
  ] as [string, [number, number][], RegExp][])("%s", (_, changes, message) => {
    const decode = withBytes(...changes);
    expect(decode).toThrow(PacketError);
    expect(decode).toThrow(message);
  });
});
