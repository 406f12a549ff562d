import { Command } from "commander";
import type { FetchOptions } from "../actions/dataFetch.js";
import type { ListOptions } from "../actions/dataList.js";
import type { PartitionOptions } from "../actions/dataPartition.js";
import { collect } from "../terminal/options.js";

/** `cellfed data`: what there is to learn from, and who gets which part of it. */
export function dataCommand(): Command {
  const data = new Command("data").description("data sets: fetch them, list them, show how they are split");
  data
    .command("fetch")
    .description("download a data set from its publisher: mnist, fashion-mnist, cifar10, cifar100")
    .argument("<name>", "the data set")
    .option("--out <dir>", "folder for data sets, what --data-dir is then given", "data")
    .option("--mirror <url>", "take the files from this address instead; their sums must agree all the same")
    .option("--force", "replace files that are there and differ from the published ones")
    .option("--json", "print what was fetched as JSON on stdout")
    .action(async (name: string, options: FetchOptions) => {
      const { dataFetch } = await import("../actions/dataFetch.js");
      await dataFetch(name, options);
    });
  data
    .command("list")
    .description("the data sets there are, and whether their files are at hand")
    .option("--data-dir <dir>", "folder to look in (default: data)")
    .option("--json", "print the list as JSON on stdout")
    .action(async (options: ListOptions) => {
      const { dataList } = await import("../actions/dataList.js");
      await dataList(options);
    });
  data
    .command("partition")
    .description("how many examples of each class each client gets")
    .argument("[config]", "a preset or a JSON file", "quick")
    .option("--set <path=value>", "set one field of the config, such as data.split.alpha=0.1; may be repeated", collect)
    .option("--data-dir <dir>", "folder with the files of the data set")
    .option("--seed <n>", "seed of the split (and of a data set that is made from one)")
    .option("--figure <file.svg>", "draw the table")
    .option("--save <file.json>", 'write the examples of each client, as the split "file" reads them')
    .option("--json", "print the table as JSON on stdout")
    .action(async (source: string, options: PartitionOptions) => {
      const { dataPartition } = await import("../actions/dataPartition.js");
      await dataPartition(source, options);
    });
  return data;
}
