import { Command } from "commander";
import { presetNames } from "../../config/presets.js";
import type { RunOptions } from "../actions/run.js";
import { collect } from "../terminal/options.js";

/** `cellfed run`: the main job. */
export function runCommand(): Command {
  return new Command("run")
    .description("train over one network until the rounds or a budget end it")
    .argument("[config]", `a preset (${presetNames.join(", ")}) or a JSON file`, "quick")
    .option("--set <path=value>", "set one field of the config, such as network.clients=40; may be repeated", collect)
    .option("--quantizer <method>", "such as emq:digits=1: short for --set quantizer=emq --set quantizer.digits=1")
    .option("--power <method>", "such as joint:alpha=0.3, likewise")
    .option(
      "--plugin <file>",
      "a module with parts of one's own, which the config may then name; may be repeated",
      collect,
    )
    .option("--data-dir <dir>", "folder with the files of the data set")
    .option("--out <dir>", "results folder (default: results/NAME-FINGERPRINT, which goes on by itself)")
    .option("--no-out", "write no results folder")
    .option("--resume", "go on with what the results folder holds")
    .option("--rounds <n>", "rounds at most")
    .option("--seed <n>", "seed of every random number")
    .option("--seeds <list>", "run several seeds, such as 1..8 or 1,4,9, and give means with 95 % intervals")
    .option("--workers <n>", "worker threads (default: one a core); the results do not depend on it")
    .option("--capture <dir>", "save updates as float32 files, before quantization")
    .option("--json", "print the result as JSON on stdout, and nothing else")
    .addHelpText(
      "after",
      `
Examples:
  cellfed run                                                        the quick preset, in seconds
  cellfed run paper-cifar10-k20 --data-dir data                      the paper's set-up
  cellfed run quick --quantizer identity --power min-max             another quantizer, another power method
  cellfed run quick --seeds 1..8                                     means with 95 % intervals
  cellfed run paper-mnist --data-dir data --out here --resume        go on after a kill
  cellfed run results/quick-0123abcd/config.json                     the same run again`,
    )
    .action(async (source: string, options: RunOptions) => {
      const { seeds } = options;
      if (seeds === undefined) await (await import("../actions/run.js")).run(source, options);
      else await (await import("../actions/runSeeds.js")).runSeeds(source, { ...options, seeds });
    });
}
