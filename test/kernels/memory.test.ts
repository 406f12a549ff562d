import fc from "fast-check";
import { expect, it } from "vitest";
import { type Address, allocate, allocatedBytes, f32, free } from "../../bindings/memory.js";

it("never hands out overlapping blocks, and takes all of them back", () => {
  const before = allocatedBytes();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.boolean()), { maxLength: 60 }), (steps) => {
      const live: { pointer: Address; bytes: number }[] = [];
      for (const [bytes, release] of steps) {
        if (release && live.length > 0) free(live.splice(bytes % live.length, 1)[0]!.pointer);
        else live.push({ pointer: allocate(bytes), bytes });
        const sorted = [...live].sort((a, b) => a.pointer - b.pointer);
        sorted.forEach((block, i) => {
          expect(block.pointer % 16).toBe(0);
          if (i > 0) expect(sorted[i - 1]!.pointer + sorted[i - 1]!.bytes).toBeLessThanOrEqual(block.pointer);
        });
      }
      for (const block of live) free(block.pointer);
      expect(allocatedBytes()).toBe(before);
    }),
  );
});

it("grows past the initial memory and keeps what was written", () => {
  const small = allocate(64);
  f32(small, 16).fill(3);
  const large = allocate(100e6);
  expect(f32(large, 25e6).length).toBe(25e6);
  expect(f32(small, 16)[15]).toBe(3);
  free(large);
  free(small);
  expect(() => free(small)).toThrow(RangeError);
});
