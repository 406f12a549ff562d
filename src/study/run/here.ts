import { callable, optional, record } from "../../config/arguments.js";
import type { Config } from "../../config/config.js";
import type { Dataset } from "../../config/records.js";
import { checkDataset, openDataset } from "../../data/index.js";
import { datasetCache } from "../jobs/datasets.js";
import { performJob } from "../jobs/index.js";
import type { Place } from "./place.js";

export interface HereOptions {
  /** The examples of every job, whatever its seed; without it, procedural sets are drawn from each */
  dataset?: Dataset;
  /** Where the examples come from, such as `loadDataset` of cellfed/node for sets in files */
  load?(data: Config["data"], seed: number): Dataset | Promise<Dataset>;
}

/**
 * This thread, in any JavaScript engine: one job after the other. Timers, messages and signals get in between its steps.
 * @example
 * const place = here();
 * place.slots; // → 1
 * await place.close();
 */
export function here(options: HereOptions = {}): Place {
  record({ load: optional(callable) })("options", options);
  const { dataset, load = openDataset } = options;
  if (dataset !== undefined) checkDataset(dataset, "dataset");
  const datasets = datasetCache(({ data, seed }) => dataset ?? load(data, seed));
  return {
    slots: 1,
    async perform(job, options) {
      const records = await performJob(job, { ...options, dataset: datasets });
      options.signal?.throwIfAborted();
      return records;
    },
    async close() {},
  };
}
