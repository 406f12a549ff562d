import { readdirSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { hasEnded, isRunning } from "../../disk/owner.js";
import { textTable } from "../../report/tables/table.js";
import type { Job } from "../../study/jobs/job.js";
import { workersOf } from "../../study/store/claims.js";
import { type FolderStore, journalFolder } from "../../study/store/folder.js";
import { readStudy } from "../files/studyRead.js";
import { roughTime } from "../terminal/duration.js";
import { print, printJson } from "../terminal/output.js";

export interface StudyStatusOptions {
  plugin?: string[];
  json?: true;
}

/** How far a study is, from what stands in its folder: whoever works on it is not asked. */
export async function studyStatus(folder: string, options: StudyStatusOptions): Promise<void> {
  await readStudy(folder, options, async ({ layout, store }) => {
    const [finished, failed] = [store.finished(), store.failed()];
    const missing = layout.jobs.filter(({ yields }) => yields.some((key) => !finished.has(key) && !failed.has(key)));
    const broken = layout.jobs.filter(({ yields }) => yields.some((key) => failed.has(key)));
    const done = layout.jobs.filter(({ yields }) => yields.every((key) => finished.has(key))).length;
    const { workers, kinds } = await whoWorks(store, folder);
    const active = workers.filter(({ working }) => working);
    const rate = active.reduce((sum, { jobsPerSecond }) => sum + jobsPerSecond, 0);
    const parallel = active.reduce((sum, { parallel }) => sum + parallel, 0);
    const status = {
      folder,
      hash: layout.hash,
      jobs: layout.jobs.length,
      done,
      failed: broken.length,
      missing: missing.length,
      halfDone: halfDone(folder),
      jobsPerSecond: rate > 0 ? rate : null,
      secondsLeft: missing.length === 0 ? 0 : secondsLeft(missing, layout.jobs, kinds, parallel),
      reasons: await reasonsOf(store, broken),
      workers,
    };
    if (options.json) printJson(status);
    else show(status);
  });
}

interface Worker {
  writer: string;
  host: string;
  process: number;
  /** UTC */
  since: string;
  /** null before its first result */
  last: string | null;
  working: boolean;
  jobs: number;
  jobsPerSecond: number;
  /** Seconds of jobs that it does in a second */
  parallel: number;
}

type KindTimes = Map<string, { jobs: number; seconds: number }>;

/** s without a result after which a writer of another machine is not counted among those that work. */
const quiet = 300;

async function whoWorks(store: FolderStore, folder: string): Promise<{ workers: Worker[]; kinds: KindTimes }> {
  const kinds: KindTimes = new Map();
  const own = new Map<string, { jobs: number; seconds: number }>();
  for await (const { value } of store.timings()) {
    const seconds = Number(value.seconds);
    for (const [counts, key] of [
      [kinds, String(value.job)],
      [own, String(value.writer)],
    ] as const) {
      const before = counts.get(key) ?? { jobs: 0, seconds: 0 };
      counts.set(key, { jobs: before.jobs + 1, seconds: before.seconds + seconds });
    }
  }
  const workers = store.writers().map(({ writer, host, process, start, journal }): Worker => {
    const last = statSync(join(folder, journalFolder, journal)).mtimeMs;
    const { jobs, seconds } = own.get(writer) ?? { jobs: 0, seconds: 0 };
    // A journal begins with its first results: what they took came before.
    const elapsed = Math.max(1e-3, (last - Date.parse(start)) / 1000 + seconds / Math.max(1, jobs));
    const here = host === hostname();
    const working = here ? isRunning(process) : (Date.now() - last) / 1000 < quiet;
    const pace = { jobsPerSecond: jobs / elapsed, parallel: seconds / elapsed };
    return { writer, host, process, since: start, last: new Date(last).toISOString(), working, jobs, ...pace };
  });
  return { workers: [...workers, ...withoutResults(folder, workers)], kinds };
}

/** Those of `study work` who have said that they are there, and have finished nothing yet: they have no journal. */
function withoutResults(folder: string, known: readonly Worker[]): Worker[] {
  const journals = new Set(known.map(({ writer }) => writer));
  return workersOf(folder)
    .filter(({ writer }) => !journals.has(writer))
    .map((sign) => {
      const { writer, host, start } = sign;
      const working = !sign.left && !hasEnded(sign);
      return {
        ...{ writer, host, process: sign.process, since: start, last: null, working },
        ...{ jobs: 0, jobsPerSecond: 0, parallel: 0 },
      };
    });
}

/** By what jobs of each kind took so far, in proportion to what they are said to cost. */
function secondsLeft(missing: readonly Job[], jobs: readonly Job[], kinds: KindTimes, parallel: number): number | null {
  if (parallel <= 0) return null;
  let left = 0;
  for (const [kind, { jobs: done, seconds }] of kinds) {
    const costs = (list: readonly Job[]) =>
      list.filter((job) => job.kind === kind).reduce((sum, { cost = 1 }) => sum + cost, 0);
    const all = jobs.filter((job) => job.kind === kind).length;
    if (done > 0 && all > 0) left += (seconds / done) * (costs(missing) / (costs(jobs) / all));
  }
  return left / parallel;
}

const mostReasons = 10;

async function reasonsOf(
  store: FolderStore,
  broken: readonly Job[],
): Promise<{ reason: string; jobs: number; first: string }[]> {
  const reasons = new Map<string, { jobs: number; first: string }>();
  for (const job of broken) {
    const key = job.yields.find((one) => store.failed().has(one))!;
    const reason = (await store.get(key))?.failure ?? "it can no longer be read";
    const known = reasons.get(reason);
    if (known === undefined) reasons.set(reason, { jobs: 1, first: job.name });
    else known.jobs++;
  }
  return [...reasons]
    .map(([reason, counts]) => ({ reason, ...counts }))
    .sort((a, b) => b.jobs - a.jobs)
    .slice(0, mostReasons);
}

/** Jobs of which a part is kept. */
function halfDone(folder: string): number {
  try {
    return readdirSync(join(folder, "state")).filter((name) => !name.startsWith(".")).length;
  } catch {
    return 0;
  }
}

function show(status: {
  jobs: number;
  done: number;
  failed: number;
  missing: number;
  halfDone: number;
  jobsPerSecond: number | null;
  secondsLeft: number | null;
  reasons: readonly { reason: string; jobs: number; first: string }[];
  workers: readonly Worker[];
}): void {
  const { jobs, done, failed, missing, jobsPerSecond, secondsLeft: left } = status;
  const half = status.halfDone > 0 ? ` (${status.halfDone} of them half done)` : "";
  print(`${done} of ${jobs} jobs done, ${failed} failed, ${missing} missing${half}\n`);
  if (jobsPerSecond !== null && missing > 0)
    print(`${Number(jobsPerSecond.toPrecision(3))} jobs/s${left === null ? "" : `, about ${roughTime(left)} left`}\n`);
  for (const { reason, jobs: count, first } of status.reasons)
    print(`failed: ${reason} (${count} jobs, such as ${first})\n`);
  if (status.workers.length === 0) return;
  const columns = [
    { label: "writer", value: (worker: Worker) => worker.writer },
    { label: "host", value: (worker: Worker) => worker.host },
    { label: "process", value: (worker: Worker) => String(worker.process) },
    { label: "jobs", value: (worker: Worker) => worker.jobs },
    { label: "jobs/s", value: (worker: Worker) => worker.jobsPerSecond },
    { label: "last result", value: (worker: Worker) => worker.last ?? "none yet" },
    { label: "", value: (worker: Worker) => (worker.working ? "works" : "ended") },
  ];
  print(`\n${textTable(status.workers, columns)}\n`);
}
