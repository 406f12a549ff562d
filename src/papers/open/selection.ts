import type { Variant } from "../../study/plan/axes.js";
import { type ExperimentGrid, planOf, type Scenario } from "../experiment.js";
import { heldAgainstFirst, openExperiment } from "./question.js";

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

function selectionGrid(scenario: Scenario): ExperimentGrid {
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

/** Accuracy over seconds and over joules, by rule. */
export const openSelection = openExperiment({
  name: "selection",
  title: "Who takes part in a round",
  about: "Half of the clients each round, chosen by a rule, beside everybody, at equal budgets.",
  grids: (scenario) => [selectionGrid(scenario)],
  compared: () => heldAgainstFirst("who takes part", rules),
});
