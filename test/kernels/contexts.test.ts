import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldByContext, type Neighbor, pack, ransDecodeByContext, ransEncode } from "../../bindings/coding.js";
import { i32, u8 } from "../../bindings/memory.js";
import { region, withRange } from "../../bindings/quantize.js";
import { normalize } from "../../src/quantizers/coding/frequencies.js";
import { foldReference } from "../reference/quantize.js";

const half = 5;
const size = 2 * half + 1;
const unreachable = 2 ** 30;

function place(m: readonly number[]) {
  const pointer = region("symbols", 4 * m.length);
  i32(pointer, m.length).set(m);
  return withRange(pointer, m.length);
}

/** Two levels, two levels and one: weights 15, 3, 1 and 38 contexts. */
const neighborsAt = (a: number, b: number, c: number): Neighbor[] => [
  { distance: a, weight: 15, low: 1, high: 2 },
  { distance: b, weight: 3, low: 1, high: 2 },
  { distance: c, weight: 1, low: 1, high: unreachable },
];
const contexts = 38;
const symbols = fc.array(fc.integer({ min: -half, max: half }), { minLength: 1, maxLength: 90 });
const distance = fc.integer({ min: 1, max: 24 });

describe("symbols folded by their context", () => {
  it("are those of the formula, at every remainder, from every first entry", () => {
    fc.assert(
      fc.property(symbols, distance, distance, distance, fc.nat(), (m, a, b, c, start) => {
        const neighbors = neighborsAt(a, b, c);
        const first = start % m.length;
        const count = m.length - first;
        const found = foldByContext(place(m), [first, count], half, neighbors);
        const expected = foldReference(m, neighbors)
          .slice(first)
          .map(({ context, folded }) => context * size + folded + half);
        expect([...i32(found.pointer, count)]).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it("are left as they are without neighbors", () => {
    const found = foldByContext(place([3, -2, 0, 5, -5]), [0, 5], half, []);
    expect([...i32(found.pointer, 5)]).toEqual([8, 3, 5, 10, 0]);
  });
});

describe("the range coder in contexts", () => {
  it("gives back what it was given, whatever the distances", () => {
    fc.assert(
      fc.property(symbols, distance, distance, distance, (m, a, b, c) => {
        const neighbors = neighborsAt(a, b, c);
        const counts = new Uint32Array(contexts * size);
        // A range needs two symbols: one count more for two of every context.
        for (let context = 0; context < contexts; context++) counts.fill(1, context * size, context * size + 2);
        for (const { context, folded } of foldReference(m, neighbors)) counts[context * size + folded + half]!++;
        const precision = 12;
        const frequencies = new Uint16Array(counts.length);
        for (let at = 0; at < counts.length; at += size) {
          const some = counts.slice(at, at + size);
          frequencies.set(
            normalize(
              some,
              some.reduce((x, y) => x + y, 0),
              precision,
            ),
            at,
          );
        }
        const folded = foldByContext(place(m), [0, m.length], half, neighbors);
        const coded = ransEncode(folded, 0, frequencies, precision, size);
        const stream = u8(coded.pointer, coded.length).slice();
        const bytes = region("packet", stream.length);
        u8(bytes, stream.length).set(stream);
        const code = { frequencies, precision, contexts, half, neighbors };
        const back = { pointer: region("symbols", 4 * m.length), length: m.length };
        i32(back.pointer, m.length).fill(99);
        expect(ransDecodeByContext(bytes, stream.length, code, back)).toBe(0);
        expect([...i32(back.pointer, m.length)]).toEqual(m);
        // A stream that is cut short runs out or ends wrongly; it is never taken for a whole one.
        if (stream.length > 16) expect(ransDecodeByContext(bytes, stream.length - 2, code, back)).not.toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

it("single bits are packed with any offset", () => {
  for (const offset of [-1, 0, 7, -32000, 32000]) {
    const m = Array.from({ length: 49 }, (_, i) => offset + ((i * i) % 3 === 1 ? 1 : 0));
    const out = region("packet", 16);
    pack(place(m), offset, 1, out);
    const bits = m.map((_, i) => ((u8(out, 7)[i >> 3] ?? 0) >> (i & 7)) & 1);
    expect(bits).toEqual(m.map((one) => one - offset));
  }
});
