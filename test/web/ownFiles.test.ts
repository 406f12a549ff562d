import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { shared } from "../../src/data/storage.js";
import { resolveConfig } from "../../src/index.js";
import { type OwnFiles, recognize } from "../../web/ownFiles.js";
import { readOwnFiles } from "../../web/readFiles.js";

const names = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
] as const;

/** Files of MNIST's names, each with these bytes, the first with its own. */
function digits(first: BlobPart, name: string = names[0]): OwnFiles {
  const files = names.map((one, i) => (i === 0 ? new File([first], name) : new File([new Uint8Array(16)], one)));
  return recognize(files, "mnist") as OwnFiles;
}

const read = (files: OwnFiles) => {
  const { data, seed } = resolveConfig({ preset: "quick", sets: [`data.name=${files.name}`] });
  return readOwnFiles(files, { config: data, seed, allocate: shared });
};

describe("files that somebody drops on the page", () => {
  it("are refused by name where they are none of a set, however they are called", () => {
    const markup = "<img src=x onerror=alert(1)>".repeat(40);
    const told = recognize([new File(["{}"], markup), new File(["{}"], "__proto__"), new File(["{}"], "")], "mnist");
    expect(told).toMatch(/^No files of MNIST or CIFAR: <img src=x .*, __proto__, /);
    expect((told as string).length).toBeLessThan(400);
    expect(recognize([], "mnist")).toContain("nothing");
  });

  it.each([
    ["markup", "<script>alert(1)</script>"],
    ["nothing", ""],
    ["what is nested", "[".repeat(100_000)],
    ["a header of more images than there are", Uint8Array.of(0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 28)],
  ])("are refused with their name where they hold %s", async (_, content) => {
    await expect(read(digits(content as BlobPart))).rejects.toThrow(new RegExp(`^${names[0]}: `));
  });

  it("are refused where they are packed and cut off, or unpack to what no set is", async () => {
    const packed = gzipSync(new Uint8Array(10_000));
    const name = `${names[0]}.gz`;
    await expect(read(digits(packed.subarray(0, packed.length - 12), name))).rejects.toThrow(
      `${name}: not a complete gzip file`,
    );
    const bomb = gzipSync(new Uint8Array(2 ** 28 + 1), { level: 1 });
    expect(bomb.length).toBeLessThan(2 ** 21);
    await expect(read(digits(bomb, name))).rejects.toThrow(`${name}: more than 268435456 bytes when unpacked`);
  });

  it("are refused by their size before they are read", async () => {
    const huge = new File([], names[0]);
    Object.defineProperty(huge, "size", { value: 2 ** 40 });
    huge.arrayBuffer = () => Promise.reject(new Error("was read"));
    const files: OwnFiles = { ...digits(""), files: [huge, ...digits("").files.slice(1)] };
    await expect(read(files)).rejects.toThrow("1099511627776 bytes (allowed: at most 268435456)");
  });
});
