import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "./folders.js";

/**
 * Writes a file that is there whole or, as it was before, not at all: under another name first, on the disk before it
 * takes its place. The folders on the way are made.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}${partialEnding}`);
  try {
    const file = openSync(partial, "w");
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

const partialEnding = ".part";

/** Takes away what `writeWhole` left in a folder where it was killed. Only where nobody else writes there. */
export function removePartials(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.startsWith(".") && entry.name.endsWith(partialEnding))
      rmSync(join(folder, entry.name), { force: true });
  }
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
    ENOSPC: "the disk is full",
  };
  return words[code ?? ""] ?? message;
}
