import { unknownName } from "../config/errors.js";
import {
  completeSettings as complete,
  type Setting,
  type SettingSpec,
  type Settings,
  type SettingsSpec,
} from "../config/settings.js";

export type { Setting, SettingSpec, Settings, SettingsSpec } from "../config/settings.js";

/**
 * The settings with every default filled in.
 * @throws InputError with path `quantizer.<setting>` for an unknown setting or a value that is not allowed
 */
export function completeSettings(method: string, spec: SettingsSpec, given: Settings): Settings {
  return complete(method, spec, given, { path: "quantizer", refusal });
}

function refusal(spec: SettingSpec, value: Setting): string {
  if (typeof value === "string" && spec.choices !== undefined) return unknownName("value", value, spec.choices);
  return `${JSON.stringify(value)} is not ${kind(spec)}`;
}

/** "a whole number in 0 … 6" and the like. */
export function kind(spec: SettingSpec): string {
  if (typeof spec.default === "boolean") return "true or false";
  if (typeof spec.default === "string") return `one of ${(spec.choices ?? []).join(", ")}`;
  const noun = spec.integer === true ? "a whole number" : "a number";
  const low = spec.above !== undefined ? `above ${spec.above}` : `from ${spec.minimum ?? "−∞"}`;
  return `${noun} ${low} to ${spec.maximum ?? "∞"}`;
}
