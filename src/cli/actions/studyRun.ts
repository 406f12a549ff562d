import { basename } from "node:path";
import { InputError } from "../../config/errors.js";
import { loadDataset } from "../../data/files.js";
import type { StudyLayout } from "../../study/plan/studyPlan.js";
import { estimateJobs, type KindEstimate } from "../../study/run/estimate.js";
import { here } from "../../study/run/here.js";
import { type JobsOutcome, runJobs } from "../../study/run/run.js";
import type { Store } from "../../study/store/contract.js";
import type { Json } from "../../study/store/record.js";
import type { SharedOptions } from "../commands/options.js";
import { studyFolder, withStudyFolder } from "../files/studyFolder.js";
import { replacedPlan } from "../files/studyGrowth.js";
import { keepModules, type LoadedStudy, loadStudy } from "../files/studyPlan.js";
import { openTracker, trackedStore } from "../files/track.js";
import { commandLine } from "../terminal/commandLine.js";
import { duration, roughSize, roughTime } from "../terminal/duration.js";
import { interruption } from "../terminal/interruption.js";
import { workerCount } from "../terminal/options.js";
import { print, printJson, say } from "../terminal/output.js";
import { studyProgress } from "../terminal/studyProgress.js";

export interface StudyRunOptions extends SharedOptions {
  dryRun?: true;
  extend?: true;
  yes?: true;
  stopAfter?: string;
  track?: string;
}

/** Points above which a study wants to be meant. */
export const largeStudy = { trainings: 10_000, points: 1_000_000 } as const;

export async function studyRun(file: string, options: StudyRunOptions): Promise<void> {
  const study = await loadStudy(file, options);
  const name = basename(file).replace(/\.[^.]*$/, "");
  if (options.dryRun) {
    await tellEstimate(study.layout, options);
    return;
  }
  if (!options.yes) refuseLarge(study.layout);
  if (options.out === false) throw new InputError("--no-out", "a study is kept in a folder: leave it out");
  const folder = studyFolder(options, `results/study-${name}-${study.layout.hash.slice(0, 8)}`)!;
  const replaces = await replacedPlan(study, folder, options);
  await runStudy(study, { folder, name, retry: false, ...(replaces !== undefined && { replaces }) }, options);
}

/**
 * Performs what a study's folder has not, in this process.
 * @param where.retry whether jobs that failed before are tried again, and they alone
 * @param where.replaces the folder's plan until now, which this one adds to
 */
export async function runStudy(
  { layout, kept, plugins }: LoadedStudy,
  where: { folder: string; name: string; retry: boolean; replaces?: Json },
  options: StudyRunOptions,
): Promise<void> {
  const { folder, name, retry, replaces } = where;
  const show = studyProgress();
  const tracker = options.track === undefined ? undefined : openTracker(options.track);
  const limit = options.stopAfter === undefined ? undefined : duration("--stop-after", options.stopAfter);
  const timeUp = limit === undefined ? undefined : AbortSignal.timeout(Math.min(2 ** 31 - 1, 1000 * limit));
  const signal = timeUp === undefined ? interruption : AbortSignal.any([interruption, timeUp]);
  const workers = Math.min(workerCount(options.workers), layout.jobs.length);
  const flags = { ...options, out: folder, resume: true as const };
  await withStudyFolder(
    {
      label: name,
      folder,
      plan: kept as object,
      ...(replaces !== undefined && { replaces }),
      workers,
      plugins,
      flags,
      show,
      signal,
    },
    async (study) => {
      keepModules(folder, plugins);
      const before = new Set(study.store.failed());
      const jobs = retry ? layout.jobs.filter(({ yields }) => yields.some((key) => before.has(key))) : layout.jobs;
      const store = tracker === undefined ? study.store : trackedStore(study.store, tracker);
      const outcome = await runJobs(jobs, { ...study, store, ...(!retry && { leave: before }) });
      tellOutcome(layout, study.store, outcome, {
        folder,
        json: options.json === true,
        timeUp: timeUp?.aborted === true,
      });
    },
  );
}

