import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DataConfig } from "../../src/config/config.js";
import { InputError } from "../../src/config/errors.js";
import { loadDataset } from "../../src/data/files.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cellfed-data-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (name: DataConfig["name"], more: Partial<DataConfig> = {}): DataConfig => ({
  name,
  directory: folder,
  channels: 0,
  speakers: 40,
  trainExamples: 0,
  testExamples: 0,
  subset: "even",
  split: { kind: "iid", alpha: 0.4, classesPerClient: 2 },
  sequenceLength: 64,
  ...more,
});

function idx(shape: readonly number[], length = shape.reduce((a, b) => a * b, 1)): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x800 + shape.length);
  for (const [i, n] of shape.entries()) view.setUint32(4 + 4 * i, n);
  for (let i = 0; i < length; i++) bytes[4 + 4 * shape.length + i] = i % 7;
  return bytes;
}

/** The four files, with what stands for "-" before "idx", and what is done to each. */
function write(hyphen: string, ending: string, pack: (bytes: Uint8Array) => Uint8Array): void {
  for (const [part, count] of [
    ["train", 6],
    ["t10k", 2],
  ] as const) {
    writeFileSync(join(folder, `${part}-images${hyphen}idx3-ubyte${ending}`), pack(idx([count, 2, 3])));
    writeFileSync(join(folder, `${part}-labels${hyphen}idx1-ubyte${ending}`), pack(idx([count])));
  }
}

describe("MNIST files under other names than the publisher's", () => {
  it.each([
    ["a dot before idx", ".", "", (bytes: Uint8Array) => bytes],
    ["a dot, packed", ".", ".gz", gzipSync],
    ["packed without .gz", "-", "", gzipSync],
    ["a dot, packed without .gz", ".", "", gzipSync],
  ])("%s", async (_, hyphen, ending, pack) => {
    write(hyphen, ending, pack);
    const data = await loadDataset(config("mnist"), 1);
    expect([data.train.count, data.test.count, [...data.inputShape]]).toEqual([6, 2, [2, 3, 1]]);
    expect([...data.train.targets]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("names both forms where there are none", async () => {
    await expect(loadDataset(config("mnist"), 1)).rejects.toThrow(
      "train-images-idx3-ubyte[.gz] or train-images.idx3-ubyte[.gz]",
    );
  });
});

describe("files made to fill the memory", () => {
  const images = () => join(folder, "train-images-idx3-ubyte");

  it("are unpacked no further than their header goes", async () => {
    write("-", "", (bytes) => bytes);
    // 64 MB of zeros behind six images, 64 KB packed
    writeFileSync(images(), gzipSync(Buffer.concat([idx([6, 2, 3]), Buffer.alloc(64e6)])));
    await expect(loadDataset(config("mnist"), 1)).rejects.toThrow(
      /train-images-idx3-ubyte: too long: more than the 52 bytes that its header says/,
    );
    writeFileSync(images(), gzipSync(idx([0xffffffff, 0xffff, 0xffff], 100)));
    await expect(loadDataset(config("mnist"), 1)).rejects.toThrow(/train-images-idx3-ubyte: truncated/);
    writeFileSync(images(), gzipSync(Buffer.alloc(600e6)));
    await expect(loadDataset(config("mnist"), 1)).rejects.toThrow(
      /train-images-idx3-ubyte: too long: more than the 536870912 bytes that are allowed/,
    );
  }, 60_000);

  it("are refused by their size before they are read", async () => {
    write("-", "", (bytes) => bytes);
    truncateSync(images(), 2 ** 40); // a hole
    await expect(loadDataset(config("mnist"), 1)).rejects.toThrow(
      /train-images-idx3-ubyte: 1099511627776 bytes, allowed: 536870912/,
    );
    writeFileSync(join(folder, "data_batch_1.bin"), "");
    truncateSync(join(folder, "data_batch_1.bin"), 3073 * 2 ** 20);
    await expect(loadDataset(config("cifar10"), 1)).rejects.toThrow(/data_batch_1\.bin: \d+ bytes, allowed: 536870912/);
    for (let i = 1; i <= 20; i++) {
      writeFileSync(join(folder, `data_batch_${i}.bin`), "");
      truncateSync(join(folder, `data_batch_${i}.bin`), 3073 * 170_000);
    }
    writeFileSync(join(folder, "test_batch.bin"), new Uint8Array(3073));
    await expect(loadDataset(config("cifar10"), 1)).rejects.toThrow(/20 files of \d+ bytes together \(allowed/);
  });

  it("and what is no file: folders, devices", async () => {
    await expect(loadDataset(config("text", { file: "/dev/zero" }), 1)).rejects.toThrow("this is not a file");
    await expect(loadDataset(config("text", { file: folder }), 1)).rejects.toThrow("this is a folder");
    const split = { kind: "file" as const, alpha: 0.4, classesPerClient: 2, file: "/dev/zero" };
    write("-", "", (bytes) => bytes);
    await expect(loadDataset(config("mnist", { split }), 1)).rejects.toThrow("/dev/zero: this is not a file");
  });
});

describe("partition files", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  it.each([
    ["text", "no", /not JSON/],
    ["a number", "7", /expected an array of arrays/],
    ["null", "null", /expected an array of arrays/],
    ["numbers", "[1, 2]", /client 0: expected an array of example numbers/],
    ["a fraction", "[[0], [1.5]]", /client 1, entry 0: 1\.5 is no example number/],
    ["a huge number", "[[1e300]]", /client 0, entry 0: 1e\+300 is no example number/],
    ["a long text", `[["${"x".repeat(100_000)}"]]`, /client 0, entry 0: "x{50,60}… is no example number/],
    ["deep arrays", `[[${deep}]]`, /line 1, column 201: nested more than 200 levels deep/],
    ["null among them", "[[null]]", /client 0, entry 0: null is no example number/],
  ])("%s", async (_, text, message) => {
    write("-", "", (bytes) => bytes);
    const file = join(folder, "split.json");
    writeFileSync(file, text);
    const found = await loadDataset(
      config("mnist", { split: { kind: "file", alpha: 0.4, classesPerClient: 2, file } }),
      1,
    ).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(InputError);
    expect((found as Error).message).toMatch(message);
    expect((found as Error).message.length).toBeLessThan(300);
  });
});
