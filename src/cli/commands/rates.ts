import { Command } from "commander";
import type { RatesOptions } from "../actions/rates.js";
import { collect } from "../terminal/options.js";

/** `cellfed rates`: spectral efficiencies of receivers on a drop, many drops, or a channel from elsewhere. */
export function ratesCommand(): Command {
  return new Command("rates")
    .description("spectral efficiency of every client with different receivers")
    .argument("[config]", "a preset or a JSON file, of which the network counts")
    .option("--set <path=value>", "set one field of the config, such as network.antennas=2; may be repeated", collect)
    .option("--channel <file>", "a channel instead of a drop: JSON (docs/radio.md) or a NumPy .npz archive")
    .option(
      "--combining <list>",
      "receivers, such as p-mmse,lp-mmse+n-lsfd,mr (default: the config's; of a channel, all)",
    )
    .option(
      "--realizations <n>",
      "channel realizations of the simulated ones (default: the config's; of a channel, 4000)",
    )
    .option("--drops <n>", "networks to draw", "1")
    .option("--seed <n>", "seed of every random number")
    .option("--plugin <file>", "a module with receivers of one's own; may be repeated", collect)
    .option("--workers <n>", "worker threads (default: one a core); the results do not depend on it")
    .option("--out <dir>", "folder for the table and the figures (default: results/rates-NAME; none with --json)")
    .option("--no-out", "write no folder")
    .option("--resume", "go on with the drops that the results folder has")
    .option("--insist", "take a network whose rates take longer than 10 min a drop")
    .option("--json", "print the result as JSON on stdout, and nothing else")
    .action(async (source: string | undefined, options: RatesOptions) => {
      const { rates } = await import("../actions/rates.js");
      await rates(source, options);
    });
}
