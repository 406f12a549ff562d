import { loadPluginFiles, type PluginFile, pluginFile } from "../../study/run/plugins.js";

/** Modules with parts of one's own that a command line names. */
export interface Plugins {
  /** For other threads to load them too */
  files: readonly PluginFile[];
  /** The sums of their sources, by their files' names */
  sources: Readonly<Record<string, string>>;
}

/** Loads the modules of `--plugin`, so that everything after it may name their parts. @throws InputError */
export async function loadPlugins(names: readonly string[] = []): Promise<Plugins> {
  const files = await Promise.all([...new Set(names)].map(pluginFile));
  await loadPluginFiles(files);
  return { files, sources: Object.fromEntries(files.map(({ name, sum }) => [name, sum])) };
}
