import type { NetworkConfig } from "../config/config.js";
import { RunError } from "../config/errors.js";
import type { RateModel } from "../config/records.js";
import { createRegistry, type Registry } from "../config/registry.js";
import type { Part } from "../config/settings.js";
import { type Network, prelog } from "./network.js";
import { type Scheme, schemeOf } from "./schemes.js";
import { checkModel } from "./spectralEfficiency.js";

/** What a receiver of one's own is given beside the network. */
export interface ReceiverContext {
  estimator: NetworkConfig["estimator"];
  /** Channel realizations, for one that simulates */
  realizations: number;
  /** Of the channel at data time with the one that was estimated; 1 without ageing */
  correlation: number;
  /** Of the random numbers */
  key: { seed: number; round: number; drop: number };
}

/** How the access points separate the clients, as data. */
export interface Receiver extends Part {
  readonly title: string;
  /** How it works, for the simulation that computes several from the same realizations */
  readonly scheme: Scheme;
}

/** A receiver that gives its rate model itself: a plugin's, or one that is no combiner of `combiners.ts`. */
export interface OwnReceiver extends Part {
  /**
   * Signal, interference and noise of every client as `RateModel` has them; bandwidth (with the prelog 1 − τ_p/τ_c) and
   * transmit power are the network's where they are left out.
   * @param network gains [K·L], pilots, clusters, powers; see `Network`
   */
  rateModel(network: Network, context: ReceiverContext): OwnRates;
}

/** A rate model of which the network may fill in what it knows. */
export type OwnRates = Pick<RateModel, "signal" | "selfInterference" | "interference" | "noise"> & Partial<RateModel>;

/** Every receiver, in the order of lists: centralized combiners, then local ones. A new one: one file, one line here. */
export const receivers: Registry<Receiver | OwnReceiver> = createRegistry<Receiver | OwnReceiver>("combining scheme", [
  receiver("mmse", "central MMSE"),
  receiver("p-mmse", "central P-MMSE"),
  receiver("p-rzf", "central P-RZF"),
  receiver("mr-centralized", "central MR"),
  receiver("l-mmse", "local MMSE"),
  receiver("l-mmse+n-lsfd", "local MMSE, weighted"),
  receiver("l-mmse+lsfd", "local MMSE, optimally weighted"),
  receiver("lp-mmse", "LP-MMSE"),
  receiver("lp-mmse+n-lsfd", "LP-MMSE, weighted"),
  receiver("lp-mmse+lsfd", "LP-MMSE, optimally weighted"),
  receiver("mr", "MR, closed form"),
  receiver("mr+n-lsfd", "MR, weighted (n-LSFD)"),
  receiver("mr+lsfd", "MR, optimally weighted"),
]);

/** Names of all receivers: a centralized combiner, or a local one alone, "+n-lsfd" or "+lsfd". */
export const schemeNames: readonly string[] = receivers.names;

/** @throws RunError where the receiver fails, or gives what is no rate model of the network's clients */
export function ownRates(receiver: OwnReceiver, network: Network, context: ReceiverContext): RateModel {
  let model: OwnRates;
  try {
    model = receiver.rateModel(network, context);
  } catch (error) {
    throw new RunError(`${receiver.name}: ${(error as Error).message}`, { round: context.key.round }, { cause: error });
  }
  const K = network.clients;
  const wrong = (["signal", "selfInterference", "noise", "interference"] as const).find(
    (name) => model?.[name]?.length !== (name === "interference" ? K * K : K),
  );
  if (wrong !== undefined) {
    const size = wrong === "interference" ? `${K} × ${K}` : `${K}`;
    throw new RunError(`${receiver.name}: ${wrong} is no array of ${size} numbers`, { round: context.key.round });
  }
  const { bandwidth = network.bandwidth * prelog(network), transmitPower = network.transmitPower } = model;
  const rates = { ...model, bandwidth, transmitPower, clients: K };
  try {
    checkModel(rates, receiver.name);
  } catch (error) {
    throw new RunError((error as Error).message, { round: context.key.round }, { cause: error });
  }
  return rates;
}

function receiver(name: string, title: string): Receiver {
  return { name, title, scheme: schemeOf(name) };
}
