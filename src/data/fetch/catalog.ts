import type { DataConfig } from "../../config/config.js";

/** A file as its publisher has it. */
export interface RemoteFile {
  name: string;
  bytes: number;
  sha256: string;
}

/** A data set that can be fetched. */
export interface RemoteSet {
  name: DataConfig["name"];
  description: string;
  /** Base addresses with the same files, tried in this order */
  sources: readonly string[];
  files: readonly RemoteFile[];
  /** Folder below the one that `--data-dir` names */
  folder: string;
  /** The one file is a .tar.gz that holds `folder` with these files; undefined sizes are those of small texts */
  archive?: readonly { name: string; bytes?: number }[];
}

/**
 * Sizes and SHA-256 sums as TensorFlow Datasets publishes them (tensorflow_datasets/url_checksums), which agree with
 * those that many independent projects have recorded.
 */
export const remoteSets: readonly RemoteSet[] = [
  {
    name: "mnist",
    description: "handwritten digits, 28 × 28 gray, 10 classes",
    sources: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
    folder: "mnist",
    files: [
      {
        name: "train-images-idx3-ubyte.gz",
        bytes: 9912422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      },
      {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 28881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      },
      {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 1648877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      },
      {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 4542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      },
    ],
  },
  {
    name: "fashion-mnist",
    description: "articles of clothing, 28 × 28 gray, 10 classes",
    sources: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ],
    folder: "fashion-mnist",
    files: [
      {
        name: "train-images-idx3-ubyte.gz",
        bytes: 26421880,
        sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      },
      {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 29515,
        sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      },
      {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 4422102,
        sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      },
      {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 5148,
        sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
      },
    ],
  },
  {
    name: "cifar10",
    description: "photographs, 32 × 32 color, 10 classes",
    sources: ["https://www.cs.toronto.edu/~kriz/"],
    folder: "cifar-10-batches-bin",
    files: [
      {
        name: "cifar-10-binary.tar.gz",
        bytes: 170052171,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      },
    ],
    archive: [
      ...[1, 2, 3, 4, 5].map((batch) => ({ name: `data_batch_${batch}.bin`, bytes: 30730000 })),
      { name: "test_batch.bin", bytes: 30730000 },
      { name: "batches.meta.txt" },
    ],
  },
  {
    name: "cifar100",
    description: "photographs, 32 × 32 color, 100 classes",
    sources: ["https://www.cs.toronto.edu/~kriz/"],
    folder: "cifar-100-binary",
    files: [
      {
        name: "cifar-100-binary.tar.gz",
        bytes: 168513733,
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
      },
    ],
    archive: [
      { name: "train.bin", bytes: 153700000 },
      { name: "test.bin", bytes: 30740000 },
      { name: "coarse_label_names.txt" },
      { name: "fine_label_names.txt" },
    ],
  },
];
