import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checksum,
  gammaDecode,
  gammaEncode,
  histogram,
  pack,
  ransDecode,
  ransEncode,
  riceDecode,
  riceEncode,
  unpack,
} from "../../bindings/coding.js";
import { kernels } from "../../bindings/instance.js";
import { type Address, allocate, f32, free, i32, offset, u8, u32 } from "../../bindings/memory.js";
import {
  deliver,
  dequantize,
  hadamard,
  maxAbs,
  minifloatEncode,
  naturalDecode,
  naturalEncode,
  quantize,
  quantizeFloor,
  quantizeQuotient,
  region,
  scatter,
  selectLargest,
  stage,
  withRange,
} from "../../bindings/quantize.js";
import { stream } from "../../bindings/random.js";
import { halfEven } from "../reference/emq.js";
import {
  gammaReference,
  hadamardReference,
  minifloatValues,
  nearestCode,
  packReference,
  riceReference,
} from "../reference/quantize.js";

/** Every remainder of the vectors' widths, and a length past the unrolled loops. */
const lengths = [...Array.from({ length: 34 }, (_, i) => i), 63, 64, 65, 129];

function symbolsIn(values: readonly number[]) {
  const pointer = region("symbols", 4 * values.length);
  i32(pointer, values.length).set(values);
  return withRange(pointer, values.length);
}

function integers(n: number, low: number, high: number, seed = 1): number[] {
  const random = stream(seed, "test", n);
  return Array.from({ length: n }, () => low + random.integer(high - low + 1));
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 24])("fields of %i bits", (width) => {
  it.each(lengths)("%i of them, packed and unpacked, and nothing beyond the padding", (n) => {
    const least = -(2 ** (width - 1));
    const values = integers(n, least, least + 2 ** width - 1);
    const symbols = symbolsIn(values);
    const expected = packReference(values, least, width);
    const out = allocate(expected.length + 32);
    u8(out, expected.length + 32).fill(0xaa);
    pack(symbols, least, width, out);
    expect([...u8(out, expected.length)]).toEqual(expected);
    expect([...u8(offset(out, expected.length + 8), 24)]).toEqual(new Array(24).fill(0xaa));
    const back = { pointer: region("more symbols", 4 * n + 32), length: n };
    i32(back.pointer, n + 8).fill(7);
    unpack(out, least, width, back);
    expect([...i32(back.pointer, n)]).toEqual(values);
    expect([...i32(offset(back.pointer, 4 * n), 8)]).toEqual(new Array(8).fill(7));
    free(out);
  });
});

