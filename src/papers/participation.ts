import { cellRuns } from "../study/analysis/cells.js";
import { meanInterval } from "../study/analysis/intervals.js";
import type { Variant } from "../study/plan/axes.js";
import type { RunSummary } from "../study/store/columns.js";
import { trainingSize } from "../training/size.js";
import {
  type ExperimentFigure,
  type ExperimentGrid,
  planOf,
  type Scenario,
  type ScenarioResults,
} from "./experiment.js";

const variant = (label: string, ...sets: string[]): Variant => ({ label, sets });

/** Half of the clients each round, by rule. */
const rules: readonly Variant[] = [
  variant("everybody", "selection=all"),
  ...["random", "round-robin", "best-channel", "proportional-fair", "energy-left", "update-norm"].map((rule) =>
    variant(rule, `selection=${rule}`, "server.participation=0.5"),
  ),
  variant(
    "best-channel, unbiased",
    ...[
      "selection=best-channel",
      "selection.exploration=0.3",
      "selection.weights=unbiased",
      "server.participation=0.5",
    ],
  ),
];

export function selectionGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: "Who takes part: half of the clients, by rule",
    plan: planOf(
      // Some of the rules look at the channel: each drop is then a training.
      { ...scenario, drops: 1 },
      {
        axes: [{ name: "who takes part", variants: rules }],
        sets: ["quantizer=emq", "training.optimizer=adadelta", "power=most-rounds"],
        baseline: "everybody",
      },
    ),
  };
}

const batteryTitle = "Battery lives";

/** Batteries that hold what the energy budget gives each client for some fifteen rounds at an even share. */
export function batteryGrid(
  scenario: Scenario,
  { clients, energy }: { clients: number; energy: number },
): ExperimentGrid {
  const joules = Number((energy / clients / 2).toPrecision(3));
  const battery = ["devices.battery.enabled=true", `devices.battery.joules=${joules}`];
  const log = ["devices.battery.charge.distribution=log-normal", "devices.battery.charge.deviation=0.7"];
  return {
    form: "fair",
    title: batteryTitle,
    plan: planOf(
      { ...scenario, drops: 1 },
      {
        axes: [
          {
            name: "batteries",
            variants: [
              variant("none"),
              variant(`all alike, ${joules} J`, ...battery),
              variant("log-normal", ...battery, ...log),
              variant("log-normal, made to last", ...battery, ...log, "devices.battery.horizon=true"),
              variant(
                "log-normal, half by energy left",
                ...battery,
                ...log,
                "selection=energy-left",
                "server.participation=0.5",
              ),
              variant(
                "log-normal, harvesting",
                ...[...battery, ...log, "devices.battery.harvest.kind=random"],
                `devices.battery.harvest.power=${joules}`,
              ),
            ],
          },
        ],
        // Every upload of the same size: bits then count uploads.
        sets: ["quantizer=fp8-e4m3", "training.optimizer=adadelta", "power=most-rounds"],
        baseline: "none",
      },
    ),
  };
}

/** How many clients sent in each round; a run that has ended has none. */
export function batteryLives({ grids, runs }: ScenarioResults): ExperimentFigure[] {
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
