import type { Config } from "../config/config.js";
import { InputError, placed, RunError, show } from "../config/errors.js";
import type { Allocation, PowerMethod, RateModel, UploadProblem } from "../config/records.js";
import { atOnce, type Steps } from "../config/steps.js";
import type { Network } from "../network/index.js";
import { type FronthaulRecord, priceFronthaul, samplesOf } from "./aggregation/fronthaul.js";
import { priceOverTheAir } from "./aggregation/price.js";
import type { AirRound } from "./aggregation/round.js";
import { allocateSteps } from "./allocate.js";
import { type DownlinkRecord, downlinkRatesOf, downlinkRecord } from "./downlinkPrice.js";
import { holdToBatteries } from "./holdToBatteries.js";
import { priceRound, type RoundPrice, type RoundWork, uploadProblem } from "./price.js";
import type { Radio, RadioMoment } from "./radio.js";
import type { Ending } from "./result.js";
import type { ClientSystem } from "./system.js";
import type { KeptStep } from "./waiting/step.js";
import { withinAllowances } from "./withinAllowances.js";

/** What a round costs and at which powers, or why it cannot be had. */
export type Price =
  | ({
      fits: true;
      power: Float64Array;
      allocation: Pick<Allocation, "status" | "iterations">;
      /** Clients that do not send after all: their batteries do not carry it */
      silent?: number[];
      /** What the server sent, where that counts */
      downlink?: DownlinkRecord;
      /** What the access points' links carried, where these add */
      fronthaul?: FronthaulRecord;
    } & RoundPrice)
  | { fits: false; ending: Ending; reason: string };

/** A run's account: prices rounds on one drop with one power method, and stops before a budget would break. */
export interface Ledger {
  readonly totals: { latency: number; energy: number };
  /** What the clients have, where it was given */
  readonly system?: ClientSystem;
  /**
   * The round's cost; it is entered in the account if it fits.
   * @throws RunError for a method that throws, or whose powers are not K numbers from 0 to 1; InputError where no battery
   *   carries an upload of the first round
   */
  price(round: PricedRound): Price;
  /** The same in steps: what a simulated receiver of a large network takes is long. Broken off, nothing is entered */
  steps(round: PricedRound): Steps<Price>;
  /** What a round asked of the allocation */
  problem(round: RoundWork & { round: number }): UploadProblem;
  /** The radio when a round begins, its receivers made for full power */
  rates(round: number): RateModel;
  /** Where everything is then */
  network(round: number): Network;
  /** Makes `rates(round)` ready, in steps */
  ready(round: number): Steps<void>;
}

/** A round to be priced, or a step on the simulated clock, which has its price. */
export type PricedRound = RoundWork & { round: number; step?: KeptStep; air?: AirRound };

export interface LedgerOptions {
  powerMethod: PowerMethod;
  radio: Radio;
  /** d, for the downlink's cost */
  parameters: number;
  /** The clients' devices and batteries; those that budgets.compute has, without batteries, if left out */
  system?: ClientSystem;
}

