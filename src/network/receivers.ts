import type { NetworkConfig } from "../config/config.js";
import { copied } from "../config/copies.js";
import { failureOf, isPromise, RunError, show } from "../config/errors.js";
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
  const { round } = context.key;
  let rates: RateModel;
  try {
    rates = ratesOf(receiver.rateModel(copied(network), copied(context)), network);
  } catch (error) {
    throw failureOf(receiver.name, error, { round });
  }
  try {
    checkModel(rates, receiver.name);
  } catch (error) {
    throw new RunError((error as Error).message, { round }, { cause: error });
  }
  return rates;
}

const arrays = ["signal", "selfInterference", "noise", "interference"] as const;

/** A rate model of copies, so that what becomes of the receiver's own arrays changes nothing. */
function ratesOf(given: unknown, network: Network): RateModel {
  if (isPromise(given)) throw new RunError("gave a promise; rateModel must answer at once");
  if (typeof given !== "object" || given === null) throw new RunError(`gave ${show(given)}, which is no rate model`);
  const K = network.clients;
  const model = given as OwnRates;
  const wrong = arrays.find((name) => !isList(model[name], name === "interference" ? K * K : K));
  if (wrong !== undefined)
    throw new RunError(`${wrong} is no array of ${wrong === "interference" ? `${K} × ${K}` : K} numbers`);
  const { bandwidth = network.bandwidth * prelog(network), transmitPower = network.transmitPower } = model;
  for (const [name, value] of Object.entries({ bandwidth, transmitPower }))
    if (!(typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY))
      throw new RunError(`${name} is ${show(value)}, which is no finite number above 0`);
  const copies = Object.fromEntries(arrays.map((name) => [name, Float64Array.from(model[name])]));
  return { ...(copies as Pick<RateModel, (typeof arrays)[number]>), bandwidth, transmitPower, clients: K };
}

function isList(value: unknown, length: number): boolean {
  return (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as Float64Array).length === length;
}

function receiver(name: string, title: string): Receiver {
  return { name, title, scheme: schemeOf(name) };
}
