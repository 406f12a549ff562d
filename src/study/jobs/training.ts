import type { Config } from "../../config/config.js";
import { RunError } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import { createDataset } from "../../data/index.js";
import { configFingerprint } from "../../federated/fingerprint.js";
import { createLedger, fullPowerSpectralEfficiency } from "../../federated/ledger.js";
import type { Ending, RunResult } from "../../federated/result.js";
import { openTrace, priceTrace, type Trace, type TraceRound } from "../../federated/trace.js";
import type { RunRequest, TraceJob } from "../plan/grid.js";
import { simulateJointResolution } from "./jointResolution.js";

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
export interface StoredTrace {
  /** d */
  parameters: number;
  initial: { accuracy: number | null; testLoss: number };
  rounds: TraceRound[];
  /** Why the training broke off after the last round */
  failure?: string;
}

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
  if (options.stored !== undefined && job.scheme === undefined) {
    try {
      const trace = replay(options.stored);
      return { trace: options.stored, runs: await priceAll(job, trace, options.stored), trained: false };
    } catch (error) {
      if (!(error instanceof TraceTooShort)) throw error;
    }
  }
  const { config } = job;
  const dataset = options.dataset ?? createDataset(config.data, config.seed);
  if (job.scheme !== undefined) return performScheme(job, dataset, options.onProgress);
  let expected = config.rounds;
  let lastAccuracy: number | null = null;
  const trace = await openTrace(config, {
    dataset,
    ...(job.drop !== undefined && { spectralEfficiency: spectralEfficiencyOf(config, job.drop) }),
    onRound(round) {
      if (round.round === 1) expected = expectedRounds(job, round, trace.parameters);
      lastAccuracy = round.accuracy ?? lastAccuracy;
      options.onProgress?.({ round: round.round, expected: Math.max(expected, round.round), accuracy: lastAccuracy });
    },
  });
  try {
    const guarded = guard(trace);
    const runs = await priceAll(job, guarded, trace);
    const failure = guarded.failure();
    return {
      trace: {
        parameters: trace.parameters,
        initial: trace.initial,
        rounds: [...trace.rounds],
        ...(failure !== undefined && { failure }),
      },
      runs,
      trained: true,
    };
  } finally {
    await trace.close();
  }
}

/** Runs whose training depends on their powers: each for itself. */
async function performScheme(
  job: TraceJob,
  dataset: Dataset,
  onProgress: ((progress: JobProgress) => void) | undefined,
): Promise<JobOutcome> {
  const untrained = await openTrace(job.config, { dataset });
  const { parameters, initial } = untrained;
  await untrained.close();
  const runs: RunSummary[] = [];
  for (const request of job.runs) {
    const { config, drop } = request;
    const result = await simulateJointResolution(config, {
      dataset,
      drop,
      onRound: ({ round, accuracy }) => onProgress?.({ round, expected: config.rounds, accuracy }),
    });
    runs.push(summarize(request, job.key, initial, result));
  }
  const failed = runs.find((run) => run.ended.by === "failed");
  return {
    trace: { parameters, initial, rounds: [], ...(failed && { failure: failed.ended.reason }) },
    runs,
    trained: true,
  };
}

/** A run's summary from its result. */
export function summarize(
  request: RunRequest,
  traceKey: string,
  initial: StoredTrace["initial"],
  result: RunResult,
): RunSummary {
  const { rounds, ended } = result;
  // A run that had no round is worth what the untrained model is.
  const final =
    rounds.length > 0 ? result.final : { ...result.final, accuracy: initial.accuracy, testLoss: initial.testLoss };
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

async function priceAll(job: TraceJob, trace: Trace, source: Pick<StoredTrace, "initial">): Promise<RunSummary[]> {
  const runs: RunSummary[] = [];
  for (const request of job.runs) {
    const result = await priceOne(request, trace);
    runs.push(summarize(request, job.key, source.initial, result));
  }
  return runs;
}

async function priceOne({ config, drop }: RunRequest, trace: Trace): Promise<RunResult> {
  try {
    return await priceTrace(trace, config, { drop });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    // The rounds before the one that failed are what this run has.
    const result = await priceTrace(trace, { ...config, rounds: trace.rounds.length }, { drop });
    return {
      ...result,
      config,
      ended: { by: "failed", reason: error.message },
      fingerprint: { ...result.fingerprint, config: configFingerprint(config) },
    };
  }
}

class TraceTooShort extends Error {}

/** A kept training as a trace that cannot go further; where it broke off it breaks off again. */
function replay(stored: StoredTrace): Trace {
  return {
    parameters: stored.parameters,
    initial: stored.initial,
    rounds: stored.rounds,
    async round(number) {
      const round = stored.rounds[number - 1];
      if (round !== undefined) return round;
      if (stored.failure !== undefined) throw new RunError(stored.failure);
      throw new TraceTooShort();
    },
    async close() {},
  };
}

/** After a failure the training's state is undefined: asked again, it fails again for the same reason. */
function guard(trace: Trace): Trace & { failure(): string | undefined } {
  let failed: RunError | undefined;
  return {
    ...trace,
    rounds: trace.rounds,
    async round(number) {
      if (failed !== undefined && number > trace.rounds.length) throw failed;
      try {
        return await trace.round(number);
      } catch (error) {
        if (error instanceof RunError) failed = error;
        throw error;
      }
    },
    failure: () => failed?.message,
  };
}

/** How far the most frugal run of the job would get if every round cost what the first does. */
function expectedRounds(job: TraceJob, first: TraceRound, parameters: number): number {
  let most = 1;
  for (const { config, drop } of job.runs) {
    const price = createLedger(config, { parameters, drop }).price(first);
    if (!price.fits) continue;
    const { energy, latency } = config.budgets;
    const reach = Math.min(
      config.rounds,
      energy === null ? config.rounds : Math.floor(energy / price.energy),
      latency === null ? config.rounds : Math.floor(latency / price.latency),
    );
    most = Math.max(most, reach);
  }
  return most;
}

function spectralEfficiencyOf(config: Config, drop: number): (round: number) => Float64Array {
  const ledger = createLedger(config, { parameters: 0, drop });
  return (round) => fullPowerSpectralEfficiency(ledger.rates(round));
}
