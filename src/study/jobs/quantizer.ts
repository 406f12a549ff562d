import { listOf, numbers, oneOf, optional, record, seedNumber, text, whole } from "../../config/arguments.js";
import type { Config, QuantizerConfig } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import type { TensorSlice } from "../../config/records.js";
import type { Settings } from "../../config/settings.js";
import { fingerprint } from "../../federated/fingerprint.js";
import { resolveConfig } from "../../parts/resolve.js";
import { completeQuantizer, quantizer } from "../../quantizers/index.js";
import { type BiasResult, measureBias, measureSpeed, type Speed } from "../../quantizers/proof/benchmark.js";
import { checkGoldens, type GoldenResult, goldenNames } from "../../quantizers/proof/goldens.js";
import {
  type InputRow,
  measureInputs,
  type ProbeVector,
  type SweepRow,
  scaleSweep,
  thresholdSweep,
} from "../../quantizers/proof/sweeps.js";
import { numerics } from "../../version.js";
import type { StoreRecord } from "../store/record.js";
import { type Learning, learnWith } from "./equalBits.js";
import type { Job, Perform } from "./job.js";
import { plain } from "./runRecord.js";
import { sourcesOf } from "./sources.js";

/** The parts of the benchmark, in the order in which they are shown. */
export const quantizerParts = ["goldens", "inputs", "sweep", "bias", "speed", "accuracy"] as const;
export type QuantizerPart = (typeof quantizerParts)[number];

/** What is measured: quantizers, each with a name of its own in the tables. */
export interface QuantizerPlan {
  subjects: readonly QuantizerSubject[];
  /** Default: all */
  parts?: readonly QuantizerPart[];
  /** Vectors of one's own, beside the probes */
  inputs?: readonly QuantizerInput[];
  /** Of learning, in the part "accuracy"; default 12 */
  rounds?: number;
  /** Settings of that learning, "path=value", over those of the preset "quick" without budgets */
  sets?: readonly string[];
  /** In the part "bias"; default 1000 */
  encodings?: number;
  /** Of rounding, rotations and learning; default 1 */
  seed?: number;
}

export interface QuantizerSubject {
  /** Such as "laq:bits=4" */
  label: string;
  config: { name: string } & Settings;
}

/** A vector under test, with the tensors it consists of where they are known. */
export interface QuantizerInput {
  name: string;
  values: readonly number[];
  tensors?: readonly TensorSlice[];
}

/** What each part gives for its subject. */
export interface PartResults {
  goldens: GoldenResult[];
  inputs: InputRow[];
  sweep: SweepRow[];
  bias: BiasResult;
  speed: Speed;
  accuracy: Learning;
}

/** One part for one subject. */
export type QuantizerPayload =
  | { part: "goldens"; name: string }
  | { part: "inputs"; config: QuantizerConfig; seed: number; inputs: readonly QuantizerInput[] }
  | { part: "sweep"; config: QuantizerConfig; seed: number }
  /** EMQ over its thresholds, which counts as a part of the sweep */
  | { part: "sweep"; thresholds: true; seed: number; inputs: readonly QuantizerInput[] }
  | { part: "bias"; config: QuantizerConfig; encodings: number }
  | { part: "speed"; config: QuantizerConfig }
  | { part: "accuracy"; config: Config };

/** A job with the subject that it is shown under; a part's jobs stand in the order of its rows. */
export interface PlannedPart<Part extends QuantizerPart = QuantizerPart> {
  part: Part;
  label: string;
  job: Job<QuantizerPayload>;
}

const checkPlan = record({
  subjects: listOf(record({ label: text, config: record({ name: text }) })),
  parts: optional(listOf(oneOf("part", quantizerParts))),
  inputs: optional(listOf(record({ name: text, values: numbers(), tensors: optional(listOf(record())) }))),
  ...{ rounds: optional(whole(1)), sets: optional(listOf(text)), encodings: optional(whole(2)) },
  seed: optional(seedNumber),
});

/**
 * The jobs of a benchmark.
 * @throws InputError for a quantizer or a setting that there is not
 */
