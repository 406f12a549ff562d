import type { Config } from "../../config/config.js";
import { InputError, RunError } from "../../config/errors.js";
import type { NamedArray } from "../../disk/npz.js";
import type { ResultsFolder } from "../../disk/results.js";
import { openStateFile } from "../../disk/state.js";
import type { Observer } from "../../federated/observer.js";
import type { RunResult } from "../../federated/result.js";
import { simulate } from "../../federated/simulate.js";
import { runFacts } from "../../report/tables/run.js";
import { factTable, formatNumber } from "../../report/tables/table.js";
import type { ThreadedExecutor } from "../../study/run/executor.js";
import type { SharedOptions } from "../commands/options.js";
import { type Capture, openCapture } from "../files/capture.js";
import { openFolder, sayHowToGoOn, sayInterrupted } from "../files/folder.js";
import { json, openKeptResult } from "../files/keptResult.js";
import { writeAndShow } from "../files/outputs.js";
import { type CommandConfig, configFrom } from "../files/source.js";
import { interruption } from "../terminal/interruption.js";
import { workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";
import { openProgress } from "../terminal/progress.js";
import { roundLine, shareDone, shortRoundLine } from "../terminal/roundLine.js";

export interface RunOptions extends SharedOptions {
  quantizer?: string;
  power?: string;
  seeds?: string;
  capture?: string;
}

/** One run: live progress, closing table, results folder. */
export async function run(source: string, options: RunOptions): Promise<void> {
  const asked = await configFrom(source, options);
  const { config } = asked;
  if (options.capture !== undefined && options.resume)
    throw new InputError("--capture", "cannot be given together with --resume: updates of earlier rounds are gone");
  const workers = Math.min(workerCount(options.workers), config.network.clients);
  const folder = openFolder(
    options,
    { path: `results/${asked.name}-${asked.hash}`, byDefault: options.capture === undefined ? "plan" : "last" },
    { command: "run", ...asked.plan },
    { "config.json": json(config) },
  );
  const kept = folder?.found === "finished" ? await openKeptResult(folder, say).read() : undefined;
  if (kept !== undefined) return show({ result: kept.runs[0]!, seconds: kept.seconds }, folder, options);
  const begun = performance.now();
  let capture: Capture | undefined;
  let done: { result: RunResult; weights: NamedArray[] | undefined };
  try {
    capture = options.capture === undefined ? undefined : openCapture(options.capture);
    done = await simulateConfig(asked, { folder, capture, workers });
  } catch (error) {
    await discardUnless(folder, (kept) => stateOf(kept).read());
    capture?.discardEmpty();
    throw error;
  }
  const { result, weights } = done;
  if (result.rounds.length === 0) {
    folder?.discard();
    if (options.json) printJson({ ...result, folder: null });
    throw new RunError(
      result.ended.by === "stopped"
        ? "interrupted before the first round was finished: nothing is kept"
        : `no round could be finished: ${result.ended.reason}`,
    );
  }
  const seconds = (performance.now() - begun) / 1000;
  await writeAndShow(
    folder,
    (open) => keep(open, { result, seconds, weights }),
    (open) => show({ result, seconds }, open, options),
  );
  if (capture !== undefined) say(`${capture.files()} updates saved in ${options.capture}`);
}

/** Runs it under the progress bar, from the state that the folder keeps. */
async function simulateConfig(
  { config, name, plugins }: CommandConfig,
  { folder, capture, workers }: { folder: ResultsFolder | undefined; capture: Capture | undefined; workers: number },
): Promise<{ result: RunResult; weights: NamedArray[] | undefined }> {
  // Also a single thread is another than this one, which hears signals meanwhile
  const executor = await openThreads(workers, plugins);
  const { channel } = config.network;
  const network = channel && (await (await import("../files/channel.js")).readChannel(channel));
  const watch = await watchRounds(name, config);
  let weights: NamedArray[] | undefined;
  const keepWeights: Observer = {
    onEnd(_result, { model, tensors }) {
      if (model === undefined) return;
      weights = tensors.map(({ name, shape, offset, length }) => ({
        name,
        shape,
        values: model.slice(offset, offset + length),
      }));
    },
  };
  try {
    const result = await simulate(config, {
      dataset: () => executor.load(config.data, config.seed),
      ...(network && { network }),
      executor,
      ...(folder && { state: stateOf(folder) }),
      signal: interruption,
      observers: [watch.observer, keepWeights, ...(capture === undefined ? [] : [capture.observer])],
    });
    return { result, weights };
  } finally {
    watch.stop();
  }
}

async function openThreads(count: number, { files }: CommandConfig["plugins"]): Promise<ThreadedExecutor> {
  const { threadedExecutor } = await import("../../study/run/executor.js");
  return threadedExecutor(count, { plugins: files });
}

/** Of a new folder that nothing is kept in, nothing stays. */
async function discardUnless(
  folder: ResultsFolder | undefined,
  anyKept: (folder: ResultsFolder) => Promise<unknown>,
): Promise<void> {
  if (folder?.found !== "nothing") return;
  if ((await anyKept(folder)) === undefined) folder.discard();
  else sayHowToGoOn();
}

/** What a run goes on from. Of a damaged state it is said that it is, and the run begins again. */
function stateOf(folder: ResultsFolder): ReturnType<typeof openStateFile> {
  return openStateFile(folder.state, loopState, say);
}

const loopState = "training";

/** The bar or the line of each round, and the word after the first Ctrl-C. */
async function watchRounds(name: string, config: Config): Promise<{ observer: Observer; stop(): void }> {
  const progress = await openProgress(name);
  const onInterrupt = (): void => {
    progress.stop();
    say("finishing this round; press Ctrl-C again to stop at once");
  };
  interruption.addEventListener("abort", onInterrupt, { once: true });
  return {
    observer: {
      onRound(record, { parameters, trained }) {
        if (!trained) return; // told by the run that this one goes on from
        progress.update(
          shareDone(record, config),
          shortRoundLine(record, config),
          `round ${record.round}: ${roundLine(record, config, parameters)}`,
          true,
        );
      },
    },
    stop() {
      progress.stop();
      interruption.removeEventListener("abort", onInterrupt);
    },
  };
}

/** Of a run that was broken off, the rounds that are done: it goes on from its state and writes them again. */
async function keep(
  folder: ResultsFolder,
  { result, seconds, weights }: { result: RunResult; seconds: number; weights: NamedArray[] | undefined },
): Promise<void> {
  const { writeRun } = await import("../files/runFolder.js"); // draws figures
  await writeRun(folder, { runs: [result], seconds, ...(weights && { weights }) });
  if (result.ended.by === "stopped" || result.ended.by === "failed") return;
  await openKeptResult(folder, say).write({ runs: [result], seconds });
  folder.finish();
  stateOf(folder).remove();
}

function show(
  { result, seconds }: { result: RunResult; seconds: number },
  folder: ResultsFolder | undefined,
  options: RunOptions,
): void {
  if (options.json) printJson({ ...result, folder: folder?.path ?? null });
  else {
    const facts = [...runFacts(result), ["wall time", `${formatNumber(seconds, 1)} s`] as const];
    print(`${factTable(folder === undefined ? facts : [...facts, ["results", folder.path]])}\n`);
  }
  const { ended, rounds } = result;
  const where = folder === undefined ? "" : `; ${rounds.length} finished rounds are kept in ${folder.path}`;
  if (ended.by === "stopped") sayInterrupted(where, folder);
  else if (ended.by === "failed") {
    say(`error: ${ended.reason}${where}`);
    process.exitCode = 1;
  }
}
