import type { Variant } from "../../study/plan/axes.js";
import { type ExperimentGrid, planOf, type Scenario } from "../experiment.js";
import { heldAgainstFirst, openExperiment } from "./question.js";

const overTheAir = (label: string, ...sets: string[]): Variant => ({
  label,
  sets: ["quantizer=identity", "aggregation=over-the-air", ...sets],
});

/** Packets by two quantizers and two places that decode them, and amplitudes by two rules of power and one of what is sent. */
const ways: readonly Variant[] = [
  { label: "EMQ, server adds", sets: ["quantizer=emq"] },
  { label: "rate-distortion, server adds", sets: ["quantizer=rate-distortion"] },
  { label: "EMQ, access points add", sets: ["quantizer=emq", "aggregation=access-points"] },
  overTheAir("over the air, full power"),
  overTheAir("over the air, truncated inversion", "aggregation.prescaling=truncated-inversion"),
  overTheAir("over the air, a quarter, error feedback", "aggregation.share=0.25", "aggregation.errorFeedback=true"),
];

function aggregationGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: "How updates are added up",
    plan: planOf(
      // Over the air each drop is a training.
      { ...scenario, drops: Math.min(scenario.drops, 2) },
      {
        axes: [{ name: "added up", variants: ways }],
        // A round over the air is short and cheap: budgets end these runs.
        sets: ["training.optimizer=adadelta", "rounds=1000"],
        baseline: ways[0]!.label,
      },
    ),
  };
}

/** Accuracy over seconds and over joules, by how the updates are added up. */
export const openAggregation = openExperiment({
  name: "aggregation",
  title: "How updates are added up",
  about:
    "Packets that the server or single access points decode, against updates that all send at once as amplitudes, at equal " +
    "joules and seconds.",
  grids: (scenario) => [aggregationGrid(scenario)],
  compared: () => heldAgainstFirst("added up", ways),
});
