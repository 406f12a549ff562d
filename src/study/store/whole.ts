import { randomBytes } from "node:crypto";
import { linkSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Writes a file whole or not at all; what was there before stays until then. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const partial = await writePartial(path, content);
  try {
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** The same where there is no such file. @returns false where there is one, which stays */
export async function writeFirst(path: string, content: string): Promise<boolean> {
  const partial = await writePartial(path, content);
  try {
    linkSync(partial, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    // A file system without links: nothing better than a small gap.
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** Name under which a file is written before it takes its place; it begins with a dot and tells who made it. */
export function partialName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}.part`);
}

async function writePartial(path: string, content: string | Uint8Array): Promise<string> {
  const partial = partialName(path);
  try {
    const file = await open(partial, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  return partial;
}

/** So that a file's name survives a loss of power; not all systems let a folder be synchronized. */
export async function syncFolder(folder: string): Promise<void> {
  const file = await open(folder, "r").catch(() => undefined);
  await file?.sync().catch(() => {});
  await file?.close();
}
