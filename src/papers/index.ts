import { InputError, unknownName } from "../config/errors.js";
import { accuracyMaps } from "./accuracyMaps.js";
import type { Experiment } from "./experiment.js";
import { joint } from "./joint.js";
import { maps } from "./maps.js";
import { openSwitches } from "./openSwitches.js";
import { optimizers } from "./optimizers.js";
import { power } from "./power.js";
import type { PricingExperiment } from "./pricing.js";
import { quantizers } from "./quantizers.js";
import { rounds } from "./rounds.js";
import { tradeoff } from "./tradeoff.js";

/** Experiments that only price. */
const pricingExperiments: readonly PricingExperiment[] = [rounds, tradeoff, maps];

/** Experiments that train. */
const trainingExperiments: readonly Experiment[] = [power, quantizers, optimizers, joint, accuracyMaps, openSwitches];

export const experimentNames: readonly string[] = [...pricingExperiments, ...trainingExperiments].map(
  ({ name }) => name,
);

/**
 * Experiments by name; all of them where none is named.
 * @throws InputError for an unknown name, with the nearest known one
 */
export function chooseExperiments(names: readonly string[]): { pricing: PricingExperiment[]; training: Experiment[] } {
  for (const name of names) {
    if (!experimentNames.includes(name)) {
      throw new InputError("figure", unknownName("experiment", name, experimentNames));
    }
  }
  const wanted = ({ name }: { name: string }) => names.length === 0 || names.includes(name);
  return { pricing: pricingExperiments.filter(wanted), training: trainingExperiments.filter(wanted) };
}
