import { InputError } from "../../config/errors.js";
import { loadDataset } from "../../data/files.js";
import type { Scenario } from "../../papers/experiment.js";
import {
  allClaims,
  changedSamples,
  concludeReproduction,
  finalistsOf,
  needsTraining,
  planTunings,
  type Reproduction,
  type ReproductionRequest,
  reproductionSteps,
  screeningJobs,
  trainedScenarios,
} from "../../papers/reproduce.js";
import { reproductionPlan } from "../../papers/reproductionPlan.js";
import { chooseScale, type Scale } from "../../papers/scales.js";
import type { Claim } from "../../papers/verdicts.js";
import { resolveConfig } from "../../parts/resolve.js";
import { reproductionFiles } from "../../report/pages/reproduction.js";
import { recordsFile, shippedStudy, studyFile } from "../../report/pages/shippedStudy.js";
import { brokenRunNotes, claimColumns } from "../../report/tables/reproduction.js";
import { textTable } from "../../report/tables/table.js";
import { choicesOf, type Tuning, tuningJobs } from "../../study/plan/tunings.js";
import type { JobsOutcome, RunJobsOptions } from "../../study/run/run.js";
import { runStages } from "../../study/run/stages.js";
import type { Store } from "../../study/store/contract.js";
import { shipRecords, watched } from "../../study/store/shipped.js";
import type { SharedOptions } from "../commands/options.js";
import { sayInterrupted } from "../files/folder.js";
import { writeAndShow } from "../files/outputs.js";
import { writePlan } from "../files/planFile.js";
import { loadPlugins } from "../files/plugins.js";
import { otherSamples } from "../files/reproductionSamples.js";
import { concludeShipped, type Known, openKnown, readShipped, takeOver } from "../files/shipped.js";
import { hashOf, refuseSeeds } from "../files/source.js";
import { removeOtherFigures, studyFolder, withStudyFolder, writeBelow } from "../files/studyFolder.js";
import { commandLine } from "../terminal/commandLine.js";
import { whileHearing } from "../terminal/interruption.js";
import { wholeNumber, wholeNumbers, workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";
import { failureNotes, versions } from "../terminal/study.js";

export interface ReproduceFlags extends SharedOptions {
  scale?: string;
  from?: string;
  known?: string[];
  seeds?: string;
  drops?: string;
  insist?: true;
  plan?: string;
}

function wantsImages({ name }: Scale): InputError {
  const wanted = `the scale "${name}" trains on real images: name the folder that holds them (or take --scale quick)`;
  return new InputError("--data-dir", wanted);
}

const untunedPlan =
  "the plan has the usual settings and declared methods where `cellfed reproduce` would first choose the best";

/** Runs the named experiments (all where none is named) and reports claim by claim. */
export async function runReproduction(experiments: readonly string[], flags: ReproduceFlags): Promise<void> {
  if (flags.from !== undefined) return remakeReport(flags.from, experiments, flags);
  const plugins = await loadPlugins(flags.plugin);
  const scale = chooseScale(flags.scale ?? "quick");
  const trains = needsTraining({ scale, experiments });
  if (scale.realData && flags.dataDir === undefined && trains) throw wantsImages(scale);
  refuseSeeds(flags.set);
  const { request, chosen, missing } = await requestOf(scale, experiments, flags);
  const tunings = planTunings(request);
  const plan = await whileHearing(reproductionSteps(request));
  if (flags.plan !== undefined) {
    if (flags.known !== undefined) throw new InputError("--known", "a plan takes over no results: leave out --plan");
    if (tunings.length > 0 || screeningJobs(plan).length > 0) say(untunedPlan);
    return writePlan(flags.plan, reproductionPlan(`reproduce ${scale.name}`, plan));
  }
  const workers = Math.min(workerCount(flags.workers), Math.max(1, plan.jobs.length, tuningJobs(tunings).length));
  const known = await openKnown(flags.known ?? [], scale.name);
  const { sources } = plugins;
  const own = Object.keys(sources).length > 0 && { sources };
  const kept = { scale: scale.name, sets: flags.set ?? [], ...chosen, ...own };
  // What is otherwise than the scale says has a folder of its own, in which it goes on by itself.
  const otherwise = Object.keys(kept).length > 2 || kept.sets.length > 0 ? `-${hashOf(kept)}` : "";
  const folder = studyFolder(flags, `results/reproduce-${scale.name}${otherwise}`);
  const replaces = await otherSamples(folder, kept, { resume: flags.resume === true });
  await withStudyFolder(
    { label: `reproduce ${scale.name}`, folder, plan: kept, ...(replaces && { replaces }), workers, plugins, flags },
    async (study) => {
      await takeOverAll(known, study.store);
      const read = watched(study.store);
      const { failures, interrupted, final } = await chooseAndCompare({ request, plan, tunings }, study, read.store);
      const results = await concludeReproduction(final, read.store);
      sayUnwanted(known, read.keys());
      const claims = allClaims(results);
      const broken = brokenRunNotes(results.runs);
      const leftOut = missing.map(({ scenario, reason }) => `left out: ${scenario.title}: ${reason}`);
      const notes = [...leftOut, ...failureNotes(failures), ...broken];
      const write = async (below: string): Promise<void> => {
        const origin = {
          changes: changes(flags, request),
          command: commandLine(),
          versions: versions(),
          interrupted,
          notes,
        };
        const keys = read.keys();
        const shipped = {
          ...origin,
          scale: scale.name,
          experiments,
          sets: flags.set ?? [],
          ...chosen,
          without: missing.map(({ scenario }) => scenario.title),
          records: keys.length,
        };
        const files = await reproductionFiles(results, { ...origin, scale });
        writeBelow(below, [
          [recordsFile, await shipRecords(study.store, keys)],
          [studyFile, shippedStudy(shipped)],
          ...files,
        ]);
        removeOtherFigures(below, new Set(files.keys()));
      };
      const show = (below: string | undefined): void => {
        const failed = failures.map(({ job, wanted, reason }) => ({ job: job.name, keys: [...wanted], reason }));
        showClaims({ scale, claims, failures: failed, notes }, below, flags);
      };
      await writeAndShow(folder, write, show);
      if (interrupted) sayInterrupted(": what is finished is kept", folder);
      else if (failures.length > 0 || broken.length > 0) process.exitCode = 1;
    },
  );
}

/** What the flags ask of a scale, less the scenarios whose files are not there. */
async function requestOf(scale: Scale, experiments: readonly string[], flags: ReproduceFlags) {
  const directory = flags.dataDir === undefined ? [] : [`data.directory=${JSON.stringify(flags.dataDir)}`];
  const sets = [...directory, ...(flags.set ?? [])];
  const missing = await missingScenarios(trainedScenarios({ scale, experiments }), sets);
  const chosen = {
    ...(flags.seeds !== undefined && { seeds: wholeNumbers("--seeds", flags.seeds) }),
    ...(flags.drops !== undefined && { drops: wholeNumber("--drops", flags.drops, 1, 100_000) }),
  };
  const without = new Set(missing.map(({ scenario }) => scenario));
  const request: ReproductionRequest = {
    scale,
    experiments,
    sets,
    ...chosen,
    ...(flags.insist && { insist: true }),
    without,
  };
  return { request, chosen, missing };
}

async function takeOverAll(known: readonly Known[], store: Store): Promise<void> {
  for (const one of known) say(`${await takeOver(one, store)} results taken over from ${one.folder}`);
}

/** Of other experiments, seeds or settings: what was asked for had no effect. */
function sayUnwanted(known: readonly Known[], wanted: readonly string[]): void {
  for (const { folder, keys } of known) {
    if (!wanted.some((key) => keys.has(key))) say(`--known: nothing of ${folder} was wanted here`);
  }
}

/**
 * What is chosen decides what is trained, and a screening who goes on: the plan is laid out anew once that is known.
 * @param read where the choices are looked up
 */
async function chooseAndCompare(
  laidOut: { request: ReproductionRequest; plan: Reproduction; tunings: readonly Tuning[] },
  study: RunJobsOptions,
  read: Store,
): Promise<JobsOutcome & { final: Reproduction }> {
  const { tunings } = laidOut;
  let { request, plan: final } = laidOut;
  const layOut = async (known: Partial<ReproductionRequest>): Promise<void> => {
    request = { ...request, ...known };
    final = await whileHearing(reproductionSteps(request));
  };
  const choosing = () => tuningJobs(tunings);
  const screening = async () => {
    await layOut({ choices: await choicesOf(tunings, read) });
    return screeningJobs(final);
  };
  const comparing = async () => {
    const finalists = await finalistsOf(final, read);
    if (finalists.size > 0) await layOut({ finalists });
    return final.jobs;
  };
  const outcome = await runStages([choosing, screening, comparing], study);
  return { ...outcome, final };
}

/** Makes the report of a folder anew from the data in it: the same files, byte for byte, wherever it was made. */
async function remakeReport(from: string, experiments: readonly string[], flags: ReproduceFlags): Promise<void> {
  const others = { ...flags, ...(experiments.length > 0 && { figure: experiments }) } as Record<string, unknown>;
  for (const [name, flag] of Object.entries(notWithFrom)) {
    const given = others[name];
    if (given === undefined || (Array.isArray(given) && given.length === 0)) continue;
    throw new InputError(flag, `the data of --from say it (allowed: --out, --no-out, --plugin, --json)`);
  }
  await loadPlugins(flags.plugin);
  const { study, text, bytes } = await readShipped(from);
  const { results, scale } = await concludeShipped(study, bytes, from);
  const folder = studyFolder(flags, `results/reproduce-${study.scale}-from-${hashOf({ from })}`);
  const write = async (below: string): Promise<void> => {
    const files = await reproductionFiles(results, { ...study, scale });
    writeBelow(below, [[recordsFile, bytes], [studyFile, text], ...files]);
  };
  await writeAndShow(folder, write, (below) =>
    showClaims({ scale, claims: allClaims(results), failures: [], notes: study.notes }, below, flags),
  );
}

const notWithFrom: Readonly<Record<string, string>> = {
  figure: "figure",
  known: "--known",
  scale: "--scale",
  seeds: "--seeds",
  drops: "--drops",
  set: "--set",
  dataDir: "--data-dir",
  resume: "--resume",
  writer: "--writer",
  workers: "--workers",
};

function showClaims(
  found: { scale: Scale; claims: readonly Claim[]; failures: readonly object[]; notes: readonly string[] },
  folder: string | undefined,
  flags: ReproduceFlags,
): void {
  const { scale, claims, failures, notes } = found;
  if (flags.json) {
    printJson({ scale: scale.name, claims, failures, folder: folder ?? null });
    return;
  }
  if (claims.length > 0) print(`${textTable(claims, claimColumns)}\n`);
  for (const note of notes) say(note);
  if (folder !== undefined) print(`report  ${folder}/report.html\n`);
}

/** What this run has otherwise than the scale says. */
function changes({ seeds, drops, set }: ReproduceFlags, request: ReproductionRequest): string[] {
  const changed = changedSamples(request);
  return [...(changed.seeds ? [`seeds ${seeds}`] : []), ...(changed.drops ? [`drops ${drops}`] : []), ...(set ?? [])];
}

/**
 * Scenarios whose data cannot be read.
 * @throws InputError where none is left, or one that is not optional lacks its files
 */
async function missingScenarios(
  scenarios: readonly Scenario[],
  sets: readonly string[],
): Promise<{ scenario: Scenario; reason: string }[]> {
  const missing: { scenario: Scenario; reason: string }[] = [];
  let first: InputError | undefined;
  for (const scenario of scenarios) {
    const { data } = resolveConfig({ preset: scenario.preset, sets: [...scenario.sets, ...sets] });
    try {
      await loadDataset({ ...data, trainExamples: 100, testExamples: 100 }, 1);
    } catch (error) {
      if (!(error instanceof InputError) || !scenario.optional) throw error;
      first ??= error;
      missing.push({ scenario, reason: error.message });
    }
  }
  if (first !== undefined && missing.length === scenarios.length) throw first;
  return missing;
}
