import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { dataSection, seedNumber } from "../config/arguments.js";
import type { DataConfig } from "../config/config.js";
import { InputError, show } from "../config/errors.js";
import { parseJson } from "../config/json.js";
import type { Dataset } from "../config/records.js";
import type { CifarVariant } from "./cifar.js";
import { cifarDataset, idxDataset, idxFiles, type SizedFile } from "./fileSets.js";
import { idxBytes } from "./idx.js";
import type { NamedBytes } from "./images.js";
import { openDataset } from "./index.js";
import { shared } from "./storage.js";
import { createTextDataset } from "./text.js";

/**
 * Any data set, from files where it has them. The arrays lie in shared memory, so that worker threads get
 * them without a copy.
 *
 * Where only some of the examples are wanted, a set from files gives them evenly spaced over its files, or drawn by
 * the seed (`data.subset`), and a procedural one its first.
 *
 * @param seed of the procedural sets and of drawn subsets
 * @throws InputError naming the folder or file: missing, truncated, of another kind, inconsistent
 * @example
 * const { data, seed } = parseConfig({ data: "glyphs" }); // "mnist", "cifar10" and others are read from `data.directory`
 * (await loadDataset(data, seed)).train.count; // → 6000
 */
export async function loadDataset(config: DataConfig, seed: number): Promise<Dataset> {
  dataSection("data", config);
  seedNumber("seed", seed);
  const dataset = seeded(await loadExamples(config, seed), config, seed);
  if (config.split.kind !== "file") return dataset;
  return { ...dataset, shards: await loadShards(config) };
}

/** Which seed chose the test part, where one did. */
function seeded(dataset: Dataset, { subset }: DataConfig, seed: number): Dataset {
  const { test, testOf } = dataset;
  return subset === "drawn" && testOf !== undefined && test.count < testOf ? { ...dataset, seed } : dataset;
}

/**
 * Where a set's files are: in the folder itself or below it, under the names that publishers, torchvision and
 * `cellfed data fetch` give its folder.
 *
 * @returns undefined when they are in none of these
 */
export async function locateDataset(name: FileSetName, directory: string): Promise<string | undefined> {
  for (const below of folders[name]) {
    const folder = join(directory, below);
    const files = await readdir(folder).catch(() => [] as string[]);
    if (files.some((file) => markers[name].pattern.test(file))) return folder;
  }
  return undefined;
}

async function loadExamples(config: DataConfig, seed: number): Promise<Dataset> {
  switch (config.name) {
    case "mnist":
    case "fashion-mnist":
      return loadIdxSet(config.name, config, seed);
    case "cifar10":
    case "cifar100":
      return loadCifarSet(config.name, config, seed);
    case "text":
      return loadText(config, seed);
    default:
      return openDataset(config, seed, shared);
  }
}

/** Where a set's files may lie below the folder given, the folder itself last. */
const folders = {
  mnist: ["mnist", "MNIST/raw", "MNIST", "raw", "."],
  "fashion-mnist": ["fashion-mnist", "FashionMNIST/raw", "FashionMNIST", "fashion", "raw", "."],
  cifar10: ["cifar-10-batches-bin", "cifar10", "cifar-10", "cifar10/cifar-10-batches-bin", "."],
  cifar100: ["cifar-100-binary", "cifar100", "cifar-100", "cifar100/cifar-100-binary", "."],
} as const;

/** Sets whose files are looked for below a folder. */
export type FileSetName = keyof typeof folders;

const idxMarker = {
  pattern: /^(train|t10k)-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$/,
  words: "train-images-idx3-ubyte[.gz] or train-images.idx3-ubyte[.gz]",
};
const batchPattern = /^data_batch_(\d+)\.bin$/;

/** Files any of which tells the folder; what else is missing there is said when it is read. */
const markers: Record<FileSetName, { pattern: RegExp; words: string }> = {
  mnist: idxMarker,
  "fashion-mnist": idxMarker,
  cifar10: { pattern: /^(data_batch_\d+|test_batch)\.bin$/, words: "data_batch_1.bin" },
  cifar100: { pattern: /^(train|test)\.bin$/, words: "train.bin" },
};

async function loadIdxSet(name: "mnist" | "fashion-mnist", config: DataConfig, seed: number): Promise<Dataset> {
  const folder = await findFolder(name, config);
  const files = {
    trainImages: await readIdx(folder, idxFiles.trainImages, 3),
    trainLabels: await readIdx(folder, idxFiles.trainLabels, 1),
    testImages: await readIdx(folder, idxFiles.testImages, 3),
    testLabels: await readIdx(folder, idxFiles.testLabels, 1),
  };
  return idxDataset(name, files, { config, seed, allocate: shared });
}

async function loadCifarSet(name: CifarVariant, config: DataConfig, seed: number): Promise<Dataset> {
  const folder = await findFolder(name, config);
  const trainFiles = name === "cifar10" ? await batchesIn(folder) : ["train.bin"];
  const files = {
    train: await sizedFiles(folder, trainFiles),
    test: (await sizedFiles(folder, [name === "cifar10" ? "test_batch.bin" : "test.bin"]))[0]!,
    classNames: await readNames(join(folder, name === "cifar10" ? "batches.meta.txt" : "fine_label_names.txt")),
  };
  return cifarDataset(name, files, { config, seed, allocate: shared });
}

async function loadText(config: DataConfig, seed: number): Promise<Dataset> {
  if (!config.file) throw new InputError("data.file", 'the data set "text" needs a text file');
  const path = expanded(config.file);
  const bytes = await readBytes(path, largestText);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InputError(path, "not a text file in UTF-8", { cause });
  }
  return createTextDataset(text, { ...config, seed, bySpeaker: config.split.kind === "groups" }, path, shared);
}

