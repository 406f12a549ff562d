import type * as z from "zod";
import { InputError, unknownName } from "./errors.js";
import {
  type Bounds,
  choiceSchema,
  flagSchema,
  integerSchema,
  realSchema,
  type Setting,
  textSchema,
} from "./fields.js";

export type { Setting } from "./fields.js";
export type Settings = Readonly<Record<string, Setting>>;

/** What a setting of a part may be; the default's type is the setting's. */
export interface SettingSpec extends Readonly<Bounds> {
  readonly default: Setting;
  /** Of a number: whole only */
  readonly integer?: boolean;
  /** Of a string: the names allowed */
  readonly choices?: readonly string[];
  readonly unit?: string;
  readonly summary: string;
  /** Another setting of the same part without which this one has no effect, and the values it needs */
  readonly when?: { readonly setting: string; readonly is: readonly Setting[] };
}

export type SettingsSpec = Readonly<Record<string, SettingSpec>>;

/** Something that is chosen by name and may have settings: a quantizer, a power method, an optimizer, … */
export interface Part {
  readonly name: string;
  /** What people call it, in figures and lists; its name where there is none */
  readonly title?: string;
  /** A line for lists */
  readonly summary?: string;
  readonly settings?: SettingsSpec;
}

/** How a value that is not allowed is told, where not as in the config's other fields. */
export type Refusal = (spec: SettingSpec, value: Setting) => string;

/** What is known of the parts of one kind, where settings are completed. */
export interface SettingsRules {
  /** Where the settings stand, for messages: "power" */
  path: string;
  /** Settings that other parts of the kind have: they are checked and left out, where they are not given they are refused */
  others?: SettingsSpec;
  refusal?: Refusal;
}

/**
 * The settings of a part with every default filled in, in the order of their declaration.
 * @throws InputError with path `<path>.<setting>` for an unknown setting or a value that is not allowed
 */
export function completeSettings(name: string, spec: SettingsSpec, given: Settings, rules: SettingsRules): Settings {
  const { path, others = {}, refusal } = rules;
  for (const [setting, value] of Object.entries(given)) {
    if (value === undefined || Object.hasOwn(spec, setting)) continue;
    if (!Object.hasOwn(others, setting)) {
      throw new InputError(`${path}.${setting}`, unknownSetting(name, setting, { ...spec, ...others }));
    }
    checkSetting(`${path}.${setting}`, others[setting]!, value, refusal);
  }
  const entries = Object.entries(spec).map(([setting, one]): [string, Setting] => {
    const value = Object.hasOwn(given, setting) ? given[setting] : undefined;
    if (value === undefined) return [setting, one.default];
    checkSetting(`${path}.${setting}`, one, value, refusal);
    return [setting, value];
  });
  return Object.fromEntries(entries);
}

/** All settings that any of these parts has; of one that several have, the first one's. */
export function allSettings(parts: readonly Part[], settingsOf = (part: Part) => part.settings ?? {}): SettingsSpec {
  const all: Record<string, SettingSpec> = {};
  for (const part of parts) {
    for (const [setting, spec] of Object.entries(settingsOf(part))) {
      if (!Object.hasOwn(all, setting)) all[setting] = spec;
    }
  }
  return all;
}

export function unknownSetting(part: string, setting: string, spec: SettingsSpec): string {
  const known = Object.keys(spec);
  if (known.length === 0) return `unknown setting of ${part} "${setting}" (${part} has none)`;
  return unknownName(`setting of ${part}`, setting, known);
}

/** @throws InputError with the value and what is allowed */
export function checkSetting(path: string, spec: SettingSpec, value: Setting, refusal?: Refusal): void {
  const checked = settingSchema(spec).safeParse(value, { reportInput: true });
  if (!checked.success) throw new InputError(path, refusal?.(spec, value) ?? checked.error.issues[0]!.message);
}

/** What is allowed, as the config's schema has it. @internal */
export function settingSchema(spec: SettingSpec): z.ZodType {
  if (typeof spec.default === "boolean") return flagSchema();
  if (typeof spec.default === "string") {
    return spec.choices === undefined ? textSchema() : choiceSchema(spec.choices as readonly [string, ...string[]]);
  }
  if (spec.integer !== true) return realSchema(spec);
  return integerSchema(
    spec.minimum ?? (spec.above === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(spec.above) + 1),
    spec.maximum ?? (spec.below === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(spec.below) - 1),
  );
}

/** The defaults of a part's settings. */
export function settingDefaults(spec: SettingsSpec): Record<string, Setting> {
  return Object.fromEntries(Object.entries(spec).map(([setting, one]) => [setting, one.default]));
}
