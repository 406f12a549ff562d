import type * as z from "zod";
import { listOf, optional, record, text } from "../config/arguments.js";
import { checkTogether } from "../config/checks.js";
import type { Config } from "../config/config.js";
import { declaration } from "../config/declaration.js";
import { InputError, show, unknownName } from "../config/errors.js";
import { choiceSchema, sectionSchema } from "../config/fields.js";
import { type PartialConfig, presetNames, presets } from "../config/presets.js";
import type { Settings } from "../config/settings.js";
import { catalog, declaredDefaults } from "./catalog.js";
import { sectionHint } from "./hints.js";
import type { ConfigInput } from "./input.js";
import { type Given, givenIn, isTree, mergeLayer, setPath, type Tree } from "./merge.js";
import { unknownPath, valueAt, withValue } from "./paths.js";
import { checkReason } from "./reason.js";

/** Where a config comes from, later sources over earlier ones: defaults, preset, file, single settings. */
export interface ConfigSources {
  /** Name of a preset */
  preset?: string;
  /** What a config file holds, already parsed; may name its `preset` */
  file?: unknown;
  /** "path=value", the value in JSON or a bare text */
  sets?: readonly string[];
}

/**
 * The whole config, with the settings of every part complete.
 * @throws InputError as `resolveConfig`
 * @example
 * completeConfig({ preset: "quick", quantizer: "laq" }).quantizer.bits; // → 4
 */
export function completeConfig(input: ConfigInput): Config {
  if (input === undefined) throw new InputError("config", "nothing is given (allowed: a preset's name, or an object)");
  return typeof input === "string" ? resolveConfig({ preset: input }) : parseConfig(input);
}

/**
 * A complete config from one that says only what differs from a preset or from the defaults.
 *
 * @param value e.g. `{ network: { clients: 40 } }`; may name its `preset`
 * @throws InputError naming the field, its value and what is allowed
 * @example
 * parseConfig(JSON.parse('{ "preset": "quick", "rounds": 3 }')).network.clients; // → 10
 */
export function parseConfig(value: unknown, options: { preset?: string } = {}): Config {
  record()("options", options);
  return resolveConfig({ ...options, file: value });
}

/**
 * A complete config from its sources, later ones over earlier ones: defaults, preset, file, single settings.
 * Objects merge, arrays and plain values replace. Where a section is chosen by a name (optimizer, server rule,
 * quantizer), naming another one drops the settings of the one before in favor of its own defaults; and the section
 * may be given as that name alone: `quantizer=laq` is `quantizer.name=laq`.
 *
 * @throws InputError naming the field, its value and what is allowed
 * @example
 * const { rounds, quantizer } = resolveConfig({ preset: "quick", file: { rounds: 3 }, sets: ["quantizer=emq", "quantizer.digits=1"] });
 * rounds; // → 3
 * quantizer.digits; // → 1
 */
export function resolveConfig(sources: ConfigSources = {}): Config {
  return resolveSources(sources).config;
}

/**
 * The same, and what the file and the settings gave, for `withoutEffect`.
 * @example
 * const { given } = resolveSources({ file: { rounds: 3 }, sets: ["power=full"] });
 * given.map(({ path, from }) => `${path} from ${from}`); // → ["rounds from file","power.method from set"]
 */
export function resolveSources(sources: ConfigSources): { config: Config; given: Given[] } {
  record({ sets: optional(listOf(text)) })("sources", sources);
  const { preset, ...file } = fileLayer(sources.file);
  const settings: Tree = {};
  for (const set of sources.sets ?? []) {
    const [path, value] = parseSet(set);
    if (typeof value === "object" && value !== null) checkDepth(value, path.split("."));
    setPath(settings, path, value);
  }
  let given: Given[] = [];
  let config: Tree = declaredDefaults();
  for (const [layer, from] of [
    [presetLayer(preset ?? sources.preset), undefined],
    [file, "file"],
    [settings, "set"],
  ] as const) {
    config = mergeLayer(config, layer, (section, keeps) => {
      given = given.filter(({ path }) => !path.startsWith(`${section}.`) || keeps(path.slice(section.length + 1)));
    });
    if (from === undefined) continue;
    const now = givenIn(layer, from);
    given = [...given.filter((one) => !now.some(({ path }) => path === one.path)), ...now];
  }
  return { config: checked(config), given };
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
  if (typeof name !== "string" || !Object.hasOwn(presets, name))
    throw new InputError("preset", unknownName("preset", name, presetNames));
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

/** Mistakes told at a time: an array of thousands may be wrong in each. */
const mostTold = 10;

/** The config with its parts' settings complete. @throws InputError that tells every mistake of a field at once */
function checked(config: Tree): Config {
  const parsed = currentSchema().safeParse(config, { reportInput: true });
  const problems = parsed.success ? [] : parsed.error.issues.flatMap(problemsOf);
  let complete = config;
  for (const { path, nameField, complete: completed } of catalog) {
    const section = valueAt(config, path);
    if (completed === undefined || problems.some(([at]) => at === path || at.startsWith(`${path}.`))) continue;
    try {
      complete = withValue(complete, path, completed(ordered(section as Settings, nameField)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push([error.path, error.message.slice(error.path.length + 2)]);
    }
  }
  const [first, ...rest] = problems;
  if (first !== undefined) {
    const others = rest.slice(0, mostTold - 1).map(([path, message]) => `${path}: ${message}`);
    const more = rest.length - others.length;
    throw new InputError(first[0], [first[1], ...others, ...(more > 0 ? [`and ${more} more`] : [])].join("\n  "));
  }
  checkTogether(complete as unknown as Config);
  checkReason(complete as unknown as Config);
  return complete as unknown as Config;
}

/** The name first, as people read it. */
function ordered(section: Settings, nameField: string): Settings {
  return { [nameField]: section[nameField]!, ...section };
}

function problemsOf(issue: z.core.$ZodIssue): [path: string, message: string][] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") {
    const at = path.join(".");
    const hint = issue.code === "invalid_type" ? sectionHint(at, issue.input) : undefined;
    return [[at || "config", hint === undefined ? issue.message : `${issue.message}; ${hint}`]];
  }
  return issue.keys.map((key) => {
    const full = [...path, key].join(".");
    return [full || '""', unknownPath(full)];
  });
}

let known: { names: string; schema: z.ZodType } | undefined;

/** The schema with the names that there are now: plugins bring more. A quantizer's is told by its own room. */
function currentSchema(): z.ZodType {
  const names = catalog.map(({ registry }) => registry.names.join()).join(";");
  if (known?.names !== names) known = { names, schema: schemaOfNames("quantizer") };
  return known.schema;
}

/** The declaration's schema with the parts' names as choices, but of one kind. @internal */
export function schemaOfNames(except?: string): z.ZodType {
  const choices = new Map(
    catalog
      .filter(({ kind }) => kind !== except)
      .map(({ path, nameField, registry }) => [`${path}.${nameField}`, registry.names]),
  );
  return sectionSchema(declaration, (path) => {
    const choice = choices.get(path);
    return choice && choiceSchema(choice as readonly [string, ...string[]]).describe(descriptionAt(path));
  });
}

function descriptionAt(path: string): string {
  const keys = path.split(".").join(".shape.").split(".");
  const field = valueAt(declaration.shape, keys.join(".")) as { summary: string };
  return field.summary;
}
