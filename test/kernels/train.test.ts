import { describe, expect, it } from "vitest";
import {
  averagePool2dBackward,
  averagePool2dForward,
  convPool2dBackward,
  convPool2dForward,
  convPoolWorkBytes,
  depthwiseConv2dBackward,
  depthwiseConv2dForward,
  winogradPool2dForward,
  winogradPoolWorkBytes,
} from "../../bindings/layers.js";
import { allocate, f32, free, i32, u8 } from "../../bindings/memory.js";
import { stream } from "../../bindings/random.js";
import * as train from "../../bindings/train.js";
import * as reference from "../reference/training.js";

const unit = 2 ** -24; // half a unit in the last place of 1 in float32
const random = stream(17, "test");
const uniform = (length: number) => Array.from({ length }, () => Math.fround(2 * random.uniform() - 1));

/** Runs with arrays in kernel memory, each followed by a guard that must survive. */
function withArrays<T>(arrays: readonly ArrayLike<number>[], use: (...pointers: number[]) => T): T {
  const pointers = arrays.map((values) => {
    const pointer = allocate(4 * values.length + 32);
    f32(pointer, values.length + 8).fill(12345);
    f32(pointer, values.length).set(values);
    return pointer;
  });
  const result = use(...pointers);
  arrays.forEach((values, i) => {
    expect([...f32(pointers[i]! + 4 * values.length, 4)]).toEqual([12345, 12345, 12345, 12345]);
    free(pointers[i]!);
  });
  return result;
}

const nothing = (length: number) => new Float32Array(length).fill(-77);

