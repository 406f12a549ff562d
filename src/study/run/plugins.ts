import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { listOf, record, text } from "../../config/arguments.js";
import { InputError, reasonOf } from "../../config/errors.js";
import { readInput } from "../../disk/input.js";
import { type Plugin, register } from "../../parts/plugins.js";

/** A module with parts of one's own, as threads are told of it. */
export interface PluginFile {
  /** As the user gave it */
  name: string;
  path: string;
  /** SHA-256 of its bytes */
  sum: string;
}

const aFile = record({ name: text, path: text, sum: text }, "plugin's file (pluginFile gives one)");

/**
 * A plugin's file as it is now: who loads it later, in a worker thread or on another day, sees whether it has changed.
 * @param name its path, absolute or from the working directory
 * @throws InputError for a file that cannot be read
 * @example
 * // The SHA-256 of its bytes, in hexadecimal digits
 * (await pluginFile("examples/plugin.mjs")).sum.length; // → 64
 */
export async function pluginFile(name: string): Promise<PluginFile> {
  text("name", name);
  const path = resolve(name);
  return { name, path, sum: sumOf(await readInput(path, { name })) };
}

/**
 * Loads modules and registers their parts, in this thread; those that are registered already stay as they are.
 * @throws InputError for a module that does not load, exports no plugin by default, names a part that exists, or is no
 *   longer what it was when the work began
 * @example
 * await loadPluginFiles([await pluginFile("examples/plugin.mjs")]);
 * registered().some(({ name }) => name === "equal-share"); // → true
 */
export async function loadPluginFiles(files: readonly PluginFile[]): Promise<void> {
  listOf(aFile)("files", files);
  for (const { name, path, sum } of files) {
    const bytes = await readInput(path, { name });
    if (sumOf(bytes) !== sum) throw new InputError(name, "its source has changed since the work began");
    const { default: plugin } = await importModule(name, path);
    if (plugin === undefined)
      throw new InputError(
        name,
        "exports nothing by default (allowed: { quantizers?, powerMethods?, receivers?, optimizers?, datasets? })",
      );
    register(plugin as Plugin, { path: name, source: new TextDecoder().decode(bytes) });
  }
}

async function importModule(name: string, path: string): Promise<{ default?: unknown }> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { default?: unknown };
  } catch (cause) {
    throw new InputError(name, `the module does not load: ${reasonOf(cause)}`, { cause });
  }
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
