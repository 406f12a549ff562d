import { callable, listOf, optional, record, whole } from "../../config/arguments.js";
import { InputError, reasonOf } from "../../config/errors.js";
import type { StopSignal } from "../../config/records.js";
import { aJob, aPlace, aSignal, aStore } from "../checks.js";
import { checkJob, failedRecord } from "../jobs/index.js";
import type { Job, JobState } from "../jobs/job.js";
import type { Store, StoreRecord } from "../store/contract.js";
import { LostJob, type Place } from "./place.js";
import { countProgress, type StudyProgress } from "./progress.js";

export interface RunJobsOptions {
  /** What it has already is not performed again */
  store: Store;
  /** Where the jobs are performed; whoever opened it closes it */
  place: Place;
  /** Where half-done work is kept between two attempts, by the job's key; where the store says unless given */
  state?: Store["state"];
  onProgress?(progress: StudyProgress): void;
  /** Keys that are not computed though the store has them not, such as those of failures that are left as they are */
  leave?: ReadonlySet<string>;
  /** Breaks off what is under way; what is finished stays in the store */
  signal?: StopSignal;
  /** How often a job whose worker was lost is tried again (default: once). What a job throws itself, it would throw again */
  retries?: number;
}

/** The same for a study as a function of the library: by default in memory and in this thread. */
export type StudyOptions = Partial<Omit<RunJobsOptions, "state" | "retries" | "leave">>;

/** What came of a study beside the records in its store. */
export interface JobsOutcome {
  /** Jobs that gave no record, with the error that ended them */
  failures: readonly { job: Job; wanted: ReadonlySet<string>; reason: string }[];
  /** Broken off by the signal */
  interrupted: boolean;
}

const checkRunOptions = record({
  ...{ store: aStore, place: aPlace, state: optional(callable), onProgress: optional(callable) },
  ...{ signal: optional(aSignal), retries: optional(whole()) },
});

/**
 * The one runner: takes the jobs that the store has not, performs them, adds what they give, and tells.
 *
 * A job that fails is a row in the store, with its reason, and the others go on. Bad input that shows before anything
 * is finished (a split that cannot be made, files that are not there) ends everything.
 * @throws that InputError; and whatever the store throws when it cannot keep a record
 * @example
 * const store = memoryStore();
 * const jobs = trainingJobs([gridOf({ file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } })]);
 * const { failures, interrupted } = await runJobs(jobs, { store, place: here() });
 * [failures.length, interrupted]; // → [0,false]
 */
export async function runJobs(jobs: readonly Job[], options: RunJobsOptions): Promise<JobsOutcome> {
  listOf(aJob)("jobs", jobs);
  checkRunOptions("options", options);
  const { store, place, signal, state: stateOf = store.state, leave = new Set() } = options;
  const finished = store.finished();
  const waiting = missingJobs(jobs, finished, leave);
  for (const { job } of waiting) if (!finished.has(job.key)) checkJob(job);
  const stop = followed(signal);
  const progress = countProgress(
    jobs.length,
    waiting.map(({ job }) => job),
    options.onProgress,
  );
  const failures: JobsOutcome["failures"][number][] = [];
  let anyFinished = waiting.length < jobs.length;
  let next = 0;
  const keeping = backlog(() => stop.abort());

  async function work(): Promise<void> {
    while (next < waiting.length && !stop.signal.aborted) {
      const { job, wanted } = waiting[next++]!;
      const state = stateOf && watched(stateOf(job.key));
      const begun = performance.now();
      const performed = await attempt(job, wanted, state);
      if (performed === undefined) return;
      const failed = performed.some(({ failure }) => failure !== undefined);
      // It counts as done once its records are kept; meanwhile the next one may be under way.
      const kept = store.add([...performed, timingOf(job, begun)]).then(() => {
        if (!failed && state?.used()) state.remove();
        progress.done(job, failed);
      });
      await keeping.add(kept);
    }
  }

  /** @returns the records, those of a failure too; undefined where it was broken off */
  async function attempt(
    job: Job,
    wanted: ReadonlySet<string>,
    state: JobState | undefined,
  ): Promise<readonly StoreRecord[] | undefined> {
    const kept = wanted.has(job.key) ? undefined : await store.get(job.key);
    for (let left = options.retries ?? 1; ; left--) {
      try {
        const records = await place.perform(job, {
          wanted,
          ...(kept !== undefined && kept.failure === undefined && { kept }),
          ...(state && { state }),
          onProgress: (step) => progress.step(job, step),
          signal: stop.signal,
        });
        anyFinished = true;
        return records;
      } catch (error) {
        if (stop.signal.aborted) return undefined;
        if (error instanceof LostJob && left > 0) continue;
        if (error instanceof InputError && !anyFinished) throw error;
        const reason = error instanceof Error ? error.message : reasonOf(error);
        failures.push({ job, wanted, reason });
        return [...wanted].map((key) => failedRecord(job, key, reason));
      }
    }
  }

  try {
    await Promise.all(
      Array.from({ length: Math.min(place.slots, waiting.length) }, () =>
        work().catch((error: unknown) => {
          stop.abort(); // the others need not go on
          throw error;
        }),
      ),
    );
  } finally {
    await keeping.settled();
    stop.release();
  }
  keeping.check();
  return { failures, interrupted: signal?.aborted === true };
}

function timingOf({ key, kind, name }: Job, begun: number): StoreRecord {
  const seconds = Number(((performance.now() - begun) / 1000).toPrecision(4));
  return { kind: "timing", key, value: { job: kind, name, seconds } };
}

/** Most jobs are done before they keep anything: then there is nothing to take away. */
function watched(state: JobState & { remove(): void }) {
  let used = false;
  return {
    async read() {
      const bytes = await state.read();
      used ||= bytes !== undefined;
      return bytes;
    },
    async write(bytes: Uint8Array) {
      used = true;
      await state.write(bytes);
    },
    used: () => used,
    remove: () => state.remove(),
  };
}

/** Jobs whose records are on their way to the disk, at most: what waits for one disk goes there together. */
const mostKeeping = 32;

/** Aborts when a signal does, and by itself. */
function followed(signal: StopSignal | undefined) {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return { signal: stop.signal, abort, release: () => signal?.removeEventListener("abort", abort) };
}

/** Work that goes on beside what is done next, a few at a time. @param onLost told when one of them fails */
function backlog(onLost: () => void) {
  const underWay = new Set<Promise<void>>();
  const lost: unknown[] = [];
  return {
    async add(work: Promise<void>): Promise<void> {
      const one: Promise<void> = work
        .catch((error: unknown) => {
          lost.push(error);
          onLost();
        })
        .finally(() => underWay.delete(one));
      underWay.add(one);
      if (underWay.size >= mostKeeping) await Promise.race(underWay);
    },
    async settled(): Promise<void> {
      await Promise.all(underWay);
    },
    /** @throws what the first that failed threw */
    check(): void {
      if (lost.length > 0) throw lost[0];
    },
  };
}

/** Jobs that have to be performed, and for which of their records; the longest first, where that is known. */
function missingJobs(
  jobs: readonly Job[],
  finished: ReadonlySet<string>,
  leave: ReadonlySet<string>,
): { job: Job; wanted: ReadonlySet<string> }[] {
  return jobs
    .map((job) => ({ job, wanted: new Set(job.yields.filter((key) => !finished.has(key) && !leave.has(key))) }))
    .filter(({ wanted }) => wanted.size > 0)
    .sort((a, b) => (b.job.cost ?? 0) - (a.job.cost ?? 0));
}
