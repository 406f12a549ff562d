import type { Part, SettingSpec, SettingsSpec } from "../../config/settings.js";

/** w ← w + the rule's step for the mean update, in place. */
export type Step = (parameters: Float32Array, update: Float32Array) => void;

/** An array that the rule remembers from step to step, every entry at `start` in the beginning. */
export type Keep = (start: number) => Float32Array;

/** How the server applies an update, as data: its settings, and its step with the state that it keeps. */
export interface ServerRule extends Part {
  readonly title: string;
  readonly settings: SettingsSpec;
  step(settings: Readonly<Record<string, number>>, keep: Keep): Step;
}

export function serverRate(value: number): SettingSpec {
  return { default: value, above: 0, summary: "the server's learning rate" };
}

export function share(value: number, summary: string): SettingSpec {
  return { default: value, minimum: 0, below: 1, summary };
}
