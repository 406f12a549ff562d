import { Command } from "commander";
import { collect } from "../terminal/options.js";

export interface RatesOptions {
  set?: string[];
  channel?: string;
  combining?: string;
  realizations?: string;
  drops?: string;
  seed?: string;
  out: string | false | undefined;
  json?: true;
}

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
    .option("--out <dir>", "folder for the table and the figures (default: results/rates-NAME; none with --json)")
    .option("--no-out", "write no folder")
    .option("--json", "print the result as JSON on stdout, and nothing else")
    .action(async (source: string | undefined, options: RatesOptions) => {
      const { runRates } = await import("./runRates.js");
      await runRates(source, options);
    });
}
