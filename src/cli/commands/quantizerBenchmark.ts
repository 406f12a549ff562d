import { join } from "node:path";
import { InputError, RunError, unknownName } from "../../config/errors.js";
import type { TensorSlice } from "../../config/records.js";
import { quantizer, quantizerNames, quantizerSettings } from "../../quantizers/index.js";
import {
  type BiasResult,
  decadeScales,
  type Measurement,
  measureBias,
  measureQuantizer,
  measureSpeed,
  type Speed,
  type Subject,
  scaled,
} from "../../quantizers/proof/benchmark.js";
import { checkGoldens, type GoldenResult } from "../../quantizers/proof/goldens.js";
import { gaussianProbe, heavyTailedProbe, laplaceProbe, shuffled } from "../../quantizers/proof/probes.js";
import { type Column, csv, textTable } from "../../report/tables/table.js";
import { accuracyAtBits, type Learning, learnWith } from "../../study/jobs/equalBits.js";
import { openResults, openResultsBelow, type ResultsFolder } from "../files/results.js";
import { readVector, tensorsBeside } from "../files/vectors.js";
import { interruption } from "../terminal/interruption.js";
import { wholeNumber } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";
import { openProgress } from "../terminal/progress.js";
import { settingsOf } from "./quantize.js";

export interface QuantizersFlags {
  quantizers?: string;
  input?: string[];
  parts?: string;
  rounds: string;
  encodings: string;
  seed: string;
  out: string | false | undefined;
  list?: true;
  fuzz?: string;
  json?: true;
}

const partNames = ["goldens", "sweep", "inputs", "bias", "speed", "accuracy"] as const;
type Part = (typeof partNames)[number];

/** Every quantizer, those with a resolution at several. */
const defaultSet =
  "emq,emq:digits=1,emq:digits=2,emq:step=fractional,emq:rounding=stochastic,mixed-resolution,mixed-resolution:bits=4:lambda=0.4," +
  "laq:bits=2,laq:bits=4,laq:bits=8,aquila,top-q:fraction=0.01,top-q:fraction=0.1,qsgd:levels=4,qsgd:levels=16,terngrad," +
  "sign,natural,uniform:bits=2,uniform:bits=4,uniform:bits=8,fp16,bf16,fp8-e4m3,fp8-e5m2,mxfp4,mxfp8,drive,eden:bits=2," +
  "eden:bits=4,identity";

const thresholds = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];

interface SweepRow extends Measurement {
  quantizer: string;
  input: string;
  /** The input's factor, or the significance threshold */
  scale: number | null;
  threshold: number | null;
}

/** A vector under test, with the tensors it consists of where they are known. */
interface Input {
  name: string;
  v: Float32Array;
  tensors: readonly TensorSlice[];
}

interface InputRow extends Measurement {
  quantizer: string;
  input: string;
}

interface Result {
  goldens: GoldenResult[];
  sweep: SweepRow[];
  inputs: InputRow[];
  bias: Record<string, BiasResult>;
  speed: Record<string, Speed>;
  learning: Learning[];
}

