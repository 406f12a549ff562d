import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CodedTensor,
  decodeDeadZone,
  encodeDeadZone,
  reconstructDeadZone,
  symbolsWithReach,
  transformAxis,
} from "../../bindings/deadZone.js";
import { type Address, f32, i32, offset, u8 } from "../../bindings/memory.js";
import { region } from "../../bindings/quantize.js";
import { stream } from "../../bindings/random.js";

function placed(name: "coefficients" | "prediction", values: ArrayLike<number>): Address {
  const pointer = region(name, 4 * values.length);
  f32(pointer, values.length).set(values);
  return pointer;
}

describe("the cosine transform along an axis", () => {
  const axis = fc.record({
    outer: fc.integer({ min: 1, max: 3 }),
    size: fc.integer({ min: 2, max: 64 }),
    inner: fc.integer({ min: 1, max: 19 }),
    seed: fc.nat(),
  });

  it.each([false, true])("is that of the formula (inverse: %s)", (inverse) => {
    fc.assert(
      fc.property(axis, ({ seed, ...one }) => {
        const { outer, size, inner } = one;
        const x = new Float32Array(outer * size * inner);
        stream(seed, "test").fillNormal(x);
        const place = placed("coefficients", x);
        transformAxis(place, one, inverse);
        const found = f32(place, x.length).slice();
        for (let o = 0; o < outer; o++) {
          for (let i = 0; i < inner; i++) {
            const at = (j: number) => (o * size + j) * inner + i;
            let norm = 0;
            for (let j = 0; j < size; j++) norm += x[at(j)]! ** 2;
            // A sum of N products of float32, whose rows have norm 1: (N + 3) roundings of at most ‖x‖.
            const allowed = (size + 3) * 2 ** -24 * Math.sqrt(norm);
            for (let k = 0; k < size; k++) {
              let exact = 0;
              for (let j = 0; j < size; j++) {
                const [a, b] = inverse ? [j, k] : [k, j];
                const scale = Math.sqrt((a === 0 ? 1 : 2) / size);
                exact += scale * Math.cos((Math.PI * (2 * b + 1) * a) / (2 * size)) * x[at(j)]!;
              }
              expect(Math.abs(found[at(k)]! - exact)).toBeLessThanOrEqual(allowed);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Codes x beside h and decodes; the symbols that were sent and those that came. */
function thereAndBack(x: Float32Array, h: Float32Array, parts: readonly CodedTensor[], step: number, lambda: number) {
  const n = x.length;
  const kept = placed("prediction", h);
  const values = { pointer: placed("coefficients", x), length: n };
  const m = symbolsWithReach(parts, n);
  const code = { parts, step, first: 0, beyond: 0 };
  const sent = encodeDeadZone({ ...code, lambda, room: 80 * n + 64, words: undefined }, values, kept, m);
  expect(sent.complete).toBe(true);
  const symbols = i32(m, n).slice();
  const bytes = u8(sent.pointer, sent.length).slice();
  i32(m, n).fill(-77);
  const packet = region("packet", bytes.length);
  u8(packet, bytes.length).set(bytes);
  expect(decodeDeadZone(code, packet, bytes.length, kept, m)).toBe(0);
  const received = i32(m, n).slice();
  reconstructDeadZone(code, m, kept, values.pointer);
  return { symbols, received, bytes, values: f32(values.pointer, n).slice() };
}

describe("the dead zone's coder", () => {
  const vector = fc.record({
    lengths: fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 3 }),
    distances: fc.tuple(...[1, 2, 3, 4].map(() => fc.integer({ min: 1, max: 30 }))),
    gain: fc.integer({ min: 0, max: 32 }),
    exponent: fc.integer({ min: 0, max: 17 }),
    seed: fc.nat(),
    lambda: fc.constantFrom(0, 0.1, 2),
  });

  it("gives back what was sent, whatever the neighbors and the magnitudes", () => {
    fc.assert(
      fc.property(vector, ({ lengths, distances, gain, exponent, seed, lambda }) => {
        const n = lengths.reduce((sum, length) => sum + length, 0);
        const random = stream(seed, "test");
        const x = new Float32Array(n);
        const h = new Float32Array(n);
        random.fillNormal(x, 2 ** exponent);
        random.fillNormal(h);
        // Some few large ones among zeros
        for (let i = 0; i < n; i++) if (random.integer(3) > 0) x[i] = 0;
        const parts = lengths.map(
          (length): CodedTensor => ({
            length,
            distances: distances as unknown as CodedTensor["distances"],
            gain: gain / 16,
          }),
        );
        const { symbols, received, values } = thereAndBack(x, h, parts, 1, lambda);
        expect(received).toEqual(symbols);
        const largest = x.reduce((most, v) => Math.max(most, Math.abs(v)), 0) + 10;
        symbols.forEach((one, i) => {
          const y = Math.fround(x[i]! - Math.fround(Math.fround(gain / 16) * h[i]!));
          const nearest = Math.sign(y) * Math.floor(Math.abs(y) + 0.5);
          // A symbol is the nearest one, one nearer to zero, or zero; without λ the nearest, of two the smaller.
          if (lambda === 0) expect(one + 0).toBe(Math.sign(y) * Math.ceil(Math.abs(y) - 0.5) + 0);
          else expect([nearest, nearest - Math.sign(y), 0].map((k) => k + 0)).toContain(one + 0);
          const exact = one + (gain / 16) * h[i]!;
          expect(Math.abs(values[i]! - exact)).toBeLessThanOrEqual(2 ** -23 * (largest + Math.abs(h[i]!) * 2));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("comes near the entropy of what has no contexts", () => {
    const n = 2 ** 17;
    const random = stream(5, "test");
    const x = Float32Array.from({ length: n }, () => (random.integer(32) > 0 ? 0 : random.integer(2) > 0 ? 1 : -1));
    const parts: CodedTensor[] = [{ length: n, distances: [1, 2, 3, 4], gain: 0 }];
    const { bytes } = thereAndBack(x, new Float32Array(n), parts, 1, 0);
    const ones = x.reduce((sum, v) => sum + Math.abs(v), 0);
    const log2 = (p: number) => Math.log(p) / Math.log(2);
    const entropy = -ones * log2(ones / n) - (n - ones) * log2(1 - ones / n) + ones;
    expect(8 * bytes.length).toBeGreaterThan(entropy - 200);
    // Some 200 models are met, which learn their probability in some 10 bits each, and go on moving.
    expect(8 * bytes.length).toBeLessThan(1.02 * entropy + 2000);
  });

  it("stops where there is no room, and says how long it would have been", () => {
    const n = 4096;
    const x = new Float32Array(n);
    stream(1, "test").fillNormal(x, 3);
    const parts: CodedTensor[] = [{ length: n, distances: [1, 2, 3, 4], gain: 0 }];
    const { bytes } = thereAndBack(x, new Float32Array(n), parts, 1, 0);
    const values = { pointer: placed("coefficients", x), length: n };
    const none = placed("prediction", new Float32Array(n));
    const code = { parts, step: 1, first: 0, beyond: 0, lambda: 0, words: undefined };
    const cut = encodeDeadZone({ ...code, room: bytes.length >> 2 }, values, none, symbolsWithReach(parts, n));
    expect(cut.complete).toBe(false);
    expect(cut.length / bytes.length).toBeGreaterThan(0.8);
    expect(cut.length / bytes.length).toBeLessThan(1.3);
  });

  it("refuses a magnitude beyond 2²⁰, and an end that is none", () => {
    const parts: CodedTensor[] = [{ length: 8, distances: [1, 2, 3, 4], gain: 0 }];
    const none = placed("prediction", new Float32Array(8));
    const packet = region("packet", 64);
    const code = { parts, step: 1, first: 0, beyond: 0 };
    const decode = (length: number) => decodeDeadZone(code, packet, length, none, symbolsWithReach(parts, 8));
    u8(packet, 64).fill(0);
    // All ones: zero bytes keep the smallest part of every interval
    expect(decode(0)).toBe(3);
    expect(decode(1)).toBe(3);
    u8(packet, 4).fill(255);
    expect([1, 2]).toContain(decode(4));
    expect(u8(offset(packet, 4), 1)[0]).toBe(0);
  });
});
