import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import type { DataConfig } from "../../src/config/config.js";
import { InputError } from "../../src/config/errors.js";
import { loadDataset } from "../../src/data/files.js";
import { partition } from "../../src/data/partition.js";

const scratch = mkdtempSync(join(tmpdir(), "cellfed-data-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let made = 0;
/** A fresh folder with these files. */
function folder(files: Record<string, Uint8Array | string>): string {
  const root = join(scratch, String(made++));
  mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

const config = (name: DataConfig["name"], directory?: string, more: Partial<DataConfig> = {}): DataConfig => ({
  name,
  ...(directory === undefined ? {} : { directory }),
  channels: 0,
  speakers: 40,
  trainExamples: 0,
  testExamples: 0,
  subset: "even",
  split: { kind: "iid", alpha: 0.4, classesPerClient: 2 },
  sequenceLength: 64,
  ...more,
});

function idx(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x800 + shape.length);
  for (const [i, n] of shape.entries()) view.setUint32(4 + 4 * i, n);
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

const ramp = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) % 251);

/** Six training and two test images of 2 × 3. */
const digits = () => ({
  "train-images-idx3-ubyte": idx([6, 2, 3], ramp(36)),
  "train-labels-idx1-ubyte": idx([6], [0, 1, 2, 3, 4, 9]),
  "t10k-images-idx3-ubyte": idx([2, 2, 3], ramp(12)),
  "t10k-labels-idx1-ubyte": idx([2], [5, 6]),
});

/** One CIFAR record: planes filled with 10·label + plane, the first pixel of each plane marked. */
function record(labels: readonly number[], mark = 0): Uint8Array {
  const bytes = new Uint8Array(labels.length + 3072);
  bytes.set(labels);
  for (let plane = 0; plane < 3; plane++) {
    bytes.fill(
      10 * labels[labels.length - 1]! + plane,
      labels.length + 1024 * plane,
      labels.length + 1024 * (plane + 1),
    );
    bytes[labels.length + 1024 * plane + 1] = 200 + plane + mark;
  }
  return bytes;
}

const cifar10 = () => ({
  "data_batch_1.bin": Buffer.concat([record([3]), record([7])]),
  "data_batch_2.bin": Buffer.concat([record([1]), record([0])]),
  "data_batch_10.bin": record([9]),
  "test_batch.bin": record([5]),
  "batches.meta.txt": "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n",
});

async function problem(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as Error).message.replaceAll(scratch, "…");
}

