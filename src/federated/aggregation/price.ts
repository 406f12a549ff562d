import type { Config } from "../../config/config.js";
import type { RateModel } from "../../config/records.js";
import { type DownlinkRates, type Network, prelog } from "../../network/index.js";
import type { Devices } from "../../system/devices.js";
import { priceSending, type RoundPrice, type RoundWork, uploadProblem } from "../price.js";
import type { AirRound } from "./round.js";

/**
 * The price of a round in which all send at once: T = uses / (B (1 − τ_p/τ_c)) for everybody that sends, and
 * (P_u p_k + P_c) T J of each. Choice: pilots last as long as for packets, and are billed at the data's power as there.
 */
export function priceOverTheAir(
  budgets: Config["budgets"],
  network: Network,
  { air, ...work }: RoundWork & { air?: AirRound },
  beside: { parameters: number; devices?: Devices | undefined; downlink?: DownlinkRates | undefined },
): RoundPrice {
  const { power, uses } = air!;
  const { parameters, ...others } = beside;
  const problem = uploadProblem({ budgets }, ratesOf(network), work, parameters, others);
  const seconds = uses / problem.rates.bandwidth;
  const draw = (p: number) => problem.rates.transmitPower * p + budgets.circuitPower;
  return priceSending(problem, {
    latency: Float64Array.from(power, (p) => (p > 0 ? seconds : 0)),
    energy: Float64Array.from(power, (p) => (p > 0 ? draw(p) * seconds : 0)),
  });
}

/** Bandwidth and power; nobody has a rate. */
function ratesOf(network: Network): RateModel {
  const { clients, transmitPower } = network;
  const none = new Float64Array(clients);
  return {
    ...{ clients, transmitPower, bandwidth: network.bandwidth * prelog(network) },
    ...{ signal: none, selfInterference: none, noise: none, interference: new Float64Array(clients * clients) },
  };
}
