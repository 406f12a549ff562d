import type { DataConfig } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import { createRegistry, type Registry } from "../config/registry.js";
import type { Part } from "../config/settings.js";
import { corpusCounts, createCorpus } from "./corpus.js";
import { createGlyphs, glyphCounts } from "./glyphs.js";
import { withChannels } from "./images.js";
import { createRegression, regressionCounts } from "./regression.js";
import type { Allocate } from "./storage.js";

/** A data set that is made from the seed, and runs anywhere. */
export interface EmbeddedSet extends Part {
  readonly title: string;
  create(config: DataConfig, seed: number, allocate: Allocate): Dataset;
}

/** A data set that `loadDataset` of "cellfed/node" reads. */
export interface FileSet extends Part {
  readonly title: string;
  readonly files: true;
}

/** A data set that a plugin brings. */
export interface OwnDataset extends Part {
  load(config: DataConfig, seed: number): Dataset | Promise<Dataset>;
}

const glyphs: EmbeddedSet = {
  name: "glyphs",
  title: "glyphs",
  create({ trainExamples: train, testExamples: test, channels }, seed, allocate) {
    const set = createGlyphs(train || glyphCounts.train, test || glyphCounts.test, seed, allocate);
    return withChannels(set, channels, allocate);
  },
};

const corpus: EmbeddedSet = {
  name: "corpus",
  title: "corpus",
  create({ trainExamples: train, testExamples: test, speakers, sequenceLength }, seed, allocate) {
    const [most, mostTest] = [train || corpusCounts.train, test || corpusCounts.test];
    return createCorpus(most, mostTest, speakers, sequenceLength, seed, allocate);
  },
};

const regression: EmbeddedSet = {
  name: "regression",
  title: "regression",
  create: ({ trainExamples: train, testExamples: test }, seed, allocate) =>
    createRegression(train || regressionCounts.train, test || regressionCounts.test, seed, allocate),
};

/** Every data set, in the order of lists. */
export const datasets: Registry<EmbeddedSet | FileSet | OwnDataset> = createRegistry<
  EmbeddedSet | FileSet | OwnDataset
>("data set", [
  glyphs,
  { name: "mnist", title: "MNIST", files: true },
  { name: "fashion-mnist", title: "Fashion-MNIST", files: true },
  { name: "cifar10", title: "CIFAR-10", files: true },
  { name: "cifar100", title: "CIFAR-100", files: true },
  corpus,
  { name: "text", title: "text", files: true },
  regression,
]);

/** What is known of the sets in files before they are read. */
export const publishedSizes: Partial<
  Record<string, { shape: readonly [number, number, number]; classes: number; train: number; test: number }>
> = {
  mnist: { shape: [28, 28, 1], classes: 10, train: 60_000, test: 10_000 },
  "fashion-mnist": { shape: [28, 28, 1], classes: 10, train: 60_000, test: 10_000 },
  cifar10: { shape: [32, 32, 3], classes: 10, train: 50_000, test: 10_000 },
  cifar100: { shape: [32, 32, 3], classes: 100, train: 50_000, test: 10_000 },
};

/** @throws InputError for what a plugin gives that is no data set, with what is wrong */
export function checkDataset(dataset: Dataset, name: string): Dataset {
  const wrong = wrongWith(dataset);
  if (wrong !== undefined) throw new InputError("data.name", `what "${name}" gives is no data set: ${wrong}`);
  return { ...dataset, name };
}

function wrongWith(dataset: Dataset): string | undefined {
  if (typeof dataset !== "object" || dataset === null) return "it is no object";
  const { task, inputShape, outputs, targetSize } = dataset;
  if (!["classification", "next-token", "regression"].includes(task)) {
    return "task is none of classification, next-token, regression";
  }
  if (!Array.isArray(inputShape) || !inputShape.every((side) => Number.isInteger(side) && side >= 1)) {
    return "inputShape is no array of whole numbers";
  }
  for (const [what, value] of Object.entries({ outputs, targetSize })) {
    if (!Number.isInteger(value) || value < 1) return `${what} is no whole number of at least 1`;
  }
  const size = inputShape.reduce((product, side) => product * side, 1);
  for (const part of ["train", "test"] as const) {
    const { count, inputs, targets } = dataset[part] ?? {};
    if (!Number.isInteger(count) || count < 1) return `${part}.count is no whole number of at least 1`;
    const kinds = task === "next-token" ? [Int32Array] : [Uint8Array, Float32Array];
    if (!kinds.some((kind) => inputs instanceof kind) || inputs.length !== count * size) {
      return `${part}.inputs is no ${kinds.map((kind) => kind.name).join(" or ")} of ${count} × ${size} entries`;
    }
    const kind = task === "regression" ? Float32Array : Int32Array;
    if (!(targets instanceof kind) || targets.length !== count * targetSize) {
      return `${part}.targets is no ${kind.name} of ${count} × ${targetSize} entries`;
    }
    for (const [name, values] of Object.entries({ inputs, targets })) {
      const at = values instanceof Float32Array ? values.findIndex((value) => !Number.isFinite(value)) : -1;
      if (at >= 0) return `${part}.${name}[${at}] is ${values[at]}, no finite number`;
    }
  }
  return undefined;
}
