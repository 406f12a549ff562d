import { log2 } from "../../bindings/math.js";
import type { Config } from "../config/config.js";
import { InputError } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import {
  closedFormDrops,
  createMovement,
  createNetwork,
  type DropRange,
  type Network,
  rateModel,
} from "../network/index.js";

/** What the radio of a drop offers, round by round. */
export interface Radio {
  /** The same every round unless the clients move; going back starts the movement over */
  rates(round: number): RateModel;
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
  const moving = config.network.mobility.model !== "none" || config.network.ageing.enabled;
  let known: { round: number; rates: RateModel } | undefined;
  return {
    rates(round) {
      if (known === undefined || (moving && known.round !== round)) {
        known = { round, rates: rateModel(movement.at(round), config.network, { seed, round }) };
      }
      return known.rates;
    },
  };
}

/**
 * What `createRadio(config, { drop }).rates(1)` gives for each of some drops, bit for bit; where the rates have a closed
 * form, without making the networks.
 * @throws InputError for a network that is not the config's
 */
export function firstRates(config: Config, { first, count }: Omit<DropRange, "seed">): RateModel[] {
  const { combining, estimator, ageing, channel } = config.network;
  if (combining !== "mr" || estimator !== "mmse" || ageing.enabled || channel !== undefined)
    return Array.from({ length: count }, (_, i) => createRadio(config, { drop: first + i }).rates(1));
  return closedFormDrops(config.network, { seed: config.seed, first, count });
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
