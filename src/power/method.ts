import type { PowerMethod } from "../config/records.js";
import type { Part, Settings, SettingsSpec } from "../config/settings.js";

/** A power method as data: what it is called, its settings, and how it is made from them. */
export interface Method extends Part {
  readonly title: string;
  readonly settings: SettingsSpec;
  create(settings: Settings): PowerMethod;
}

/** A power method that a plugin brings. */
export interface OwnPowerMethod extends Part {
  create(settings: Settings): PowerMethod;
}

/** Weight of energy against latency. */
export const alphaSetting: SettingsSpec[string] = {
  default: 0.5,
  minimum: 0,
  maximum: 1,
  summary: "weight of energy against latency",
};
