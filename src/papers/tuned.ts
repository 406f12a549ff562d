import type { Variant } from "../study/plan/axes.js";
import type { Choice, Tuning } from "../study/plan/tunings.js";
import type { ExperimentTable, Scenario, Tuned } from "./experiment.js";

/** Usual rates; the candidates lie around them, a decade apart, by one rule for all. */
const usualRates = { adadelta: 1, sgd: 0.1, momentum: 0.01, adagrad: 0.01, rmsprop: 0.001, adam: 0.001 } as const;

export type TunedOptimizer = keyof typeof usualRates;
export const tunedOptimizers = Object.keys(usualRates) as TunedOptimizer[];

/** One below and two above: where a client makes few steps a round, rates above the usual do best. */
const decades = [-1, 0, 1, 2];

/** The local optimizer's rate, for a quantizer. */
export function rateTuning(scenario: Scenario, optimizer: TunedOptimizer, quantizer: Variant): Tuned {
  const candidates = decades.map((decade) => {
    const rate = Number(`${usualRates[optimizer]}e${decade}`);
    return {
      label: `${optimizer} at ${rate}`,
      sets: [`training.optimizer=${optimizer}`, `training.optimizer.learningRate=${rate}`],
    };
  });
  return {
    ...baseOf(scenario, quantizer.sets),
    name: `rate of ${optimizer}, ${quantizer.label}`,
    candidates,
    usual: candidates[decades.indexOf(0)]!,
  };
}

const laqBits = [4, 6, 8, 10];

/** LAQ's bits: at too few it does not learn, at too many few rounds fit. */
export function laqTuning(scenario: Scenario, form: string, sets: readonly string[]): Tuned {
  const candidates = laqBits.map((bits) => ({
    label: `LAQ, ${bits} bits`,
    sets: ["quantizer=laq", `quantizer.bits=${bits}`, ...sets],
  }));
  return { ...baseOf(scenario, []), name: `bits of LAQ, ${form}`, candidates, usual: candidates[0]! };
}

/** Another choice, among candidates of its own. */
export function tuningOver(
  scenario: Scenario,
  sets: readonly string[],
  choice: Pick<Tuned, "name" | "candidates" | "usual">,
): Tuned {
  return { ...baseOf(scenario, sets), ...choice };
}

/** Of choices, where a scenario names none: others than those that see what was chosen. */
export const usualTuningSeeds: readonly number[] = [101, 102];

function baseOf(
  { preset, sets, tuningSeeds = usualTuningSeeds }: Scenario,
  more: readonly string[],
): Pick<Tuning, "preset" | "sets" | "seeds"> {
  // What is judged is the accuracy alone.
  const common = [...sets, "evaluation.answers=false", "power=most-rounds", ...more];
  return { preset, sets: common, seeds: tuningSeeds };
}

/** What was chosen, or the usual where nothing is yet. */
export function chosenOf({ choices }: Scenario, tuned: Tuned): Variant {
  return choices?.get(tuned.name)?.variant ?? tuned.usual;
}

/** What was tried and what came of it; the choice is the highest. None before something is chosen. */
export function choicesTable(scenario: Scenario, tunings: readonly Tuned[]): ExperimentTable[] {
  const made = tunings.flatMap((tuned) => {
    const choice = scenario.choices?.get(tuned.name);
    return choice === undefined ? [] : [{ tuned, choice }];
  });
  if (made.length === 0) return [];
  const table = {
    title:
      "Chosen by the accuracy on a fifth of the training images that was kept from the training, never by the test images",
    header: ["choice", "tried: accuracy (%)", "chosen"],
    rows: made.map(({ tuned, choice }) => [tuned.name, tried(tuned, choice), chosenText(choice)]),
  };
  return [table];
}

function tried({ candidates }: Tuned, { accuracies }: Choice): string {
  return candidates
    .map(({ label }, i) => {
      const accuracy = accuracies[i];
      return `${label}: ${accuracy === null || accuracy === undefined ? "broke off" : (100 * accuracy).toFixed(1)}`;
    })
    .join("; ");
}

function chosenText({ variant, atEdge }: Choice): string {
  return atEdge ? `${variant.label} (the edge of what was tried)` : variant.label;
}
