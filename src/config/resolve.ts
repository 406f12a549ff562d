import { checkTogether } from "./checks.js";
import type { Config } from "./config.js";
import { defaults } from "./defaults.js";
import { InputError, show, unknownName } from "./errors.js";
import { unknownPath } from "./paths.js";
import { type PartialConfig, presetNames, presets } from "./presets.js";
import { configSchema } from "./schema.js";
import { defaultsOf, nameOf } from "./sections.js";

type Tree = { [key: string]: unknown };

/**
 * A complete config from one that says only what differs from a preset or from the defaults.
 *
 * @param value e.g. `{ network: { clients: 40 } }`; may name its `preset`
 * @throws InputError naming the field, its value and what is allowed
 */
export function parseConfig(value: unknown, options: { preset?: string } = {}): Config {
  return resolveConfig({ ...options, file: value });
}

/**
 * A complete config from its sources, later ones over earlier ones: defaults, preset, file, single settings.
 * Objects merge, arrays and plain values replace. Where a section is chosen by a name (optimizer, server rule,
 * quantizer), naming another one drops the settings of the one before in favor of its own defaults; and the section
 * may be given as that name alone: `quantizer=laq` is `quantizer.name=laq`.
 *
 * @param sources.preset name of a preset
 * @param sources.file what a config file holds, already parsed; may name its `preset`
 * @param sources.sets "path=value", the value in JSON or a bare text
 * @throws InputError naming the field, its value and what is allowed
 */
export function resolveConfig(sources: { preset?: string; file?: unknown; sets?: readonly string[] } = {}): Config {
  const { preset, ...file } = fileLayer(sources.file);
  const settings: Tree = {};
  for (const set of sources.sets ?? []) {
    const [path, value] = parseSet(set);
    if (typeof value === "object" && value !== null) checkDepth(value, path.split("."));
    setPath(settings, path, value);
  }
  const layers = [presetLayer(preset ?? sources.preset), file, settings];
  return checked(
    layers.reduce((base, layer) => mergeLayer(base, layer, ""), structuredClone(defaults) as unknown as Tree),
  );
}

/**
 * Sets the field at a dotted path, making the objects on the way.
 * @throws InputError where the path leads through something that is no object
 */
export function setPath(target: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  let at = target as Tree;
  for (const [depth, key] of [...keys, last].entries()) {
    if (key === "" || key === "__proto__") throw new InputError(path, unknownPath(path));
    if (depth === keys.length) break;
    at[key] ??= {};
    // `--set quantizer=emq --set quantizer.digits=1`
    const parent = keys.slice(0, depth + 1).join(".");
    at[key] = spelledOut(parent, at[key]);
    if (!isTree(at[key])) throw new InputError(path, `${parent} is ${show(at[key])}, which has no fields`);
    at = at[key];
  }
  setField(at, last, value, path);
}

/** Objects merge field by field, and so does a section that is given by its name alone, whichever of them comes first. */
function setField(target: Tree, key: string, value: unknown, path: string): void {
  const [before, given] = [target[key], value].map((one) => spelledOut(path, one));
  if (isTree(before) && isTree(given)) {
    for (const [name, field] of Object.entries(given)) {
      if (name === "__proto__") throw new InputError(`${path}.${name}`, unknownPath(`${path}.${name}`));
      setField(before, name, field, `${path}.${name}`);
    }
    target[key] = before;
  } else target[key] = value;
}

/** A section that is given by its name alone, as an object; anything else as it is. */
function spelledOut(path: string, value: unknown): unknown {
  const nameField = nameOf[path];
  return typeof value === "string" && nameField !== undefined ? { [nameField]: value } : value;
}

function fileLayer(file: unknown): Tree & { preset?: string } {
  if (file === undefined) return {};
  if (!isTree(file)) throw new InputError("config", `${show(file)} is not allowed (allowed: an object)`);
  checkDepth(file, []);
  const { $schema: _, ...layer } = file; // an editor's hint
  if (layer.preset !== undefined && typeof layer.preset !== "string") {
    throw new InputError("preset", `${show(layer.preset)} is not allowed (allowed: ${presetNames.join(", ")})`);
  }
  return layer as Tree & { preset?: string };
}

/** Deeper than any config, of which a model's residual layers are the deepest part, and far from the end of the stack. */
const mostLevels = 64;

/** @throws InputError for a file nested without end, or an object that contains itself */
function checkDepth(value: object, path: readonly string[]): void {
  if (path.length > mostLevels) {
    throw new InputError(path.slice(0, 3).join("."), `nested more than ${mostLevels} levels deep`);
  }
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null) checkDepth(inner, [...path, key]);
  }
}

function presetLayer(name: string | undefined): Tree {
  if (name === undefined) return {};
  if (!Object.hasOwn(presets, name)) throw new InputError("preset", unknownName("preset", name, presetNames));
  return presets[name as keyof typeof presets].config satisfies PartialConfig as Tree;
}

function parseSet(set: string): [path: string, value: unknown] {
  const equals = set.indexOf("=");
  if (equals < 1) throw new InputError("--set", `${show(set)} is not of the form path=value`);
  const text = set.slice(equals + 1);
  return [set.slice(0, equals).trim(), parseValue(text)];
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function mergeLayer(base: Tree, layer: Tree, path: string): Tree {
  const merged = { ...base };
  for (const [key, given] of Object.entries(layer)) {
    if (given === undefined) continue;
    const inside = path === "" ? key : `${path}.${key}`;
    if (key === "__proto__") throw new InputError(inside, unknownPath(inside));
    const nameField = nameOf[inside];
    const value = spelledOut(inside, given);
    let before = base[key];
    if (isTree(value) && isTree(before)) {
      const name = nameField === undefined ? undefined : value[nameField];
      if (inside in defaultsOf && name !== undefined && name !== before[nameField!]) {
        before = sectionDefaults(inside, name) ?? before;
      }
      merged[key] = mergeLayer(before as Tree, value, inside);
    } else {
      merged[key] = structuredClone(value);
    }
  }
  return merged;
}

/** @returns undefined where the name is none that the section knows, for the schema to refuse */
function sectionDefaults(section: string, name: unknown): object | undefined {
  return typeof name === "string" ? defaultsOf[section]!(name as never) : undefined;
}

function checked(config: Tree): Config {
  const parsed = configSchema.safeParse(config, { reportInput: true });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue): [path: string, message: string][] => {
      const path = issue.path.map(String);
      if (issue.code !== "unrecognized_keys") return [[path.join(".") || "config", issue.message]];
      return issue.keys.map((key) => {
        const full = [...path, key].join(".");
        return [full, unknownPath(full)];
      });
    });
    const [first, ...rest] = problems;
    throw new InputError(first![0], [first![1], ...rest.map(([path, message]) => `${path}: ${message}`)].join("\n  "));
  }
  const complete = config as unknown as Config;
  checkTogether(complete);
  return complete;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