/** @param config its budgets are all that counts, who adds the updates, and whether the powers know of batteries */
export function createLedger(config: Priced, options: LedgerOptions): Ledger {
  const { powerMethod: method, radio, parameters, system } = options;
  const totals = { latency: 0, energy: 0 };
  let previous: Float64Array | undefined;
  /** Of each round that was priced: when it began, and the powers that its receivers were made for */
  const moments: (RadioMoment | undefined)[] = [];
  const begins = (round: number) => moments[round]?.seconds ?? totals.latency;
  const sendingAt = (round: number, moment: RadioMoment) => downlinkRatesOf(config.budgets, radio, round, moment);
  function* problemAt(round: RoundWork & { round: number }, moment: RadioMoment): Steps<UploadProblem> {
    const full = radio.steps === undefined ? radio.rates(round.round, moment) : yield* radio.steps(round.round, moment);
    const beside = {
      ...{ devices: system?.devices, downlink: sendingAt(round.round, moment) },
      ...(config.power?.batteries === true && system && { allowances: system.allowed(round.round) }),
      fronthaul: fronthaulAt(round, moment),
    };
    try {
      return uploadProblem(config, withMargin(full, system?.margin ?? 1), round, parameters, beside);
    } catch (error) {
      throw placed(error, { round: round.round });
    }
  }
  const { fronthaulAt, pay } = costsBeside(config, { ...options, totals });
  const ledger: Ledger = {
    totals,
    ...(system && { system }),
    problem: (round) => atOnce(problemAt(round, moments[round.round] ?? { seconds: totals.latency })),
    rates: (round) => radio.rates(round, { seconds: begins(round) }),
    network(round) {
      const network = radio.network?.(round, { seconds: begins(round) });
      if (network === undefined) throw new Error("network: a radio of which nothing but rates is known");
      return network;
    },
    *ready(round) {
      yield* radio.steps?.(round, { seconds: begins(round) }) ?? [];
    },
    price: (round) => atOnce(ledger.steps(round)),
    *steps(round) {
      if (round.step !== undefined) {
        moments[round.round] = { seconds: totals.latency };
        return enter(round.step, round.round, { config, totals, system, method });
      }
      const seconds = totals.latency;
      if (round.air !== undefined) {
        moments[round.round] = { seconds };
        const { power } = round.air;
        const beside = { devices: system?.devices, downlink: sendingAt(round.round, { seconds }) };
        const price = priceOverTheAir(config.budgets, ledger.network(round.round), round, { parameters, ...beside });
        const paid = pay(round, price, "over the air", seconds);
        return paid.fits ? { ...paid, power: Float64Array.from(power), allocation: settled } : paid;
      }
      const { allocation, problem, receivedAt } = yield* allocateSteps(
        (asked, before) => withinAllowances(asked, (own) => allocated(method, round.round, before, own)),
        (power) => problemAt(round, { seconds, power }),
        { takesTurns: radio.suitsPowers === true, previous },
      );
      moments[round.round] = { seconds, power: receivedAt };
      if (allocation.status === "infeasible")
        return infeasible(`${method.name}: ${allocation.reason ?? "no powers serve every client"}`);
      checkPowers(allocation.power, problem.bits.length, method.name, round.round);
      const billed = billedAt(problem, allocation, round.round, system);
      const { price, power, silent } = billed;
      const stuck = silent && nobodyLeft(billed, round, system!);
      // Nothing is lost yet, and no run comes of it.
      if (stuck !== undefined && round.round === 1) throw new InputError("devices.battery", stuck);
      if (stuck !== undefined) return infeasible(stuck);
      const unserved = price.perClient.latency.findIndex((seconds) => !Number.isFinite(seconds));
      if (unserved >= 0) {
        const bits = billed.problem.bits[unserved]!;
        return infeasible(
          `${method.name}: client ${unserved} has ${bits} bits to send and no rate (${allocation.status})`,
        );
      }
      const paid = pay(round, price, method.name, seconds);
      if (!paid.fits) return paid;
      previous = allocation.power;
      return { ...paid, power, allocation, ...(silent && { silent }) };
    },
  };
  return ledger;
}

/** What a round has beside its uploads, and its price entered where it fits. */
function costsBeside(
  config: Priced,
  { radio, parameters, system, totals }: LedgerOptions & { totals: Ledger["totals"] },
) {
  type Round = RoundWork & { round: number };
  function fronthaulAt(round: Round, moment: RadioMoment) {
    const decoded = config.aggregation && radio.decoded?.(round.round, moment);
    if (decoded === undefined) return undefined;
    const bits = config.budgets.bits === "wire" ? round.wireBits : round.nominalBits;
    return priceFronthaul(config.aggregation!, decoded, bits, parameters);
  }
  function fronthaulRecord(round: Round, { perClient }: RoundPrice, moment: RadioMoment): FronthaulRecord | undefined {
    const price = fronthaulAt(round, moment);
    if (price === undefined) return undefined;
    const network = radio.network!(round.round, moment);
    return { ...price, sampleBits: samplesOf(config.aggregation!, network, perClient.latency) };
  }
  function pay(round: Round, price: RoundPrice, by: string, seconds: number) {
    const refusal = overBudget(config, totals, price, round.round, by);
    if (refusal !== undefined) return refusal;
    checkPrice(price, totals, round.round);
    totals.latency += price.latency;
    totals.energy += price.energy;
    if (system !== undefined) spend(round, price, system);
    const rates = downlinkRatesOf(config.budgets, radio, round.round, { seconds });
    const downlink = downlinkRecord(config.budgets, round, parameters, rates);
    const fronthaul = fronthaulRecord(round, price, { seconds });
    return { fits: true as const, ...price, ...(downlink && { downlink }), ...(fronthaul && { fronthaul }) };
  }
  return { fronthaulAt, pay };
}

