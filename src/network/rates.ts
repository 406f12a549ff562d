import type { NetworkConfig } from "../config/config.js";
import { InputError, unknownName } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import { closedFormRates } from "./closedForm.js";
import type { Network } from "./network.js";

/**
 * The rate model of the config's combiner on a network.
 * @param options seed and round key the channel realizations of Monte Carlo rates
 * @throws InputError for an unknown combiner
 */
export function rateModel(
  network: Network,
  config: NetworkConfig,
  _options: { seed: number; round?: number },
): RateModel {
  if (config.combining === "mr") return closedFormRates(network);
  throw new InputError("network.combining", unknownName("combiner", config.combining, ["mr"]));
}
