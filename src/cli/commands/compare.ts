import { Command } from "commander";
import type { CompareFlags } from "../actions/compare.js";
import { collect } from "../terminal/options.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed compare`: a grid of methods at equal budgets, over seeds and drops. */
export function compareCommand(): Command {
  const command = new Command("compare")
    .description("compare quantizers, power methods, optimizers and splits at equal budgets")
    .argument("[config]", "a preset or a JSON file: what all cells share", "quick")
    .option("--quantizers <list>", "such as emq,laq:bits=4,top-q:fraction=0.1:bits=8,identity")
    .option("--power <list>", "power methods, such as most-rounds,dinkelbach,joint:alpha=0.3")
    .option("--optimizers <list>", "local optimizers, such as adadelta,sgd:learningRate=0.001")
    .option("--splits <list>", "splits of the data, such as iid,dirichlet:alpha=0.4")
    .option("--servers <list>", "server rules, such as fedavg,fedadam")
    .option("--vary <path=values>", "any field, such as network.clients=20,40; may be repeated", collect)
    .option("--budget <limits>", "energy=<J>,latency=<s>, none lifts one; may be repeated to compare budgets", collect)
    .option("--seeds <list>", "such as 1..5 or 1,4,9", "1..3")
    .option("--drops <n>", "network drops of each seed", "10")
    .option("--baseline <cell>", "the cell that differences are taken from, by its labels (default: the first)")
    .option("--export <format>", "format of the tables of runs and rounds: csv or parquet", "csv")
    .option("--plan <file.json>", "write the comparison as a plan for `cellfed study`, and stop")
    .option("--insist", "take more runs than seem reasonable (200000): up to 10000000");
  return withExamples(
    withShared(command, ["set", "plugin", "dataDir", "rounds", "out", "noOut", "resume", "writer", "workers", "json"], {
      out: "results folder (default: results/compare-NAME-HASH, which goes on by itself)",
    }),
    [
      ["cellfed compare quick --quantizers emq,laq:bits=4,identity", "three quantizers over three seeds"],
      [
        "cellfed compare quick --power most-rounds,min-max --budget energy=0.01,latency=0.3",
        "two power methods within tighter budgets",
      ],
      [
        "cellfed compare quick --vary network.clients=5,10 --out clients",
        "any field; the same line with --resume goes on after a kill",
      ],
    ],
  ).action(async (source: string, flags: CompareFlags) =>
    (await import("../actions/compare.js")).runComparison(source, flags),
  );
}
