import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../../config/errors.js";
import { makeFolder } from "../../disk/folders.js";

/**
 * A results folder that is there whole or not at all: files are written into a hidden folder beside it, which takes
 * its place at the end. Opening it finds out whether that will be possible, before any work is done.
 */
export interface ResultsFolder {
  write(file: string, content: string | Uint8Array): void;
  /** Puts the folder where it belongs. @returns its path as the user would write it */
  finish(target?: string): string;
  /** Takes everything away that was written. */
  discard(): void;
}

/**
 * @param target the folder; must not exist or be empty
 * @param flag what the messages blame
 * @throws InputError where it cannot be written
 */
export function openResults(target: string, flag = "--out"): ResultsFolder {
  checkTarget(target, flag);
  return openBeside(target, flag);
}

/** A results folder whose name is known only at the end, below `parent`. One of that name is replaced. */
export function openResultsBelow(parent: string): ResultsFolder {
  return openBeside(join(parent, "run"), "--out");
}

function openBeside(target: string, flag: string): ResultsFolder {
  const parent = dirname(resolve(target));
  let made: string | undefined;
  let temporary: string;
  try {
    made = makeFolder(parent);
    temporary = mkdtempSync(join(parent, ".cellfed-"));
    chmodSync(temporary, 0o777 & ~process.umask()); // a temporary folder is its owner's alone, a result is not
  } catch (cause) {
    throw new InputError(flag, `${target} cannot be written: ${reason(cause)}`, { cause });
  }
  let open = true;
  const discard = (): void => {
    if (!open) return;
    open = false;
    rmSync(temporary, { recursive: true, force: true });
    if (made !== undefined && isEmpty(made, parent)) rmSync(made, { recursive: true, force: true });
  };
  process.once("exit", discard);
  return {
    write(file, content) {
      const path = join(temporary, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    },
    finish(final = target) {
      if (existsSync(final)) rmSync(final, { recursive: true });
      renameSync(temporary, final);
      open = false;
      return final;
    },
    discard,
  };
}

/**
 * For work that keeps its results in a folder from its beginning: remembers what is there now.
 * @returns takes away what was made since, the folder and what was made on the way to it; to be called only where
 *   nothing worth keeping can be in it
 */
export function undoFolder(folder: string): () => void {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.push(at);
  return () => {
    const [made, ...parents] = missing;
    if (made === undefined) return;
    rmSync(made, { recursive: true, force: true });
    for (const parent of parents) {
      if (!existsSync(parent) || readdirSync(parent).length > 0) return;
      rmdirSync(parent);
    }
  };
}

function checkTarget(target: string, flag: string): void {
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory())
    throw new InputError(flag, `${target} is a file (allowed: a new or an empty folder)`);
  if (readdirSync(target).length > 0) {
    throw new InputError(flag, `${target} is not empty (allowed: a new or an empty folder)`);
  }
}

/** Whether a folder made on the way to `parent` holds nothing but other such folders. */
function isEmpty(made: string, parent: string): boolean {
  for (let at = parent; ; at = dirname(at)) {
    const inside = readdirSync(at);
    if (inside.length > 1 || (at === parent && inside.length > 0)) return false;
    if (at === made) return true;
  }
}

function reason(error: unknown): string {
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
