import { describe, expect, it } from "vitest";
import { type Config, type ConfigInput, InputError, parseConfig } from "../../src/index.js";
import { completeConfig } from "../../src/parts/index.js";

/** What the compiler takes is what a run takes, and what it refuses a run refuses: `npm run types` checks the former. */

const complete: Config = parseConfig({ preset: "quick" });
const chosen = Math.abs(1) > 0 ? 20 : undefined;

const right: Record<string, ConfigInput> = {
  "a preset": "quick",
  nothing: {},
  "a complete config": complete,
  "a config with one section changed": { ...complete, network: { ...complete.network, clients: 5 } },
  "a preset and a field": { preset: "paper-mnist", rounds: 3 },
  "sections by their names": {
    data: "corpus",
    model: "char-transformer",
    quantizer: "laq",
    power: "min-max",
    server: "fedadam",
    plan: "fixed",
    training: { optimizer: "sgd", schedule: "cosine" },
  },
  "a section in a section by its name": { data: { name: "glyphs", split: "dirichlet" } },
  "a quantizer with settings": { quantizer: { name: "emq", digits: 1, scope: "tensor", errorFeedback: true } },
  "a quantizer with a dash": { quantizer: { name: "top-q", fraction: 0.1, bits: 8 } },
  "settings of the preset's quantizer": { preset: "quick", quantizer: { digits: 2 } },
  "a power method with a setting": { power: { method: "joint", alpha: 0.3 } },
  "a setting that another power method has": { power: { method: "full", alpha: 0.3 } },
  "an optimizer": { training: { optimizer: { name: "adam", learningRate: 0.01, beta1: 0.8 }, localEpochs: 1 } },
  "a server rule": { server: { rule: "fedavgm", momentum: 0.8, participation: 0.5 } },
  "a receiver": { network: { combining: "l-mmse", clients: 4, rician: { enabled: true } } },
  "no limits": { budgets: { energy: null, latency: null } },
  "what may be undefined": { network: { clients: chosen }, quantizer: { digits: chosen && 1 }, seed: undefined },
  layers: { model: { preset: "custom", layers: [{ type: "dense", units: 10 }] } },
  positions: { network: { accessPoints: 1, deployment: { accessPoints: "given", accessPointPositions: [[0, 0]] } } },
};

const wrong: Record<string, ConfigInput> = {
  // @ts-expect-error a preset that there is not
  "a preset": "quik",
  // @ts-expect-error a preset that there is not, beside a field
  "a preset in a config": { preset: "quik" },
  // @ts-expect-error a quantizer that there is not
  "a quantizer": { quantizer: { name: "emk" } },
  // @ts-expect-error the same, by its name alone
  "a quantizer's name": { quantizer: "emk" },
  // @ts-expect-error no quantizer has it
  "a quantizer's setting": { quantizer: { name: "emq", digit: 2 } },
  // @ts-expect-error another quantizer has it
  "another quantizer's setting": { quantizer: { name: "emq", bits: 2 } },
  // @ts-expect-error a choice that there is not
  "a setting's choice": { quantizer: { name: "emq", scope: "layer" } },
  // @ts-expect-error a number is needed
  "a setting's type": { quantizer: { name: "emq", digits: "1" } },
  // @ts-expect-error no quantizer has it
  "a setting without a name": { preset: "quick", quantizer: { digit: 2 } },
  // @ts-expect-error a method that there is not
  "a power method": { power: "min-maximum" },
  // @ts-expect-error no method has it
  "a power method's setting": { power: { method: "joint", alfa: 0.5 } },
  // @ts-expect-error an optimizer that there is not
  "an optimizer": { training: { optimizer: "adadleta" } },
  // @ts-expect-error no optimizer has it
  "an optimizer's setting": { training: { optimizer: { name: "sgd", lr: 0.1 } } },
  // @ts-expect-error a receiver that there is not
  "a receiver": { network: { combining: "zf" } },
  // @ts-expect-error a data set that there is not
  "a data set": { data: "cifar" },
  // @ts-expect-error a split that there is not
  "a split": { data: { split: { kind: "dirichlett" } } },
  // @ts-expect-error a section that there is not
  "a section": { networks: { clients: 4 } },
  // @ts-expect-error a field that there is not
  "a field": { network: { client: 4 } },
  // @ts-expect-error a field that there is not, deep inside
  "a deep field": { network: { pathLoss: { modell: "three-slope" } } },
  // @ts-expect-error a rule that there is not
  "a server rule": { server: { rule: "fedprox" } },
};

describe("what a program may give as a config", () => {
  it.each(Object.keys(right))("%s", (what) => {
    expect(completeConfig(right[what]!).quantizer.name).toBeTypeOf("string");
  });
});

describe("what neither the compiler nor a run takes", () => {
  it.each(Object.keys(wrong))("%s", (what) => {
    expect(() => completeConfig(wrong[what]!)).toThrow(InputError);
  });
});
