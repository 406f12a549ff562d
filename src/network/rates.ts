import type { NetworkConfig } from "../config/config.js";
import type { RateModel } from "../config/records.js";
import { aged, ageingCorrelation } from "./ageing.js";
import { closedFormRates } from "./closedForm.js";
import type { Rates } from "./confidence.js";
import { estimateChannels } from "./estimates.js";
import { fadingWeights } from "./fadingWeights.js";
import { maximumRatioMoments } from "./maximumRatio.js";
import { distributedRates } from "./moments.js";
import { type MonteCarloOptions, simulateRateModel, simulateRates } from "./monteCarlo.js";
import { checkNetwork, type Network, prelog } from "./network.js";
import { ownRates, receivers } from "./receivers.js";
import type { Scheme } from "./schemes.js";
import { spectralEfficiency } from "./spectralEfficiency.js";

/**
 * The rate model of the config's combiner on a network: closed form for maximum ratio at the APs, otherwise from
 * `config.realizations` channel realizations.
 * @param options seed and round key the realizations
 * @throws InputError for an unknown combiner
 */
export function rateModel(
  network: Network,
  config: Pick<NetworkConfig, "combining" | "estimator" | "realizations" | "ageing" | "mobility" | "coherence">,
  { seed, round = 0, drop = 0 }: { seed: number; round?: number; drop?: number },
): RateModel {
  const receiver = receivers.named(config.combining, "network.combining");
  const rho = ageingCorrelation(config, network.pilots);
  const { estimator, realizations } = config;
  const key = { seed, round, drop };
  if ("rateModel" in receiver) return ownRates(receiver, network, { estimator, realizations, correlation: rho, key });
  const chosen = receiver.scheme;
  if (config.combining === "mr" && config.estimator === "mmse" && rho === 1) return closedFormRates(network);
  checkNetwork(network);
  const estimates = aged(estimateChannels(network, config.estimator), rho, network.antennas);
  if (isClosedForm(chosen)) {
    const moments = maximumRatioMoments(network, estimates);
    return distributedRates(network, moments, fadingWeights(network, moments, chosen.weighting));
  }
  return simulateRateModel(network, estimates, chosen, { realizations, key });
}

export interface CompareOptions extends MonteCarloOptions {
  estimator?: NetworkConfig["estimator"];
  /** Of the channel at data time with the one that was estimated (`ageingCorrelation`); 1 where left out */
  correlation?: number;
}

/**
 * Spectral efficiency of each client with several receivers, at full power, from the same realizations.
 * @param names schemes (`schemeNames`); maximum ratio at the APs is computed in closed form
 * @throws InputError for an unknown name
 */
export function compareSchemes(
  network: Network,
  names: readonly string[],
  { estimator = "mmse", correlation = 1, ...options }: CompareOptions,
): Record<string, Rates> {
  const chosen = names.map((name) => receivers.named(name, "--combining"));
  checkNetwork(network);
  const estimates = aged(estimateChannels(network, estimator), correlation, network.antennas);
  const schemes = chosen.map((receiver) => ("scheme" in receiver ? receiver.scheme : undefined));
  const simulated = schemes.filter((s): s is Scheme => s !== undefined && !isClosedForm(s));
  const rates = simulated.length > 0 ? simulateRates(network, estimates, simulated, options) : [];
  const out: Record<string, Rates> = {};
  const moments = schemes.some((s) => s !== undefined && isClosedForm(s))
    ? maximumRatioMoments(network, estimates)
    : undefined;
  const exact = (model: RateModel): Rates => ({
    spectralEfficiency: spectralEfficiency(model, undefined, prelog(network)),
    interval: new Float64Array(network.clients),
  });
  chosen.forEach((receiver, i) => {
    const s = schemes[i];
    if ("rateModel" in receiver) {
      const { realizations, key } = options;
      out[receiver.name] = exact(ownRates(receiver, network, { estimator, correlation, realizations, key }));
    } else if (s !== undefined && isClosedForm(s) && moments) {
      out[receiver.name] = exact(distributedRates(network, moments, fadingWeights(network, moments, s.weighting)));
    } else out[receiver.name] = rates[simulated.indexOf(s as Scheme)]!;
  });
  return out;
}

function isClosedForm(s: Scheme): s is Extract<Scheme, { operation: "distributed" }> {
  return s.operation === "distributed" && s.combiner === "mr";
}
