import type { Dataset } from "../../config/records.js";
import { createDataset } from "../../data/index.js";
import type { KeptTrace, Worth } from "../../federated/keptTrace.js";
import type { Ending, RunResult } from "../../federated/result.js";
import { simulateTogether } from "../../federated/together.js";
import type { RunRequest, TraceJob } from "../plan/grid.js";

/** A run of a grid: the closing figures, and its course as plain numbers. */
export interface RunSummary {
  key: string;
  /** Key of the training it was priced on */
  trace: string;
  cell: string;
  labels: Readonly<Record<string, string>>;
  seed: number;
  drop: number;
  ended: { by: Ending; reason: string };
  final: RunResult["final"];
  fingerprint: RunResult["fingerprint"];
  course: Course;
}

/** Round by round; entry 0 of `accuracy` and `loss` is the untrained model, entry t of all of them is after round t. */
export interface Course {
  /** Test accuracy; null where it was not measured */
  accuracy: (number | null)[];
  /** Test loss, likewise */
  loss: (number | null)[];
  /** Used so far: J, s, bits; entry 0 is 0 */
  energy: number[];
  latency: number[];
  nominalBits: number[];
  wireBits: number[];
}

/** A finished training as it is kept: it can be priced again under other powers, drops and budgets. */
export type StoredTrace = KeptTrace;

export interface JobOutcome {
  trace: StoredTrace;
  runs: RunSummary[];
  /** False where a kept training was long enough */
  trained: boolean;
}

export interface JobProgress {
  /** Rounds trained so far, and how many the budgets will probably reach */
  round: number;
  expected: number;
  accuracy: number | null;
}

/** Trains as far as the budgets of the job's runs reach, and prices them all; a failed training fails only the runs that reach it. */
export async function performJob(
  job: TraceJob,
  options: { dataset?: Dataset; stored?: StoredTrace; onProgress?(progress: JobProgress): void } = {},
): Promise<JobOutcome> {
  const { config } = job;
  let lastAccuracy: number | null = null;
  const { results, trace, trained } = await simulateTogether(config, job.runs, {
    dataset: options.dataset ?? (() => createDataset(config.data, config.seed)),
    ...(options.stored && { kept: options.stored }),
    initial: true,
    observers: [
      {
        onRound({ round, accuracy }, { expected, trained }) {
          if (!trained) return;
          lastAccuracy = accuracy ?? lastAccuracy;
          options.onProgress?.({ round, expected, accuracy: lastAccuracy });
        },
      },
    ],
  });
  const runs = results.map((result, i) => summarize(job.runs[i]!, job.key, result));
  return { trace, runs, trained };
}

/** A run's summary from its result. */
export function summarize(request: RunRequest, traceKey: string, result: RunResult): RunSummary {
  const { rounds, ended, final } = result;
  const initial: Worth = result.initial!;
  return {
    key: request.key,
    trace: traceKey,
    cell: request.cell,
    labels: request.labels,
    seed: request.seed,
    drop: request.drop,
    ended,
    final,
    fingerprint: result.fingerprint,
    course: {
      accuracy: [initial.accuracy, ...rounds.map((round) => round.accuracy)],
      loss: [initial.testLoss, ...rounds.map((round) => round.testLoss)],
      energy: [0, ...rounds.map((round) => round.totals.energy)],
      latency: [0, ...rounds.map((round) => round.totals.latency)],
      nominalBits: [0, ...rounds.map((round) => round.totals.nominalBits)],
      wireBits: [0, ...rounds.map((round) => round.totals.wireBits)],
    },
  };
}
