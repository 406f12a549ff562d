import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { parseNpy } from "../../src/disk/npy.js";
import { npzBytes } from "../../src/disk/npz.js";

const arrays = [
  { name: "conv.kernel", shape: [2, 3, 1, 4], values: Float32Array.from({ length: 24 }, (_, i) => i / 7) },
  { name: "dense.bias", shape: [5], values: Float32Array.of(-0, 1e-45, 3.4e38, Number.NaN, -1) },
  { name: "scale", shape: [], values: Float32Array.of(2) },
];

it("holds every array under its name, with its shape, bit for bit", () => {
  const files = unzipSync(npzBytes(arrays));
  expect(Object.keys(files)).toEqual(arrays.map(({ name }) => `${name}.npy`));
  for (const { name, shape, values } of arrays) {
    const { shape: found, re } = parseNpy(files[`${name}.npy`]!, name);
    expect(found).toEqual(shape);
    expect(Float32Array.from(re)).toEqual(values);
  }
});

it("begins the numbers at a multiple of 64, where NumPy maps them into memory", () => {
  for (const bytes of Object.values(unzipSync(npzBytes(arrays)))) {
    expect((10 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true)) % 64).toBe(0);
  }
});

it("is the same bytes in every time zone and at every time", () => {
  const zone = process.env.TZ;
  try {
    const written = ["UTC", "Asia/Kolkata", "America/Los_Angeles"].map((name) => {
      process.env.TZ = name;
      return Buffer.from(npzBytes(arrays)).toString("base64");
    });
    expect(new Set(written).size).toBe(1);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
