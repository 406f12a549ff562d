import { Command } from "commander";
import type { ReproduceFlags } from "../actions/reproduce.js";
import { collect } from "../terminal/options.js";

/** `cellfed reproduce`: the papers' comparisons, as published and fair. */
export function reproduceCommand(): Command {
  return new Command("reproduce")
    .description("the papers' comparisons, as published and fair, with a verdict on each claim")
    .argument("[figures...]", "rounds, tradeoff, power, quantizers, optimizers, joint, open (default: all)")
    .option("--scale <name>", "quick (minutes), standard (about an hour, real data), full (overnight)", "quick")
    .option("--data-dir <dir>", "folder with the files of the data sets (standard and full)")
    .option(
      "--set <path=value>",
      "set one field of every config, unless the experiment sets it; may be repeated",
      collect,
    )
    .option("--plugin <file>", "a module with parts of one's own, which --set may name; may be repeated", collect)
    .option("--seeds <list>", "instead of the scale's own")
    .option("--drops <n>", "instead of the scale's own")
    .option("--out <dir>", "results folder (default: results/reproduce-SCALE)")
    .option("--no-out", "keep nothing")
    .option("--resume", "go on with what the results folder holds: it is not computed again")
    .option(
      "--writer <name>",
      "name of this process's journal, where several write into one folder (default: a unique one)",
    )
    .option("--workers <n>", "worker threads, a training each (default: one a core); the results do not depend on it")
    .option("--json", "print the claims as JSON on stdout, and nothing else")
    .action(async (figures: string[], flags: ReproduceFlags) => {
      const { runReproduction } = await import("../actions/reproduce.js");
      await runReproduction(figures, flags);
    });
}
