import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readChannel } from "../../src/cli/files/channel.js";
import { InputError } from "../../src/config/errors.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cellfed-channel-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A .npy file of float64 (or complex) numbers, all `fill`, or as given. */
function npy(shape: readonly number[], values: ArrayLike<number> | number, type = "<f8"): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const count = shape.reduce((a, b) => a * b, 1) * (type === "<c16" ? 2 : 1);
  const data = typeof values === "number" ? new Float64Array(count).fill(values) : Float64Array.from(values);
  const out = new Uint8Array(10 + header.length + data.byteLength);
  out.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(data.buffer), 10 + header.length);
  return out;
}

/** Three clients, four access points of two antennas */
const scalars = { antennas: 2, bandwidth: 20e6, noisePower: 4e-13, transmitPower: 0.1, coherence: 200, pilots: 2 };
const identity = Array.from({ length: 48 }, (_, i) => (i % 4 === 0 || i % 4 === 3 ? 1 : 0));
const gain = Array.from({ length: 12 }, (_, i) => (i + 1) * 1e-10);
const members = (): Record<string, Uint8Array> => ({
  ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [`${name}.npy`, npy([], [value])])),
  "gain.npy": npy([3, 4], gain),
  "correlation.npy": npy(
    [3, 4, 2, 2],
    identity.flatMap((x) => [x, 0]),
    "<c16",
  ),
});

const write = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const archive = (changes: Record<string, Uint8Array> = {}) => zipSync({ ...members(), ...changes });

async function problem(path: string): Promise<string> {
  const error = await readChannel(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message.length).toBeLessThan(600 + 2 * folder.length);
  return (error as Error).message.replaceAll(folder, "…");
}

describe("NumPy arrays of another shape", () => {
  const json = (changes: Record<string, unknown>) =>
    write("shapes.json", JSON.stringify({ ...scalars, clients: 3, accessPoints: 4, gain: "gain.npy", ...changes }));

  it.each([
    ["gain", "transposed", npy([4, 3], gain), /\.gain: shape \(4, 3\) instead of \(3, 4\) = \(clients, accessPoints\)/],
    ["gain", "(2, 6)", npy([2, 6], gain), /\.gain: shape \(2, 6\) instead of \(3, 4\)/],
    ["gain", "flat", npy([12], gain), /\.gain: shape \(12,\) instead of \(3, 4\)/],
    ["gain", "with an axis of one", npy([3, 4, 1], gain), /\.gain: shape \(3, 4, 1\) instead of \(3, 4\)/],
    ["gain", "one number", npy([], [1e-9]), /\.gain: shape \(\) instead of \(3, 4\)/],
    ["gain", "none", npy([0, 4], []), /\.gain: shape \(0, 4\) instead of \(3, 4\)/],
    [
      "gain",
      "complex",
      npy(
        [3, 4],
        gain.flatMap((x) => [x, 1]),
        "<c16",
      ),
      /\.gain: complex numbers of \(3, 4\)/,
    ],
    ["gain", "complex, transposed", npy([4, 3], 1, "<c16"), /\.gain: complex, shape \(4, 3\) instead of \(3, 4\)/],
    ["serves", "transposed", npy([4, 3], 1), /\.serves: shape \(4, 3\) instead of \(3, 4\)/],
    ["serves", "complex", npy([3, 4], 1, "<c16"), /\.serves: complex numbers/],
    ["pilotIndex", "a column", npy([3, 1], 0), /\.pilotIndex: shape \(3, 1\) instead of \(3\) = \(clients\)/],
    [
      "correlation",
      "[L][K]",
      npy([4, 3, 2, 2], identity),
      /\.correlation: shape \(4, 3, 2, 2\) instead of \(3, 4, 2, 2\)/,
    ],
    [
      "correlation",
      "flat matrices",
      npy([3, 4, 4], identity),
      /\.correlation: shape \(3, 4, 4\) instead of \(3, 4, 2, 2\)/,
    ],
    [
      "correlation",
      "as one matrix",
      npy([12, 2, 2], identity),
      /\.correlation: shape \(12, 2, 2\) instead of \(3, 4, 2, 2\)/,
    ],
    ["noisePower", "an array", npy([2], 1), /\.noisePower: shape \(2,\) instead of one number/],
    ["noisePower", "complex", npy([], 1, "<c16"), /\.noisePower: a complex number/],
  ])("%s: %s", async (field, _, bytes, message) => {
    write("gain.npy", npy([3, 4], gain));
    write("other.npy", bytes);
    expect(await problem(json({ [field]: "other.npy" }))).toMatch(message);
    // In an archive the sizes may be those of the arrays: they are given here.
    const sizes = { "clients.npy": npy([], [3]), "accessPoints.npy": npy([], [4]) };
    expect(await problem(write("shapes.npz", archive({ ...sizes, [`${field}.npy`]: bytes })))).toMatch(message);
  });

  it("and parts of a correlation", async () => {
    write("re.npy", npy([3, 4, 2, 2], identity));
    write("im.npy", npy([4, 3, 2, 2], 0));
    write("zero.npy", npy([3, 4, 2, 2], 0));
    expect(await problem(json({ correlation: { re: "re.npy", im: "im.npy" } }))).toMatch(
      /\.correlation\.im: shape \(4, 3, 2, 2\) instead of/,
    );
    const network = await readChannel(json({ correlation: { re: "re.npy", im: "zero.npy" } }));
    expect([...network.correlation!.re]).toEqual(identity);
    const { "correlation.npy": _, ...rest } = members();
    expect(
      await problem(write("half.npz", zipSync({ ...rest, "correlation_re.npy": npy([3, 4, 2, 2], identity) }))),
    ).toMatch(/holds no array "correlation_im"/);
  });
});

