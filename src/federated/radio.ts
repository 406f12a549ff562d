import { log2 } from "../../bindings/math.js";
import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import { atOnce, type Steps } from "../config/steps.js";
import {
  ageingCorrelation,
  closedFormBatches,
  createMovement,
  createNetwork,
  type DownlinkRates,
  type DownlinkSettings,
  type DropRange,
  downlinkRates,
  type Network,
  rateModelSteps,
  suitsPowers,
} from "../network/index.js";
import { isByAccessPoints } from "./aggregation/checks.js";
import { type Decoded, decodedAlone } from "./aggregation/fronthaul.js";

/** When a round is, and for which powers [K] its receivers are made: those of full power if left out. */
export interface RadioMoment {
  /** s since the run began; counts where clients move */
  seconds?: number;
  power?: Float64Array | undefined;
}

/** What the radio of a drop offers, round by round. */
export interface Radio {
  /** The same every round unless the clients move. Where they do, rounds are asked for in their order */
  rates(round: number, moment?: RadioMoment): RateModel;
  /** The same in steps, for a simulated receiver on a large network */
  steps?(round: number, moment?: RadioMoment): Steps<RateModel>;
  /** Where everything is then; absent where nothing but rates is known */
  network?(round: number, moment?: RadioMoment): Network;
  /** Who decodes whom, where access points do */
  decoded?(round: number, moment?: RadioMoment): Decoded;
  /** Whether the receivers are others at other powers */
  readonly suitsPowers?: boolean;
  /** What the clients can be sent then; absent where nothing but rates is known */
  downlink?(round: number, moment: RadioMoment, settings: DownlinkSettings): DownlinkRates;
}

/**
 * @param options.drop which of the seed's drops
 * @param options.network a network instead of a drop, such as one of `importChannel`
 * @throws InputError for a network that is not the config's
 */
export function createRadio(config: Config, options: { drop?: number; network?: Network } = {}): Radio {
  const { seed } = config;
  const drop = options.drop ?? 0;
  const network = options.network ?? createNetwork(config.network, { seed, drop });
  checkFits(network, config, options.network !== undefined);
  const movement = createMovement(network, config.network, { seed, drop });
  const { model, clock, interval } = config.network.mobility;
  const changing = model !== "none" || config.network.ageing.enabled;
  let known: { round: number; rates: RateModel } | undefined;
  let sent: { key: string; rates: DownlinkRates } | undefined;
  const networkAt = (round: number, seconds: number) =>
    movement.at(round, clock === "interval" ? (round - 1) * interval : seconds);
  const alone = isByAccessPoints(config);
  const ratedAt = (round: number, seconds: number) => {
    const network = networkAt(round, seconds);
    return alone ? decodedAlone(network).network : network;
  };
  const fresh = (round: number, seconds: number, power?: Float64Array) =>
    rateModelSteps(ratedAt(round, seconds), config.network, { seed, round, ...(power && { power }) });
  const radio = {
    rates: (at: number, moment?: RadioMoment) => atOnce(radio.steps(at, moment)),
    *steps(at: number, { seconds = 0, power }: RadioMoment = {}): Steps<RateModel> {
      // A channel that stands still has one set of realizations.
      const round = changing ? at : 1;
      if (power !== undefined) return yield* fresh(round, seconds, power);
      if (known?.round !== round) known = { round, rates: yield* fresh(round, seconds) };
      return known.rates;
    },
    network: (at: number, { seconds = 0 }: RadioMoment = {}) => networkAt(changing ? at : 1, seconds),
    suitsPowers: suitsPowers(config.network),
    ...(alone && {
      decoded: (at: number, { seconds = 0 }: RadioMoment = {}) => decodedAlone(networkAt(changing ? at : 1, seconds)),
    }),
    downlink(at: number, { seconds = 0 }: RadioMoment, settings: DownlinkSettings): DownlinkRates {
      const key = JSON.stringify([changing ? at : 1, settings]);
      if (sent?.key !== key) {
        const correlation = ageingCorrelation(config.network, network.pilots);
        const rates = downlinkRates(networkAt(changing ? at : 1, seconds), { ...settings, correlation });
        sent = { key, rates };
      }
      return sent.rates;
    },
  };
  return radio;
}

/**
 * What `createRadio(config, { drop })` gives for each of some drops in the first round, bit for bit; where the rates
 * have a closed form, without making the networks. The radios of one call are valid until the next.
 * @throws InputError for a network that is not the config's
 */
export function firstRadios(config: Config): (drops: Omit<DropRange, "seed">) => Iterable<Radio> {
  const { combining, estimator, ageing, channel } = config.network;
  const { enabled, transmission } = config.budgets.downlink;
  const sends = enabled && transmission !== "fixed-rate";
  const closed = combining === "mr" && estimator === "mmse" && !ageing.enabled && channel === undefined;
  if (!closed || sends || isByAccessPoints(config)) {
    return function* ({ first, count }) {
      // One after the other: networks are large.
      for (let drop = first; drop < first + count; drop++) yield createRadio(config, { drop });
    };
  }
  const models = closedFormBatches(config.network, config.seed);
  return (drops) => models(drops).map((rates) => ({ rates: () => rates }));
}

/** A network that was handed in must be this config's, and a channel file must have been. */
function checkFits(network: Network, { network: config }: Config, given: boolean): void {
  if (config.channel !== undefined && !given)
    throw new InputError("network.channel", "only a single `cellfed run` and `cellfed rates` read a channel file");
  if (!given) return;
  if (network.clients !== config.clients)
    throw new InputError("network.clients", `${config.clients}, but the channel given has ${network.clients} clients`);
  if (config.mobility.model !== "none" && network.clientPositions.length === 0)
    throw new InputError(
      "network.mobility.model",
      `"${config.mobility.model}" needs positions, which the channel has not`,
    );
}

/** log2(1 + SINR_k) [K] with every client at full power: what channel-aware quantizers go by ([S]). */
export function fullPowerSpectralEfficiency(rates: RateModel): Float64Array {
  const { clients, signal, selfInterference, interference, noise } = rates;
  return Float64Array.from({ length: clients }, (_, k) => {
    let denominator = selfInterference[k]! + noise[k]!;
    for (let j = 0; j < clients; j++) denominator += interference[k * clients + j]!;
    return log2(1 + signal[k]! / denominator);
  });
}
