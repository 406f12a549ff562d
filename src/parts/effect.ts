import { completeConfig, listOf, record, text } from "../config/arguments.js";
import { unmet } from "../config/conditions.js";
import type { Config } from "../config/config.js";
import { InputError, show } from "../config/errors.js";
import { settingDefaults } from "../config/settings.js";
import { catalog, kindAt, kindSettings, type PartKind } from "./catalog.js";
import type { Given } from "./merge.js";
import { declaredAt, valueAt } from "./paths.js";

/** A setting that changes nothing as the others are. */
export interface WithoutEffect {
  path: string;
  value: unknown;
  /** "with data.split.kind "iid" (it has one with "dirichlet", "quantity")" */
  reason: string;
}

/**
 * Which of the settings given have no effect in a config, by the condition that stands with each field's declaration.
 *
 * @param explicit paths, or what `resolveSources` says was given
 * @example
 * withoutEffect(parseConfig({}), ["data.split.alpha"])[0]?.reason; // → with data.split.kind "iid" (it has one with "dirichlet", "quantity")
 */
export function withoutEffect(
  config: Config,
  explicit: readonly (string | Pick<Given, "path" | "value">)[],
): WithoutEffect[] {
  completeConfig("config", config);
  listOf((path, one) => {
    if (typeof one !== "string") record({ path: text })(path, one);
  })("explicit", explicit);
  return explicit.flatMap((one) => {
    const path = typeof one === "string" ? one : one.path;
    const reason = reasonOf(config, path);
    if (reason === undefined) return [];
    return [{ path, value: typeof one === "string" ? valueAt(config, path) : one.value, reason }];
  });
}

/**
 * The same over the cells of a grid: a setting is without effect if it has none in every cell that it was given to.
 * The reason is the first cell's.
 * @example
 * const cells = ["iid", "dirichlet"].map((kind) => resolveSources({ sets: [`data.split=${kind}`, "data.split.alpha=0.1"] }));
 * withoutEffectAnywhere(cells); // → []
 */
export function withoutEffectAnywhere(
  cells: readonly { config: Config; given: readonly Given[] }[],
): (WithoutEffect & Pick<Given, "from">)[] {
  listOf(record({ config: completeConfig, given: listOf(record({ path: text })) }))("cells", cells);
  const found = new Map<string, WithoutEffect & Pick<Given, "from">>();
  const useful = new Set<string>();
  for (const { config, given } of cells) {
    for (const one of given) {
      if (useful.has(one.path)) continue;
      const [nothing] = withoutEffect(config, [one]);
      if (nothing === undefined) {
        useful.add(one.path);
        found.delete(one.path);
      } else if (!found.has(one.path)) found.set(one.path, { ...nothing, from: one.from });
    }
  }
  return [...found.values()];
}

/**
 * What is to be done about settings without effect: those of a command line are refused, those of a file are told,
 * unless they are what they would be anyway, as in the complete config.json of an earlier run.
 *
 * @returns a sentence for each one of a file
 * @throws InputError at the first one of a command line
 */
export function checkEffects(cells: readonly { config: Config; given: readonly Given[] }[]): string[] {
  const nothing = withoutEffectAnywhere(cells);
  const refused = nothing.find(({ from }) => from === "set");
  if (refused !== undefined) throw new InputError(refused.path, sentence(refused));
  return nothing
    .filter(({ path, value }) => !usualValues(path).includes(value))
    .map((one) => `${one.path}: ${sentence(one)}`);
}

function sentence({ value, reason }: WithoutEffect): string {
  return `${show(value)} has no effect ${reason}`;
}

function reasonOf(config: Config, path: string): string | undefined {
  const lookUp = (at: string) => valueAt(config, at);
  const declared = declaredAt(path);
  if (declared !== undefined) {
    const conditions = [...declared.sections, declared.field].flatMap(({ when }) => when ?? []);
    return conditions.map((one) => unmet(one, lookUp, isBuiltIn)).find((reason) => reason !== undefined);
  }
  const dot = path.lastIndexOf(".");
  const kind = kindAt(path.slice(0, dot));
  if (kind === undefined) return undefined;
  const named = declaredAt(`${kind.path}.${kind.nameField}`);
  const conditions = named?.sections.flatMap(({ when }) => when ?? []) ?? [];
  const closed = conditions.map((one) => unmet(one, lookUp, isBuiltIn)).find((reason) => reason !== undefined);
  return closed ?? settingReason(config, kind, path.slice(dot + 1));
}

function settingReason(config: Config, kind: PartKind, setting: string): string | undefined {
  const { path, nameField, registry, settingsOf } = kind;
  const name = valueAt(config, `${path}.${nameField}`);
  const part = registry.find(name);
  if (part === undefined) return undefined;
  const spec = settingsOf(part);
  if (!Object.hasOwn(spec, setting)) {
    const having = registry.parts.filter((one) => Object.hasOwn(settingsOf(one), setting)).map((one) => one.name);
    if (having.length === 0) return undefined;
    return `with ${path}.${nameField} ${show(name)} (it is a setting of ${having.join(", ")})`;
  }
  const condition = spec[setting]!.when;
  if (condition === undefined) return undefined;
  return unmet({ path: `${path}.${condition.setting}`, is: condition.is }, (at) => valueAt(config, at));
}

/** What a plugin's part reads is its own affair. */
function isBuiltIn(path: string, value: unknown): boolean {
  const kind = catalog.find((one) => `${one.path}.${one.nameField}` === path);
  return kind === undefined || kind.registry.isBuiltIn(String(value));
}

/** What a field holds where nothing is said: of a setting of parts, by any of them. */
function usualValues(path: string): unknown[] {
  const declared = declaredAt(path);
  if (declared !== undefined) return [declared.field.default];
  const dot = path.lastIndexOf(".");
  const kind = kindAt(path.slice(0, dot));
  if (kind === undefined || !Object.hasOwn(kindSettings(kind), path.slice(dot + 1))) return [];
  return kind.registry.parts.map((part) => settingDefaults(kind.settingsOf(part))[path.slice(dot + 1)]);
}
