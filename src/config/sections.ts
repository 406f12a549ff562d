import { optimizerDefaults, quantizerDefaults, serverDefaults } from "./defaults.js";

/** The field of a section that says which kind it is. */
export const nameOf: Readonly<Record<string, string>> = {
  data: "name",
  "data.split": "kind",
  model: "preset",
  "training.optimizer": "name",
  "training.schedule": "kind",
  server: "rule",
  quantizer: "name",
  plan: "kind",
  power: "method",
};

/** Sections whose defaults depend on that name. */
export const defaultsOf: Readonly<Record<string, (name: never) => object>> = {
  model: (preset: string) => ({ preset }),
  "training.optimizer": optimizerDefaults,
  server: serverDefaults,
  quantizer: quantizerDefaults,
};