/** Every value within `factor` rounding errors of a sum of the given magnitude. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: (i: number) => number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    if (!(error <= tolerance(i))) throw new Error(`[${i}]: ${actual[i]} instead of ${expected[i]} (${error})`);
  }
}

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
      const left = { pointer: pa!, row: ta ? 1 : k, column: ta ? m : 1 };
      const right = { pointer: pb!, row: tb ? 1 : n, column: tb ? k : 1 };
      train.gemm([m, n, k], left, right, pc!, n + 3, flags, pbias!, work);
      const result = f32(pc!, c.length);
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

const geometries: [reference.Image, { kernel: number; stride: number; pad: number }][] = [
  [
    { batch: 2, height: 6, width: 5, channels: 3 },
    { kernel: 3, stride: 1, pad: 0 },
  ],
  [
    { batch: 3, height: 7, width: 6, channels: 1 },
    { kernel: 2, stride: 2, pad: 0 },
  ],
  [
    { batch: 1, height: 5, width: 8, channels: 4 },
    { kernel: 3, stride: 1, pad: 1 },
  ],
  [
    { batch: 2, height: 6, width: 6, channels: 5 },
    { kernel: 4, stride: 2, pad: 2 },
  ],
  [
    { batch: 2, height: 4, width: 4, channels: 8 },
    { kernel: 1, stride: 1, pad: 0 },
  ],
  [
    { batch: 1, height: 20, width: 21, channels: 2 },
    { kernel: 3, stride: 1, pad: 0 },
  ], // more pixels than a block
];

function window(image: reference.Image, { kernel, stride, pad }: { kernel: number; stride: number; pad: number }) {
  const out = [image.height, image.width].map((size) => Math.floor((size + 2 * pad - kernel) / stride) + 1);
  const sliding = { kernel: [kernel, kernel], stride, pad: [pad, pad], out } as unknown as reference.Sliding;
  const { height, width, channels } = image;
  const outSize = { outHeight: out[0]!, outWidth: out[1]! };
  const g = {
    height,
    width,
    channels,
    ...outSize,
    kernelHeight: kernel,
    kernelWidth: kernel,
    stride,
    padTop: pad,
    padLeft: pad,
  };
  return { g, sliding, pixels: image.batch * out[0]! * out[1]!, inputs: image.batch * height * width * channels };
}

describe.each(geometries)("on %j with %j", (image, sliding_) => {
  const { g, sliding, pixels, inputs } = window(image, sliding_);
  const { batch, channels } = image;
  const area = sliding_.kernel ** 2;

  it.each([1, 4, 11])("convolves to %i filters and back", (filters) => {
    const x = uniform(inputs);
    const w = uniform(area * channels * filters);
    const [bias, dy] = [uniform(filters), uniform(pixels * filters)];
    const work = allocate(train.convWorkBytes(g));
    const wanted = reference.convolve(image, sliding, x, w, bias);
    const back = reference.convolveBackward(image, sliding, x, w, dy, filters);
    withArrays(
      [x, w, bias, nothing(wanted.length), dy, nothing(w.length), nothing(inputs)],
      (px, pw, pb, py, pdy, pdw, pdx) => {
        train.conv2dForward(batch, g, filters, px!, pw!, pb!, py!, false, work);
        const depth = area * channels + 2;
        expectClose(f32(py!, wanted.length), wanted, () => depth * depth * unit);
        train.conv2dForward(batch, g, filters, px!, pw!, pb!, py!, true, work);
        expectClose(
          f32(py!, wanted.length),
          wanted.map((value) => Math.max(0, value)),
          () => depth * depth * unit,
        );
        train.conv2dBackward(batch, g, filters, px!, pw!, pdy!, pdw!, pdx!, work);
        expectClose(f32(pdw!, w.length), back.dw, () => pixels * pixels * unit);
        expectClose(f32(pdx!, inputs), back.dx, () => area * area * filters * filters * unit);
      },
    );
    free(work);
  });

  it("convolves depthwise and back", () => {
    const [x, w, bias, dy] = [uniform(inputs), uniform(area * channels), uniform(channels), uniform(pixels * channels)];
    const wanted = reference.convolveDepthwise(image, sliding, x, w, bias);
    const back = reference.convolveDepthwiseBackward(image, sliding, x, w, dy);
    withArrays(
      [x, w, bias, nothing(wanted.length), dy, nothing(w.length), nothing(inputs)],
      (px, pw, pb, py, pdy, pdw, pdx) => {
        depthwiseConv2dForward(batch, g, px!, pw!, pb!, py!, false);
        expectClose(f32(py!, wanted.length), wanted, () => (area + 2) ** 2 * unit);
        depthwiseConv2dBackward(batch, g, px!, pw!, pdy!, pdw!, pdx!);
        expectClose(f32(pdw!, w.length), back.dw, () => pixels * pixels * unit);
        expectClose(f32(pdx!, inputs), back.dx, () => area * area * unit);
      },
    );
  });

  it.runIf(sliding_.pad === 0)("pools and back, first of equal values", () => {
    const x = uniform(inputs).map((value) => Math.round(4 * value) / 4); // many ties
    const dy = uniform(pixels * channels);
    const largest = reference.maxPool(image, sliding, x, dy);
    const mean = reference.averagePool(image, sliding, x, dy);
    withArrays([x, nothing(dy.length), dy, nothing(inputs)], (px, py, pdy, pdx) => {
      train.maxPool2dForward(batch, g, px!, py!);
      expect([...f32(py!, dy.length)]).toEqual(largest.y);
      train.maxPool2dBackward(batch, g, px!, py!, pdy!, pdx!, false);
      expectClose(f32(pdx!, inputs), largest.dx, () => area * area * unit);
      const positive = reference.maxPool(
        image,
        sliding,
        x,
        dy.map((value, i) => (largest.y[i]! > 0 ? value : 0)),
      );
      train.maxPool2dBackward(batch, g, px!, py!, pdy!, pdx!, true);
      expectClose(f32(pdx!, inputs), positive.dx, () => area * area * unit);
      averagePool2dForward(batch, g, px!, py!);
      expectClose(f32(py!, dy.length), mean.y, () => (area + 2) * unit);
      averagePool2dBackward(batch, g, pdy!, pdx!);
      expectClose(f32(pdx!, inputs), mean.dx, () => (area + 2) * unit);
    });
  });
});

describe("convolution, ReLU and max-pooling as one", () => {
  it.each([
    [{ batch: 2, height: 6, width: 7, channels: 3 }, { kernel: 3, stride: 1, pad: 0 }, 2, 4], // a remainder is dropped
    [{ batch: 1, height: 5, width: 5, channels: 1 }, { kernel: 2, stride: 1, pad: 1 }, 3, 7],
    [{ batch: 1, height: 18, width: 19, channels: 4 }, { kernel: 3, stride: 1, pad: 1 }, 2, 10], // patches of two chunks, several blocks
    [{ batch: 2, height: 9, width: 9, channels: 2 }, { kernel: 3, stride: 2, pad: 1 }, 1, 5],
  ] as const)("on %j with %j, windows of %i, %i filters", (image, sliding_, size, filters) => {
    const { g, sliding, inputs } = window(image, sliding_);
    const pooling = { size, poolHeight: Math.floor(g.outHeight / size), poolWidth: Math.floor(g.outWidth / size) };
    const [x, w] = [uniform(inputs), uniform(sliding_.kernel ** 2 * image.channels * filters)];
    const bias = uniform(filters);
    const dy = uniform(image.batch * pooling.poolHeight * pooling.poolWidth * filters);
    const map = reference.convolve(image, sliding, x, w, bias).map((value) => Math.max(0, value));
    const mapImage = { batch: image.batch, height: g.outHeight, width: g.outWidth, channels: filters };
    const windows = {
      kernel: [size, size],
      stride: size,
      pad: [0, 0],
      out: [pooling.poolHeight, pooling.poolWidth],
    } as const;
    const { y } = reference.maxPool(mapImage, windows, map, dy);
    const masked = dy.map((value, i) => (y[i]! > 0 ? value : 0));
    const dmap = reference.maxPool(mapImage, windows, map, masked).dx;
    const back = reference.convolveBackward(image, sliding, x, w, dmap, filters);
    const work = allocate(convPoolWorkBytes(g, filters, pooling));
    withArrays(
      [x, w, bias, nothing(y.length), nothing(y.length), masked, nothing(w.length), nothing(inputs)],
      (...p) => {
        const [px, pw, pb, py, winner, pdy, pdw, pdx] = p as [
          number,
          number,
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        const depth = w.length / filters + 2;
        convPool2dForward(image.batch, g, filters, pooling, px, pw, pb, py, 0, work);
        expectClose(f32(py, y.length), y, () => depth * depth * unit);
        convPool2dForward(image.batch, g, filters, pooling, px, pw, pb, py, winner, work);
        expectClose(f32(py, y.length), y, () => depth * depth * unit);
        convPool2dBackward(image.batch, g, filters, pooling, px, pw, winner, pdy, pdw, pdx, work);
        expectClose(f32(pdw, w.length), back.dw, () => dy.length ** 2 * unit);
        expectClose(f32(pdx, inputs), back.dx, () => (depth * filters) ** 2 * unit);
      },
    );
    free(work);
  });
});

describe("the same without a way back, by Winograd's form", () => {
  function check(image: reference.Image, pad: number, filters: number): void {
    const { g, sliding, inputs } = window(image, { kernel: 3, stride: 1, pad });
    const pooling = { size: 2, poolHeight: g.outHeight >> 1, poolWidth: g.outWidth >> 1 };
    const [x, w, bias] = [uniform(inputs), uniform(9 * image.channels * filters), uniform(filters)];
    const map = reference.convolve(image, sliding, x, w, bias).map((value) => Math.max(0, value));
    const windows = {
      kernel: [2, 2],
      stride: 2,
      pad: [0, 0],
      out: [pooling.poolHeight, pooling.poolWidth],
    } as const;
    const mapImage = { batch: image.batch, height: g.outHeight, width: g.outWidth, channels: filters };
    const outputs = image.batch * pooling.poolHeight * pooling.poolWidth * filters;
    const { y } = reference.maxPool(mapImage, windows, map, new Array<number>(outputs).fill(0));
    const magnitude = reference.winogradMagnitude(image, sliding, x, w, bias);
    // Roundings behind one another: 4 in G g Gᵀ, 2 in Bᵀ d B, a product, a sum a channel, 4 in Aᵀ m A, the bias. The
    // largest of four and ReLU add none and pass on no more than the largest error.
    const roundings = image.channels + 12;
    const work = allocate(winogradPoolWorkBytes(g, filters, pooling));
    withArrays([x, w, bias, nothing(outputs)], (px, pw, pb, py) => {
      winogradPool2dForward(image.batch, g, filters, pooling, px!, pw!, pb!, py!, work);
      expectClose(f32(py!, outputs), y, (i) => 1.001 * roundings * unit * magnitude[i]!);
    });
    free(work);
  }

  it("is right at every remainder of tiles, filters and channels", () => {
    for (let filters = 1; filters <= 17; filters++) {
      for (let side = 4; side <= 9; side++) {
        const channels = 1 + ((filters + 2 * side) % 9);
        check({ batch: 2, height: side, width: 13 - side, channels }, (filters + side) % 3, filters);
      }
    }
  });

  it.each([
    [{ batch: 2, height: 34, width: 18, channels: 3 }, 0, 8], // a whole block of tiles
    [{ batch: 1, height: 25, width: 27, channels: 2 }, 1, 12], // one and a part, edges on all sides
    [{ batch: 1, height: 16, width: 19, channels: 40 }, 1, 9], // blocks of fewer tiles, many channels
    [{ batch: 1, height: 6, width: 6, channels: 530 }, 0, 4], // the fewest tiles a block
  ] as const)("is right across blocks of tiles: %j, padding %i, %i filters", check);

  it("is for 3×3 kernels of stride 1 and 2×2 windows", () => {
    const { g } = window({ batch: 1, height: 9, width: 9, channels: 3 }, { kernel: 3, stride: 1, pad: 0 });
    const pooling = { size: 2, poolHeight: 3, poolWidth: 3 };
    expect(winogradPoolWorkBytes(g, 8, pooling)).toBeGreaterThan(0);
    expect(winogradPoolWorkBytes({ ...g, stride: 2 }, 8, pooling)).toBe(0);
    expect(winogradPoolWorkBytes({ ...g, kernelWidth: 5 }, 8, pooling)).toBe(0);
    expect(winogradPoolWorkBytes(g, 8, { ...pooling, size: 3 })).toBe(0);
  });
});

describe("element by element", () => {
  it.each([1, 2, 3, 4, 5, 8, 11])("ReLU, column sums and differences of %i values", (n) => {
    const [x, g] = [uniform(n), uniform(n)];
    withArrays([x, g, nothing(n)], (px, pg, out) => {
      train.reluForward(n, px!, out!);
      expect([...f32(out!, n)]).toEqual(x.map((value) => Math.max(value, 0)));
      train.reluBackward(n, px!, pg!, out!);
      expect([...f32(out!, n)]).toEqual(g.map((value, i) => (x[i]! > 0 ? value : 0)));
      expect(train.subtractFinite(n, px!, pg!, out!)).toBe(true);
      expect([...f32(out!, n)]).toEqual(x.map((value, i) => Math.fround(value - g[i]!)));
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
        f32(px!, n)[n - 1] = bad;
        expect(train.subtractFinite(n, px!, pg!, out!)).toBe(false);
      }
    });
    const rows = 6;
    const matrix = uniform(rows * n);
    withArrays([matrix, nothing(n)], (pm, out) => {
      train.columnSums(rows, n, pm!, out!);
      const wanted = Array.from({ length: n }, (_, j) =>
        matrix.reduce((sum, value, i) => sum + (i % n === j ? value : 0), 0),
      );
      expectClose(f32(out!, n), wanted, () => rows * rows * unit);
    });
  });

  it.each([1, 3, 4, 7, 9])("bytes to [0, 1], %i of them", (n) => {
    const bytes = allocate(16);
    u8(bytes, n).set(Array.from({ length: n }, (_, i) => (i * 97 + 255) % 256));
    const values = [...u8(bytes, n)].map((value) => Math.fround(value / 255));
    withArrays([nothing(n)], (out) => {
      train.unitBytes(n, bytes, out!, 1);
      expect([...f32(out!, n)]).toEqual(values);
    });
    withArrays([nothing(3 * n)], (out) => {
      train.unitBytes(n, bytes, out!, 3);
      expect([...f32(out!, 3 * n)]).toEqual(values.flatMap((value) => [value, value, value]));
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
        const loss = train.softmaxCrossEntropy(rows, classes, pz!, at, dz!, scratch);
        expect(Math.abs(loss - wanted.loss)).toBeLessThan(rows * relative);
        expectClose(f32(dz!, z.length), wanted.gradient, () => (2 * relative) / rows);
        expect(train.softmaxCrossEntropy(rows, classes, pz!, at, 0, scratch)).toBe(loss);
        const best = Array.from({ length: rows }, (_, i) => {
          const row = z.slice(i * classes, (i + 1) * classes);
          return row.indexOf(Math.max(...row));
        });
        expect(train.countCorrect(rows, classes, pz!, at)).toBe(best.filter((label, i) => label === labels[i]).length);
      });
    }
    free(scratch);
    free(at);
  });
});
