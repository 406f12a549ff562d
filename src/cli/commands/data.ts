import { Command } from "commander";
import type { FetchOptions } from "../actions/dataFetch.js";
import type { ListOptions } from "../actions/dataList.js";
import type { PartitionOptions } from "../actions/dataPartition.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed data`: what there is to learn from, and who gets which part of it. */
export function dataCommand(): Command {
  const data = new Command("data").description("data sets: fetch them, list them, show how they are split");
  const fetch = data
    .command("fetch")
    .description("download a data set from its publisher: mnist, fashion-mnist, cifar10, cifar100")
    .argument("<name>", "the data set")
    .option("--out <dir>", "folder for data sets, what --data-dir is then given", "data")
    .option("--mirror <url>", "take the files from this address instead; their sums must agree all the same")
    .option("--force", "replace files that are there and differ from the published ones");
  withExamples(withShared(fetch, ["json"]), [["cellfed data fetch mnist", "into data/, for --data-dir data"]]).action(
    async (name: string, options: FetchOptions) => (await import("../actions/dataFetch.js")).dataFetch(name, options),
  );
  const list = data.command("list").description("the data sets there are, and whether their files are at hand");
  withExamples(withShared(list, ["dataDir", "json"], { dataDir: "folder to look in (default: data)" }), [
    ["cellfed data list", "what is there"],
  ]).action(async (options: ListOptions) => (await import("../actions/dataList.js")).dataList(options));
  const partition = data
    .command("partition")
    .description("how many examples of each class each client gets")
    .argument("[config]", "a preset or a JSON file", "quick")
    .option("--figure <file.svg>", "draw the table, with its numbers beside it as .csv")
    .option("--save <file.json>", 'write the examples of each client, as the split "file" reads them');
  withExamples(
    withShared(partition, ["set", "dataDir", "seed", "json"], {
      set: "set one field of the config, such as data.split.alpha=0.1; may be repeated",
      seed: "seed of the split (and of a data set that is made from one)",
    }),
    [
      ["cellfed data partition quick --set data.split=dirichlet --set data.split.alpha=0.1", "skewed shares"],
      ["cellfed data partition quick --figure shares.svg", "a drawing of who has what"],
    ],
  ).action(async (source: string, options: PartitionOptions) =>
    (await import("../actions/dataPartition.js")).dataPartition(source, options),
  );
  return data;
}
