import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { completeConfig, optional, record, text } from "../config/arguments.js";
import type { Config } from "../config/config.js";
import { InputError, show } from "../config/errors.js";
import type { PowerMethod, Quantizer } from "../config/records.js";
import type { Part, SettingSpec, SettingsSpec } from "../config/settings.js";
import type { OwnDataset } from "../data/index.js";
import type { OwnReceiver } from "../network/index.js";
import type { OwnPowerMethod } from "../power/index.js";
import type { OwnQuantizer } from "../quantizers/index.js";
import type { SelectionRule } from "../system/selection/index.js";
import type { OwnOptimizer } from "../training/optimizers.js";
import { catalog, type PartKind } from "./catalog.js";
import { valueAt } from "./paths.js";

/** Parts of one's own: what a plugin's module exports by default. */
export interface Plugin {
  /** Each the quantizer itself, or what makes it from its settings */
  quantizers?: readonly (Quantizer | OwnQuantizer)[];
  powerMethods?: readonly (PowerMethod | OwnPowerMethod)[];
  receivers?: readonly OwnReceiver[];
  optimizers?: readonly OwnOptimizer[];
  datasets?: readonly OwnDataset[];
  selectionRules?: readonly SelectionRule[];
}

/** Where a plugin came from. */
export interface PluginOrigin {
  /** Path of its module, for messages, and for worker threads to load it again */
  path?: string;
  /** Text of its module; its hash goes into records and fingerprints. Without it, the source of the functions is hashed */
  source?: string;
}

/** A part that a plugin brought. */
export interface RegisteredPart {
  kind: PartKind["kind"];
  name: string;
  /** Hash of the source */
  source: string;
  path?: string;
}

/** The lists of a plugin: their kind, and the function that a part of it must have. */
const lists = {
  quantizers: { kind: "quantizer", makes: "create", itself: ["encode", "decode"] },
  powerMethods: { kind: "powerMethod", makes: "create", itself: ["allocate"] },
  receivers: { kind: "receiver", makes: "rateModel" },
  optimizers: { kind: "optimizer", makes: "create" },
  datasets: { kind: "dataset", makes: "load" },
  selectionRules: { kind: "selectionRule", makes: "select" },
} as const satisfies Record<keyof Plugin, { kind: PartKind["kind"]; makes: string; itself?: readonly string[] }>;

const added: RegisteredPart[] = [];

/**
 * Makes the parts of a plugin known by name: in configs, `--set`, lists of methods, studies. Registering the same
 * source again changes nothing. All of the plugin is added, or nothing.
 *
 * @returns what was registered
 * @throws InputError for a plugin without parts, a part without what its kind needs, and a name that exists already
 * @example
 * const halfPower: PowerMethod = {
 *   name: "half-power",
 *   allocate(problem) {
 *     const power = new Float64Array(problem.rates.clients).fill(0.5);
 *     return { power, ...priceUpload(problem, power), status: "converged", iterations: 0 };
 *   },
 * };
 * register({ powerMethods: [halfPower] });
 * const { ended } = await simulate(parseConfig({ preset: "quick", rounds: 1, power: "half-power" }));
 * ended.by; // → rounds
 */
export function register(plugin: Plugin, origin: PluginOrigin = {}): RegisteredPart[] {
  record({ path: optional(text), source: optional(text) })("origin", origin);
  const where = origin.path ?? "plugin";
  const parts = partsIn(plugin, where);
  const whole = origin.source ?? textOf(plugin);
  const source = bytesToHex(sha256(utf8ToBytes(whole))).slice(0, 16);
  const records = parts.map(({ kind, part }): RegisteredPart => {
    const path = origin.path === undefined ? {} : { path: origin.path };
    return { kind: kind.kind, name: part.name, source, ...path };
  });
  const isSame = (one: RegisteredPart, record: RegisteredPart) => one.kind === record.kind && one.name === record.name;
  const again = records.every((record) => added.some((one) => isSame(one, record) && one.source === source));
  if (again) return records;
  for (const [i, { kind, part }] of parts.entries()) {
    const twice = parts.findIndex((other) => other.kind === kind && other.part.name === part.name) < i;
    if (kind.registry.find(part.name) === undefined && !twice) continue;
    const from = kind.registry.isBuiltIn(part.name) ? "cellfed has one" : "a plugin has brought one";
    throw new InputError(where, `${kind.registry.kind} "${part.name}" exists already: ${twice ? "it has two" : from}`);
  }
  for (const { kind, part } of parts) kind.registry.add(part);
  added.push(...records);
  return records;
}

/** Takes all plugins' parts back, for a program that loads others. */
export function unregisterAll(): void {
  for (const { kind, name } of added.splice(0)) catalog.find((one) => one.kind === kind)!.registry.remove(name);
}

