import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { InputError } from "../config/errors.js";
import { crc32 } from "./checksum.js";
import { largestFile } from "./limited.js";

/** One file of an archive, as the directory at its end describes it. */
export interface ZipEntry {
  name: string;
  /** 0: stored, 8: deflated */
  method: number;
  /** CRC-32 of what is unpacked */
  checksum: number;
  packed: number;
  unpacked: number;
  /** From its header to the end of its packed bytes */
  start: number;
  end: number;
}

const mostEntries = 1000;
const signatures = { end: 0x06054b50, entry: 0x02014b50, file: 0x04034b50 };

/**
 * The directory of a zip archive (PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.4), as `numpy.savez` writes them: no
 * encryption, no parts, no more than 4 GiB.
 * @throws InputError for what is no archive, and for names that stand twice and files that lie in one another, with which
 * a small archive unpacks to any size
 */
export function zipEntries(bytes: Uint8Array, path: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wrong = (what: string) => new InputError(path, `not a .npz archive: ${what}`);
  const end = endOfDirectory(view);
  if (end < 0) throw wrong("no zip directory at its end");
  const count = view.getUint16(end + 10, true);
  const directory = view.getUint32(end + 16, true);
  if (count > mostEntries)
    throw new InputError(path, `${count} files in the archive (allowed: at most ${mostEntries})`);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let at = directory, i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== signatures.entry) throw wrong(`its directory ends at file ${i}`);
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const name = new TextDecoder("latin1").decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (names.has(name)) throw new InputError(path, `two files named ${JSON.stringify(name)}`);
    names.add(name);
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw new InputError(`${path}:${name}`, "it is encrypted");
    const header = view.getUint32(at + 42, true);
    if (header + 30 > directory || view.getUint32(header, true) !== signatures.file)
      throw wrong(`${JSON.stringify(name)} is not where the directory says`);
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const packed = view.getUint32(at + 20, true);
    entries.push({
      ...{ name, packed, start: header, end: start + packed },
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      unpacked: view.getUint32(at + 24, true),
    });
    if (start + packed > directory) throw wrong(`${JSON.stringify(name)} is truncated`);
    at += 46 + nameLength + extra + comment;
  }
  const inOrder = [...entries].sort((a, b) => a.start - b.start);
  inOrder.forEach((entry, i) => {
    const before = inOrder[i - 1];
    if (before !== undefined && entry.start < before.end)
      throw new InputError(path, `${JSON.stringify(entry.name)} lies in ${JSON.stringify(before.name)}: they overlap`);
  });
  return entries;
}

/** The end record, with a comment of at most 64 KiB behind it; −1 where there is none. */
function endOfDirectory(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at--)
    if (view.getUint32(at, true) === signatures.end) return at;
  return -1;
}

/**
 * What entries unpack to, by name, one after the other in a thread of its own, so that signals are heard.
 * @throws InputError for more than fits, before anything is unpacked, and for damaged files
 */
export async function unpack(
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
  path: string,
): Promise<Map<string, Uint8Array>> {
  const total = entries.reduce((sum, entry) => sum + entry.unpacked, 0);
  if (total > largestFile)
    throw new InputError(path, `${total} bytes when it is unpacked (allowed: at most ${largestFile})`);
  const out = new Map<string, Uint8Array>();
  for (const entry of entries) out.set(entry.name, await unpacked(bytes, entry, `${path}:${entry.name}`));
  return out;
}

async function unpacked(bytes: Uint8Array, entry: ZipEntry, path: string): Promise<Uint8Array> {
  const packed = bytes.subarray(entry.end - entry.packed, entry.end);
  let content: Uint8Array = packed;
  if (entry.method === 8) {
    try {
      // One byte more than it should be shows what goes on; zlib takes no limit of 0.
      content = await promisify(inflateRaw)(packed, { maxOutputLength: entry.unpacked + 1 });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const why = code === "ERR_BUFFER_TOO_LARGE" ? `more than the ${entry.unpacked} bytes that it says` : message;
      throw new InputError(path, `cannot be unpacked: ${why}`, { cause });
    }
  } else if (entry.method !== 0) {
    throw new InputError(path, `packed by method ${entry.method} (allowed: 0, stored, and 8, deflated)`);
  }
  if (content.length !== entry.unpacked)
    throw new InputError(path, `damaged: ${content.length} bytes instead of the ${entry.unpacked} that it says`);
  if (crc32(content) !== entry.checksum) throw new InputError(path, "damaged: its checksum is another");
  return content;
}