describe("archives", () => {
  it("are read whatever else is in them, which is left packed", async () => {
    const plain = await readChannel(write("plain.npz", archive()));
    const much = archive({
      "notes.txt": new Uint8Array(9),
      "big.npy": new Uint8Array(1e8),
      "../../up.npy": npy([], [1]),
    });
    expect(await readChannel(write("much.npz", much))).toEqual(plain);
    expect(await readChannel(write("extra.npz", archive({ "__proto__.npy": npy([], [1]) })))).toEqual(plain);
  });

  const packed = () => archive();
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Where the directory's entry of a file begins */
  const entry = (bytes: Uint8Array, name: string): number => {
    const end = bytes.length - 22;
    let at = view(bytes).getUint32(end + 16, true);
    for (;;) {
      const length = view(bytes).getUint16(at + 28, true);
      if (new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + length)) === name) return at;
      at += 46 + length + view(bytes).getUint16(at + 30, true) + view(bytes).getUint16(at + 32, true);
    }
  };
  const changed = (change: (bytes: Uint8Array, v: DataView, gainAt: number) => void) => {
    const bytes = packed();
    change(bytes, view(bytes), entry(bytes, "gain.npy"));
    return bytes;
  };

  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /not a \.npz archive: no zip directory/],
    ["half", packed().subarray(0, 500), /not a \.npz archive/],
    [
      "one that says more than fits",
      changed((_, v, at) => v.setUint32(at + 24, 0xffffffff, true)),
      /429496\d+ bytes when it is unpacked \(allowed: at most 268435456\)/,
    ],
    [
      "one that unpacks to more than it says",
      changed((_, v, at) => v.setUint32(at + 24, 10, true)),
      /gain\.npy: cannot be unpacked: more than the 10 bytes that it says/,
    ],
    [
      "one that unpacks to less",
      changed((_, v, at) => v.setUint32(at + 24, 5000, true)),
      /gain\.npy: damaged: 224 bytes instead of the 5000/,
    ],
    ["another checksum", changed((_, v, at) => v.setUint32(at + 16, 1, true)), /gain\.npy: damaged: its checksum/],
    ["an unknown method", changed((_, v, at) => v.setUint16(at + 10, 14, true)), /gain\.npy: packed by method 14/],
    ["encryption", changed((_, v, at) => v.setUint16(at + 8, 1, true)), /gain\.npy: it is encrypted/],
    ["a place beyond the end", changed((_, v, at) => v.setUint32(at + 42, 1e9, true)), /"gain\.npy" is not where/],
    ["more than is there", changed((_, v, at) => v.setUint32(at + 20, 1e9, true)), /"gain\.npy" is truncated/],
    [
      "overlaps",
      changed((bytes, v, at) => v.setUint32(at + 42, v.getUint32(entry(bytes, "pilots.npy") + 42, true), true)),
      /lies in .*: they overlap/,
    ],
    ["two names for one array", archive({ gain: npy([3, 4], gain) }), /two arrays named "gain"/],
    ["garbage in place of an array", archive({ "gain.npy": new Uint8Array(100) }), /gain\.npy: not a NumPy array/],
    ["a header without end", archive({ "gain.npy": npyHeader(0xffffffff) }), /gain\.npy: a header of 4294967295 bytes/],
    [
      "a huge shape",
      archive({ "gain.npy": npy([3, 4], gain).map((b, i) => (b === 0x33 && i > 10 ? 0x39 : b)) }),
      /truncated|shape/,
    ],
    ["objects", archive({ "gain.npy": npy([3, 4], gain, "|O") }), /numbers of type \|O/],
  ])("%s", async (_, bytes, message) => {
    expect(await problem(write("broken.npz", bytes))).toMatch(message);
  });

  it("with thousands of names for one bomb are refused at once", async () => {
    const bomb = zipSync({ "gain.npy": new Uint8Array(1e8) });
    const at = entry(bomb, "gain.npy");
    const one = bomb.subarray(at, at + 46 + 8);
    const again = (count: number, rename: (entry: Uint8Array, i: number) => void) => {
      const entries = Array.from({ length: count }, (_, i) => {
        const copy = one.slice();
        rename(copy, i);
        return copy;
      });
      const end = bomb.slice(bomb.length - 22);
      view(end).setUint16(8, count, true);
      view(end).setUint16(10, count, true);
      view(end).setUint32(12, count * one.length, true);
      return Buffer.concat([bomb.subarray(0, at), ...entries, end]);
    };
    const started = performance.now();
    expect(
      await problem(
        write(
          "bomb.npz",
          again(300, () => {}),
        ),
      ),
    ).toMatch(/two files named "gain\.npy"/);
    const named = again(300, (bytes, i) => bytes.set(new TextEncoder().encode(String(10_000_000 + i)), 46));
    expect(await problem(write("bomb.npz", named))).toMatch(/they overlap/);
    expect(
      await problem(
        write(
          "bomb.npz",
          again(5000, () => {}),
        ),
      ),
    ).toMatch(/5000 files in the archive/);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("leave the thread free while they are unpacked", async () => {
    const zeros = npy([3000, 4000], 0);
    const path = write("large.npz", archive({ "gain.npy": zeros, "antennas.npy": npy([], [1]) }));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await problem(path);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });

  it("changed anywhere are refused or read, never anything else", async () => {
    const whole = packed();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(whole.length)),
        async (changes, cut) => {
          const bytes = whole.slice(0, cut ?? whole.length);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const error = await readChannel(write("fuzz.npz", bytes)).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error !== undefined) expect(error).toBeInstanceOf(InputError);
        },
      ),
      { numRuns: 1500, seed: 12 },
    );
  }, 60_000);
});