/**
 * Every part that plugins brought, in order.
 * @example
 * registered().map(({ kind, name }) => `${kind} ${name}`); // none until `register` is called
 */
export function registered(): readonly RegisteredPart[] {
  return [...added];
}

/** The hash of a plugin's part; undefined for a built-in one, whose results the version stands for. */
export function sourceOf(kind: RegisteredPart["kind"], name: string): string | undefined {
  return added.find((one) => one.kind === kind && one.name === name)?.source;
}

/**
 * The plugins' parts that a config names, and in which section: what its results depend on beside the config itself.
 * @example
 * partsOf(parseConfig({ preset: "quick" })); // → []
 */
export function partsOf(config: Config): (Omit<RegisteredPart, "path"> & { section: string })[] {
  completeConfig("config", config);
  return catalog.flatMap(({ kind, path, nameField }) => {
    const name = String(valueAt(config, `${path}.${nameField}`));
    const source = sourceOf(kind, name);
    return source === undefined ? [] : [{ kind, name, source, section: path }];
  });
}

function partsIn(plugin: Plugin, where: string): { kind: PartKind; part: Part }[] {
  const known = Object.keys(lists).join(", ");
  if (typeof plugin !== "object" || plugin === null || Array.isArray(plugin)) {
    throw new InputError(
      where,
      `exports ${show(plugin)} by default, which is no plugin (allowed: an object with ${known})`,
    );
  }
  for (const key of Object.keys(plugin)) {
    if (!Object.hasOwn(lists, key)) {
      throw new InputError(where, `"${key}" is nothing that a plugin brings (allowed: ${known})`);
    }
  }
  const parts = Object.entries(lists).flatMap(([list, rule]) => {
    const given: unknown = plugin[list as keyof Plugin];
    if (given === undefined) return [];
    if (!Array.isArray(given)) throw new InputError(where, `${list} is no array`);
    const kind = catalog.find((one) => one.kind === rule.kind)!;
    return given.map((part: unknown, i) => ({ kind, part: checkedPart(part, rule, `${where}: ${list}[${i}]`) }));
  });
  if (parts.length === 0) throw new InputError(where, `brings no part (allowed: ${known})`);
  return parts;
}

/** Letters, digits and what joins them: a name stands in lists, paths and on command lines. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/;

function checkedPart(part: unknown, rule: (typeof lists)[keyof typeof lists], where: string): Part {
  if (typeof part !== "object" || part === null) throw new InputError(where, `${show(part)} is no object`);
  const { name, settings } = part as Part;
  if (typeof name !== "string" || !namePattern.test(name)) {
    throw new InputError(where, `name is ${show(name)} (allowed: letters, digits, "-", "_", "+" and ".")`);
  }
  const has = (key: string) => typeof (part as Record<string, unknown>)[key] === "function";
  const itself: readonly string[] = "itself" in rule ? rule.itself : [];
  if (has(rule.makes)) {
    const takesSettings = catalog.find(({ kind }) => kind === rule.kind)!.complete !== undefined;
    if (settings !== undefined && !takesSettings) {
      throw new InputError(where, `"${name}" has settings, which the config has no place for`);
    }
    if (settings !== undefined) checkSpec(settings, `${where} "${name}"`);
    return part as Part;
  }
  if (itself.length > 0 && itself.every(has)) {
    // As it is: it has no settings
    return { name, create: () => part } as Part;
  }
  const wanted = [`${rule.makes}()`, itself.map((key) => `${key}()`).join(" and ")].filter((one) => one !== "");
  throw new InputError(where, `"${name}" has no ${wanted.join(", nor ")}`);
}

/** @throws InputError for a declaration of settings that is none */
function checkSpec(settings: SettingsSpec, where: string): void {
  if (typeof settings !== "object" || settings === null) throw new InputError(where, "settings is no object");
  for (const [setting, spec] of Object.entries<SettingSpec>(settings)) {
    const value: unknown = spec?.default;
    if (!["number", "string", "boolean"].includes(typeof value)) {
      throw new InputError(
        where,
        `settings.${setting}.default is ${show(value)} (allowed: a number, a text, true or false)`,
      );
    }
    if (typeof value === "string" && spec.choices !== undefined && !spec.choices.includes(value)) {
      throw new InputError(where, `settings.${setting}.default is ${show(value)}, which is none of its choices`);
    }
  }
}

/** What an object's functions say and its data are, in the order of its keys. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === "function") return `function ${inner}`;
    if (typeof inner === "number" && !Number.isFinite(inner)) return String(inner);
    return inner;
  });
}
