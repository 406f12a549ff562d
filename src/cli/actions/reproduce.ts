import { InputError } from "../../config/errors.js";
import { loadDataset } from "../../data/files.js";
import type { Scenario } from "../../papers/experiment.js";
import {
  allClaims,
  concludeReproduction,
  needsTraining,
  planReproduction,
  planTunings,
} from "../../papers/reproduce.js";
import { chooseScale, type Scale } from "../../papers/scales.js";
import { resolveConfig } from "../../parts/resolve.js";
import { reproductionFiles } from "../../report/pages/reproduction.js";
import { brokenRunNotes, claimColumns } from "../../report/tables/reproduction.js";
import { textTable } from "../../report/tables/table.js";
import { choicesOf, tuningJobs } from "../../study/plan/tunings.js";
import { runStages } from "../../study/run/stages.js";
import type { SharedOptions } from "../commands/options.js";
import { sayInterrupted } from "../files/folder.js";
import { writeAndShow } from "../files/outputs.js";
import { loadPlugins } from "../files/plugins.js";
import { hashOf, refuseSeeds } from "../files/source.js";
import { studyFolder, withStudyFolder, writeBelow } from "../files/studyFolder.js";
import { commandLine } from "../terminal/commandLine.js";
import { wholeNumber, wholeNumbers, workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";
import { failureNotes, versions } from "../terminal/study.js";

export interface ReproduceFlags extends SharedOptions {
  scale: string;
  seeds?: string;
  drops?: string;
}

/** Runs the named experiments (all where none is named) and reports claim by claim. */
export async function runReproduction(experiments: readonly string[], flags: ReproduceFlags): Promise<void> {
  const plugins = await loadPlugins(flags.plugin);
  const scale = chooseScale(flags.scale);
  const trains = needsTraining({ scale, experiments });
  if (scale.realData && flags.dataDir === undefined && trains) {
    throw new InputError(
      "--data-dir",
      `the scale "${scale.name}" trains on real images: name the folder that holds them (or take --scale quick)`,
    );
  }
  refuseSeeds(flags.set);
  const directory = flags.dataDir === undefined ? [] : [`data.directory=${JSON.stringify(flags.dataDir)}`];
  const missing = trains ? await missingScenarios(scale, [...directory, ...(flags.set ?? [])]) : [];
  const chosen = {
    ...(flags.seeds !== undefined && { seeds: wholeNumbers("--seeds", flags.seeds) }),
    ...(flags.drops !== undefined && { drops: wholeNumber("--drops", flags.drops, 1, 100_000) }),
  };
  const request = {
    scale,
    experiments,
    sets: [...directory, ...(flags.set ?? [])],
    ...chosen,
    without: new Set(missing.map(({ scenario }) => scenario)),
  };
  const tunings = planTunings(request);
  let plan = planReproduction(request);
  const workers = Math.min(workerCount(flags.workers), plan.jobs.length);
  const { sources } = plugins;
  const kept = {
    scale: scale.name,
    sets: flags.set ?? [],
    ...chosen,
    ...(Object.keys(sources).length > 0 && { sources }),
  };
  // What is otherwise than the scale says has a folder of its own, in which it goes on by itself.
  const otherwise = Object.keys(kept).length > 2 || kept.sets.length > 0 ? `-${hashOf(kept)}` : "";
  const folder = studyFolder(flags, `results/reproduce-${scale.name}${otherwise}`);
  await withStudyFolder(
    { label: `reproduce ${scale.name}`, folder, plan: kept, workers, plugins, flags },
    async (study) => {
      // What is chosen decides what is trained: the plan is laid out anew once that is known.
      const choosing = () => tuningJobs(tunings);
      const comparing = async () => {
        plan = planReproduction({ ...request, choices: await choicesOf(tunings, study.store) });
        return plan.jobs;
      };
      const { failures, interrupted } = await runStages([choosing, comparing], study);
      const results = await concludeReproduction(plan, study.store);
      const claims = allClaims(results);
      const broken = brokenRunNotes(results.runs);
      const notes = [
        ...missing.map(({ scenario, reason }) => `left out: ${scenario.title}: ${reason}`),
        ...failureNotes(failures),
        ...broken,
      ];
      const write = async (below: string): Promise<void> => {
        const origin = { scale, changes: changes(flags), command: commandLine(), versions: versions() };
        writeBelow(below, await reproductionFiles(results, { ...origin, interrupted, notes }));
      };
      const show = (below: string | undefined): void => {
        if (flags.json) {
          const failed = failures.map(({ job, wanted, reason }) => ({ job: job.name, keys: [...wanted], reason }));
          printJson({ scale: scale.name, claims, failures: failed, folder: below ?? null });
          return;
        }
        if (claims.length > 0) print(`${textTable(claims, claimColumns)}\n`);
        for (const note of notes) say(note);
        if (below !== undefined) print(`report  ${below}/report.html\n`);
      };
      await writeAndShow(folder, write, show);
      if (interrupted) sayInterrupted(": what is finished is kept", folder);
      else if (failures.length > 0 || broken.length > 0) process.exitCode = 1;
    },
  );
}

/** What this run has otherwise than the scale says. */
function changes({ seeds, drops, set }: ReproduceFlags): string[] {
  return [
    ...(seeds === undefined ? [] : [`seeds ${seeds}`]),
    ...(drops === undefined ? [] : [`drops ${drops}`]),
    ...(set ?? []),
  ];
}

/**
 * Scenarios whose data cannot be read.
 * @throws InputError where none is left, or one that is not optional lacks its files
 */
async function missingScenarios(
  scale: Scale,
  sets: readonly string[],
): Promise<{ scenario: Scenario; reason: string }[]> {
  const missing: { scenario: Scenario; reason: string }[] = [];
  let first: InputError | undefined;
  for (const scenario of scale.scenarios) {
    const { data } = resolveConfig({ preset: scenario.preset, sets: [...scenario.sets, ...sets] });
    try {
      await loadDataset({ ...data, trainExamples: 100, testExamples: 100 }, 1);
    } catch (error) {
      if (!(error instanceof InputError) || !scenario.optional) throw error;
      first ??= error;
      missing.push({ scenario, reason: error.message });
    }
  }
  if (first !== undefined && missing.length === scale.scenarios.length) throw first;
  return missing;
}
