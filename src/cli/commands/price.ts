import { Command } from "commander";
import type { PriceOptions } from "../actions/price.js";
import { collect } from "../terminal/options.js";
import { withExamples, withShared } from "./options.js";

/** `cellfed price`: somebody else's learning on our radio. */
export function priceCommand(): Command {
  const command = new Command("price")
    .description("price a learning that was done elsewhere: joules, seconds, and how far budgets reach")
    .argument("[config]", "a preset or a JSON file: radio, power, budgets", "quick")
    .requiredOption(
      "--trace <file>",
      "CSV or JSON rows of round,client,bits,examples,computeSeconds,accuracy, or a Flower history",
    )
    .option("--power <list>", "power methods, such as most-rounds,full (default: the config's)")
    .option("--budget <limits>", "energy=<J>,latency=<s>, none lifts one; may be repeated to compare budgets", collect)
    .option("--seeds <list>", "of the networks, such as 1..5", "1")
    .option("--drops <n>", "network drops of each seed", "10")
    .option("--bits <n>", "of a history: bits that each client uploads a round")
    .option("--clients <n>", "of a history: clients in each round")
    .option("--examples <n>", "of a history: examples that each client goes through a round", "0")
    .option("--compute-seconds <s>", "of a history: s that each client computes a round, instead of the config's model")
    .option("--parameters <n>", "entries of the model, for the downlink (default: of the config's model)")
    .option(
      "--rounds-to <file.csv>",
      "write a row a round: method, budget, seed, drop, round, joules, seconds, accuracy",
    );
  return withExamples(withShared(command, ["set", "plugin", "json"]), [
    [
      "cellfed price --trace flower-history.json --bits 8e6 --clients 10",
      "a history of Flower, every upload of 8 Mbit",
    ],
    [
      "cellfed price --trace flower-history.json --bits 8e6 --clients 10 --power most-rounds,full",
      "under two power methods",
    ],
  ]).action(async (source: string, options: PriceOptions) =>
    (await import("../actions/price.js")).price(source, options),
  );
}
