import { InputError, unknownName } from "../config/errors.js";
import { accuracyMaps } from "./accuracyMaps.js";
import { compressorCosts } from "./compressorCosts.js";
import { compressorPlans } from "./compressorPlans.js";
import { compressors } from "./compressors.js";
import { compressorTasks } from "./compressorTasks.js";
import { convergence } from "./convergence.js";
import type { Experiment } from "./experiment.js";
import { joint } from "./joint.js";
import { maps } from "./maps.js";
import { openExperiments } from "./open/index.js";
import { optimizers } from "./optimizers.js";
import { power } from "./power.js";
import type { PricingExperiment } from "./pricing.js";
import { quantizers } from "./quantizers.js";
import { rounds } from "./rounds.js";
import { storedCurves } from "./storedCurves.js";
import { tradeoff } from "./tradeoff.js";

/** Experiments that only price. */
const pricingExperiments: readonly PricingExperiment[] = [rounds, tradeoff, maps, convergence];

/** Experiments that train. */
const trainingExperiments: readonly Experiment[] = [
  power,
  quantizers,
  optimizers,
  joint,
  accuracyMaps,
  compressors,
  compressorTasks,
  compressorCosts,
  compressorPlans,
  storedCurves,
  ...openExperiments,
];

/** What the command takes: names of experiments and of groups. */
export const experimentNames: readonly string[] = [
  ...[...pricingExperiments, ...trainingExperiments].map(({ name }) => name),
  ...new Set(trainingExperiments.flatMap(({ group }) => group ?? [])),
];

/**
 * Experiments by their names or their groups'; where none is named all but those that have to be.
 * @throws InputError for an unknown name, with the nearest known one
 */
export function chooseExperiments(names: readonly string[]): { pricing: PricingExperiment[]; training: Experiment[] } {
  for (const name of names) {
    if (!experimentNames.includes(name)) {
      throw new InputError("figure", unknownName("experiment", name, experimentNames));
    }
  }
  const wanted = ({ name, group, byNameOnly }: Pick<Experiment, "name" | "group" | "byNameOnly">) =>
    (names.length === 0 && byNameOnly !== true) ||
    names.includes(name) ||
    (group !== undefined && names.includes(group));
  return { pricing: pricingExperiments.filter(wanted), training: trainingExperiments.filter(wanted) };
}
