import { checkProducts } from "../../../bindings/products.js";
import { InputError, unknownName } from "../../config/errors.js";
import type { RecordKind, StoreRecord } from "../store/record.js";
import type { Job, JobContext, JobKind, Perform } from "./job.js";
import { priceBlock } from "./priceBlock.js";
import { pricing } from "./pricing.js";
import { performQuantizer } from "./quantizer.js";
import { performRates } from "./rates.js";
import { type TrainingPayload, training } from "./training.js";

/** Who performs the jobs of a kind, in whatever thread or page. A new kind: its file, its name in `JobKind`, a line here. */
const performers: Readonly<Record<JobKind, Perform<never>>> = {
  training,
  pricing,
  priceBlock,
  rates: performRates,
  quantizer: performQuantizer,
};

/**
 * Performs a job, here and now.
 * @throws InputError for a kind that this version does not know; what ended the job
 */
export function performJob(job: Job, context: JobContext): Promise<StoreRecord[]> {
  const perform = Object.hasOwn(performers, job.kind) ? performers[job.kind] : undefined;
  if (perform === undefined) throw new InputError("job", unknownName("kind", job.kind, Object.keys(performers)));
  return perform(job as Job<never>, context);
}

/** What can be said of a job before any is begun. @throws InputError for one that this engine cannot perform */
export function checkJob(job: Job): void {
  if (job.kind === "training") checkProducts((job.payload as TrainingPayload).config.kernels);
}

/** What stands in a store for a record that a failed job did not give. */
export function failedRecord(job: Job, key: string, failure: string): StoreRecord {
  return { kind: recordKind(job), key, failure, value: {} };
}

/** Of the records that a job yields. */
function recordKind({ kind, payload }: Job): RecordKind {
  switch (kind) {
    case "training":
      return (payload as TrainingPayload).detail === true ? "rounds" : "run";
    case "priceBlock":
      return "prices";
    default:
      return kind;
  }
}
