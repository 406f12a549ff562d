import type { Config } from "../../config/config.js";
import { InputError, RunError } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import { loadDataset } from "../../data/files.js";
import type { RunResult } from "../../federated/result.js";
import { simulate } from "../../federated/simulate.js";
import { runFacts, seedsFacts } from "../../report/tables/run.js";
import { factTable, formatNumber } from "../../report/tables/table.js";
import { simulateSeeds } from "../../study/run/seeds.js";
import { threadedExecutor } from "../../study/run/threads.js";
import { openCapture } from "../files/capture.js";
import { readChannel } from "../files/channel.js";
import { openResults, openResultsBelow, type ResultsFolder, undoFolder } from "../files/results.js";
import { writeRunFolder } from "../files/runFolder.js";
import { configFrom } from "../files/source.js";
import { interruption } from "../terminal/interruption.js";
import { wholeNumbers, workerCount } from "../terminal/options.js";
import { printJson, say } from "../terminal/output.js";
import { openProgress } from "../terminal/progress.js";
import { roundLine, shareDone, shortRoundLine } from "../terminal/roundLine.js";

export interface RunOptions {
  set?: string[];
  dataDir?: string;
  out: string | false | undefined;
  rounds?: string;
  seed?: string;
  seeds?: string;
  workers?: string;
  json?: true;
  capture?: string;
}

/** One run: live progress, closing table, results folder. */
export async function runOnce(source: string, options: RunOptions): Promise<void> {
  const { config, name } = await configFrom(source, options);
  const workers = Math.min(workerCount(options.workers), config.network.clients);
  const results = openFolder(options);
  const undoCapture = options.capture === undefined ? undefined : undoFolder(options.capture);
  const capture = options.capture === undefined ? undefined : openCapture(options.capture, config.quantizer);
  const started = performance.now();
  let result: RunResult;
  try {
    const dataset = await loadDataset(config.data, config.seed);
    const network = config.network.channel === undefined ? undefined : await readChannel(config.network.channel);
    const progress = await openProgress(name);
    const onInterrupt = (): void => {
      progress.stop();
      say("finishing this round; press Ctrl-C again to stop at once");
    };
    interruption.addEventListener("abort", onInterrupt, { once: true });
    try {
      result = await simulate(config, {
        dataset,
        ...(network && { network }),
        signal: interruption,
        ...(capture !== undefined
          ? { quantizer: capture.quantizer }
          : workers > 1 && { executor: threadedExecutor(workers) }),
        onRound: async (record, { parameters }) => {
          progress.update(
            shareDone(record, config),
            shortRoundLine(record, config, parameters),
            `round ${record.round}: ${roundLine(record, config, parameters)}`,
          );
          await breathe();
        },
      });
    } finally {
      progress.stop();
      interruption.removeEventListener("abort", onInterrupt);
    }
  } catch (error) {
    results?.discard();
    if (capture?.files() === 0) undoCapture?.();
    throw error;
  }
  if (result.rounds.length === 0) {
    results?.discard();
    if (options.json) printJson({ ...result, folder: null });
    throw new RunError(`no round could be finished: ${result.ended.reason}`);
  }
  const seconds = (performance.now() - started) / 1000;
  const folder = await writeRunFolder(results, { name, runs: [result], out: options.out || undefined, seconds });
  if (options.json) printJson({ ...result, folder: folder ?? null });
  else printFacts([...runFacts(result), ["wall time", `${formatNumber(seconds, 1)} s`], ...folderFact(folder)]);
  if (capture !== undefined) say(`${capture.files()} updates saved in ${options.capture}`);
  reportEnding(result, folder);
}

/** The same config under several seeds, one a worker thread. */
export async function runSeeds(source: string, options: RunOptions): Promise<void> {
  if (options.seed !== undefined) throw new InputError("--seeds", "cannot be given together with --seed");
  if (options.capture !== undefined) throw new InputError("--capture", "cannot be given together with --seeds");
  const seeds = wholeNumbers("--seeds", options.seeds!);
  const { config, name } = await configFrom(source, options);
  const workers = Math.min(workerCount(options.workers), seeds.length);
  const results = openFolder(options);
  const started = performance.now();
  let runs: RunResult[];
  try {
    const dataset = await sharedData(config);
    const progress = await openProgress(name);
    const done = new Map<number, number>();
    try {
      runs = await simulateSeeds(config, seeds, {
        workers,
        ...(dataset !== undefined && { dataset }),
        signal: interruption,
        onRound(seed, record, { parameters }) {
          done.set(seed, shareDone(record, config));
          const share = [...done.values()].reduce((sum, one) => sum + one, 0) / seeds.length;
          const line = `seed ${seed}, round ${record.round}: ${roundLine(record, config, parameters)}`;
          progress.update(share, `seed ${seed}  ${shortRoundLine(record, config, parameters)}`, line);
        },
      });
    } finally {
      progress.stop();
    }
    if (runs.length === 0) throw new RunError("interrupted before a seed was finished: nothing to keep");
  } catch (error) {
    results?.discard();
    throw error;
  }
  const seconds = (performance.now() - started) / 1000;
  const folder = await writeRunFolder(results, { name: `${name}-seeds`, runs, out: options.out || undefined, seconds });
  if (options.json) printJson({ runs, folder: folder ?? null });
  else printFacts([...seedsFacts(runs), ["wall time", `${formatNumber(seconds, 1)} s`], ...folderFact(folder)]);
  if (runs.length < seeds.length)
    say(`interrupted: ${runs.length} of ${seeds.length} seeds were finished and are kept`);
  for (const run of runs) {
    if (run.ended.by === "failed") {
      say(`error: seed ${run.config.seed}: ${run.ended.reason}`);
      process.exitCode = 1;
    }
  }
}

function openFolder({ out }: RunOptions): ResultsFolder | undefined {
  if (out === false) return undefined;
  if (out !== undefined) return openResults(out);
  return openResultsBelow("results");
}

/** Data from files are the same for every seed; procedural data each run draws from its own. */
async function sharedData(config: Config): Promise<Dataset | undefined> {
  return proceduralSets.has(config.data.name) ? undefined : loadDataset(config.data, config.seed);
}

const proceduralSets: ReadonlySet<Config["data"]["name"]> = new Set(["glyphs", "corpus", "regression"]);

function printFacts(facts: readonly (readonly [string, string])[]): void {
  process.stdout.write(`${factTable(facts)}\n`);
}

function folderFact(folder: string | undefined): [string, string][] {
  return folder === undefined ? [] : [["results", folder]];
}

/** What has to be said, and told by the exit status, of a run that did not end as planned. */
function reportEnding({ ended, rounds }: RunResult, folder: string | undefined): void {
  const kept = folder === undefined ? "" : `; ${rounds.length} finished rounds are kept in ${folder}`;
  if (ended.by === "stopped") say(`interrupted${kept}`);
  else if (ended.by === "failed") {
    say(`error: ${ended.reason}${kept}`);
    process.exitCode = 1;
  }
}

/** Lets timers and signals have their turn between two rounds that were computed in this thread. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
