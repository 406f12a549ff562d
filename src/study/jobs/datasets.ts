import type { Config } from "../../config/config.js";
import type { Dataset } from "../../config/records.js";
import { datasets } from "../../data/index.js";
import { fingerprint } from "../../federated/fingerprint.js";

/** What a config's examples depend on: those from files, unless drawn, are the same whatever the seed; every other set comes from it. */
export function datasetKey({ data, seed }: Config): string {
  const { split, ...examples } = data;
  const set = datasets.find(data.name);
  return fingerprint({
    examples,
    file: split.kind === "file" ? split.file : null,
    seed: set !== undefined && "files" in set && data.subset === "even" ? null : seed,
  });
}

/** The last few data sets, so that jobs on the same examples share one copy in memory. */
export function datasetCache(
  load: (config: Config) => Dataset | Promise<Dataset>,
  limit = 4,
): (config: Config) => Promise<Dataset> {
  const kept = new Map<string, Promise<Dataset>>();
  return (config) => {
    const key = datasetKey(config);
    let dataset = kept.get(key);
    if (dataset === undefined) {
      dataset = Promise.resolve(load(config));
      dataset.catch(() => kept.delete(key));
      kept.set(key, dataset);
      if (kept.size > limit) kept.delete(kept.keys().next().value!);
    }
    return dataset;
  };
}
