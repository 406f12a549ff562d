import { Command } from "commander";
import type { PowerOptions } from "../actions/power.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed power`: one upload problem through the power-allocation methods. */
export function powerCommand(): Command {
  const command = new Command("power")
    .description("allocate the powers of one upload by one method, several or all, and draw the energy-latency front")
    .requiredOption("--problem <file>", "JSON: the rate model, the bits, the compute latency and the budgets")
    .option("--method <list>", "such as joint:alpha=0.3,most-rounds, or all", "all")
    .option("--alpha <number>", "setting of joint and coordinate, for those that do not say it themselves")
    .option("--minimum-rate <number>", "setting of sum-rate, likewise: bit/s for every client")
    .option("--exponent <number>", "setting of fractional, likewise")
    .option(
      "--figure <file>",
      "where the front goes, its points beside it as .csv (default: power.svg, none with --json)",
    )
    .option("--no-figure", "no figure");
  return withExamples(withShared(command, ["plugin", "json"]), [
    ["cellfed power --problem problem.json", "every method on one problem (examples/problem.json is one)"],
    ["cellfed power --problem problem.json --method joint:alpha=0.3,most-rounds --json", "two of them, for a program"],
  ]).action(async (options: PowerOptions) => (await import("../actions/power.js")).power(options));
}
