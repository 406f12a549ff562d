import { type IdxPart, idxFiles } from "../src/data/fileSets.js";

/** Files of an image set that somebody has dropped on the page: which set they are, and what is missing. */
export interface OwnFiles {
  name: "mnist" | "fashion-mnist" | "cifar10" | "cifar100";
  files: readonly File[];
}

const batch = /^(data_batch_\d+|test_batch)\.bin$/;
const parts = Object.entries(idxFiles) as [IdxPart, readonly string[]][];

const plain = (name: string) => name.replace(/\.gz$/, "");

/** Which part of an IDX set a file is. */
export function idxPartOf(name: string): IdxPart | undefined {
  return parts.find(([, names]) => names.includes(plain(name)))?.[0];
}

/**
 * @param wanted the set that the settings name: MNIST and Fashion-MNIST have files of the same names
 * @returns the set, or what is wrong in a sentence
 */
export function recognize(files: readonly File[], wanted: string): OwnFiles | string {
  const idx = files.filter(({ name }) => idxPartOf(name) !== undefined);
  if (idx.length > 0) {
    const missing = parts.filter(([part]) => !idx.some(({ name }) => idxPartOf(name) === part));
    if (missing.length > 0) return `MNIST has four files; missing: ${missing.map(([, [name]]) => name).join(", ")}.`;
    return { name: wanted === "fashion-mnist" ? wanted : "mnist", files: idx };
  }
  const ten = files.filter(({ name }) => batch.test(name));
  if (ten.length > 0) {
    if (!ten.some(({ name }) => name === "test_batch.bin")) return "CIFAR-10 has a file test_batch.bin; it is missing.";
    if (ten.length < 2) return "CIFAR-10 has files data_batch_1.bin and on; none is there.";
    return { name: "cifar10", files: ten };
  }
  const hundred = files.filter(({ name }) => /^(train|test)\.bin$/.test(name));
  if (hundred.length > 0) {
    if (hundred.length < 2) return "CIFAR-100 has files train.bin and test.bin; one is missing.";
    return { name: "cifar100", files: hundred };
  }
  const names = files.slice(0, 3).map(({ name }) => name.slice(0, 60));
  return `No files of MNIST or CIFAR: ${names.join(", ") || "nothing"}${files.length > 3 ? ", …" : ""}. Their names are those of their publishers, such as train-images-idx3-ubyte.gz or data_batch_1.bin.`;
}

/** All files of what was dropped, folders searched. */
export async function filesOf(dropped: DataTransfer): Promise<File[]> {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  if (entries.length === 0) return [...dropped.files];
  return (await Promise.all(entries.map((entry) => below(entry)))).flat();
}

/** A folder of more than this is not a data set's. */
const mostFiles = 200;

async function below(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0 || found.length > mostFiles) break;
    found.push(...some);
  }
  return (await Promise.all(found.slice(0, mostFiles).map((one) => below(one)))).flat();
}
