import { Command } from "commander";
import { presetNames } from "../../config/presets.js";
import { collect } from "../terminal/options.js";
import type { RunOptions } from "./runs.js";

/** `cellfed run`: the main job. */
export function runCommand(): Command {
  return new Command("run")
    .description("train over one network until the rounds or a budget end it")
    .argument("[config]", `a preset (${presetNames.join(", ")}) or a JSON file`, "quick")
    .option("--set <path=value>", "set one field of the config, such as network.clients=40; may be repeated", collect)
    .option("--data-dir <dir>", "folder with the files of the data set")
    .option("--out <dir>", "results folder (default: results/NAME-FINGERPRINT)")
    .option("--no-out", "write no results folder")
    .option("--rounds <n>", "rounds at most")
    .option("--seed <n>", "seed of every random number")
    .option("--seeds <list>", "run several seeds, such as 1..8 or 1,4,9, and give means with 95 % intervals")
    .option("--workers <n>", "worker threads (default: one a core); the results do not depend on it")
    .option("--capture <dir>", "save updates as float32 files, before quantization; uses one thread")
    .option("--json", "print the result as JSON on stdout, and nothing else")
    .addHelpText(
      "after",
      `
Examples:
  cellfed run                                                        the quick preset, in seconds
  cellfed run paper-cifar10-k20 --data-dir data                      the paper's set-up
  cellfed run quick --set quantizer=identity --set power=min-max     another quantizer, another power method
  cellfed run quick --seeds 1..8                                     means with 95 % intervals
  cellfed run results/quick-0123abcd/config.json                     the same run again`,
    )
    .action(async (source: string, options: RunOptions) => {
      const { runOnce, runSeeds } = await import("./runs.js");
      await (options.seeds === undefined ? runOnce(source, options) : runSeeds(source, options));
    });
}
