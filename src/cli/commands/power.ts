import { Command } from "commander";
import type { PowerOptions } from "../actions/power.js";
import { withShared } from "./options.js";

/** `cellfed power`: one upload problem through the power-allocation methods. */
export function powerCommand(): Command {
  const command = new Command("power")
    .description("allocate the powers of one upload by one method, several or all, and draw the energy-latency front")
    .requiredOption("--problem <file>", "JSON: the rate model, the bits, the compute latency and the budgets")
    .option("--method <list>", "such as joint:alpha=0.3,most-rounds, or all", "all")
    .option("--alpha <number>", "setting of joint and coordinate, for those that do not say it themselves")
    .option("--minimum-rate <number>", "setting of sum-rate, likewise: bit/s for every client")
    .option("--exponent <number>", "setting of fractional, likewise")
    .option("--figure <file>", "where the front goes (default: power.svg beside the table, none with --json)")
    .option("--no-figure", "no figure");
  return withShared(command, ["plugin", "json"]).action(async (options: PowerOptions) =>
    (await import("../actions/power.js")).power(options),
  );
}
