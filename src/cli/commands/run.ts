import { Command } from "commander";
import { presetNames } from "../../config/presets.js";
import type { RunOptions } from "../actions/run.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed run`: the main job. */
export function runCommand(): Command {
  const command = new Command("run")
    .description("train over one network until the rounds or a budget end it")
    .argument("[config]", `a preset (${presetNames.join(", ")}) or a JSON file`, "quick")
    .option("--quantizer <method>", "such as emq:digits=1: short for --set quantizer=emq --set quantizer.digits=1")
    .option("--power <method>", "such as joint:alpha=0.3, likewise")
    .option("--seeds <list>", "run several seeds, such as 1..8 or 1,4,9, and give means with 95 % intervals")
    .option("--capture <dir>", "save updates as float32 files, before quantization");
  withShared(
    command,
    ["set", "plugin", "dataDir", "devices", "rounds", "seed", "out", "noOut", "resume", "workers", "json"],
    {
      out: "results folder (default: results/NAME-FINGERPRINT, which goes on by itself)",
    },
  );
  return withExamples(command, [
    ["cellfed run", "the quick preset, in seconds"],
    ["cellfed run quick --quantizer identity --power min-max", "another quantizer, another power method"],
    ["cellfed run quick --set network.clients=20 --seeds 1..4", "a field of the config; means with 95 % intervals"],
    ["cellfed run paper-mnist --data-dir data --out here", "the paper's network, with files of cellfed data fetch"],
    ["cellfed run paper-mnist --data-dir data --out here --resume", "go on after a kill"],
    ["cellfed run here/config.json", "the same run again"],
  ]).action(async (source: string, options: RunOptions) => {
    const { seeds } = options;
    if (seeds === undefined) await (await import("../actions/run.js")).run(source, options);
    else await (await import("../actions/runSeeds.js")).runSeeds(source, { ...options, seeds });
  });
}