describe("steps", () => {
  const inverse = 3.7;
  it.each(lengths)("%i entries to the nearest, and down", (n) => {
    const x = Float32Array.from(integers(n, -4000, 4000), (m) => m / 64);
    const threshold = Math.fround(0.9);
    const values = stage(x);
    const out = region("symbols", 4 * n);
    const near = quantize(values, { inverse, threshold }, out);
    const expected = Array.from(x, (v) => (Math.abs(v) < threshold ? 0 : halfEven(v * inverse) + 0));
    expect([...i32(out, n)]).toEqual(expected);
    expect([near.min, near.max]).toEqual(n === 0 ? [0, 0] : [Math.min(...expected), Math.max(...expected)]);
    const length = (m: number) => (m === 0 ? 0 : Math.abs(m).toString(2).length);
    expect(near.bitLengths).toBe(expected.reduce((sum, m) => sum + length(m), 0));
    const decoded = new Float32Array(n);
    deliver(decoded, (to) => dequantize(near, 0.1, 0.5, to.pointer));
    expect(decoded).toEqual(Float32Array.from(expected, (m) => (m + 0.5) * 0.1));
    quantizeFloor(values, { inverse }, { offset: 0.25, lowest: -9, highest: 11 }, out);
    const down = Array.from(x, (v) => Math.max(-9, Math.min(11, Math.floor(v * inverse + 0.25))) + 0);
    expect([...i32(out, n)]).toEqual(down);
  });

  it.each(lengths)("%i quotients half to even, ties as they are", (n) => {
    // m / 64 · 7 / (2 R) with R = 7/64 is m / 2: every other one a tie
    const x = Float32Array.from(integers(n, -4000, 4000), (m) => m / 64);
    const out = region("symbols", 4 * n);
    const near = quantizeQuotient(stage(x), 7, 14 / 64, out);
    const expected = Array.from(x, (v) => halfEven(v * 32) + 0);
    expect([...i32(out, n)]).toEqual(expected);
    expect([near.min, near.max]).toEqual(n === 0 ? [0, 0] : [Math.min(...expected), Math.max(...expected)]);
    // An inverse that has to be rounded decides the ties of R = x by chance; the quotient is right for all of them.
    for (let i = 1; i < 200; i++) {
      const range = Math.fround(i / 37);
      quantizeQuotient(stage(Float32Array.of(range, -range)), 15, 2 * range, out);
      expect([...i32(out, 2)]).toEqual([8, -8]);
    }
  });

  it("rounds by the words: up for a word below the fraction", () => {
    const x = new Float32Array([0.25, 0.25, -0.25, -0.25, 0.5, 0, 1]);
    const words = allocate(4 * 7);
    u32(words, 7).set([2 ** 32 - 2 ** 30, 2 ** 32 - 2 ** 30 - 1, 2 ** 30, 2 ** 30 - 1, 2 ** 31, 2 ** 32 - 1, 0]);
    const out = region("symbols", 28);
    quantizeFloor(stage(x), { inverse: 1, words }, {}, out);
    expect([...i32(out, 7)]).toEqual([1, 0, 0, -1, 1, 0, 1]);
    free(words);
  });

  it("finds the largest magnitude, and what is not finite", () => {
    for (const n of lengths) {
      const x = Float32Array.from(integers(n, -1000, 1000));
      expect(maxAbs(stage(x))).toBe(Math.max(0, ...x.map(Math.abs)));
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        if (n === 0) continue;
        x[n - 1] = bad;
        expect(maxAbs(stage(x))).toBeNaN();
      }
    }
  });
});

describe("prefix codes", () => {
  const bitsOf = (pointer: Address, count: number) =>
    Array.from({ length: count }, (_, i) => (u8(pointer, Math.ceil(count / 8))[i >> 3]! >> (i & 7)) & 1).join("");
  const values = [0, 1, -1, 2, -2, 3, -3, 7, -8, 100, -1000, 65535, -(2 ** 24), 2 ** 24, ...integers(200, -40, 40)];

  it("Elias-gamma", () => {
    const expected = values.map(gammaReference).join("");
    const out = allocate(expected.length / 8 + 16);
    expect(gammaEncode(symbolsIn(values), out)).toBe(expected.length);
    expect(bitsOf(out, expected.length)).toBe(expected);
    const back = { pointer: region("more symbols", 4 * values.length), length: values.length };
    expect(gammaDecode(out, expected.length, back)).toBe(expected.length);
    expect([...i32(back.pointer, values.length)]).toEqual(values);
    expect(gammaDecode(out, expected.length - 1, back)).toBe(-values.length);
    expect(gammaDecode(out, 0, back)).toBe(-1);
    free(out);
  });

  it.each([0, 1, 3, 8, 25])("Golomb–Rice, k = %i", (k) => {
    const expected = values.map((m) => riceReference(m, k)).join("");
    const out = allocate(expected.length / 8 + 16);
    expect(riceEncode(symbolsIn(values), k, out)).toBe(expected.length);
    expect(bitsOf(out, expected.length)).toBe(expected);
    const back = { pointer: region("more symbols", 4 * values.length), length: values.length };
    expect(riceDecode(out, expected.length, k, back)).toBe(expected.length);
    expect([...i32(back.pointer, values.length)]).toEqual(values);
    expect(riceDecode(out, expected.length - 1, k, back)).toBe(-values.length);
    free(out);
  });
});

