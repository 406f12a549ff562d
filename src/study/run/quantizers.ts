import type { BiasResult, Speed } from "../../quantizers/proof/benchmark.js";
import type { GoldenResult } from "../../quantizers/proof/goldens.js";
import type { Learning } from "../jobs/equalBits.js";
import {
  type InputRow,
  type PlannedPart,
  type QuantizerPart,
  type QuantizerPlan,
  quantizerJobs,
  quantizerResult,
  type SweepRow,
} from "../jobs/quantizer.js";
import { memoryStore } from "../store/memory.js";
import { here } from "./here.js";
import type { StudyOptions } from "./options.js";
import type { StudyProgress } from "./progress.js";
import { runJobs } from "./run.js";

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
 */
export async function benchmarkQuantizers(
  plan: QuantizerPlan,
  options: StudyOptions = {},
): Promise<QuantizerBenchmark> {
  const { store = memoryStore(), place = here(), signal, onProgress } = options;
  const planned = quantizerJobs(plan);
  const timed = planned.filter(({ part }) => part === "speed");
  const others = planned.filter(({ part }) => part !== "speed");
  const reasons = new Map<string, string>();
  let done = 0;
  for (const [parts, where] of [
    [others, place],
    [timed, here()],
  ] as const) {
    const { failures } = await runJobs(
      parts.map(({ job }) => job),
      {
        store,
        place: where,
        ...(signal && { signal }),
        ...(onProgress && { onProgress: (progress) => onProgress(ofAll(progress, done, planned.length)) }),
      },
    );
    for (const { job, reason } of failures) reasons.set(job.key, reason);
    done += parts.length;
  }
  return gather(planned, reasons);

  async function gather(all: readonly PlannedPart[], failed: ReadonlyMap<string, string>): Promise<QuantizerBenchmark> {
    const result: QuantizerBenchmark = {
      goldens: [],
      sweep: [],
      inputs: [],
      bias: {},
      speed: {},
      learning: [],
      failures: all.flatMap(({ part, label, job }) =>
        failed.has(job.key) ? [{ part, quantizer: label, reason: failed.get(job.key)! }] : [],
      ),
      interrupted: signal?.aborted === true,
    };
    const of = async <Part extends QuantizerPart>(part: Part) => {
      const found = [];
      for (const { label, job } of all.filter((one) => one.part === part)) {
        const record = await store.get(job.key);
        if (record !== undefined && record.failure === undefined)
          found.push({ label, result: quantizerResult(part, record) });
      }
      return found;
    };
    for (const one of await of("goldens")) result.goldens.push(...one.result);
    for (const { label, result: rows } of await of("sweep"))
      result.sweep.push(...rows.map((row) => ({ quantizer: label, ...row })));
    for (const { label, result: rows } of await of("inputs"))
      result.inputs.push(...rows.map((row) => ({ quantizer: label, ...row })));
    for (const { label, result: bias } of await of("bias")) result.bias[label] = bias;
    for (const { label, result: speed } of await of("speed")) result.speed[label] = speed;
    for (const { label, result: learning } of await of("accuracy")) result.learning.push({ label, ...learning });
    return result;
  }
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
