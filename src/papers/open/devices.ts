import type { Variant } from "../../study/plan/axes.js";
import { planOf } from "../experiment.js";
import { processors } from "../processors.js";
import { heldAgainstFirst, openExperiment } from "./question.js";

const variant = (label: string, ...sets: string[]): Variant => ({ label, sets });

const spread = (field: string): string[] => [
  ...[`devices.${field}.distribution=log-normal`, `devices.${field}.deviation=0.5`],
];
const differing = ["frequency", "cyclesPerSample", "capacitance"].flatMap(spread);
const chosen = "budgets.compute.cpu.choose=true";

/** All of them pay for computing; who is slow is waited for. */
const devices: readonly Variant[] = [
  variant("all alike"),
  variant("frequencies differ", ...spread("frequency")),
  variant("all of it differs", ...differing),
  variant("all alike, frequencies chosen", chosen),
  variant("all of it differs, frequencies chosen", ...differing, chosen),
  variant("all of it differs, chosen by joint-computation", ...differing, chosen, "power=joint-computation"),
];

/** Rounds that computing at 1 GHz would use the whole energy budget up in */
const computedRounds = 90;

/** Processors that differ, at their own frequency or at one chosen with the powers: all of it priced on one training. */
export const openDevices = openExperiment({
  name: "devices",
  title: "Devices that differ",
  about:
    "Processors alike or log-normal (deviation 0.5) in frequency, cycles a sample and capacitance, each at its own frequency " +
    "or at one that is chosen with the powers, at equal budgets, of which computing takes a share: how many rounds fit.",
  grids: (scenario) => [
    {
      form: "fair",
      title: "Devices that differ",
      plan: planOf(scenario, {
        axes: [{ name: "devices", variants: devices }],
        sets: [
          "quantizer=emq",
          "training.optimizer=adadelta",
          "power=most-rounds",
          ...processors(scenario, computedRounds),
        ],
        baseline: devices[0]!.label,
      }),
    },
  ],
  compared: () => heldAgainstFirst("devices", devices),
});
