import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those on the way to it, one after the other: Node's own `recursive` never comes back where a file
 * system answers "no such file" for a parent that exists, as /proc does.
 * @returns the first folder that had to be made; undefined where all were there
 */
export function makeFolder(path: string): string | undefined {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) {
    missing.push(at);
    if (at === dirname(at)) break;
  }
  for (const folder of missing.toReversed()) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process, or a link that leads nowhere.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !existsSync(folder)) throw error;
    }
  }
  // That it is a folder and no file.
  if (missing.length === 0) mkdirSync(path, { recursive: true });
  return missing.at(-1);
}

/**
 * Takes a folder away where it is empty, and then those around it, up to one that something is in.
 * @param last the outermost that may go, such as the first that `makeFolder` made
 */
export function removeEmpty(folder: string, last: string): void {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(at)) {
      if (readdirSync(at).length > 0) return;
      rmdirSync(at);
    }
    if (at === resolve(last) || at === dirname(at)) return;
  }
}
