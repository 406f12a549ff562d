import { InputError, unknownName } from "../config/errors.js";

export type Setting = string | number | boolean;
export type Settings = Readonly<Record<string, Setting>>;

/** What a setting may be; the default's type is the setting's. */
export interface SettingSpec {
  readonly default: Setting;
  /** Of a number: whole only */
  readonly integer?: boolean;
  /** Of a number, inclusive unless `above` is set */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Of a number: larger than this */
  readonly above?: number;
  /** Of a string: the names allowed */
  readonly choices?: readonly string[];
  readonly summary: string;
}

export type SettingsSpec = Readonly<Record<string, SettingSpec>>;

/**
 * The settings with every default filled in.
 * @throws InputError with path `quantizer.<setting>` for an unknown setting or a value that is not allowed
 */
export function completeSettings(method: string, spec: SettingsSpec, given: Settings): Settings {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(spec, name)) {
      throw new InputError(`quantizer.${name}`, unknownName(`setting of ${method}`, name, Object.keys(spec)));
    }
  }
  const entries = Object.entries(spec).map(([name, one]): [string, Setting] => {
    const value = given[name];
    return [name, value === undefined ? one.default : checked(`quantizer.${name}`, one, value)];
  });
  return Object.fromEntries(entries);
}

function checked(path: string, spec: SettingSpec, value: Setting): Setting {
  if (typeof value !== typeof spec.default) {
    throw new InputError(path, `${JSON.stringify(value)} is not ${kind(spec)}`);
  }
  if (typeof value === "string" && spec.choices !== undefined && !spec.choices.includes(value)) {
    throw new InputError(path, unknownName("value", value, spec.choices));
  }
  if (typeof value === "number" && !inRange(spec, value)) {
    throw new InputError(path, `${value} is not ${kind(spec)}`);
  }
  return value;
}

function inRange(spec: SettingSpec, value: number): boolean {
  return (
    Number.isFinite(value) &&
    !(spec.integer === true && !Number.isInteger(value)) &&
    !(spec.minimum !== undefined && value < spec.minimum) &&
    !(spec.maximum !== undefined && value > spec.maximum) &&
    !(spec.above !== undefined && value <= spec.above)
  );
}

/** "a whole number in 0 … 6" and the like. */
export function kind(spec: SettingSpec): string {
  if (typeof spec.default === "boolean") return "true or false";
  if (typeof spec.default === "string") return `one of ${(spec.choices ?? []).join(", ")}`;
  const noun = spec.integer === true ? "a whole number" : "a number";
  const low = spec.above !== undefined ? `above ${spec.above}` : `from ${spec.minimum ?? "−∞"}`;
  return `${noun} ${low} to ${spec.maximum ?? "∞"}`;
}
