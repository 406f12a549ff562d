import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { Config } from "../../config/config.js";
import { InputError, show, unknownName } from "../../config/errors.js";
import { methodSets, parseMethod } from "../../config/grammar.js";
import { parseJson } from "../../config/json.js";
import { presetNames } from "../../config/presets.js";
import { readInput } from "../../disk/input.js";
import { configFingerprint, fingerprint } from "../../federated/fingerprint.js";
import { checkEffects } from "../../parts/effect.js";
import { channelHint } from "../../parts/hints.js";
import { resolveSources } from "../../parts/resolve.js";
import { devicesSettings } from "../../system/devicesFile.js";
import type { SharedOptions } from "../commands/options.js";
import { say } from "../terminal/output.js";
import { loadPlugins, type Plugins } from "./plugins.js";
import { fileSum } from "./vectors.js";

/** What a command line says of its config. */
type SourceOptions = Partial<Pick<SharedOptions, "set" | "plugin" | "dataDir" | "devices" | "rounds" | "seed">> & {
  quantizer?: string;
  power?: string;
};

/** The config that a command line asks for, and what else its results depend on. */
export interface CommandConfig {
  config: Config;
  plugins: Plugins;
  /** For a results folder: the preset or the file, without its ending */
  name: string;
  /** Eight digits that stand for everything the results depend on */
  hash: string;
  /** What a folder keeps to know its own results by: the config without what cannot change one, the sums of the files it names */
  plan: { config: object; channel?: string; sources?: Readonly<Record<string, string>> };
}

/**
 * The config that a command line asks for: a preset's name or a JSON file, settings over it. `--quantizer` and `--power`
 * come before `--set`. Plugins are loaded first, so that all of these may name their parts.
 *
 * @param source default: the preset "quick"
 * @throws InputError for a file that cannot be read, is no JSON, or says what is not allowed
 */
export async function configFrom(source: string | undefined, options: SourceOptions = {}): Promise<CommandConfig> {
  const plugins = await loadPlugins(options.plugin);
  const sets = [
    ...(options.quantizer === undefined ? [] : methodSets("quantizer", parseMethod(options.quantizer, "--quantizer"))),
    ...(options.power === undefined ? [] : methodSets("power", parseMethod(options.power, "--power"))),
    ...(options.devices === undefined ? [] : await readDevices(options.devices)),
    ...(options.set ?? []),
    ...(options.rounds === undefined ? [] : [`rounds=${options.rounds}`]),
    ...(options.seed === undefined ? [] : [`seed=${options.seed}`]),
    ...(options.dataDir === undefined ? [] : [`data.directory=${JSON.stringify(options.dataDir)}`]),
  ];
  const named = source ?? "quick";
  const isPreset = (presetNames as readonly string[]).includes(named);
  const resolved = resolveSources(isPreset ? { preset: named, sets } : { file: await readConfig(named), sets });
  const { config } = resolved;
  for (const warning of checkEffects([resolved])) say(`warning: ${warning}`);
  const plan = await planOf(config, plugins);
  const { config: _config, ...files } = plan;
  const hash = Object.keys(files).length === 0 ? configFingerprint(config) : hashOf(plan);
  return {
    config,
    plugins,
    name: isPreset ? named : basename(named).replace(/\.[^.]*$/, ""),
    hash: hash.slice(0, 8),
    plan,
  };
}

/** Eight digits that stand for a plan. */
export function hashOf(plan: object): string {
  return fingerprint(plan).slice(0, 8);
}

/** @throws InputError for a seed among settings, which would be overruled without a word */
export function refuseSeeds(sets: readonly string[] = []): void {
  if (sets.some((text) => /^\s*seed\s*=/.test(text))) {
    throw new InputError("--set", "seed: every cell is run under the same seeds; give them as --seeds");
  }
}

async function planOf(config: Config, { sources }: Plugins): Promise<CommandConfig["plan"]> {
  const { directory: _directory, ...data } = config.data;
  const { channel } = config.network;
  return {
    config: { ...config, data },
    ...(channel !== undefined && { channel: await channelSum(channel) }),
    ...(Object.keys(sources).length > 0 && { sources }),
  };
}

async function channelSum(channel: string): Promise<string> {
  const hint = existsSync(channel) ? undefined : channelHint(channel);
  if (hint !== undefined) throw new InputError("network.channel", `there is no file ${show(channel)}; ${hint}`);
  return fileSum(channel);
}

async function readDevices(path: string): Promise<string[]> {
  const bytes = await readInput(path, { allowed: "a CSV or JSON file with a row a client" });
  return devicesSettings(bytes.toString("utf8"), path);
}

async function readConfig(path: string): Promise<unknown> {
  // Without a suffix or a folder it was rather meant to be a preset
  if (!/[./\\]/.test(path) && !existsSync(path)) {
    throw new InputError("preset", `${unknownName("preset", path, presetNames)}, and there is no file of that name`);
  }
  const bytes = await readInput(path, { allowed: `a JSON file, or a preset: ${presetNames.join(", ")}` });
  return parseJson(bytes.toString("utf8"), path);
}
