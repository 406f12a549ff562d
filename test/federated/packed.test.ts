import { expect, it } from "vitest";
import { pack, unpack } from "../../src/federated/packed.js";

const value = {
  text: "ℓ_k",
  numbers: [0.1 + 0.2, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null],
  arrays: { f32: Float32Array.of(1, Number.NaN, -0), f64: Float64Array.of(Math.PI), i32: Int32Array.of(-7, 7, 9) },
  bytes: Uint8Array.of(1, 2, 3),
  empty: new Float32Array(0),
  memory: new Map<string, Float32Array | number>([
    ["held", Float32Array.of(0.5)],
    ["skipped", 3],
  ]),
};

it("gives back what was packed, bit for bit, from wherever the bytes lie", () => {
  const bytes = pack(value, 7);
  expect(unpack(bytes, 7)).toEqual({ version: 7, value });
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const found = unpack(shifted.subarray(3), 7) as { value: typeof value };
  expect(found.value).toEqual(value);
  // Copies: what is read may be changed, and the bytes stay.
  found.value.arrays.f64[0] = 1;
  expect(unpack(bytes, 7)).toEqual({ version: 7, value });
});

it("sees a change in any part of something large", () => {
  const bytes = pack({ large: new Float32Array(2 ** 20).fill(0.25) }, 1);
  for (let at = 100; at < bytes.length; at += 2 ** 19) {
    bytes[at]! ^= 16;
    expect(unpack(bytes, 1)).toEqual({ damaged: "its checksum does not fit" });
    bytes[at]! ^= 16;
  }
  // Two blocks that have changed places
  const half = bytes.length >> 1;
  const turned = Uint8Array.from([...bytes.subarray(0, 64), ...bytes.subarray(half), ...bytes.subarray(64, half)]);
  expect(unpack(turned, 1)).toEqual({ damaged: "its checksum does not fit" });
});

it("says no more of another version than which it is", () => {
  expect(unpack(pack(value, 3), 4)).toEqual({ version: 3 });
  expect(unpack(new Uint8Array(12), 4)).toEqual({ damaged: "it has 12 bytes, fewer than any" });
  expect(unpack(new Uint8Array(64), 4)).toEqual({ damaged: "it does not begin as one does" });
});