function tellOutcome(
  { jobs, hash }: StudyLayout,
  store: Store,
  { failures, interrupted }: JobsOutcome,
  { folder, json, timeUp }: { folder: string; json: boolean; timeUp: boolean },
): void {
  const [finished, failed] = [store.finished(), store.failed()];
  const done = jobs.filter(({ yields }) => yields.every((key) => finished.has(key))).length;
  const broken = jobs.filter(({ yields }) => yields.some((key) => failed.has(key))).length;
  for (const { job, reason } of failures.slice(0, mostReasons)) say(`${job.name} failed: ${reason}`);
  if (failures.length > mostReasons) say(`… and ${failures.length - mostReasons} more`);
  if (json) printJson({ folder, hash, jobs: jobs.length, done, failed: broken, interrupted });
  else print(`${done} of ${jobs.length} jobs done${broken > 0 ? `, ${broken} failed` : ""}\nresults  ${folder}\n`);
  if (interrupted) {
    say(timeUp ? "its time is up: what is finished is kept" : "interrupted: what is finished is kept");
    say(`go on with: ${commandLine()}`);
  } else if (broken > 0) {
    say(`failed jobs are left as they are; to try them again: cellfed study retry ${folder}`);
    process.exitCode = 1;
  }
}

const mostReasons = 5;

/** @throws InputError for a study of a size that nobody begins by mistake */
function refuseLarge({ jobs, points }: StudyLayout): void {
  const trainings = jobs.filter(({ kind }) => kind === "training").length;
  if (trainings <= largeStudy.trainings && points <= largeStudy.points) return;
  const what = trainings > largeStudy.trainings ? `${trainings} trainings` : `${points} points`;
  const most = `${largeStudy.trainings} trainings or ${largeStudy.points} points`;
  throw new InputError(
    "--yes",
    `the plan has ${what}, more than ${most}: --dry-run tells what they take, --yes runs them`,
  );
}

async function tellEstimate(layout: StudyLayout, options: StudyRunOptions): Promise<void> {
  const place = here({ load: loadDataset });
  const kinds = await estimateJobs(layout.jobs, place, interruption);
  const workers = Math.min(workerCount(options.workers), layout.jobs.length);
  const seconds = kinds.reduce((sum, kind) => sum + kind.seconds, 0) / workers;
  const bytes = kinds.reduce((sum, kind) => sum + kind.bytes, 0);
  const parts = layout.parts.map(({ name, kind, grid }) => ({
    name,
    kind,
    axes: Object.fromEntries(grid.axes.map((axis) => [axis.name, axis.variants.map(({ label }) => label)])),
    points: grid.cells.length,
    seeds: grid.seeds.length,
    drops: grid.drops,
  }));
  const { hash, points, jobs } = layout;
  if (options.json) {
    printJson({ hash, parts, points, jobs: jobs.length, kinds, workers, seconds, bytes });
    return;
  }
  for (const { name, kind, axes, ...part } of parts) {
    print(`${name}: ${kind}, ${part.points} points × ${part.seeds} seeds × ${part.drops} drops\n`);
    for (const [axis, labels] of Object.entries(axes)) print(`  ${axis}: ${shortened(labels)}\n`);
  }
  for (const kind of kinds) print(`${ofKind(kind)}\n`);
  print(
    `${points} results of ${jobs.length} jobs, ${roughSize(bytes)}: ${roughTime(seconds)} on this machine (${workers} threads)\n`,
  );
}

function ofKind({ kind, jobs, seconds, tried }: KindEstimate): string {
  return `  ${jobs} jobs of kind ${kind}: ${roughTime(seconds)} of one thread (${tried} tried)`;
}

const mostLabels = 8;

function shortened(labels: readonly string[]): string {
  const more = labels.length - mostLabels;
  return labels.slice(0, mostLabels).join(", ") + (more > 0 ? `, … (${labels.length})` : "");
}
