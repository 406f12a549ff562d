import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";

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
