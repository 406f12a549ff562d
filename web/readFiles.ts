import { cifarDataset, type IdxPart, idxDataset, type Making, type SizedFile } from "../src/data/fileSets.js";
import type { NamedBytes } from "../src/data/images.js";
import type { Dataset } from "../src/index.js";
import { InputError } from "../src/index.js";
import { idxPartOf, type OwnFiles } from "./ownFiles.js";

/** No file of these sets comes near, packed or not; a hostile one must not fill the memory. */
const largest = 2 ** 28;

/** The set that dropped files hold: the same bits as the command reads from a folder. */
export async function readOwnFiles({ name, files }: OwnFiles, making: Making): Promise<Dataset> {
  if (name === "mnist" || name === "fashion-mnist") {
    const found = await Promise.all(files.map(async (file) => [idxPartOf(file.name)!, await unpacked(file)] as const));
    return idxDataset(name, Object.fromEntries(found) as Record<IdxPart, NamedBytes>, making);
  }
  const sized = (file: File): SizedFile => ({ path: file.name, size: file.size, read: async () => bytesOf(file) });
  const number = (file: File) => Number(/\d+/.exec(file.name)?.[0] ?? 0);
  const isTest = (file: File) => file.name.startsWith("test");
  const train = files.filter((file) => !isTest(file)).sort((a, b) => number(a) - number(b));
  return cifarDataset(name, { train: train.map(sized), test: sized(files.find(isTest)!), classNames: [] }, making);
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > largest) throw new InputError(file.name, `${file.size} bytes (allowed: at most ${largest})`);
  return new Uint8Array(await file.arrayBuffer());
}

/** What is in it says whether it is packed. */
async function unpacked(file: File): Promise<NamedBytes> {
  const bytes = await bytesOf(file);
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return { path: file.name, bytes };
  const pieces: Uint8Array[] = [];
  let total = 0;
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
    const reader = stream.getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      pieces.push(piece.value);
      total += piece.value.length;
      if (total > largest) throw new InputError(file.name, `more than ${largest} bytes when unpacked`);
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(file.name, `not a complete gzip file: ${(cause as Error).message}`, { cause });
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return { path: file.name, bytes: whole };
}