describe("IDX", () => {
  it("reads plain and gzipped files, in the folder itself, below it, and where torchvision puts them", async () => {
    for (const prefix of ["", "mnist/", "MNIST/raw/"]) {
      for (const pack of [false, true]) {
        const files = Object.fromEntries(
          Object.entries(digits()).map(([name, bytes]) =>
            pack ? [`${prefix}${name}.gz`, gzipSync(bytes)] : [prefix + name, bytes],
          ),
        );
        const data = await loadDataset(config("mnist", folder(files)), 1);
        expect(data.inputShape).toEqual([2, 3, 1]);
        expect(Array.from(data.train.inputs)).toEqual(Array.from(ramp(36)));
        expect(Array.from(data.train.targets)).toEqual([0, 1, 2, 3, 4, 9]);
        expect(Array.from(data.test.targets)).toEqual([5, 6]);
        expect(data.train.inputs.buffer).toBeInstanceOf(SharedArrayBuffer);
      }
    }
  });

  it("is shared with worker threads, not copied", async () => {
    const data = await loadDataset(config("mnist", folder(digits())), 1);
    const sent = structuredClone(data); // as postMessage does it
    data.train.inputs[0] = 99;
    data.test.targets[1] = 7;
    expect([sent.train.inputs[0], sent.test.targets[1]]).toEqual([99, 7]);
  });

  it("finds Fashion-MNIST beside MNIST, whose files have the same names", async () => {
    const other = digits();
    other["train-labels-idx1-ubyte"] = idx([6], [9, 9, 9, 9, 9, 9]);
    const files = Object.fromEntries([
      ...Object.entries(digits()).map(([name, bytes]) => [`mnist/${name}`, bytes]),
      ...Object.entries(other).map(([name, bytes]) => [`fashion-mnist/${name}`, bytes]),
    ]);
    const data = await loadDataset(config("fashion-mnist", folder(files)), 1);
    expect(data.train.targets[0]).toBe(9);
    expect(data.classNames?.[9]).toBe("ankle boot");
  });

  it("takes evenly spaced examples when only some are wanted, and repeats channels", async () => {
    const data = await loadDataset(config("mnist", folder(digits()), { trainExamples: 3, channels: 3 }), 1);
    expect(Array.from(data.train.targets)).toEqual([0, 2, 4]);
    expect(data.inputShape).toEqual([2, 3, 3]);
    expect(Array.from(data.train.inputs.subarray(18, 24))).toEqual([84, 84, 84, 91, 91, 91]);
    expect(await problem(loadDataset(config("mnist", folder(digits()), { testExamples: 3 }), 1))).toBe(
      "data.testExamples: 3 examples wanted, the data has 2 (0 takes all)",
    );
  });

  it("names the file and what is wrong with it", async () => {
    const broken = (changes: Record<string, Uint8Array>) =>
      problem(loadDataset(config("mnist", folder({ ...digits(), ...changes })), 1));
    const images = digits()["train-images-idx3-ubyte"];
    expect(await broken({ "train-images-idx3-ubyte": images.subarray(0, 51) })).toMatch(
      /train-images-idx3-ubyte: truncated: 51 bytes, expected 52 \(a header of 16 and 6 × 2 × 3 values\)/,
    );
    expect(await broken({ "train-images-idx3-ubyte": images.subarray(0, 15) })).toMatch(/15 bytes, the header alone/);
    expect(await broken({ "train-images-idx3-ubyte": images.subarray(0, 3) })).toMatch(/not even the magic number/);
    expect(await broken({ "train-images-idx3-ubyte": new Uint8Array([...images, 0]) })).toMatch(/too long: 53 bytes/);
    expect(await broken({ "train-labels-idx1-ubyte": images })).toMatch(
      /labels: magic number 0x00000803, expected 0x00000801/,
    );
    expect(await broken({ "train-images-idx3-ubyte": idx([0, 2, 3], []) })).toMatch(/holds nothing/);
    expect(await broken({ "train-images-idx3-ubyte": idx([0xffffffff, 0xffff, 0xffff], [1]) })).toMatch(/truncated/);
    expect(await broken({ "t10k-labels-idx1-ubyte": idx([2], [5, 10]) })).toMatch(
      /t10k-labels-idx1-ubyte: example 1 has label 10, allowed: 0 … 9/,
    );
    expect(await broken({ "t10k-labels-idx1-ubyte": idx([3], [5, 1, 2]) })).toMatch(
      /3 labels, but .*t10k-images.* has 2 images/,
    );
    expect(await broken({ "t10k-images-idx3-ubyte": idx([2, 2, 2], ramp(8)) })).toMatch(
      /images of 2 × 2, but .* are 2 × 3/,
    );
    const { "t10k-labels-idx1-ubyte": gone, ...rest } = digits();
    expect(await problem(loadDataset(config("mnist", folder(rest)), 1))).toMatch(/t10k-labels-idx1-ubyte: missing/);
    const { "train-images-idx3-ubyte": __, ...untrained } = digits();
    expect(await problem(loadDataset(config("mnist", folder(untrained)), 1))).toMatch(
      /train-images-idx3-ubyte: missing/,
    );
    const packed = gzipSync(gone);
    for (const bytes of [packed.subarray(0, packed.length - 6), gone, packed.map((b, i) => (i === 12 ? b ^ 255 : b))]) {
      expect(
        await problem(loadDataset(config("mnist", folder({ ...rest, "t10k-labels-idx1-ubyte.gz": bytes })), 1)),
      ).toMatch(/t10k-labels-idx1-ubyte.gz: not a complete gzip file/);
    }
  });
});