/** Where no method is asked. */
const settled = { status: "converged", iterations: 0 } as const;

type Priced = Pick<Config, "budgets"> & Partial<Pick<Config, "aggregation" | "power">>;

/** A round as it is sent. */
interface Billed {
  problem: UploadProblem;
  power: Float64Array;
  price: RoundPrice;
  /** Those that do not send after all */
  silent?: number[];
}

/** At the powers of the method, or where batteries do not allow these, at lower ones. */
function billedAt(
  problem: UploadProblem,
  allocation: Allocation,
  round: number,
  system: ClientSystem | undefined,
): Billed {
  if (system?.batteries.bounded !== true) {
    const { power, frequency } = allocation;
    return { problem, power, price: priceRound(problem, power, frequency) };
  }
  const { problem: sent, power, frequency, silent } = holdToBatteries(problem, allocation, system.allowed(round));
  return { problem: sent, power, price: priceRound(sent, power, frequency), ...(silent.length > 0 && { silent }) };
}

function busySeconds({ spans, perClient }: KeptStep): number[] {
  const seconds = perClient.latency.map(() => 0);
  for (const { client, from, to } of spans) seconds[client] = seconds[client]! + (to - from);
  return seconds;
}

/** Why a round in which nobody sends is the end: it is the first one, or nobody could send in a later one either. */
function nobodyLeft(
  { problem, silent = [] }: Pick<Billed, "problem" | "silent">,
  { round, nominalBits, wireBits }: RoundWork & { round: number },
  { batteries: { left, harvesting } }: ClientSystem,
): string | undefined {
  const others = left.some((joules, k) => joules > 0 && !silent.includes(k));
  if (problem.bits.some((bits) => bits > 0) || (round > 1 && (others || harvesting))) return undefined;
  const fullest = silent.reduce((best, k) => (left[k]! > left[best]! ? k : best));
  const bits = Math.max(nominalBits[fullest]!, wireBits[fullest]!);
  return (
    `round ${round}: no battery carries an upload at any power: client ${fullest}'s, the fullest, holds ` +
    `${left[fullest]!.toPrecision(3)} J for its computation and up to ${bits} bits ` +
    "(larger batteries, devices.battery, or a coarser quantizer would do)"
  );
}

/** Out of each client's battery what the round took of it, and on its clock how long it was busy. */
function spend(
  { round, examples }: RoundWork & { round: number },
  { perClient, computation, latency }: RoundPrice,
  { batteries, computeSeconds }: ClientSystem,
): void {
  const { energy, latency: seconds } = perClient;
  const computing = computation?.latency ?? computeSeconds(examples);
  batteries.spend(
    round,
    energy.map((joules, k) => joules + (computation?.energy[k] ?? 0)),
    seconds.map((sending, k) => sending + computing[k]!),
    latency,
  );
}

