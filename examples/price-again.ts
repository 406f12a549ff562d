// Trained once: what would the same training have cost with other powers, on other networks?
import { parseConfig, simulateTogether } from "cellfed";

const config = parseConfig({ preset: "quick", rounds: 4, data: { trainExamples: 600 }, power: "full" });
const { trace } = await simulateTogether(config, [{ config }]);

const accounts = ["full", "min-max", "most-rounds"].map((method) => ({
  config: parseConfig({ preset: "quick", rounds: 4, data: { trainExamples: 600 }, power: { method } }),
  drop: 7,
}));
const { results, trained } = await simulateTogether(config, accounts, { kept: trace });
console.log(`trained again: ${trained}`);
for (const { config, final } of results) console.log(config.power.method, `${final.energy} J, ${final.latency} s`);
