import { MessageChannel } from "node:worker_threads";
import type { Config } from "../../config/config.js";
import { InputError } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import { loadDataset } from "../../data/files.js";
import { fingerprint } from "../../federated/fingerprint.js";
import type { JobOutcome, JobProgress, RunSummary } from "../jobs/training.js";
import { type Grid, type TraceJob, traceJobs } from "../plan/grid.js";
import type { ResultsStore } from "../store/store.js";
import { openThreads } from "./threads.js";

export interface CompareOptions {
  workers: number;
  /** Where finished trainings and runs are kept; what it holds already is not computed again */
  store: ResultsStore;
  onProgress?(progress: GridProgress): void;
  /** Ends the comparison; finished trainings are kept */
  signal?: AbortSignal;
}

export interface GridProgress {
  /** Trainings: in all, done (those found in the store too), of which broken off */
  jobs: number;
  done: number;
  failed: number;
  /** Share of the whole, by rounds: 0 … 1 */
  share: number;
  /** s; null until a round tells */
  secondsLeft: number | null;
  /** The job that reported */
  job: { name: string; round: number; expected: number; accuracy: number | null };
}

/** Runs by their key (`runKey`), and what could not be run at all. */
export interface GridResults {
  runs: ReadonlyMap<string, RunSummary>;
  /** Trainings that gave no run: an error outside of a round */
  failures: readonly { job: string; keys: readonly string[]; reason: string }[];
  /** Broken off by the signal */
  interrupted: boolean;
}

/**
 * Runs grids: each training once, whole on one worker thread, then priced over all its drops, power methods and
 * budgets. Grids may share trainings and runs. What fails is recorded and the others go on.
 */
export async function runGrids(grids: readonly Grid[], options: CompareOptions): Promise<GridResults> {
  const { store, signal } = options;
  const all = traceJobs(grids);
  const finished = await store.finished();
  const jobs = all.filter((job) => job.runs.some((run) => !finished.has(run.key)));
  const failures: { job: string; keys: string[]; reason: string }[] = [];
  const datasets = datasetCache();
  let anyFinished = jobs.length < all.length;
  const report = progressReporter(all.length, jobs, options.onProgress);

  if (jobs.length > 0 && !signal?.aborted) {
    const threads = openThreads(Math.min(options.workers, jobs.length));
    const aborted = new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
    const waiting = [...jobs];
    const attempt = async (job: TraceJob, missing: TraceJob): Promise<JobOutcome | undefined> => {
      try {
        const dataset = await datasets(job.config);
        const stored = await store.trace(job.key);
        return await runJob(threads, missing, dataset, stored, (progress) => report.round(job, progress));
      } catch (error) {
        if (signal?.aborted) return undefined;
        // Bad input ends it all at the start; later it must not take from the others what is done.
        if (error instanceof InputError && !anyFinished) throw error;
        const keys = missing.runs.map((run) => run.key);
        failures.push({ job: jobName(job), keys, reason: (error as Error).message });
        return undefined;
      }
    };
    const work = async () => {
      for (let job = waiting.shift(); job !== undefined && !signal?.aborted; job = waiting.shift()) {
        const missing = { ...job, runs: job.runs.filter((run) => !finished.has(run.key)) };
        const outcome = await attempt(job, missing);
        if (signal?.aborted) return;
        if (outcome !== undefined) await store.add(job.key, outcome);
        anyFinished ||= outcome !== undefined;
        report.done(job, outcome === undefined || outcome.trace.failure !== undefined);
      }
    };
    try {
      const workers = Array.from({ length: Math.min(options.workers, jobs.length) }, work);
      await Promise.race([Promise.all(workers), aborted]);
      // What an abort leaves behind ends when the pool closes; nobody waits for it.
      for (const worker of workers) worker.catch(() => {});
    } finally {
      await threads.close();
    }
  }
  const keys = all.flatMap((job) => job.runs.map((run) => run.key));
  const runs = new Map((await store.runs(keys)).map((run) => [run.key, run]));
  return { runs, failures, interrupted: signal?.aborted === true };
}

/** Quantizer, optimizer, split and seed of a training: what it is called in messages. */
export function jobName({ config, drop }: Pick<TraceJob, "config" | "drop">): string {
  const { quantizer, training, data, seed } = config;
  const place = drop === undefined ? "" : `, drop ${drop}`;
  return `${quantizer.name}, ${training.optimizer.name}, ${data.split.kind}, seed ${seed}${place}`;
}

async function runJob(
  threads: ReturnType<typeof openThreads>,
  job: TraceJob,
  dataset: Dataset,
  stored: JobOutcome["trace"] | undefined,
  onProgress: (progress: JobProgress) => void,
): Promise<JobOutcome> {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", onProgress);
  port1.unref();
  try {
    return await threads.run<JobOutcome>({
      kind: "trace",
      job,
      dataset,
      ...(stored && { stored }),
      progress: port2,
    });
  } finally {
    port1.close();
  }
}

/** The last few data sets, so that trainings on the same examples share one copy in memory. */
function datasetCache(): (config: Config) => Promise<Dataset> {
  const kept = new Map<string, Promise<Dataset>>();
  return ({ data, seed }) => {
    const { split, ...examples } = data;
    const key = fingerprint({ examples, file: split.kind === "file" ? split.file : null, seed });
    let dataset = kept.get(key);
    if (dataset === undefined) {
      dataset = loadDataset(data, seed);
      kept.set(key, dataset);
      if (kept.size > 4) kept.delete(kept.keys().next().value!);
    }
    return dataset;
  };
}

/** Progress by rounds: a job not yet begun is taken to need as many as those begun do on average. */
function progressReporter(
  total: number,
  jobs: readonly TraceJob[],
  onProgress: ((progress: GridProgress) => void) | undefined,
) {
  const state = new Map<string, JobProgress>();
  const begun = performance.now();
  let done = total - jobs.length;
  let failed = 0;
  const emit = (job: TraceJob, { round, expected, accuracy }: JobProgress) => {
    const started = [...state.values()];
    const mean = started.reduce((sum, { expected }) => sum + expected, 0) / Math.max(1, started.length);
    const trained = started.reduce((sum, { round }) => sum + round, 0);
    const needed = started.reduce((sum, { expected }) => sum + expected, 0) + mean * (jobs.length - started.length);
    const seconds = (performance.now() - begun) / 1000;
    onProgress?.({
      jobs: total,
      done,
      failed,
      share: needed > 0 ? Math.min(1, trained / needed) : 0,
      secondsLeft: trained > 0 ? (seconds * (needed - trained)) / trained : null,
      job: { name: jobName(job), round, expected, accuracy },
    });
  };
  return {
    round(job: TraceJob, progress: JobProgress) {
      state.set(job.key, progress);
      emit(job, progress);
    },
    done(job: TraceJob, broken: boolean) {
      done++;
      if (broken) failed++;
      const last = state.get(job.key) ?? { round: 0, expected: 0, accuracy: null };
      state.set(job.key, { ...last, expected: last.round });
      emit(job, { ...last, expected: last.round });
    },
  };
}
