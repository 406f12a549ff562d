import type { BiasResult, Speed } from "../../quantizers/proof/benchmark.js";
import type { GoldenResult } from "../../quantizers/proof/goldens.js";
import type { InputRow, SweepRow } from "../../quantizers/proof/sweeps.js";
import { studyOptions } from "../checks.js";
import type { Learning } from "../jobs/equalBits.js";
import {
  type PartResults,
  type PlannedPart,
  type QuantizerPart,
  type QuantizerPlan,
  quantizerJobs,
  quantizerResult,
} from "../jobs/quantizer.js";
import type { Store } from "../store/contract.js";
import { memoryStore } from "../store/memory.js";
import { here } from "./here.js";
import type { StudyProgress } from "./progress.js";
import { runJobs, type StudyOptions } from "./run.js";

/** A benchmark's results, subject by subject in the order of the plan; parts that were not asked for are empty. */
export interface QuantizerBenchmark {
  /** Errors that are known from elsewhere, and whether they were met */
  goldens: GoldenResult[];
  sweep: (SweepRow & { quantizer: string })[];
  inputs: (InputRow & { quantizer: string })[];
  bias: Record<string, BiasResult>;
  speed: Record<string, Speed>;
  learning: (Learning & { label: string })[];
  /** Parts that broke off, with the reason */
  failures: { part: QuantizerPart; quantizer: string; reason: string }[];
  interrupted: boolean;
}

/**
 * Measures quantizers side by side: known errors, the probes and vectors of one's own, scales, bias, speed, and
 * accuracy at equal bits. Speeds are measured at the end, one after the other in this thread, while nothing else runs.
 *
 * @throws InputError for a quantizer or a setting that there is not
 * @example
 * const { inputs } = await benchmarkQuantizers({
 *   subjects: [{ label: "emq", config: { name: "emq" } }, { label: "4 bits", config: { name: "laq", bits: 4 } }],
 *   parts: ["inputs"],
 * });
 * inputs.length > 0; // → true
 */
export async function benchmarkQuantizers(
  plan: QuantizerPlan,
  options: StudyOptions = {},
): Promise<QuantizerBenchmark> {
  studyOptions("options", options);
  const { store = memoryStore(), place = here(), onProgress, ...rest } = options;
  const planned = quantizerJobs(plan);
  const timed = planned.filter(({ part }) => part === "speed");
  const others = planned.filter(({ part }) => part !== "speed");
  const failures: QuantizerBenchmark["failures"] = [];
  let done = 0;
  for (const [parts, where] of [
    [others, place],
    [timed, here()],
  ] as const) {
    const outcome = await runJobs(
      parts.map(({ job }) => job),
      {
        ...rest,
        store,
        place: where,
        ...(onProgress && { onProgress: (progress) => onProgress(ofAll(progress, done, planned.length)) }),
      },
    );
    const reasons = new Map(outcome.failures.map(({ job, reason }) => [job.key, reason]));
    for (const { part, label, job } of parts) {
      const reason = reasons.get(job.key);
      if (reason !== undefined) failures.push({ part, quantizer: label, reason });
    }
    done += parts.length;
  }
  const goldens = await resultsOf("goldens", planned, store);
  const sweep = await resultsOf("sweep", planned, store);
  const inputs = await resultsOf("inputs", planned, store);
  const learning = await resultsOf("accuracy", planned, store);
  return {
    goldens: goldens.flatMap(([, rows]) => rows),
    sweep: sweep.flatMap(([quantizer, rows]) => rows.map((row) => ({ quantizer, ...row }))),
    inputs: inputs.flatMap(([quantizer, rows]) => rows.map((row) => ({ quantizer, ...row }))),
    bias: Object.fromEntries(await resultsOf("bias", planned, store)),
    speed: Object.fromEntries(await resultsOf("speed", planned, store)),
    learning: learning.map(([label, course]) => ({ label, ...course })),
    failures,
    interrupted: rest.signal?.aborted === true,
  };
}

/** What a part gave for each subject, as far as the store has it. */
async function resultsOf<Part extends QuantizerPart>(
  part: Part,
  planned: readonly PlannedPart[],
  store: Store,
): Promise<[label: string, result: PartResults[Part]][]> {
  const found: [string, PartResults[Part]][] = [];
  for (const { label, job } of planned.filter((one) => one.part === part)) {
    const record = await store.get(job.key);
    if (record !== undefined && record.failure === undefined) found.push([label, quantizerResult(part, record)]);
  }
  return found;
}

/** The two halves of the work as one: the timed jobs are in all counts, as not done before their turn. */
function ofAll(progress: StudyProgress, before: number, jobs: number): StudyProgress {
  const own = progress.jobs;
  return {
    ...progress,
    jobs,
    done: before + progress.done,
    share: jobs === 0 ? 1 : (before + progress.share * own) / jobs,
  };
}
