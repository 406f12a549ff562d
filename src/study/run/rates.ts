import { studyOptions } from "../checks.js";
import { type DropRates, dropRates, type RatesPlan, ratesJobs } from "../jobs/rates.js";
import { memoryStore } from "../store/memory.js";
import { here } from "./here.js";
import { runJobs, type StudyOptions } from "./run.js";

/** Rates of drops, in their order; fewer than asked for only after an abort. */
export interface RatesOutcome {
  drops: DropRates[];
  /** Why drops are missing that were not broken off, each reason once */
  failures: string[];
  interrupted: boolean;
}

/**
 * Spectral efficiencies of several receivers over many network drops, or on one channel.
 *
 * @throws InputError for a receiver that there is not
 * @example
 * const { network } = resolveConfig({ preset: "quick" });
 * const { drops } = await rateDrops({ network, seed: 1, schemes: ["mr", "p-mmse"], realizations: 10, drops: 3 });
 * drops.length; // → 3
 */
export async function rateDrops(plan: RatesPlan, options: StudyOptions = {}): Promise<RatesOutcome> {
  studyOptions("options", options);
  const { store = memoryStore(), place = here(), ...rest } = options;
  const jobs = ratesJobs(plan);
  const { interrupted } = await runJobs(jobs, { store, place, ...rest });
  const drops: DropRates[] = [];
  const failures = new Set<string>();
  for await (const record of store.select(jobs.flatMap(({ yields }) => yields))) {
    if (record.failure === undefined) drops.push(dropRates(record));
    else failures.add(record.failure);
  }
  return { drops, failures: [...failures], interrupted };
}