export async function runQuantizers(flags: QuantizersFlags): Promise<void> {
  if (flags.list === true) return list(flags.json === true);
  if (flags.fuzz !== undefined) return fuzz(wholeNumber("--fuzz", flags.fuzz, 1, 1e9), flags);
  const parts = partsOf(flags.parts);
  const subjects = subjectsOf(flags.quantizers ?? defaultSet);
  const rounds = wholeNumber("--rounds", flags.rounds, 1, 10_000);
  const encodings = wholeNumber("--encodings", flags.encodings, 2, 1e6);
  const seed = wholeNumber("--seed", flags.seed, 0, Number.MAX_SAFE_INTEGER);
  const files = await Promise.all(
    (flags.input ?? []).map(async (path) => {
      const v = await readVector(path);
      return { name: path, v, tensors: await tensorsBeside(path, v.length) };
    }),
  );
  const results = openFolder(flags.out);
  const result: Result = { goldens: [], sweep: [], inputs: [], bias: {}, speed: {}, learning: [] };
  const probes: readonly Input[] = [
    { name: "gaussian", v: shuffled(gaussianProbe()), tensors: [] },
    { name: "laplace", v: shuffled(laplaceProbe()), tensors: [] },
    { name: "heavy-tailed", v: shuffled(heavyTailedProbe()), tensors: [] },
  ];

  const progress = await openProgress("quantizers");
  const steps = parts.size * subjects.length;
  let done = 0;
  const each = async (part: Part, run: (subject: Subject) => void | Promise<void>) => {
    if (!parts.has(part)) return;
    for (const subject of subjects) {
      if (interruption.aborted) return;
      progress.update(done++ / steps, `${part}: ${subject.label}`, null);
      await run(subject);
      await new Promise((resolve) => setImmediate(resolve)); // the bar and Ctrl-C get their turn
    }
  };
  try {
    if (parts.has("goldens")) {
      const asked = new Set(subjects.map(({ quantizer: { name } }) => name));
      result.goldens = checkGoldens((name) => asked.has(name));
    }
    await each("inputs", ({ label, quantizer }) => {
      for (const { name: input, v, tensors } of [...probes, ...files]) {
        result.inputs.push({ quantizer: label, input, ...measureQuantizer(quantizer, v, seed, tensors) });
      }
    });
    await each("sweep", ({ label, quantizer }) => {
      for (const { name: input, v } of probes) {
        for (const scale of decadeScales) {
          const measured = measureQuantizer(quantizer, scaled(v, scale), seed);
          result.sweep.push({ quantizer: label, input, scale, threshold: null, ...measured });
        }
      }
    });
    if (parts.has("sweep") && subjects.some(({ quantizer: { name } }) => name === "emq")) {
      for (const { name: input, v, tensors } of [...probes, ...files]) {
        for (const threshold of thresholds) {
          const measured = measureQuantizer(quantizer("emq", { threshold }), v, seed, tensors);
          result.sweep.push({ quantizer: "emq", input, scale: null, threshold, ...measured });
        }
      }
    }
    await each("bias", ({ label, quantizer }) => {
      if (quantizer.unbiased === true) result.bias[label] = measureBias(quantizer, encodings);
    });
    await each("speed", ({ label, quantizer }) => {
      result.speed[label] = measureSpeed(quantizer);
    });
    await each("accuracy", async ({ label }) => {
      const { name, settings } = parseLabel(label);
      const config = { name, coder: "auto", errorFeedback: false, ...settings } as const;
      result.learning.push(await learnWith(label, config, { rounds, seed, signal: interruption }));
    });
  } finally {
    progress.stop();
  }
  const table = summary(
    subjects,
    files.map(({ name }) => name),
    result,
  );
  if (results !== undefined) {
    await keep(results, table, result);
    say(`results in ${results.finish(flags.out || defaultFolder)}`);
  }
  if (flags.json === true) printJson({ table: table.rows, ...result });
  else print(table, result);
  const failed = result.goldens.filter((golden) => !golden.passed);
  if (failed.length > 0) {
    throw new RunError(
      `${failed.length} of ${result.goldens.length} known errors are not met: ${failed.map(({ quantizer, probe }) => `${quantizer} (${probe})`).join(", ")}`,
    );
  }
}

/** Where nothing else is said; the results of the time before are replaced. */
const defaultFolder = "results/quantizers";

/** Before the work, so that it is not done in vain. */
function openFolder(out: string | false | undefined): ResultsFolder | undefined {
  if (out === false) return undefined;
  return out === undefined ? openResultsBelow("results") : openResults(out);
}

type Row = Record<string, string | number | null>;
interface Table {
  rows: Row[];
  columns: Column<Row>[];
}

/** One row a quantizer: bits and errors on the Gaussian probe and the files, bias, speed, accuracy. */
function summary(subjects: readonly Subject[], files: readonly string[], result: Result): Table {
  const bitsInAll = result.learning.map(({ nominalBits }) => nominalBits.at(-1) ?? Number.POSITIVE_INFINITY);
  // Equal bits: what the first of the list, EMQ unless asked otherwise, has spent at the end.
  const equal = bitsInAll[0] ?? Number.POSITIVE_INFINITY;
  const rows = subjects.map(({ label }): Row => {
    const on = (input: string) => result.inputs.find((row) => row.quantizer === label && row.input === input);
    const learning = result.learning.find((one) => one.label === label);
    const gaussian = on("gaussian");
    const found = result.bias[label];
    return {
      quantizer: label,
      "nominal bits": gaussian?.nominalBits ?? null,
      "wire bits": gaussian?.wireBits ?? null,
      entropy: gaussian?.entropyBits ?? null,
      NMSE: gaussian?.nmse ?? null,
      "on Laplace": on("laplace")?.nmse ?? null,
      "on heavy tails": on("heavy-tailed")?.nmse ?? null,
      ...Object.fromEntries(files.map((path) => [`on ${path}`, on(path)?.nmse ?? null])),
      ...Object.fromEntries(files.map((path) => [`wire bits, ${path}`, on(path)?.wireBits ?? null])),
      bias: found === undefined ? null : found.bias,
      "± 95 %": found === undefined ? null : found.interval,
      "encode GB/s": result.speed[label]?.encode ?? null,
      "decode GB/s": result.speed[label]?.decode ?? null,
      accuracy: learning?.accuracy.at(-1) ?? null,
      "after bits": learning?.nominalBits.at(-1) ?? null,
      "at equal bits": learning === undefined ? null : accuracyAtBits(learning, equal),
    };
  });
  const names = Object.keys(rows[0] ?? {}).filter(
    (name) => name === "quantizer" || rows.some((row) => row[name] !== null),
  );
  const columns = names.map((name): Column<Row> => ({ label: name, value: (row) => row[name] ?? null }));
  return { rows, columns };
}