/** A step on the simulated clock has its price by when it was made. */
function enter(
  step: KeptStep,
  round: number,
  {
    config,
    totals,
    system,
    method,
  }: Pick<Ledger, "totals"> & {
    system: ClientSystem | undefined;
    config: Pick<Config, "budgets">;
    method: PowerMethod;
  },
): Price {
  if (step.refused !== undefined) return infeasible(step.refused);
  const { latency, energy, fixedEnergy, allocation } = step;
  const of = (name: "power" | "latency" | "energy") => Float64Array.from(step.perClient[name]);
  const perClient = { latency: of("latency"), energy: of("energy") };
  const price = { perClient, latency, energy, fixed: { latency: 0, energy: fixedEnergy } };
  const refusal = overBudget(config, totals, price, round, method.name);
  if (refusal !== undefined) return refusal;
  checkPrice(price, totals, round);
  totals.latency += latency;
  totals.energy += energy;
  const { battery, computing } = step.perClient;
  const used = perClient.energy.map((joules, k) => joules + computing[k]!);
  if (battery !== undefined) system?.batteries.stand(battery, busySeconds(step));
  else system?.batteries.spend(round, used, busySeconds(step), latency);
  return { fits: true, power: of("power"), allocation, ...price };
}

/** Rates that are set as if the signal were weaker, so that they hold where it is. */
export function withMargin(rates: RateModel, margin: number): RateModel {
  return margin === 1 ? rates : { ...rates, signal: rates.signal.map((strength) => margin * strength) };
}

/** One of the caller's own does not know the round. @throws RunError, which ends the run and keeps what is finished */
export function allocated(
  method: PowerMethod,
  round: number,
  previous: Float64Array | undefined,
  problem: UploadProblem,
): Allocation {
  try {
    return method.allocate(problem, previous);
  } catch (error) {
    throw error instanceof InputError ? error : placed(error, { round });
  }
}

function infeasible(reason: string): Price {
  return { fits: false, ending: "infeasible", reason };
}

/** What is billed comes from the powers, so these must be some. @throws RunError */
export function checkPowers(
  power: ArrayLike<number> | undefined,
  clients: number,
  method: string,
  round: number,
): void {
  if (power?.length !== clients) {
    const given = power?.length === undefined ? show(power) : `${power.length} numbers`;
    throw new RunError(`${method}: the powers are ${given}, not one for each of the ${clients} clients`, { round });
  }
  for (let client = 0; client < clients; client++) {
    const value = power[client]!;
    if (!(value >= 0 && value <= 1)) {
      throw new RunError(`${method}: the power is ${value}, which is not a number from 0 to 1`, { round, client });
    }
  }
}

/** Without a budget nothing else stops a cost beyond all numbers. @throws RunError, naming the client */
function checkPrice(price: RoundPrice, totals: Ledger["totals"], round: number): void {
  for (const name of ["energy", "latency"] as const) {
    if (Number.isFinite(totals[name] + price[name])) continue;
    const client = price.perClient[name].findIndex((cost) => !Number.isFinite(cost));
    const what = name === "energy" ? "the energy, in J," : "the latency, in s,";
    throw new RunError(`${what} is beyond all numbers`, { round, ...(client >= 0 && { client }) });
  }
}

function overBudget(
  { budgets }: Pick<Config, "budgets">,
  totals: Ledger["totals"],
  price: RoundPrice,
  round: number,
  method: string,
): (Price & { fits: false }) | undefined {
  for (const [name, unit] of [
    ["energy", "J"],
    ["latency", "s"],
  ] as const) {
    const budget = budgets[name] ?? Number.POSITIVE_INFINITY;
    const total = totals[name] + price[name];
    if (total > budget) {
      return {
        fits: false,
        ending: name,
        reason:
          `round ${round} would bring the ${name} to ${total.toPrecision(4)} ${unit}` +
          ` of ${budget} ${unit} (${method}; ${costliest(price, name)})`,
      };
    }
  }
  return undefined;
}

function costliest({ perClient }: RoundPrice, name: "energy" | "latency"): string {
  let worst = 0;
  perClient[name].forEach((cost, k) => {
    if (cost > perClient[name][worst]!) worst = k;
  });
  const cost = perClient[name][worst]!;
  return `client ${worst} takes most: ${cost.toPrecision(3)} ${name === "energy" ? "J" : "s"}`;
}
