import { join } from "node:path";
import type { Config } from "../../config/config.js";
import { InputError, unknownName } from "../../config/errors.js";
import { comparisonFiles, comparisonJson, comparisonView } from "../../report/pages/comparison.js";
import { type ComparisonRow, comparisonColumns } from "../../report/tables/comparison.js";
import { textTable } from "../../report/tables/table.js";
import { comparisonPlan } from "../../study/plan/asPlan.js";
import { type ComparePlan, gridStepsOf } from "../../study/plan/plan.js";
import { runRequests, trainingJobSteps } from "../../study/plan/trainings.js";
import { gridRuns, remembering } from "../../study/run/compare.js";
import { runJobs } from "../../study/run/run.js";
import { exportRounds, exportRuns } from "../../study/store/exports.js";
import { numerics } from "../../version.js";
import type { SharedOptions } from "../commands/options.js";
import { sayInterrupted } from "../files/folder.js";
import { writeAndShow } from "../files/outputs.js";
import { writePlan } from "../files/planFile.js";
import type { Plugins } from "../files/plugins.js";
import { configFrom, hashOf, refuseSeeds } from "../files/source.js";
import { studyFolder, withStudyFolder, writeBelow } from "../files/studyFolder.js";
import { commandLine } from "../terminal/commandLine.js";
import { whileHearing } from "../terminal/interruption.js";
import { wholeNumber, wholeNumbers, workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";
import { failureNotes, kernelNotes, versions } from "../terminal/study.js";

export interface CompareFlags extends SharedOptions {
  quantizers?: string;
  power?: string;
  optimizers?: string;
  splits?: string;
  servers?: string;
  vary?: string[];
  budget?: string[];
  seeds: string;
  drops: string;
  baseline?: string;
  export?: string;
  insist?: true;
  plan?: string;
}

/** Lays the grid out, runs it, and says and writes what came of it. */
export async function runComparison(source: string, flags: CompareFlags): Promise<void> {
  const format = exportFormat(flags.export);
  refuseSeeds(flags.set);
  const { plan, kept, name, plugins } = await planOf(source, flags);
  const grid = await whileHearing(gridStepsOf(plan));
  for (const warning of grid.warnings) say(`warning: ${warning}`);
  if (flags.plan !== undefined) {
    writePlan(flags.plan, comparisonPlan(name, plan, plan.file as Config, flags.plugin ?? []));
    return;
  }
  const jobs = await whileHearing(trainingJobSteps([grid]));
  const folder = studyFolder(flags, `results/compare-${name}-${hashOf({ ...kept, numerics })}`);
  const workers = Math.min(workerCount(flags.workers), jobs.length);
  await withStudyFolder({ label: `compare ${name}`, folder, plan: kept, workers, plugins, flags }, async (study) => {
    const { failures, interrupted } = await runJobs(jobs, study);
    const store = remembering(study.store);
    const runs = await gridRuns([grid], store);
    const configs = grid.cells.map(({ config }) => config);
    const view = comparisonView(grid, runs, [...failureNotes(failures), ...kernelNotes(configs)]);
    const write = async (below: string): Promise<void> => {
      const about = { name, command: commandLine(), versions: versions(configs), interrupted };
      const requests = runRequests([grid]);
      await exportRuns(store, requests, join(below, `runs.${format}`), format);
      await exportRounds(store, requests, join(below, `rounds.${format}`), format);
      writeBelow(below, await comparisonFiles(grid, runs, view, about));
    };
    const show = (below: string | undefined): void => {
      if (flags.json) {
        const about = { command: commandLine(), versions: versions(configs) };
        printJson({ ...about, ...comparisonJson(grid, view), interrupted, folder: below ?? null });
        return;
      }
      print(`${textTable(view.rows, comparisonColumns(grid))}\n`);
      for (const note of view.notes) say(note);
      if (below !== undefined) print(`results  ${below}\n`);
    };
    await writeAndShow(folder, write, show);
    if (interrupted) sayInterrupted(": what is finished is kept", folder);
    else tellFailures(view.rows);
  });
}

/**
 * What the command line asks for, as a plan; and the plan by which its folder knows it: the files of the data may lie
 * elsewhere another time, and the sources of plugins belong to it.
 */
async function planOf(
  source: string,
  flags: CompareFlags,
): Promise<{ plan: ComparePlan; kept: object; name: string; plugins: Plugins }> {
  const { power, ...shared } = flags;
  const asked = await configFrom(source, shared);
  const { quantizers, optimizers, splits, servers, vary, budget: budgets, baseline } = flags;
  const lists = Object.entries({ quantizers, power, optimizers, splits, servers });
  const given = {
    ...Object.fromEntries(lists.map(([axis, text]) => [axis, text?.split(",")])),
    vary,
    budgets,
    baseline,
  };
  const plan: ComparePlan = {
    file: asked.config,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    seeds: wholeNumbers("--seeds", flags.seeds),
    drops: wholeNumber("--drops", flags.drops, 1, 100_000),
  };
  const { config, ...sources } = asked.plan;
  const insisting = { ...plan, ...(flags.insist && { insist: true }) };
  return { plan: insisting, kept: { ...plan, file: config, ...sources }, name: asked.name, plugins: asked.plugins };
}

/** csv or parquet. @throws InputError */
function exportFormat(format = "csv"): "csv" | "parquet" {
  if (format !== "csv" && format !== "parquet") {
    throw new InputError("--export", unknownName("format", format, ["csv", "parquet"]));
  }
  return format;
}

/** A comparison in which nothing could be learned is a failure; a cell that failed, if only in some runs, is one too. */
function tellFailures(rows: readonly ComparisonRow[]): void {
  const empty = rows.filter(({ summary }) => summary === null).length;
  const broken = rows.filter(({ summary }) => summary !== null && summary.runs < summary.asked).length;
  if (empty > 0 || broken > 0) {
    const parts = [...(empty > 0 ? [`${empty} failed`] : []), ...(broken > 0 ? [`${broken} failed in some runs`] : [])];
    say(`error: of ${rows.length} cells ${parts.join(", ")}`);
    process.exitCode = 1;
  } else if (rows.every(({ summary }) => summary!.rounds.mean === 0)) {
    say("error: the budgets allow no round in any cell");
    process.exitCode = 1;
  }
}
