import { Command } from "commander";
import type { ReproduceFlags } from "../actions/reproduce.js";
import { collect } from "../terminal/options.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed reproduce`: the papers' comparisons, as published and fair. */
export function reproduceCommand(): Command {
  const command = new Command("reproduce")
    .description("the papers' comparisons, as published and fair, with a verdict on each claim")
    .argument(
      "[figures...]",
      "rounds, tradeoff, maps, convergence, power, quantizers, optimizers, joint, accuracy-maps, compressors, compressor-tasks, compressor-costs, compressor-plans and stored-curves (by name only; the last at the scale paper), or open for thresholds, adadelta, servers, radio, networks, tasks, data-sets, selection, devices, batteries, losses, waiting, aggregation, switches (default: all)",
    )
    .option("--scale <name>", "quick (minutes, the default), reduced (a night, real data), paper (days), full (weeks)")
    .option("--from <dir>", "compute nothing: make a report anew from the data that it was shipped with")
    .option(
      "--known <dir>",
      "take over the results of another folder or report: what is wanted of them is not computed again; may be repeated",
      collect,
    )
    .option("--seeds <list>", "instead of the scale's own")
    .option("--drops <n>", "instead of the scale's own")
    .option("--insist", "take more runs than seem reasonable (200000): up to 10000000")
    .option("--plan <file.json>", "write the experiments as a plan for `cellfed study`, and stop");
  return withExamples(
    withShared(command, ["dataDir", "set", "plugin", "out", "noOut", "resume", "writer", "workers", "json"], {
      dataDir: "folder with the files of the data sets (all but quick)",
      set: "set one field of every config, unless the experiment sets it; may be repeated",
      out: "results folder (default: results/reproduce-SCALE)",
      json: "print the claims as JSON on stdout, and nothing else",
    }),
    [
      ["cellfed reproduce rounds --drops 5", "how many rounds the budgets allow, by method"],
      [
        "cellfed reproduce power --seeds 1 --drops 2 --out one",
        "one figure of the papers, with a verdict on each claim",
      ],
      ["cellfed reproduce power --seeds 1,2 --drops 2 --known one --out two", "a seed more than a report came with"],
    ],
  ).action(async (figures: string[], flags: ReproduceFlags) =>
    (await import("../actions/reproduce.js")).runReproduction(figures, flags),
  );
}
