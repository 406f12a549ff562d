import { existsSync, mkdirSync } from "node:fs";
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