describe("JSON", () => {
  it.each([
    ["no object", "[]", /not an object/],
    ["text", "{", /this is not JSON/],
    [
      "deep arrays",
      `{"gain": ${"[".repeat(1e6)}${"]".repeat(1e6)}}`,
      /line 1, column 209: nested more than 200 levels deep/,
    ],
    [
      "a correlation in a correlation",
      `{"clients":1,"accessPoints":1,"antennas":1,"pilots":1,"coherence":9,"bandwidth":1,"noisePower":1,"transmitPower":1,` +
        `"gain":[[1]],"correlation":${'{"correlation":'.repeat(20_000)}1${"}".repeat(20_000)}}`,
      /nested more than 200 levels deep/,
    ],
    [
      "access points without end",
      `{"accessPoints":1e8}`,
      /\.accessPoints: 100000000 is too large \(allowed: 1 to 10000\)/,
    ],
    ["a number as an array", '{"accessPoints":[1]}', /\.accessPoints: an array of 1 is not a whole number/],
    [
      "an archive without the array",
      '{"gain":"plain.npz:none"}',
      /plain\.npz: holds no array "none" \(it has: antennas, /,
    ],
    ["a file that is not there", '{"gain":"none.npy"}', /none\.npy: there is no such file/],
    ["a folder", '{"gain":"folder.npy"}', /folder\.npy: (this is a folder|there is no such file)/],
  ])("%s", async (_, text, message) => {
    write("plain.npz", archive());
    expect(await problem(write("hostile.json", text))).toMatch(message);
  });

  it("that is too long, or a device, is not read", async () => {
    truncateSync(write("hole.json", ""), 2 ** 40);
    expect(await problem(join(folder, "hole.json"))).toMatch(
      /hole\.json: 1099511627776 bytes \(allowed: at most 268435456/,
    );
    const zeros = await readChannel("/dev/zero").catch((error: unknown) => error);
    expect((zeros as Error).message).toBe(
      "/dev/zero: more than 268435456 bytes (allowed: at most 268435456, as it is held in memory)",
    );
  });
});

/** Format 2, a header of so many bytes that is not there. */
function npyHeader(length: number): Uint8Array {
  const bytes = new Uint8Array(100);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 2, 0]);
  new DataView(bytes.buffer).setUint32(8, length, true);
  return bytes;
}
