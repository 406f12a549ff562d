import { describe, expect, it } from "vitest";
import { kernels } from "../../bindings/instance.js";
import { allocate, f64, free, u32 } from "../../bindings/memory.js";
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

describe("normalsFill", () => {
  const normals = (blocks: number, first = 0) => {
    const pointer = allocate(32 * blocks);
    kernels().normalsFill(5, 6, 1, 2, 3, first, blocks, pointer);
    const values = f64(pointer, 4 * blocks).slice();
    free(pointer);
    return values;
  };
  const words = (blocks: number) => {
    const pointer = allocate(16 * blocks);
    kernels().philoxFill(5, 6, 1, 2, 3, 0, blocks, pointer);
    const values = u32(pointer, 4 * blocks).slice();
    free(pointer);
    return values;
  };

  it("is Box–Muller of the blocks' words", () => {
    const blocks = 3000;
    const w = words(blocks);
    const z = normals(blocks);
    for (let i = 0; i < w.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(((w[i]! >>> 1) + 0.5) / 2 ** 31));
      const angle = (((w[i + 1]! >>> 2) - 2 ** 29) * (Math.PI / 2)) / 2 ** 30;
      let [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
      if (w[i + 1]! & 1) [x, y] = [y, x];
      if (w[i + 1]! & 2) [x, y] = [-x, -y];
      // float32 inside: some ten roundings of 6e-8 on numbers of the radius's size; ln u is 1.2e-7 off where u is near 1.
      const bound = 6e-7 * radius + 1.2e-7 / Math.max(radius, 3e-4);
      expect(Math.abs(z[i]! - x)).toBeLessThan(bound);
      expect(Math.abs(z[i + 1]! - y)).toBeLessThan(bound);
    }
  });

  it("gives every block the same numbers at any count and start", () => {
    const all = normals(40);
    for (let blocks = 1; blocks <= 14; blocks++) expect(normals(blocks)).toEqual(all.slice(0, 4 * blocks));
    expect(normals(7, 5)).toEqual(all.slice(20, 48));
    expect(words(5)).toEqual(words(9).slice(0, 20));
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
