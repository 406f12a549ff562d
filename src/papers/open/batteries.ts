import { resolveConfig } from "../../parts/index.js";
import { cellRuns } from "../../study/analysis/cells.js";
import { meanInterval } from "../../study/analysis/intervals.js";
import type { Variant } from "../../study/plan/axes.js";
import type { RunSummary } from "../../study/store/columns.js";
import { trainingSize } from "../../training/size.js";
import {
  type ExperimentFigure,
  type ExperimentGrid,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "../experiment.js";
import { heldAgainstFirst, openExperiment } from "./question.js";

const variant = (label: string, ...sets: string[]): Variant => ({ label, sets });

const batteryTitle = "Battery lives";

/** Batteries that hold what the energy budget gives each client for some fifteen rounds at an even share. */
function variantsOf({ preset, sets }: Scenario): Variant[] {
  const { network, budgets } = resolveConfig({ preset, sets });
  const joules = Number(((budgets.energy ?? 1) / network.clients / 2).toPrecision(3));
  const battery = ["devices.battery.enabled=true", `devices.battery.joules=${joules}`];
  const log = ["devices.battery.charge.distribution=log-normal", "devices.battery.charge.deviation=0.7"];
  return [
    variant("none"),
    variant(`all alike, ${joules} J`, ...battery),
    variant("log-normal", ...battery, ...log),
    variant("log-normal, known to the powers", ...battery, ...log, "power.batteries=true"),
    variant("log-normal, made to last", ...battery, ...log, "devices.battery.horizon=true"),
    variant("log-normal, half by energy left", ...battery, ...log, "selection=energy-left", "server.participation=0.5"),
    variant(
      "log-normal, harvesting",
      ...[...battery, ...log, "devices.battery.harvest.kind=random"],
      `devices.battery.harvest.power=${joules}`,
    ),
  ];
}

function batteryGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: batteryTitle,
    plan: planOf(
      { ...scenario, drops: 1 },
      {
        axes: [{ name: "batteries", variants: variantsOf(scenario) }],
        // Every upload of the same size: bits then count uploads.
        sets: ["quantizer=fp8-e4m3", "training.optimizer=adadelta", "power=most-rounds"],
        baseline: "none",
      },
    ),
  };
}

/** How many clients sent in each round; a run that has ended has none. */
function batteryLives({ scenario, grids, runs }: ScenarioResults): ExperimentFigure[] {
  const found = grids.find(({ title }) => title === batteryTitle);
  if (found === undefined) return [];
  const { grid } = found;
  const series = grid.cells.flatMap((cell) => {
    const own = cellRuns(grid, cell, runs).flat();
    if (own.length === 0) return [];
    const { parameters } = trainingSize(cell.config);
    const each = own.map((run) => uploadsOf(run, parameters));
    const length = Math.max(...each.map((uploads) => uploads.length));
    const means = Array.from({ length }, (_, t) => meanInterval(each.map((uploads) => uploads[t] ?? 0)));
    return [
      {
        name: cell.labels.batteries!,
        x: means.map((_, t) => t + 1),
        y: means.map(({ mean }) => mean),
      },
    ];
  });
  return [
    {
      file: "battery-lives.svg",
      title: "Clients that send, round by round",
      caption: `Means over ${seedsOf(scenario)}; of a run that its budgets have ended nobody sends. ${scenario.title}.`,
      x: { label: "round" },
      y: { label: "clients that send" },
      series,
    },
  ];
}

/** Uploads of each round, by its bits: 8 an entry and 32 of each of "fp8-e4m3". */
function uploadsOf({ course: { nominalBits } }: RunSummary, parameters: number): number[] {
  return nominalBits.slice(1).map((total, t) => (total - nominalBits[t]!) / (8 * parameters + 32));
}

export const openBatteries = openExperiment({
  name: "batteries",
  title: batteryTitle,
  about:
    "Every client has a battery, and takes part no longer once it is empty: alike or not, spent as the rounds come or made " +
    "to last, charged on the way.",
  grids: (scenario) => [batteryGrid(scenario)],
  compared: (scenario) => heldAgainstFirst("batteries", variantsOf(scenario)),
  figures: batteryLives,
});
