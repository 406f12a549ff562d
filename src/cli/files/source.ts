import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Config } from "../../config/config.js";
import { InputError, unknownName } from "../../config/errors.js";
import { presetNames } from "../../config/presets.js";
import { resolveConfig } from "../../config/resolve.js";
import { completeQuantizer } from "../../quantizers/index.js";

/** What commands that run a config have in common on the command line. */
export interface SourceOptions {
  set?: readonly string[];
  dataDir?: string;
  rounds?: string;
  seed?: string;
}

/**
 * The config that a command line asks for: a preset's name or a JSON file, settings over it.
 *
 * @param source default: the preset "quick"
 * @returns the config, and a short name for a results folder
 * @throws InputError for a file that cannot be read, is no JSON, or says what is not allowed
 */
export async function configFrom(
  source: string | undefined,
  options: SourceOptions = {},
): Promise<{ config: Config; name: string }> {
  const sets = [
    ...(options.set ?? []),
    ...(options.rounds === undefined ? [] : [`rounds=${options.rounds}`]),
    ...(options.seed === undefined ? [] : [`seed=${options.seed}`]),
  ];
  const named = source ?? "quick";
  const isPreset = (presetNames as readonly string[]).includes(named);
  const config = isPreset
    ? resolveConfig({ preset: named, sets })
    : resolveConfig({ file: await readConfig(named), sets });
  if (options.dataDir !== undefined) config.data.directory = options.dataDir;
  config.quantizer = completeQuantizer(config.quantizer);
  return { config, name: isPreset ? named : basename(named).replace(/\.[^.]*$/, "") };
}

async function readConfig(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // Without a suffix or a folder it was rather meant to be a preset
    if (code === "ENOENT" && !/[./\\]/.test(path)) {
      throw new InputError("preset", `${unknownName("preset", path, presetNames)}, and there is no file of that name`);
    }
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "this is a folder" : message;
    throw new InputError(path, `${why} (allowed: a JSON file, or a preset: ${presetNames.join(", ")})`, { cause });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")); // the mark that some editors put in front
  } catch (cause) {
    throw new InputError(path, `this is not JSON: ${(cause as Error).message}`, { cause });
  }
}
