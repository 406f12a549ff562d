import type { Config } from "../config/config.js";
import { InputError, RunError } from "../config/errors.js";
import type { DownlinkRates } from "../network/index.js";
import { type SentBits, wholeModel } from "./downlink.js";
import type { Radio, RadioMoment } from "./radio.js";

/** What sending the model to the clients takes in a round. */
export interface DownlinkPrice {
  /** s, for which all wait before they compute */
  latency: number;
  /** J */
  energy: number;
}

/** What the server sent in a round, and what that took of the round's latency and energy. */
export interface DownlinkRecord extends DownlinkPrice {
  nominalBits: number;
  wireBits: number;
}

type DownlinkBudget = Config["budgets"]["downlink"];

/** The rates of a round's downlink; undefined where they are given, or nothing is counted. */
export function downlinkRatesOf(
  { downlink }: Config["budgets"],
  radio: Radio,
  round: number,
  moment: RadioMoment,
): DownlinkRates | undefined {
  const { enabled, transmission, transmitPower, powerExponent } = downlink;
  if (!enabled || transmission === "fixed-rate") return undefined;
  return radio.downlink?.(round, moment, { transmission, transmitPower, powerExponent });
}

/**
 * What a round's packet to the clients takes, in the bits that are paid for.
 *
 * At a fixed rate it takes S / rate at the power given. Otherwise, with L access points that serve somebody:
 *   fronthaul: each link carries S for every signal that its access point sends, B_l in all: max_l B_l / C, before anything
 *     is sent, and Σ_l (P_0 B_l / C + e B_l)
 *   broadcast: T = S / min_k R_k, unicast: T = max_k T_k, T_k = S / R_k, a signal's power ending with it
 *   access points: Σ_s P_s T_s / η + L N P_c T; clients: K P_r T, or Σ_k P_r T_k
 * @param parameters d, for who sends the model itself
 * @throws RunError naming the client that no access point reaches
 */
export function priceDownlink(
  { downlink, bits: paid }: Pick<Config["budgets"], "downlink" | "bits">,
  { sent, parameters }: { sent: SentBits | undefined; parameters: number },
  rates?: DownlinkRates,
): DownlinkPrice {
  if (!downlink.enabled) return { latency: 0, energy: 0 };
  const bits = (sent ?? wholeModel(parameters))[paid];
  if (downlink.transmission === "fixed-rate") {
    const seconds = bits / downlink.rate;
    return { latency: seconds, energy: downlink.power * seconds };
  }
  if (bits === 0) return { latency: 0, energy: 0 };
  if (rates === undefined) {
    throw new InputError(
      "budgets.downlink.transmission",
      `"${downlink.transmission}" needs a network, and only rates are known (allowed: "fixed-rate")`,
    );
  }
  const air = onAir(downlink, bits, rates);
  const links = onLinks(downlink, bits, rates);
  return { latency: links.latency + air.latency, energy: links.energy + air.energy };
}

/**
 * What the server sent in a round: the packet to the clients, and what a method that looks at all of them has sent back.
 * Of the two alone the second stands for the model too: it is the mean update, from which everybody has the next model.
 * undefined where it is the model itself.
 */
export function serverSent({ downlink, exchange }: { downlink?: SentBits; exchange?: SentBits }): SentBits | undefined {
  if (downlink === undefined || exchange === undefined) return downlink ?? exchange;
  return { nominal: downlink.nominal + exchange.nominal, wire: downlink.wire + exchange.wire };
}

/** Of a round in which the server sent something that counts; undefined where nobody asked. */
export function downlinkRecord(
  budgets: Config["budgets"],
  round: { downlink?: SentBits; exchange?: SentBits },
  parameters: number,
  rates?: DownlinkRates,
): DownlinkRecord | undefined {
  const sent = serverSent(round);
  if (sent === undefined && !budgets.downlink.enabled) return undefined;
  const { nominal, wire } = sent ?? wholeModel(parameters);
  return { nominalBits: nominal, wireBits: wire, ...priceDownlink(budgets, { sent, parameters }, rates) };
}

function onAir(
  { transmission, accessPoints, receivePower }: DownlinkBudget,
  bits: number,
  { rate, radiated, signals, antennas }: DownlinkRates,
): DownlinkPrice {
  const unreached = rate.findIndex((one) => !(one > 0));
  if (unreached >= 0) throw new RunError("downlink: no access point reaches it", { client: unreached });
  const each = rate.map((one) => bits / one);
  const latency = each.reduce((slowest, seconds) => Math.max(slowest, seconds), 0);
  const seconds = (signal: number) => (transmission === "broadcast" ? latency : each[signal]!);
  let energy = 0;
  rate.forEach((_, k) => {
    energy += receivePower * seconds(k);
  });
  if (!accessPoints.counted) return { latency, energy };
  radiated.forEach((watts, s) => {
    energy += (watts / accessPoints.efficiency) * seconds(s);
  });
  return { latency, energy: energy + sending(signals) * antennas * accessPoints.circuitPower * latency };
}

function onLinks({ fronthaul }: DownlinkBudget, bits: number, { signals }: DownlinkRates): DownlinkPrice {
  if (!fronthaul.counted) return { latency: 0, energy: 0 };
  const { rate, power, energyPerBit } = fronthaul;
  let [most, all] = [0, 0];
  for (const count of signals) {
    most = Math.max(most, count * bits);
    all += count * bits;
  }
  return { latency: most / rate, energy: (power * all) / rate + energyPerBit * all };
}

/** Access points that send something. */
function sending(signals: Int32Array): number {
  return signals.reduce((count, some) => count + (some > 0 ? 1 : 0), 0);
}