describe("rANS", () => {
  it("gives every sequence back, whatever its length and frequencies, and knows when it does not end", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 5, max: 14 }),
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 11, maxLength: 11 }),
        (values, precision, weights) => {
          const symbols = { ...symbolsIn(values), min: -5, max: 5 };
          const total = weights.reduce((a, b) => a + b, 0);
          const free_ = 2 ** precision - 11;
          const frequencies = Uint16Array.from(weights, (w) => 1 + Math.floor((w * free_) / total));
          frequencies[0]! += 2 ** precision - frequencies.reduce((a, b) => a + b, 0);
          const stream = ransEncode(symbols, 0, frequencies, precision);
          const bytes = u8(stream.pointer, stream.length).slice();
          expect(bytes.length).toBeLessThanOrEqual(2 * values.length + 16);
          const pointer = allocate(bytes.length + 16);
          u8(pointer, bytes.length).set(bytes);
          const back = { pointer: region("more symbols", 4 * values.length), length: values.length };
          expect(ransDecode(pointer, bytes.length, frequencies, precision, -5, 0, back)).toBe(0);
          expect([...i32(back.pointer, values.length)]).toEqual(values);
          expect(ransDecode(pointer, bytes.length + 2, frequencies, precision, -5, 0, back)).not.toBe(0);
          if (bytes.length > 16) {
            expect(ransDecode(pointer, bytes.length - 2, frequencies, precision, -5, 0, back)).not.toBe(0);
          }
          free(pointer);
        },
      ),
      { numRuns: 100, seed: 4 },
    );
  });

  it("counts", () => {
    for (const n of [1, 2, 3, 4, 5, 400]) {
      const values = integers(n, -3, 9);
      const symbols = { ...symbolsIn(values), min: -3, max: 9 };
      const expected = Array.from({ length: 13 }, (_, i) => values.filter((m) => m === i - 3).length);
      expect([...histogram(symbols, 0, 13)]).toEqual(expected);
    }
  });
});

describe("small floats", () => {
  const formats = [
    ["half", 10, -14, 0x7bff],
    ["E4M3", 3, -6, 0x7e],
    ["E5M2", 2, -14, 0x7b],
    ["E2M1", 1, 0, 7],
  ] as const;
  it.each(formats)("%s: the nearest of all its values, ties to even, saturating", (name, mantissa, lowest, highest) => {
    const values = minifloatValues(mantissa, lowest, highest);
    // Every value, every midpoint and what is just beside it; of half precision every 37th.
    const stride = name === "half" ? 37 : 1;
    const some = values.filter((_, code) => code % stride === 0);
    const middles = some.map((x) => x + (values[values.indexOf(x) + 1] ?? 2 * x)).map((x) => x / 2);
    const x = Float32Array.from([...some, ...middles, ...middles.map((m) => m * (1 + 1e-6)), 1e9, 1e-30]);
    for (const sign of [1, -1]) {
      const signed = x.map((v) => sign * v);
      const out = region("symbols", 4 * x.length);
      minifloatEncode(stage(signed), 1, { mantissa, lowest, highest }, out);
      const got = [...i32(out, x.length)];
      expect(got).toEqual(Array.from(x, (v) => sign * nearestCode(values, v) + 0));
    }
  });
});

it("powers of two: the lower or the upper one, by the word against the fraction, denormals too", () => {
  const random = stream(6, "test");
  const bits = Array.from({ length: 203 }, (_, i) => (i % 5 === 0 ? random.word() & 0x807fffff : random.word()));
  const x = new Float32Array(
    Uint32Array.from(bits, (b) => ((b & 0x7f800000) === 0x7f800000 ? b & 0xbfffffff : b)).buffer,
  );
  x.set([0, -0, 1, -2, 3.4028234663852886e38, 1.401298464324817e-45]);
  const words = allocate(4 * x.length);
  const w = Uint32Array.from(x, () => random.word());
  u32(words, x.length).set(w);
  const out = region("symbols", 4 * x.length);
  naturalEncode(stage(x), words, out);
  const expected = Array.from(x, (v, i) => {
    if (v === 0) return 0;
    let a = Math.floor(Math.log2(Math.abs(v)));
    while (2 ** a > Math.abs(v)) a--;
    while (2 ** (a + 1) <= Math.abs(v)) a++;
    const up = (w[i]! >>> 9) / 2 ** 23 < Math.abs(v) / 2 ** a - 1 ? 1 : 0;
    return Math.sign(v) * Math.min(277, a + up + 150);
  });
  expect([...i32(out, x.length)]).toEqual(expected);
  const back = new Float32Array(x.length);
  deliver(back, (to) => naturalDecode({ pointer: out, length: x.length }, to.pointer));
  expect(back).toEqual(Float32Array.from(expected, (m) => (m === 0 ? 0 : Math.sign(m) * 2 ** (Math.abs(m) - 150))));
  free(words);
});

