import { Command } from "commander";
import type { RatesOptions } from "../actions/rates.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed rates`: spectral efficiencies of receivers on a drop, many drops, or a channel from elsewhere. */
export function ratesCommand(): Command {
  const receivers = "receivers, such as p-mmse,lp-mmse+n-lsfd,mr (default: the config's; of a channel, all)";
  const realizations = "channel realizations of the simulated ones (default: the config's; of a channel, 4000)";
  const command = new Command("rates")
    .description("spectral efficiency of every client with different receivers")
    .argument("[config]", "a preset or a JSON file, of which the network counts")
    .option("--channel <file>", "a channel instead of a drop: JSON (docs/radio.md) or a NumPy .npz archive")
    .option("--combining <list>", receivers)
    .option("--realizations <n>", realizations)
    .option("--drops <n>", "networks to draw", "1")
    .option("--insist", "take a network whose rates take longer than 10 min a drop");
  return withExamples(
    withShared(command, ["set", "seed", "plugin", "workers", "out", "noOut", "resume", "json"], {
      out: "folder for the table and the figures (default: results/rates-NAME; none with --json)",
    }),
    [
      ["cellfed rates quick --drops 5", "the config's receiver over five networks"],
      ["cellfed rates quick --combining mr,p-mmse,mmse --realizations 100", "three receivers on the same channels"],
    ],
  ).action(async (source: string | undefined, options: RatesOptions) =>
    (await import("../actions/rates.js")).rates(source, options),
  );
}