function print({ rows, columns }: Table, { goldens, learning }: Result): void {
  process.stdout.write(`${textTable(rows, columns)}\n`);
  if (columns.some(({ label }) => label === "wire bits")) {
    say("bits per entry and errors on the Gaussian probe; NMSE = Σ(q − v)²/Σv²");
  }
  if (goldens.length > 0) {
    const met = goldens.filter((golden) => golden.passed).length;
    say(`known errors: ${met} of ${goldens.length} met`);
    for (const { quantizer, probe, known, measured, passed } of goldens) {
      if (!passed) say(`  ${quantizer}, ${probe}: ${measured}, known ${known}`);
    }
  }
  for (const { label, failure } of learning) if (failure !== null) say(`${label}: ${failure}`);
}

async function keep(folder: ResultsFolder, { rows, columns }: Table, result: Result): Promise<void> {
  const { accuracyFigure, errorFigure, scaleFigure } = await import("../../report/figures/quantizerFigures.js");
  const { goldens, sweep, inputs, bias, speed, learning } = result;
  folder.write("table.csv", csv(rows, columns));
  folder.write("table.txt", `${textTable(rows, columns)}\n`);
  folder.write(
    "result.json",
    `${JSON.stringify({ table: rows, goldens, inputs, sweep, bias, speed, learning }, null, 2)}\n`,
  );
  if (sweep.length > 0) folder.write("sweep.csv", csv(sweep, columnsOf(sweep)));
  if (inputs.length > 0) folder.write("inputs.csv", csv(inputs, columnsOf(inputs)));
  if (goldens.length > 0) {
    folder.write("goldens.csv", csv(goldens, columnsOf(goldens)));
  }
  if (inputs.length > 0) {
    folder.write(
      join("figures", "error-bits.svg"),
      await errorFigure(inputs.filter(({ input }) => input === "gaussian")),
    );
  }
  if (sweep.length > 0) {
    const gaussian = sweep.filter(({ input, scale }) => input === "gaussian" && scale !== null);
    folder.write(join("figures", "error-scale.svg"), await scaleFigure(gaussian as (SweepRow & { scale: number })[]));
  }
  if (learning.length > 0) {
    folder.write(join("figures", "accuracy-bits.svg"), await accuracyFigure(learning));
  }
}

function columnsOf<T extends object>(rows: readonly T[]): Column<T>[] {
  return Object.keys(rows[0] ?? {}).map((label) => ({
    label,
    value: (row) => {
      const value = row[label as keyof T] as unknown;
      return typeof value === "boolean" ? String(value) : (value as string | number | null);
    },
  }));
}

function partsOf(text: string | undefined): Set<Part> {
  if (text === undefined) return new Set(partNames);
  return new Set(
    text.split(",").map((name) => {
      const part = partNames.find((one) => one === name.trim());
      if (part === undefined) throw new InputError("--parts", unknownName("part", name, partNames));
      return part;
    }),
  );
}

function subjectsOf(text: string): Subject[] {
  const labels = text.split(",").map((one) => one.trim());
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined) throw new InputError("--quantizers", `"${twice}" is there twice`);
  return labels.map((label) => {
    const { name, settings } = parseLabel(label);
    return { label, quantizer: quantizer(name, settings) };
  });
}

/** "laq:bits=4" */
function parseLabel(label: string) {
  const [name = "", ...sets] = label.split(":");
  if (name === "")
    throw new InputError("--quantizers", `"${label}" has no name (allowed: ${quantizerNames.join(", ")})`);
  return { name, settings: settingsOf(sets, "--quantizers") };
}

async function list(json: boolean): Promise<void> {
  const all = Object.fromEntries(quantizerNames.map((name) => [name, quantizerSettings(name)]));
  if (json) return printJson(all);
  const { kind } = await import("../../quantizers/settings.js");
  const rows = Object.entries(all).flatMap(([name, settings]) =>
    Object.entries(settings).map(([setting, spec], i) => ({
      quantizer: i === 0 ? name : "",
      setting,
      default: String(spec.default),
      allowed: kind(spec),
      meaning: spec.summary,
    })),
  );
  process.stdout.write(`${textTable(rows, columnsOf(rows))}\n`);
}

async function fuzz(count: number, flags: QuantizersFlags): Promise<void> {
  const { fuzzPackets } = await import("../../quantizers/proof/fuzz.js");
  const progress = await openProgress("damaged packets");
  const report = fuzzPackets(count, wholeNumber("--seed", flags.seed, 0, Number.MAX_SAFE_INTEGER), (done) => {
    progress.update(done / count, `${done} decoded`, done % 102_400 === 0 ? `${done} of ${count}` : null);
  });
  progress.stop();
  if (flags.json === true) printJson(report);
  else say(`${report.packets} packets: ${report.refused} refused, ${report.decoded} decoded to finite numbers`);
  const [first] = report.failures;
  if (first !== undefined) {
    throw new RunError(
      `${report.failures.length} went wrong; the first, of ${first.method}: ${first.what}: ${first.packet}`,
    );
  }
}
