import type { Address } from "../../../bindings/memory.js";
import type { Part, SettingSpec, SettingsSpec } from "../../config/settings.js";

/** The settings of an optimizer, complete; the built-in ones' are all numbers. */
export type Numbers = Readonly<Record<string, number>>;

/** One run of an optimizer over `size` parameters; w and g are addresses of kernel memory. */
export interface Stepper {
  step(w: Address, g: Address, rate: number): void;
  /** Forgets what is not in the state vectors */
  reset?(): void;
}

/** An optimizer as data: its settings, its state, and its step. */
export interface OptimizerMethod extends Part {
  readonly title: string;
  readonly settings: SettingsSpec;
  /** Vectors of the parameters' size that it keeps */
  readonly vectors: number;
  /** Where the vectors start; 0 unless said */
  start?(settings: Numbers): number;
  /** Its step shrinks the weights itself, so that the decay is not added to the gradient */
  readonly decoupledDecay?: true;
  stepper(settings: Numbers, size: number, vectors: readonly Address[]): Stepper;
}

export function learningRate(value: number): SettingSpec {
  return { default: value, above: 0, summary: "learning rate" };
}

/** A share such as ρ or β. */
export function share(value: number, summary: string): SettingSpec {
  return { default: value, minimum: 0, below: 1, summary };
}

export const epsilon: SettingSpec = { default: 1e-7, above: 0, summary: "ε, outside the root" };

export function weightDecay(value: number, summary = "weight decay, added to the gradient"): SettingSpec {
  return { default: value, minimum: 0, summary };
}
