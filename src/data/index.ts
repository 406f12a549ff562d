import { dataSection, seedNumber } from "../config/arguments.js";
import type { DataConfig } from "../config/config.js";
import { copied } from "../config/copies.js";
import { InputError, reasonOf } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import { checkDataset, datasets } from "./sets.js";
import { type Allocate, allocator, plain } from "./storage.js";

export { checkDataset, datasets, type OwnDataset } from "./sets.js";

/**
 * A data set that needs no file; runs anywhere, same bits everywhere.
 *
 * @param seed what the examples are drawn from
 * @throws InputError for a set that has to be read from files (`loadDataset` of "cellfed/node" does that)
 * @example
 * const { train, inputShape } = createDataset(parseConfig({}).data, 1);
 * train.count; // → 6000
 * inputShape; // → [16,16,1]
 */
export function createDataset(config: DataConfig, seed: number, allocate: Allocate = plain): Dataset {
  checkData(config, seed, allocate);
  const set = datasets.named(config.name, "data.name");
  if ("create" in set) return { ...set.create(config, seed, allocate), seed };
  if ("load" in set) {
    throw new InputError("data.name", `"${config.name}" is a plugin's, which may take its time: openDataset gives it`);
  }
  const embedded = datasets.parts.flatMap((one) => ("create" in one ? [one.name] : []));
  throw new InputError(
    "data.name",
    `"${config.name}" is read from files, which only Node can do (loadDataset of "cellfed/node", or the ` +
      `cellfed command); the sets that need none: ${embedded.join(", ")}`,
  );
}

/**
 * The same, also of a set that a plugin brings.
 * @throws InputError also where what the plugin gives is no data set
 * @example
 * const { data, seed } = parseConfig({ data: "corpus" });
 * (await openDataset(data, seed)).inputShape; // → [32]
 */
export async function openDataset(config: DataConfig, seed: number, allocate: Allocate = plain): Promise<Dataset> {
  checkData(config, seed, allocate);
  const set = datasets.named(config.name, "data.name");
  if (!("load" in set)) return createDataset(config, seed, allocate);
  let loaded: Dataset;
  try {
    loaded = await set.load(copied(config), seed);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError("data.name", `"${set.name}" cannot be loaded: ${reasonOf(error)}`, { cause: error });
  }
  return checkDataset(loaded, set.name);
}

function checkData(config: DataConfig, seed: number, allocate: Allocate): void {
  dataSection("data", config);
  seedNumber("seed", seed);
  allocator("allocate", allocate);
}