it("the rotation is the Walsh–Hadamard matrix after the signs, and undone by its inverse", () => {
  for (const n of [1, 2, 4, 8, 16, 32, 64, 256]) {
    const x = integers(n, -100, 100);
    const pointer = allocate(4 * n);
    const words = allocate(4 * Math.ceil(n / 32));
    const random = stream(n, "test");
    u32(words, Math.ceil(n / 32)).forEach((_, i, all) => {
      all[i] = random.word();
    });
    const signs = x.map((_, i) => ((u32(words, Math.ceil(n / 32))[i >> 5]! >>> (i & 31)) & 1 ? -1 : 1));
    f32(pointer, n).set(x);
    hadamard({ pointer, length: n }, words, false);
    const expected = hadamardReference(x.map((v, i) => v * signs[i]!));
    const bound = 2 ** -22 * (1 + Math.log2(n)) * 100 * Math.sqrt(n); // one rounding a stage
    f32(pointer, n).forEach((v, i) => {
      expect(Math.abs(v - expected[i]!)).toBeLessThanOrEqual(bound);
    });
    hadamard({ pointer, length: n }, words, true);
    f32(pointer, n).forEach((v, i) => {
      expect(Math.abs(v - x[i]!)).toBeLessThanOrEqual(2 * bound);
    });
    free(pointer);
    free(words);
  }
});

it("selects the largest, of equal ones the earlier, and puts them back", () => {
  const x = Float32Array.from(integers(300, -20, 20));
  for (const k of [1, 2, 17, 150, 300]) {
    const order = [...x.keys()].sort((a, b) => Math.abs(x[b]!) - Math.abs(x[a]!) || a - b).slice(0, k);
    const kept = x.map((v, i) => (order.includes(i) ? v : 0));
    const gaps = region("symbols", 4 * k);
    const values = region("kept", 4 * k);
    selectLargest(stage(x), k, gaps, values);
    const out = { pointer: region("output", 4 * x.length), length: x.length };
    expect(scatter(gaps, values, k, out)).toBe(true);
    expect(f32(out.pointer, x.length)).toEqual(kept);
    if (k > 1) {
      i32(gaps, k)[k - 1] = 300;
      expect(scatter(gaps, values, k, out)).toBe(false);
      i32(gaps, k)[k - 1] = -5;
      expect(scatter(gaps, values, k, out)).toBe(false);
    }
  }
});

it("the checksum sees every flipped bit, alone and in pairs of one lane, and the length", () => {
  const n = 200;
  const pointer = allocate(256 + 64);
  const bytes = u8(pointer, 320);
  bytes.fill(0);
  const random = stream(2, "test");
  for (let i = 0; i < n; i++) bytes[i] = random.word();
  const whole = checksum(pointer, n);
  const flip = (bit: number) => {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  };
  for (let bit = 0; bit < 8 * n; bit++) {
    flip(bit);
    expect(checksum(pointer, n)).not.toBe(whole);
    if (bit + 512 < 8 * n) {
      flip(bit + 512);
      expect(checksum(pointer, n)).not.toBe(whole);
      flip(bit + 512);
    }
    flip(bit);
  }
  expect(checksum(pointer, n)).toBe(whole);
  bytes[n] = 0;
  expect(checksum(pointer, n + 1)).not.toBe(whole);
  free(pointer);
});

it("the kernels' sums are those of one entry after the other, to float64's rounding", () => {
  for (const n of lengths) {
    const x = Float32Array.from(integers(n, -1000, 1000, 3), (m) => m / 7);
    const y = Float32Array.from(integers(n, -1000, 1000, 4), (m) => m / 9);
    const [a, b] = [stage(x), stage(y, "work values")];
    const dot = x.reduce((sum, v, i) => sum + v * y[i]!, 0);
    const size = x.reduce((sum, v, i) => sum + Math.abs(v * y[i]!), 0);
    expect(Math.abs(kernels().dot(n, a.pointer, b.pointer) - dot)).toBeLessThanOrEqual(n * 2 ** -52 * size);
    const sum = x.reduce((total, v) => total + Math.abs(v), 0);
    expect(Math.abs(kernels().sumAbs(n, a.pointer) - sum)).toBeLessThanOrEqual(n * 2 ** -52 * sum);
  }
});
