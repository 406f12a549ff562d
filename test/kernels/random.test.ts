import { describe, expect, it } from "vitest";
import { kernels } from "../../bindings/instance.js";
import { allocate, free, u32 } from "../../bindings/memory.js";
import { stream } from "../../bindings/random.js";

function block(counter: number[], key: number[]): string[] {
  const pointer = allocate(16);
  kernels().philoxFill(key[0]!, key[1]!, counter[1]!, counter[2]!, counter[3]!, counter[0]!, 1, pointer);
  const words = [...u32(pointer, 4)].map((w) => w.toString(16).padStart(8, "0"));
  free(pointer);
  return words;
}

describe("Philox4x32-10", () => {
  // The known-answer vectors of the authors' Random123 distribution.
  it.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[-1, -1, -1, -1], [-1, -1], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("counter %j key %j", (counter, key, expected) => {
    expect(block(counter, key).join(" ")).toBe(expected);
  });
});

describe("stream", () => {
  it("depends on every part of its name", () => {
    const first = (...args: Parameters<typeof stream>) => stream(...args).word();
    const words = [
      first(1, "test"),
      first(2, "test"),
      first(1, "shuffle"),
      first(1, "test", 1),
      first(1, "test", 0, 1),
      first(1, "test", 0, 0, 1),
      first(1 + 2 ** 32, "test"),
      first(-1, "test"),
    ];
    expect(new Set(words).size).toBe(words.length);
    expect(first(1, "test")).toBe(words[0]);
  });

  it("gives normals with the moments of a normal", () => {
    // 10⁵ draws: the mean's deviation is 3.2e-3, the variance's 4.5e-3, the fourth moment's √(96/1e5) = 0.031; five of each.
    const x = new Float64Array(100_001);
    stream(7, "test").fillNormal(x);
    const moment = (power: number) => x.reduce((sum, value) => sum + value ** power, 0) / x.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.016);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.023);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.16);
  });

  it("draws integers without bias", () => {
    // Chi-square on 7 cells with 6 degrees of freedom: below 27.9 with probability 1 − 1e-4; the seed is fixed.
    const random = stream(3, "test");
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]!++;
    expect(counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
  });

  it("names a bad seed", () => {
    expect(() => stream(0.5, "test")).toThrow(/seed: 0.5/);
  });
});
