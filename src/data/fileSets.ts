import type { DataConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { Dataset, Examples } from "../config/records.js";
import { type CifarVariant, cifarShape, countCifar, parseCifar } from "./cifar.js";
import { examplesFromIdx, type NamedBytes, withChannels } from "./images.js";
import type { Allocate } from "./storage.js";
import { type Subset, subsetOf } from "./subset.js";

/** Image sets made of their publishers' files, wherever those were read: from a folder, or dropped on a page. */

/** The publisher's names of an IDX set's files; some archives have a dot for the second hyphen. */
export const idxFiles = {
  trainImages: ["train-images-idx3-ubyte", "train-images.idx3-ubyte"],
  trainLabels: ["train-labels-idx1-ubyte", "train-labels.idx1-ubyte"],
  testImages: ["t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"],
  testLabels: ["t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"],
} as const;

export type IdxPart = keyof typeof idxFiles;

const digitNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const fashionNames = [
  "T-shirt/top",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
];

/** What a set is made with beside its files. */
export interface Making {
  config: DataConfig;
  seed: number;
  allocate: Allocate;
}

/** @throws InputError naming the file that is malformed or does not go with the others */
export function idxDataset(
  name: "mnist" | "fashion-mnist",
  files: Readonly<Record<IdxPart, NamedBytes>>,
  { config, seed, allocate }: Making,
): Dataset {
  const { length: outputs } = digitNames;
  const subset = (part: "train" | "test") => subsetOf(config, seed, part);
  const train = examplesFromIdx(files.trainImages, files.trainLabels, outputs, subset("train"), allocate);
  const test = examplesFromIdx(files.testImages, files.testLabels, outputs, subset("test"), allocate);
  if (train.shape.join() !== test.shape.join()) {
    throw new InputError(
      files.testImages.path,
      `images of ${test.shape.slice(0, 2).join(" × ")}, but the training images are ${train.shape.slice(0, 2).join(" × ")}`,
    );
  }
  const dataset: Dataset = {
    name,
    task: "classification",
    inputShape: train.shape,
    outputs,
    targetSize: 1,
    classNames: name === "mnist" ? digitNames : fashionNames,
    train: train.examples,
    test: test.examples,
    testOf: test.available,
  };
  return withChannels(dataset, config.channels, allocate);
}

/** A file that is read only when it is its turn: a set's files together may be more than memory should hold. */
export interface SizedFile {
  path: string;
  size: number;
  read(): Promise<Uint8Array>;
}

/** @throws InputError naming the file that is malformed */
export async function cifarDataset(
  name: CifarVariant,
  files: { train: readonly SizedFile[]; test: SizedFile; classNames: readonly string[] },
  { config, seed, allocate }: Making,
): Promise<Dataset> {
  const train = await examplesFromCifar(name, files.train, subsetOf(config, seed, "train"), allocate);
  const test = await examplesFromCifar(name, [files.test], subsetOf(config, seed, "test"), allocate);
  const outputs = name === "cifar10" ? 10 : 100;
  const { classNames } = files;
  const dataset: Dataset = {
    name,
    task: "classification",
    inputShape: cifarShape,
    outputs,
    targetSize: 1,
    ...(classNames.length === outputs ? { classNames } : {}),
    train: train.examples,
    test: test.examples,
    testOf: test.available,
  };
  return withChannels(dataset, config.channels, allocate);
}

/** Files one after the other, the subset chosen from all of them together. */
async function examplesFromCifar(
  name: CifarVariant,
  files: readonly SizedFile[],
  subset: Subset,
  allocate: Allocate,
): Promise<{ examples: Examples; available: number }> {
  const counts = files.map(({ path, size }) => countCifar(name, size, path));
  const available = counts.reduce((sum, count) => sum + count, 0);
  const pick = subset(available);
  const size = cifarShape[0] * cifarShape[1] * cifarShape[2];
  const inputs = allocate.u8(pick.length * size);
  const targets = allocate.i32(pick.length);
  let first = 0; // number of the file's first example
  let done = 0;
  for (const [i, file] of files.entries()) {
    const end = first + counts[i]!;
    let next = done;
    while (next < pick.length && pick[next]! < end) next++;
    const here = pick.subarray(done, next).map((example) => example - first);
    const [into, labels] = [inputs.subarray(done * size, next * size), targets.subarray(done, next)];
    parseCifar(name, await file.read(), here, into, labels, file.path);
    first = end;
    done = next;
  }
  return { examples: { count: pick.length, inputs, targets }, available };
}
