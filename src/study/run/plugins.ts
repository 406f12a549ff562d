import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError } from "../../config/errors.js";

/** A module with parts of one's own, as threads are told of it. */
export interface PluginFile {
  /** As the user gave it */
  name: string;
  path: string;
  /** SHA-256 of its bytes */
  sum: string;
}

/** @throws InputError for a file that cannot be read */
export async function pluginFile(name: string): Promise<PluginFile> {
  const path = resolve(name);
  return { name, path, sum: await sumOf(name, path) };
}

const loaded = new Map<string, string>();

/**
 * Loads modules and registers their parts, once a thread.
 * @throws InputError for a module that does not load, exports nothing, names a part that exists, or is no longer what
 *   it was when the work began
 */
export async function loadPluginFiles(files: readonly PluginFile[]): Promise<void> {
  for (const { name, path, sum } of files) {
    if (loaded.get(path) === sum) continue;
    if ((await sumOf(name, path)) !== sum) throw new InputError(name, "its source has changed since the work began");
    await importModule(name, path);
    loaded.set(path, sum);
  }
}

async function importModule(name: string, path: string): Promise<object> {
  let module: { default?: unknown };
  try {
    module = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { default?: unknown };
  } catch (cause) {
    throw new InputError(name, `the module does not load: ${(cause as Error).message}`, { cause });
  }
  if (typeof module.default !== "object" || module.default === null)
    throw new InputError(
      name,
      "it has no default export of the form { quantizers?, powerMethods?, receivers?, optimizers?, datasets? }",
    );
  return module.default;
}

async function sumOf(name: string, path: string): Promise<string> {
  try {
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "this is a folder" : message;
    throw new InputError(name, why, { cause });
  }
}
