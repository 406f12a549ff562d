import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { RunError } from "../config/errors.js";
import { makeFolder } from "./folders.js";
import { isRunning } from "./owner.js";

/**
 * Writes a file that is there whole or, as it was before, not at all: under another name first, on the disk before it
 * takes its place. The folders on the way are made.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  writeAllWhole([{ path, content }]);
}

/**
 * The same of several files: as long as they can be written at all, none takes its place before all are on the disk.
 * @throws what the system says, with `path` of the file that it says it of
 */
export function writeAllWhole(files: readonly { path: string; content: string | Uint8Array }[]): void {
  const ready: { partial: string; target: string }[] = [];
  let at = "";
  try {
    for (const { path, content } of files) {
      at = path;
      const target = targetOf(path);
      if (target === undefined) writeFileSync(path, content);
      else ready.push({ partial: writePartial(target, content), target });
    }
    for (const { partial, target } of ready) {
      at = target;
      renameSync(partial, target);
    }
  } catch (error) {
    for (const { partial } of ready) rmSync(partial, { force: true });
    throw Object.assign(error as Error, { path: at });
  }
  for (const folder of new Set(ready.map(({ target }) => dirname(target)))) syncFolder(folder);
}

/** The same where there is no such file. @returns false where there is one, which stays */
export function writeFirst(path: string, content: string): boolean {
  const partial = writePartial(path, content);
  try {
    linkSync(partial, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    // A file system without links: nothing better than a small gap.
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
  syncFolder(dirname(path));
  return true;
}

/**
 * Makes what is to be read whole part by part.
 * @param fill writes all of it to the file that it gets
 */
export async function streamWhole(path: string, fill: (file: number) => Promise<void>): Promise<void> {
  makeFolder(dirname(path));
  const partial = partialName(path);
  try {
    const file = openSync(partial, "wx");
    try {
      await fill(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** All the bytes, however many of them the system takes at a time. */
export function writeBytes(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** So that a file's name survives a loss of power; not all systems let a folder be synchronized. */
export function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // One that does not.
  }
}

/** Where a link leads, so that it stays one; undefined for what is no file, such as a pipe or a terminal. */
function targetOf(path: string): string | undefined {
  if (!existsSync(path)) return path;
  const stat = statSync(path);
  if (stat.isDirectory()) throw Object.assign(new Error("this is a folder"), { code: "EISDIR" });
  return stat.isFile() ? realpathSync(path) : undefined;
}

function writePartial(path: string, content: string | Uint8Array): string {
  makeFolder(dirname(path));
  const partial = partialName(path);
  try {
    const file = openSync(partial, "wx");
    try {
      writeBytes(file, typeof content === "string" ? Buffer.from(content) : content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  return partial;
}

const partialEnding = ".part";

/** Begins with a dot, and tells who makes it. A name as long as the system takes leaves no room for more. */
function partialName(path: string): string {
  const mark = `${thisHost()}-${process.pid}-${randomBytes(4).toString("hex")}`;
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${mark}${partialEnding}`);
}

/** Of another machine's parts nobody here knows whether they are being written; none takes that long. */
const longestWriting = 3_600_000; // ms

/**
 * Takes away what writers that were killed have left in a folder and below it: parts of this machine's processes that run
 * no more, and anybody's of an hour ago.
 */
export function removeParts(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.startsWith(".") || !entry.name.endsWith(partialEnding)) continue;
    const path = join(entry.parentPath, entry.name);
    const [, host, number] = /\.([\w-]+)-(\d+)-[0-9a-f]{8}\.part$/.exec(entry.name) ?? [];
    const ended = host === thisHost() && Number(number) !== process.pid && !isRunning(Number(number));
    if (ended || ageOf(path) > longestWriting) rmSync(path, { force: true });
  }
}

function thisHost(): string {
  return hostname()
    .replace(/[^\w-]/g, "_")
    .slice(0, 60);
}

/** ms since it was written to; 0 where it is gone */
function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

/** That a file cannot be written, as users are told. */
export function unwritable(path: string, cause: unknown): RunError {
  return new RunError(`${path} cannot be written: ${diskReason(cause)}`, {}, { cause });
}

/** Why a file or a folder cannot be had, in words. */
export function diskReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOENT: "no folder can be made there",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of the path is a file",
    EEXIST: "a part of the path is a file",
    EISDIR: "this is a folder",
    ENOSPC: "the disk is full",
    EDQUOT: "the quota is used up",
    EFBIG: "files may not be that large (ulimit -f)",
    ENAMETOOLONG: "the name is too long",
    EIO: "the device fails",
  };
  return words[code ?? ""] ?? message;
}