export function quantizerJobs(plan: QuantizerPlan): PlannedPart[] {
  checkPlan("plan", plan);
  const { subjects, parts = quantizerParts, inputs = [], rounds = 12, encodings = 1000, seed = 1, sets = [] } = plan;
  const complete = subjects.map(({ label, config }) => ({ label, config: completeQuantizer(config) }));
  const names = new Set(complete.map(({ config }) => config.name));
  // The vectors' own hash stands for them in the keys: a long one is hashed once.
  const vectors = fingerprint(inputs);
  const of = (part: QuantizerPart): PlannedPart[] => {
    const each = (payload: (config: QuantizerConfig) => QuantizerPayload): PlannedPart[] =>
      complete.map(({ label, config }) => planned(label, payload(config), vectors));
    switch (part) {
      case "goldens":
        return goldenNames()
          .filter((name) => names.has(name))
          .map((name) => planned(name, { part, name }, vectors));
      case "inputs":
        return each((config) => ({ part, config, seed, inputs }));
      case "sweep":
        return [
          ...each((config) => ({ part, config, seed })),
          ...(names.has("emq") ? [planned("emq", { part, thresholds: true, seed, inputs }, vectors)] : []),
        ];
      case "bias":
        return complete
          .filter(({ config }) => quantizer(config).unbiased === true)
          .map(({ label, config }) => planned(label, { part, config, encodings }, vectors));
      case "speed":
        return each((config) => ({ part, config }));
      case "accuracy":
        return each((config) => ({ part, config: learningConfig(config, { rounds, seed, sets }) }));
    }
  };
  return quantizerParts.filter((part) => parts.includes(part)).flatMap(of);
}

function planned(label: string, payload: QuantizerPayload, vectors: string): PlannedPart {
  const depends = "inputs" in payload ? { ...payload, inputs: vectors } : payload;
  const own = "config" in payload ? sourcesOf("quantizer", [quantizerOf(payload)]) : [];
  const key = fingerprint(["quantizer", numerics, depends, ...own]);
  return {
    part: payload.part,
    label,
    job: { kind: "quantizer", key, name: `${payload.part}: ${label}`, yields: [key], payload },
  };
}

/** Its name, in whichever part. */
function quantizerOf(payload: Extract<QuantizerPayload, { config: unknown }>): string {
  return payload.part === "accuracy" ? payload.config.quantizer.name : payload.config.name;
}

/** Measures; nothing but the speed depends on the machine. */
export const performQuantizer: Perform<QuantizerPayload> = async (job, context) => {
  const { payload } = job;
  const value = (result: PartResults[QuantizerPart]): StoreRecord[] => [
    { kind: "quantizer", key: job.key, value: { part: payload.part, result: plain(result) } },
  ];
  switch (payload.part) {
    case "goldens":
      return value(checkGoldens((name) => name === payload.name));
    case "inputs":
      return value(measureInputs(quantizer(payload.config), payload.inputs.map(vectorOf), payload.seed));
    case "sweep":
      return value(
        "thresholds" in payload
          ? thresholdSweep(payload.inputs.map(vectorOf), payload.seed)
          : scaleSweep(quantizer(payload.config), payload.seed),
      );
    case "bias":
      return value(measureBias(quantizer(payload.config), payload.encodings));
    case "speed":
      return value(measureSpeed(quantizer(payload.config)));
    case "accuracy":
      return value(await learnWith(payload.config, context));
  }
};

/** What a record of `performQuantizer` holds. */
export function quantizerResult<Part extends QuantizerPart>(part: Part, record: StoreRecord): PartResults[Part] {
  const result = record.value.result as unknown as PartResults[Part];
  if (part !== "accuracy") return result;
  const learning = result as Learning;
  // JSON has no NaN, which a round that was not evaluated counts as.
  const accuracy = learning.accuracy.map((value: number | null) => value ?? Number.NaN);
  return { ...learning, accuracy } as PartResults[Part];
}

/** Equal conditions for all of them; only what is sent differs. */
function learningConfig(
  quantizer: QuantizerConfig,
  { rounds, seed, sets }: { rounds: number; seed: number; sets: readonly string[] },
): Config {
  if (sets.some((set) => /^\s*quantizer\b/.test(set)))
    throw new InputError("--set", "quantizer: each of those that are compared is one; they have a list of their own");
  const budgets = { energy: null, latency: null };
  return resolveConfig({ preset: "quick", file: { rounds, seed, budgets, quantizer }, sets });
}

function vectorOf({ name, values, tensors = [] }: QuantizerInput): ProbeVector {
  return { name, v: Float32Array.from(values), tensors };
}
