import { InputError, RunError, unknownName } from "../../config/errors.js";
import { methodText, parseMethod } from "../../config/grammar.js";
import type { ResultsFolder } from "../../disk/results.js";
import { fingerprint } from "../../federated/fingerprint.js";
import { completeQuantizer, quantizerNames, quantizerSettings } from "../../quantizers/index.js";
import { usualSubjects } from "../../quantizers/proof/benchmark.js";
import { emptyFuzzReport, fuzzSteps } from "../../quantizers/proof/fuzz.js";
import { kind } from "../../quantizers/settings.js";
import { type Drawing, drawingFiles } from "../../report/figures/drawing.js";
import { accuracyFigure, errorFigure, scaleFigure } from "../../report/figures/quantizerFigures.js";
import { columnsOf, quantizerNotes, quantizerTable } from "../../report/tables/quantizers.js";
import { csv, textTable } from "../../report/tables/table.js";
import {
  type QuantizerInput,
  type QuantizerPart,
  type QuantizerPlan,
  type QuantizerSubject,
  quantizerJobs,
  quantizerParts,
} from "../../study/jobs/quantizer.js";
import { benchmarkQuantizers, type QuantizerBenchmark } from "../../study/run/quantizers.js";
import type { SharedOptions } from "../commands/options.js";
import { openFolder, sayInterrupted } from "../files/folder.js";
import { writeAndShow } from "../files/outputs.js";
import { loadPlugins } from "../files/plugins.js";
import { storeIn, withStudy } from "../files/study.js";
import { readVector, tensorsBeside } from "../files/vectors.js";
import { untilInterrupted } from "../terminal/interruption.js";
import { namesOf, wholeNumber, workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";
import { openProgress } from "../terminal/progress.js";

export interface QuantizersOptions extends SharedOptions {
  quantizers?: string;
  input?: string[];
  parts?: string;
  rounds: string;
  encodings: string;
  seed: string;
  list?: true;
  fuzz?: string;
}

export async function quantizers(options: QuantizersOptions): Promise<void> {
  const plugins = await loadPlugins(options.plugin);
  if (options.list === true) return list(options.json === true);
  if (options.fuzz !== undefined) return fuzz(wholeNumber("--fuzz", options.fuzz, 1, 1e9), options);
  const plan = await planOf(options);
  const { inputs, ...rest } = plan;
  const jobs = quantizerJobs(plan).filter(({ part }) => part !== "speed").length; // what is wrong with it shows here
  const folder = openFolder(
    options,
    { path: "results/quantizers", byDefault: "last" },
    { command: "quantizers", ...rest, inputs: fingerprint(inputs), sources: plugins.sources },
  );
  const workers = Math.min(workerCount(options.workers), jobs);
  const result = await withStudy({ label: "quantizers", workers, plugins, ...(await storeIn(folder)) }, (study) =>
    benchmarkQuantizers(plan, study),
  );
  const table = quantizerTable(
    plan.subjects.map(({ label }) => label),
    inputs.map(({ name }) => name),
    result,
  );
  const { failures, interrupted, ...shown } = result;
  const write = async (open: ResultsFolder): Promise<void> => {
    await writeResults(open, table, result);
    if (!interrupted && failures.length === 0) open.finish();
  };
  const show = (open: ResultsFolder | undefined): void => {
    if (options.json === true) printJson({ table: table.rows, ...shown });
    else {
      print(`${textTable(table.rows, table.columns)}\n`);
      if (table.columns.some(({ label }) => label === "wire bits"))
        say("bits per entry and errors on the Gaussian probe; NMSE = Σ(q − v)²/Σv²");
      for (const note of quantizerNotes(result)) say(note);
    }
    if (open !== undefined) say(`results in ${open.path}`);
  };
  await writeAndShow(folder, write, show);
  if (interrupted) sayInterrupted(": what was measured is kept", folder);
  complain(result);
}

/** @throws RunError where a part broke off, or a known error was not met */
function complain({ failures, goldens }: QuantizerBenchmark): void {
  const [first] = failures;
  if (first !== undefined)
    throw new RunError(
      `${failures.length} parts failed; the first: ${first.part}: ${first.quantizer}: ${first.reason}`,
    );
  const missed = goldens.filter(({ passed }) => !passed);
  if (missed.length > 0) {
    const names = missed.map(({ quantizer, probe }) => `${quantizer} (${probe})`);
    throw new RunError(`${missed.length} of ${goldens.length} known errors are not met: ${names.join(", ")}`);
  }
}

async function planOf(
  options: QuantizersOptions,
): Promise<QuantizerPlan & { subjects: readonly QuantizerSubject[]; inputs: readonly QuantizerInput[] }> {
  const parts = partsOf(options.parts);
  const subjects = namesOf("--quantizers", options.quantizers ?? usualSubjects().map(methodText).join()).map(
    (label) => {
      const { name, settings } = parseMethod(label, "--quantizers");
      completeQuantizer({ name, ...settings }); // what is wrong with it is said before anything is read
      return { label, config: { name, ...settings } };
    },
  );
  const rounds = wholeNumber("--rounds", options.rounds, 1, 10_000);
  const encodings = wholeNumber("--encodings", options.encodings, 2, 1e6);
  const seed = wholeNumber("--seed", options.seed, 0, Number.MAX_SAFE_INTEGER);
  const inputs = await Promise.all(
    (options.input ?? []).map(async (path) => {
      const values = await readVector(path);
      return { name: path, values: [...values], tensors: await tensorsBeside(path, values.length) };
    }),
  );
  return { subjects, parts, inputs, rounds, encodings, seed, sets: options.set ?? [] };
}

function partsOf(text: string | undefined): readonly QuantizerPart[] {
  if (text === undefined) return quantizerParts;
  return namesOf("--parts", text).map((name) => {
    const part = quantizerParts.find((one) => one === name);
    if (part === undefined) throw new InputError("--parts", unknownName("part", name, quantizerParts));
    return part;
  });
}

async function writeResults(
  folder: ResultsFolder,
  { rows, columns }: ReturnType<typeof quantizerTable>,
  result: QuantizerBenchmark,
): Promise<void> {
  const { goldens, sweep, inputs, bias, speed, learning } = result;
  const draw = (name: string, drawing: Drawing): void => {
    for (const [path, content] of drawingFiles(`figures/${name}.svg`, drawing)) folder.write(path, content);
  };
  folder.write("table.csv", csv(rows, columns));
  folder.write("table.txt", `${textTable(rows, columns)}\n`);
  const all = { table: rows, goldens, inputs, sweep, bias, speed, learning };
  folder.write("result.json", `${JSON.stringify(all, null, 2)}\n`);
  if (sweep.length > 0) folder.write("sweep.csv", csv(sweep, columnsOf(sweep)));
  if (goldens.length > 0) folder.write("goldens.csv", csv(goldens, columnsOf(goldens)));
  if (inputs.length > 0) {
    folder.write("inputs.csv", csv(inputs, columnsOf(inputs)));
    draw("error-bits", await errorFigure(inputs.filter(({ input }) => input === "gaussian")));
  }
  const scales = sweep.flatMap((row) =>
    row.input === "gaussian" && row.scale !== null ? [{ ...row, scale: row.scale }] : [],
  );
  if (scales.length > 0) draw("error-scale", await scaleFigure(scales));
  if (learning.length > 0) draw("accuracy-bits", await accuracyFigure(learning));
}

function list(json: boolean): void {
  const all = Object.fromEntries(quantizerNames.map((name) => [name, quantizerSettings(name)]));
  if (json) {
    printJson(all);
    return;
  }
  const rows = Object.entries(all).flatMap(([name, settings]) =>
    Object.entries(settings).map(([setting, spec], i) => ({
      quantizer: i === 0 ? name : "",
      setting,
      default: String(spec.default),
      allowed: kind(spec),
      meaning: spec.summary,
    })),
  );
  print(`${textTable(rows, columnsOf(rows))}\n`);
}

async function fuzz(count: number, options: QuantizersOptions): Promise<void> {
  const seed = wholeNumber("--seed", options.seed, 0, Number.MAX_SAFE_INTEGER);
  const progress = await openProgress("damaged packets");
  const report = emptyFuzzReport();
  const interrupted = await untilInterrupted(
    fuzzSteps(report, count, seed, (done) => {
      progress.update(done / count, `${done} decoded`, done % 102_400 === 0 ? `${done} of ${count}` : null);
    }),
  );
  progress.stop();
  if (interrupted) sayInterrupted(`: ${report.packets} of ${count} packets were decoded`, undefined);
  if (options.json === true) printJson(report);
  else say(`${report.packets} packets: ${report.refused} refused, ${report.decoded} decoded to finite numbers`);
  const [first] = report.failures;
  if (first !== undefined) {
    throw new RunError(
      `${report.failures.length} went wrong; the first, of ${first.method}: ${first.what}: ${first.packet}`,
    );
  }
}