describe("CIFAR", () => {
  it("reads the batches there are, in the order of their numbers, planes turned into pixels", async () => {
    const files = Object.fromEntries(Object.entries(cifar10()).map(([name, b]) => [`cifar-10-batches-bin/${name}`, b]));
    const data = await loadDataset(config("cifar10", folder(files)), 1);
    expect(data.inputShape).toEqual([32, 32, 3]);
    expect(Array.from(data.train.targets)).toEqual([3, 7, 1, 0, 9]);
    expect(data.classNames).toEqual([..."abcdefghij"]);
    expect(Array.from(data.train.inputs.subarray(3072, 3072 + 9))).toEqual([70, 71, 72, 200, 201, 202, 70, 71, 72]);
    expect(data.test.count).toBe(1);
  });

  it("spreads a cut over all batches", async () => {
    const data = await loadDataset(config("cifar10", folder(cifar10()), { trainExamples: 2, channels: 1 }), 1);
    expect(Array.from(data.train.targets)).toEqual([3, 1]);
    expect(data.inputShape).toEqual([32, 32, 1]);
    expect(data.train.inputs[1024]).toBe(Math.round(0.299 * 10 + 0.587 * 11 + 0.114 * 12));
  });

  it("reads CIFAR-100's fine labels", async () => {
    const files = { "train.bin": Buffer.concat([record([19, 14]), record([4, 13])]), "test.bin": record([1, 99 - 80]) };
    const data = await loadDataset(config("cifar100", folder(files)), 1);
    expect(data.outputs).toBe(100);
    expect(Array.from(data.train.targets)).toEqual([14, 13]);
    expect(data.classNames).toBeUndefined();
  });

  it("checks CIFAR-100's coarse labels too", async () => {
    const files = { "train.bin": record([20, 14]), "test.bin": record([1, 19]) };
    expect(await problem(loadDataset(config("cifar100", folder(files)), 1))).toMatch(
      /train.bin: record 0 has coarse label 20, allowed: 0 … 19/,
    );
  });

  it("names the file and what is wrong with it", async () => {
    const broken = (changes: Record<string, Uint8Array>) =>
      problem(loadDataset(config("cifar10", folder({ ...cifar10(), ...changes })), 1));
    expect(await broken({ "data_batch_2.bin": record([1]).subarray(1) })).toMatch(
      /data_batch_2.bin: truncated or not a CIFAR file: 3072 bytes, expected a whole number of records of 3073/,
    );
    expect(await broken({ "test_batch.bin": new Uint8Array(0) })).toMatch(/test_batch.bin: empty/);
    expect(await broken({ "data_batch_1.bin": Buffer.concat([record([1]), record([10])]) })).toMatch(
      /data_batch_1.bin: record 1 has label 10, allowed: 0 … 9/,
    );
    const only = { "test_batch.bin": cifar10()["test_batch.bin"] };
    expect(await problem(loadDataset(config("cifar10", folder(only)), 1))).toMatch(/data_batch_1.bin: missing/);
    const { "test_batch.bin": _, ...rest } = cifar10();
    expect(await problem(loadDataset(config("cifar10", folder(rest)), 1))).toMatch(/test_batch.bin: missing/);
  });
});

describe("folders", () => {
  it("says what is missing and how to get it", async () => {
    expect(await problem(loadDataset(config("mnist"), 1))).toMatch(
      /^data.directory: "mnist" is read from files.*data fetch mnist/,
    );
    expect(await problem(loadDataset(config("mnist", join(scratch, "nowhere")), 1))).toMatch(
      /^data.directory: there is no folder/,
    );
    const file = join(folder({ x: "" }), "x");
    expect(await problem(loadDataset(config("mnist", file), 1))).toMatch(/is not a folder/);
    expect(await problem(loadDataset(config("cifar10", folder(digits())), 1))).toMatch(
      /^data.directory: no files of "cifar10" in .*: expected data_batch_1.bin there or in its cifar-10-batches-bin/,
    );
  });
});

describe("a partition file", () => {
  const glyphs = (file: string) =>
    loadDataset(
      config("glyphs", undefined, {
        trainExamples: 10,
        testExamples: 1,
        split: { kind: "file", alpha: 1, classesPerClient: 1, file },
      }),
      1,
    );
  const write = (text: string) => join(folder({ "parts.json": text }), "parts.json");

  it("comes with the data set", async () => {
    const data = await glyphs(write("[[0, 5], [3]]"));
    const how = { kind: "file", alpha: 1, classesPerClient: 1 } as const;
    expect(partition(data, how, 2, 1)).toEqual([Int32Array.of(0, 5), Int32Array.of(3)]);
  });

  it("is refused when it is not one", async () => {
    expect(await problem(glyphs(write("[[0, 5], [3]")))).toMatch(/parts.json: this is not JSON: line 1, column 13: /);
    expect(await problem(glyphs(write('{"a": 1}')))).toMatch(/expected an array of arrays/);
    expect(await problem(glyphs(write("[[0], 3]")))).toMatch(/client 1: expected an array/);
    expect(await problem(glyphs(write("[[0, -1]]")))).toMatch(/client 0, entry 1: -1 is no example number/);
    expect(await problem(glyphs(join(scratch, "none.json")))).toMatch(/none.json: missing/);
    expect(await problem(glyphs(""))).toMatch(/^data.split.file/);
  });
});

const real = new URL("../../../shared/data", import.meta.url).pathname;
describe.skipIf(!existsSync(real))(`the real sets in ${real} (skipped where it is missing)`, () => {
  it("reads MNIST", async () => {
    const data = await loadDataset(config("mnist", real), 1);
    expect([data.train.count, data.test.count]).toEqual([60000, 10000]);
    const counts = new Int32Array(10);
    for (const label of data.train.targets) counts[label]!++;
    expect(Array.from(counts)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  });

  it("reads the CIFAR-10 subset", async () => {
    const data = await loadDataset(config("cifar10", real), 1);
    expect([data.train.count, data.test.count, data.classNames?.[9]]).toEqual([20000, 4000, "truck"]);
    const counts = new Int32Array(10);
    for (const label of data.test.targets) counts[label]!++;
    expect(Array.from(counts)).toEqual(new Array(10).fill(400));
  });
});
