import type { Config } from "./config.js";

/** A config of which only some fields are given; arrays are whole. */
export type PartialConfig = PartialDeep<Config>;

/** Every field may be left out, also of the objects inside. */
export type PartialDeep<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: PartialDeep<T[K]> }
    : T;

/** A named starting point of a config. */
export interface Preset {
  description: string;
  /** What differs from the defaults */
  config: PartialConfig;
}

const paper: PartialConfig = {
  rounds: 100,
  model: { preset: "paper-cnn" },
  training: { optimizer: { name: "adadelta" }, localEpochs: 5, batchSize: 32 },
  quantizer: { name: "emq", digits: 0 },
  power: { method: "most-rounds" },
};

/** Named starting points of a config. */
export const presets = {
  quick: {
    description: "10 clients, the embedded glyphs, a small network: seconds",
    config: {
      rounds: 50,
      data: { name: "glyphs", trainExamples: 6000, testExamples: 1000, split: { kind: "iid" } },
      model: { preset: "small-cnn" },
      training: { localEpochs: 2 },
      network: { clients: 10 },
      budgets: { energy: 0.02, latency: 0.45 },
    },
  },
  "paper-cifar10-k20": {
    description: "the paper's set-up: CIFAR-10, Dirichlet 0.4, 20 clients; budgets of ours, 0.5 J and 5 s",
    config: {
      ...paper,
      data: { name: "cifar10", split: { kind: "dirichlet", alpha: 0.4 } },
      network: { clients: 20 },
      budgets: { energy: 0.5, latency: 5 },
    },
  },
  "paper-cifar10-k40": {
    description: "the same with 40 clients, 1 J and 5 s",
    config: {
      ...paper,
      data: { name: "cifar10", split: { kind: "dirichlet", alpha: 0.4 } },
      network: { clients: 40 },
      budgets: { energy: 1, latency: 5 },
    },
  },
  "paper-mnist": {
    description: "the paper's network on MNIST: Dirichlet 0.4, 20 clients, 0.5 J and 5 s",
    config: {
      ...paper,
      data: { name: "mnist", channels: 3, split: { kind: "dirichlet", alpha: 0.4 } },
      network: { clients: 20 },
      budgets: { energy: 0.5, latency: 5 },
    },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;
/** Their names, in the order of the lists. */
export const presetNames = Object.keys(presets) as PresetName[];
