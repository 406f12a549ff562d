import { InputError, RunError } from "../../config/errors.js";
import { attended } from "../../study/run/attended.js";
import { type Departure, departure } from "../../study/run/departure.js";
import { openQueue } from "../../study/run/queue/connection.js";
import { workForQueue } from "../../study/run/queue/worker.js";
import { threads } from "../../study/run/threads.js";
import { blocksOf, parseShard, shardOf, workTogether } from "../../study/run/work.js";
import { beatInterval, openClaims } from "../../study/store/claims.js";
import { openFolderStore } from "../../study/store/folder.js";
import type { SharedOptions } from "../commands/options.js";
import { loadPlugins, type Plugins } from "../files/plugins.js";
import { type LoadedStudy, loadStudy } from "../files/studyPlan.js";
import { duration } from "../terminal/duration.js";
import { interruption } from "../terminal/interruption.js";
import { workerCount } from "../terminal/options.js";
import { print, say } from "../terminal/output.js";
import { withProgress } from "../terminal/progress.js";

export interface StudyWorkOptions extends SharedOptions {
  shard?: string;
  queue?: string;
  time?: string;
  stopBefore: string;
  grace: string;
  patience: string;
  takeOver: string;
  lock: string;
  stay?: true;
}

/** As sysexits.h has it for "try again": its time is up, and there is more to do. */
export const moreToDo = 75;

export async function studyWork(plan: string | undefined, options: StudyWorkOptions): Promise<void> {
  const queue = options.queue ?? (options.out === undefined ? process.env.CELLFED_QUEUE : undefined);
  refuseForeign(queue, options);
  const going = departure({
    asked: interruption,
    grace: duration("--grace", options.grace),
    before: duration("--stop-before", options.stopBefore),
    ...timeLeft(options.time),
  });
  try {
    if (queue !== undefined) await workByQueue(queue, plan, options, going);
    else await workInFolder(plan, options, going);
  } finally {
    going.release();
  }
}

function refuseForeign(queue: string | undefined, { out, shard, stay, writer }: StudyWorkOptions): void {
  const given = Object.entries({ out, shard, writer }).find(([, value]) => value !== undefined);
  if (queue !== undefined && given !== undefined)
    throw new InputError(`--${given[0]}`, "has no effect with --queue: the results go back through it");
  if (queue === undefined && typeof out !== "string")
    throw new InputError("--out", "is missing: the folder that all workers share, or --queue");
  if (queue === undefined && stay === true) throw new InputError("--stay", "has no effect without --queue");
}

/** What `--time` says; else when Slurm ends this job; else for ever. */
function timeLeft(time: string | undefined): { time?: number } {
  if (time !== undefined) return { time: duration("--time", time) };
  const end = Number(process.env.SLURM_JOB_END_TIME);
  return end > 0 ? { time: Math.max(1, end - Date.now() / 1000) } : {};
}

function placeOf(count: number, { patience }: StudyWorkOptions, plugins: Plugins) {
  return attended(threads(count, { plugins: plugins.files }), duration("--patience", patience));
}

async function workInFolder(plan: string | undefined, options: StudyWorkOptions, going: Departure): Promise<void> {
  if (plan === undefined) throw new InputError("PLAN.json", "is missing: the plan that all workers share");
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const study = await loadStudy(plan, options);
  const { jobs } = study.layout;
  const blocks = shard === undefined ? blocksOf(jobs) : shardOf(jobs, shard);
  const store = await openStore(study, options);
  const count = workerCount(options.workers);
  const claims =
    shard === undefined
      ? openClaims(store.directory, {
          ...{ writer: store.writer, threads: count, silence: duration("--take-over", options.takeOver) },
        })
      : undefined;
  const place = placeOf(count, options, study.plugins);
  let done = 0;
  const beat = setInterval(() => claims?.beat(done), 1000 * beatInterval);
  try {
    const outcome = await withProgress(options.shard ?? "work", (onProgress) =>
      workTogether({
        ...{ blocks, store, place, departure: going, ...(claims && { claims }) },
        onProgress(progress) {
          done = progress.done;
          onProgress(progress);
        },
      }),
    );
    if (outcome.left === 0 && claims !== undefined) {
      claims.clear();
      const finished = store.finished();
      store.clean((key) => finished.has(key));
    }
    tell(outcome, store.failed().size, going);
  } finally {
    clearInterval(beat);
    claims?.leave();
    await place.close();
    await store.close();
  }
}

function openStore({ kept }: LoadedStudy, { out, writer }: StudyWorkOptions) {
  return openFolderStore(out as string, {
    ...{ resume: true, plan: kept },
    ...(writer !== undefined && { writer }),
  });
}

function tell(
  {
    failures,
    done,
    left,
  }: { failures: readonly { job: { name: string }; reason: string }[]; done: number; left: number },
  failed: number,
  going: Departure,
): void {
  for (const { job, reason } of failures) say(`${job.name} failed: ${reason}`);
  print(`${done} jobs done here, ${left} left${failed > 0 ? `; ${failed} results failed` : ""}\n`);
  if (failures.length > 0 || (left === 0 && failed > 0)) process.exitCode = 1;
  if (left === 0) return;
  if (going.reason() === "time") {
    say("its time is up: what is finished is kept; start it again to go on");
    process.exitCode = moreToDo;
  } else if (going.reason() === undefined) throw new RunError(`${left} jobs are left, and nobody works on them`);
}

async function workByQueue(
  queue: string,
  file: string | undefined,
  options: StudyWorkOptions,
  going: Departure,
): Promise<void> {
  const study = file === undefined ? undefined : await loadStudy(file, options);
  const plugins = study?.plugins ?? (await loadPlugins(options.plugin));
  const connection = await openQueue(queue);
  const place = placeOf(workerCount(options.workers), options, plugins);
  try {
    const { done, failed } = await workForQueue(connection, {
      ...{ place, departure: going, plugins: plugins.files, lock: duration("--lock", options.lock), say },
      ...(study && { plan: study.layout.hash }),
      ...(options.stay && { stay: true }),
    });
    print(`${done} jobs done here${failed > 0 ? `, ${failed} failed` : ""}\n`);
    if (going.reason() === "time") process.exitCode = moreToDo;
  } finally {
    await place.close();
    await connection.close();
  }
}