/** The training batches that are there, in the order of their numbers; the first one where there are none. */
async function batchesIn(folder: string): Promise<string[]> {
  const number = (file: string) => Number(batchPattern.exec(file)![1]);
  const batches = (await readdir(folder)).filter((file) => batchPattern.test(file));
  return batches.length === 0 ? ["data_batch_1.bin"] : batches.sort((a, b) => number(a) - number(b));
}

/** Files of a folder with what they hold, all of it no more than a set may have. */
async function sizedFiles(folder: string, names: readonly string[]): Promise<SizedFile[]> {
  const paths = names.map((name) => join(folder, name));
  const sizes = await Promise.all(paths.map((path) => sizeOf(path)));
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (total > largestSet)
    throw new InputError(folder, `${names.length} files of ${total} bytes together (allowed: at most ${largestSet})`);
  return paths.map((path, i) => ({ path, size: sizes[i]!, read: () => readBytes(path) }));
}

/** The folder with a set's files, as `locateDataset` looks for it, or what is wrong. */
async function findFolder(name: FileSetName, config: DataConfig): Promise<string> {
  if (config.directory === undefined || config.directory === "") {
    throw new InputError(
      "data.directory",
      `"${name}" is read from files: give the folder that holds them (--data-dir), or fetch them with ` +
        `\`cellfed data fetch ${name}\``,
    );
  }
  const root = expanded(config.directory);
  const about = await stat(root).catch(() => undefined);
  if (about === undefined) {
    throw new InputError("data.directory", `there is no folder "${config.directory}" (${root})`);
  }
  if (!about.isDirectory()) throw new InputError("data.directory", `"${config.directory}" is not a folder`);
  const found = await locateDataset(name, root);
  if (found !== undefined) return found;
  throw new InputError(
    "data.directory",
    `no files of "${name}" in "${config.directory}": expected ${markers[name].words} there or in its ` +
      `${folders[name].slice(0, -1).join(", ")}`,
  );
}

/** A file under one of its names, with or without ".gz"; plain wins. What is in it says whether it is packed. */
async function readIdx(folder: string, names: readonly string[], dimensions: number): Promise<NamedBytes> {
  for (const name of [...names, ...names.map((plain) => `${plain}.gz`)]) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => undefined)) === undefined) continue;
    const bytes = await readBytes(path);
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return {
      path,
      bytes: packed || name.endsWith(".gz") ? await gunzipped(bytes, dimensions, path) : bytes,
    };
  }
  throw new InputError(join(folder, names[0]!), "missing: neither this file nor the same with .gz exists");
}

/** Unpacks an IDX file no further than its own header goes, in pieces between which signals are heard. */
async function gunzipped(bytes: Uint8Array, dimensions: number, path: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  let most = largestFile;
  try {
    for await (const piece of Readable.from([bytes]).pipe(createGunzip()) as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      total += piece.length;
      if (pieces.length === 1) most = Math.min(most, idxBytes(piece, dimensions) ?? most);
      if (total > most) throw new InputError(path, `too long: more than the ${most} bytes that ${largestReason(most)}`);
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(path, `not a complete gzip file: ${(cause as Error).message}`, { cause });
  }
  return Buffer.concat(pieces, total);
}

function largestReason(most: number): string {
  return most === largestFile ? "are allowed" : "its header says";
}

/** No file of these sets comes near; a hostile one must not fill the memory. */
const largestFile = 2 ** 29;
const largestText = 2 ** 27;
/** What the files of a set may come to. */
const largestSet = 2 ** 31;

/** A path as a shell would take it: ~ is the home folder, in a config file too. */
function expanded(path: string): string {
  return resolve(path.replace(/^~(?=$|[/\\])/, homedir()));
}

/** Of a file that may be read whole. @throws InputError for folders, devices, pipes and what is too large */
async function sizeOf(path: string, most = largestFile): Promise<number> {
  const about = await readable(path, () => stat(path));
  if (!about.isFile()) throw new InputError(path, about.isDirectory() ? "this is a folder" : "this is not a file");
  if (about.size > most)
    throw new InputError(path, `${about.size} bytes, allowed: ${most} (it is held in memory, several times over)`);
  return about.size;
}

async function readBytes(path: string, most = largestFile): Promise<Uint8Array> {
  await sizeOf(path, most);
  return readable(path, () => readFile(path));
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new InputError(path, code === "ENOENT" ? "missing" : `cannot be read: ${message}`, { cause });
  }
}

/** One name a line; none where there is no such file. */
async function readNames(path: string): Promise<string[]> {
  const about = await stat(path).catch(() => undefined);
  if (!about?.isFile() || about.size > 1e6) return [];
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** The shards of the split "file": a JSON array with an array of example numbers for each client. */
async function loadShards(config: DataConfig): Promise<Int32Array[]> {
  if (!config.split.file) {
    throw new InputError("data.split.file", 'the split "file" needs a JSON file with an array of numbers a client');
  }
  const path = expanded(config.split.file);
  const lists = parseJson(new TextDecoder().decode(await readBytes(path, largestText)), path);
  if (!Array.isArray(lists)) throw new InputError(path, "expected an array of arrays, one a client");
  return lists.map((list: unknown, client) => {
    if (!Array.isArray(list)) throw new InputError(path, `client ${client}: expected an array of example numbers`);
    const wrong = list.findIndex((value) => !Number.isInteger(value) || value < 0 || value > 0x7fffffff);
    if (wrong >= 0) {
      throw new InputError(path, `client ${client}, entry ${wrong}: ${shown(list[wrong])} is no example number`);
    }
    return Int32Array.from(list as number[]);
  });
}

/** A value in a message, however large or deep it is. */
function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return show(value);
  return Array.isArray(value) ? "an array" : "an object";
}
