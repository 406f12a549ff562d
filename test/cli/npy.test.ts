import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readChannel } from "../../src/cli/files/channel.js";
import { parseNpy } from "../../src/disk/npy.js";

/** A .npy file, version 1, as NumPy writes it. */
function npy(descr: string, shape: number[], data: Uint8Array, fortran = false): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${tuple}, }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const out = new Uint8Array(10 + header.length + data.length);
  out.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  out.set(new TextEncoder().encode(header), 10);
  out.set(data, 10 + header.length);
  return out;
}
const bytesOf = (array: Float64Array | Int32Array) => new Uint8Array(array.buffer);
const f8 = (shape: number[], ...values: number[]) => npy("<f8", shape, bytesOf(Float64Array.from(values)));

describe("parseNpy", () => {
  it("reads numbers, complex numbers, both orders and both byte orders", () => {
    expect(parseNpy(f8([2, 2], 1, 2, 3, 4), "x")).toEqual({ shape: [2, 2], re: Float64Array.of(1, 2, 3, 4) });
    const fortran = npy("<i4", [2, 3], bytesOf(Int32Array.of(1, 4, 2, 5, 3, 6)), true);
    expect([...parseNpy(fortran, "x").re]).toEqual([1, 2, 3, 4, 5, 6]);
    const complex = parseNpy(npy("<c16", [2], bytesOf(Float64Array.of(1, -1, 2, -2))), "x");
    expect([[...complex.re], [...complex.im!]]).toEqual([
      [1, 2],
      [-1, -2],
    ]);
    const big = bytesOf(Float64Array.of(0.1)).reverse();
    expect(parseNpy(npy(">f8", [1], big), "x").re[0]).toBe(0.1);
    expect(parseNpy(npy("<f8", [], bytesOf(Float64Array.of(7))), "x")).toEqual({ shape: [], re: Float64Array.of(7) });
  });

  it("says what is wrong", () => {
    expect(() => parseNpy(new Uint8Array(20), "a.npy")).toThrow(/a\.npy: not a NumPy array/);
    expect(() => parseNpy(f8([3], 1, 2), "a.npy")).toThrow(/truncated: 16 bytes of numbers instead of 24/);
    expect(() => parseNpy(npy("<U4", [1], new Uint8Array(16)), "a.npy")).toThrow(/type <U4/);
  });
});

describe("readChannel", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cellfed-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const scalars = { bandwidth: 20e6, noisePower: 4e-13, transmitPower: 0.1, coherence: 200, pilots: 1 };
  const gain = [1e-9, 2e-9];
  const correlation = [1, 0, 0.5, 0.25, 0.5, -0.25, 1, 0];

  it("takes arrays from NumPy files and archives, the same network each way", async () => {
    writeFileSync(join(folder, "gain.npy"), f8([1, 2], ...gain));
    const matrices = npy("<c16", [1, 2, 2, 2], bytesOf(Float64Array.from([...correlation, ...correlation])));
    const all = Object.entries(scalars).map(([name, value]) => [`${name}.npy`, f8([], value)]);
    writeFileSync(
      join(folder, "all.npz"),
      zipSync({ ...Object.fromEntries(all), "gain.npy": f8([1, 2], ...gain), "correlation.npy": matrices }),
    );
    writeFileSync(
      join(folder, "named.json"),
      JSON.stringify({
        ...scalars,
        clients: 1,
        accessPoints: 2,
        antennas: 2,
        gain: "gain.npy",
        correlation: "all.npz",
      }),
    );
    const network = await readChannel(join(folder, "all.npz"));
    expect([...network.gain]).toEqual(gain);
    expect(network.correlation!.im[1]).toBe(0.25);
    expect(await readChannel(join(folder, "named.json"))).toEqual(network);
  });

  it("names the file that is missing or not an archive", async () => {
    await expect(readChannel(join(folder, "none.json"))).rejects.toThrow(/none\.json: there is no such file/);
    writeFileSync(join(folder, "bad.npz"), "no");
    await expect(readChannel(join(folder, "bad.npz"))).rejects.toThrow(/bad\.npz: not a \.npz archive/);
  });
});
