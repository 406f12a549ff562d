import {
  atLeastZero,
  callable,
  listOf,
  numbers,
  oneOf,
  optional,
  record,
  seedNumber,
  text,
  whole,
} from "../config/arguments.js";
import type { NetworkConfig } from "../config/config.js";
import { InputError, RunError } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import { atOnce, type Steps } from "../config/steps.js";
import { aged, ageingCorrelation } from "./ageing.js";
import { estimatesAt, inCoefficients } from "./atPowers.js";
import { unheardClients } from "./clientSets.js";
import { closedFormRates } from "./closedForm.js";
import type { Rates } from "./confidence.js";
import { estimateChannels } from "./estimates.js";
import { fadingWeights } from "./fadingWeights.js";
import { describe } from "./limits.js";
import { maximumRatioMoments } from "./maximumRatio.js";
import { distributedRates } from "./moments.js";
import { type MonteCarloOptions, simulateRateModel, simulateRates } from "./monteCarlo.js";
import { checkNetwork, type Network, prelog } from "./network.js";
import { ownRates, receivers } from "./receivers.js";
import type { Scheme } from "./schemes.js";
import { checkModel, spectralEfficiency } from "./spectralEfficiency.js";

/**
 * The rate model of the config's combiner on a network: closed form for maximum ratio at the APs, otherwise from
 * `config.realizations` channel realizations.
 * @param options seed and round key the realizations; combiners and weights are made for `power` [K], full power if
 *   left out, and the model holds for any coefficients with them
 * @throws InputError for an unknown combiner, or channels that are too many or too strong
 * @example
 * const { network: config, seed } = parseConfig({ network: { combining: "p-mmse", clients: 4, realizations: 50 } });
 * rateModel(createNetwork(config, { seed }), config, { seed }).clients; // → 4
 */
export function rateModel(network: Network, config: RatedConfig, options: RatedAt): RateModel {
  return atOnce(rateModelSteps(network, config, options));
}

/** The part of a network's configuration that its rates depend on. */
export type RatedConfig = Pick<
  NetworkConfig,
  "combining" | "estimator" | "realizations" | "ageing" | "mobility" | "coherence"
>;

/** Which realizations, and for which powers [K]; see `rateModel`. */
export interface RatedAt {
  seed: number;
  round?: number;
  drop?: number;
  power?: Float64Array;
}

/** `rateModel` a few realizations at a step: on a large network the whole takes minutes. */
export function* rateModelSteps(network: Network, config: RatedConfig, options: RatedAt): Steps<RateModel> {
  checkNetwork(network);
  record({ combining: text, ageing: record(), mobility: record() })("network", config);
  record({ seed: seedNumber, round: optional(whole()), drop: optional(whole()) })("options", options);
  const { seed, round = 0, drop = 0, power } = options;
  if (power !== undefined) numbers(network.clients)("options.power", power);
  const receiver = receivers.named(config.combining, "network.combining");
  const rho = ageingCorrelation(config, network.pilots);
  const { estimator, realizations } = config;
  const key = { seed, round, drop };
  if ("rateModel" in receiver) return ownRates(receiver, network, { estimator, realizations, correlation: rho, key });
  const chosen = receiver.scheme;
  if (config.combining === "mr" && config.estimator === "mmse" && rho === 1) return closedFormRates(network);
  checkNetwork(network);
  const atFull = aged(estimateChannels(network, config.estimator), rho, network.antennas);
  const estimates = power === undefined ? atFull : estimatesAt(atFull, network.accessPoints, power);
  let model: RateModel;
  if (isClosedForm(chosen)) {
    const moments = maximumRatioMoments(network, estimates);
    model = distributedRates(network, moments, fadingWeights(network, moments, chosen.weighting));
  } else {
    checkRealizations(realizations);
    model = yield* simulateRateModel(network, estimates, chosen, { realizations, key });
  }
  if (power !== undefined) model = inCoefficients(model, power);
  for (const k of unheardClients(network)) model.signal[k] = 0;
  checkModel(model, config.combining);
  return model;
}

const checkCompareOptions = record({
  key: record({ seed: seedNumber, round: whole(), drop: whole() }),
  estimator: optional(oneOf("estimator", ["mmse", "ls", "element-wise-mmse"])),
  correlation: optional(atLeastZero),
  onProgress: optional(callable),
});
/** Whether a receiver's combiners or weights are others at other powers. One of one's own is taken as it is. */
export function suitsPowers({ combining }: Pick<NetworkConfig, "combining">): boolean {
  const receiver = receivers.named(combining, "network.combining");
  if ("rateModel" in receiver) return false;
  const { operation, combiner } = receiver.scheme;
  if (operation === "centralized") return combiner !== "mr-centralized";
  return combiner !== "mr" || receiver.scheme.weighting !== "none";
}

export interface CompareOptions extends MonteCarloOptions {
  estimator?: NetworkConfig["estimator"];
  /** Of the channel at data time with the one that was estimated (`ageingCorrelation`); 1 where left out */
  correlation?: number;
}

/**
 * Spectral efficiency of each client with several receivers, at full power, from the same realizations.
 * @param names schemes (`schemeNames`); maximum ratio at the APs is computed in closed form
 * A client whom nobody hears has 0.
 * @throws InputError for an unknown name, or channels that are too many or too strong
 * @example
 * const network = createNetwork(parseConfig({}).network, { seed: 1 });
 * const options = { realizations: 20, key: { seed: 1, round: 0, drop: 0 } };
 * const { mr, mmse } = compareSchemes(network, ["mr", "mmse"], options);
 * const least = (rates: Rates) => Math.min(...rates.spectralEfficiency);
 * least(mmse!) > least(mr!); // → true
 */
export function compareSchemes(
  network: Network,
  names: readonly string[],
  given: CompareOptions,
): Record<string, Rates> {
  checkCompareOptions("options", given);
  listOf(text)("names", names);
  const { estimator = "mmse", correlation = 1, ...options } = given;
  const chosen = names.map((name) => receivers.named(name, "--combining"));
  checkRealizations(options.realizations);
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
    checkRates(receiver.name, out[receiver.name]!.spectralEfficiency);
  });
  for (const k of unheardClients(network))
    for (const { spectralEfficiency, interval } of Object.values(out)) spectralEfficiency[k] = interval[k] = 0;
  return out;
}

/** A rate that is none is never handed on. @throws RunError */
function checkRates(name: string, rates: Float64Array): void {
  const client = rates.findIndex((rate) => !(rate >= 0 && rate < Number.POSITIVE_INFINITY));
  if (client >= 0)
    throw new RunError(
      `${name}: a spectral efficiency of ${rates[client]} bit/s/Hz: the channels are beyond the arithmetic`,
      {
        client,
      },
    );
}

function checkRealizations(realizations: number): void {
  if (!(realizations >= 1 && realizations <= 1e9))
    throw new InputError(
      "realizations",
      `${describe(realizations)} is not a number of realizations (allowed: 1 to 1e9)`,
    );
}

function isClosedForm(s: Scheme): s is Extract<Scheme, { operation: "distributed" }> {
  return s.operation === "distributed" && s.combiner === "mr";
}
