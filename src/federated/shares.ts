import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import { partition } from "../data/partition.js";

/** Examples of each client. @throws InputError where one gets none */
export function sharesOf(dataset: Dataset, config: Config): Int32Array[] {
  const clients = config.network.clients;
  const shards = partition(dataset, config.data.split, clients, config.seed);
  const empty = shards.findIndex((shard) => shard.length === 0);
  if (empty >= 0) {
    throw new InputError(
      "data.split",
      `client ${empty} of ${clients} gets no examples (${dataset.train.count} in all)`,
    );
  }
  return shards;
}
