import type { Config } from "../../config/config.js";
import type { PowerMethod, Status } from "../../config/records.js";
import { priceUpload } from "../../power/index.js";
import { allocateTogether } from "../allocate.js";
import { holdToBatteries } from "../holdToBatteries.js";
import { allocated, checkPowers, withMargin } from "../ledger.js";
import type { Radio } from "../radio.js";
import type { Asked, Shares } from "./clock.js";

/** The radio of a run as those share it who send at a moment. */
export interface Sharing {
  /**
   * Powers of the run's method for what is left to send: what the step has cost so far counts as its computation does in
   * a round in which all send together. Batteries hold as in such a round: whoever would use more than it may before its
   * upload ends, as things are, sends at a lower power, or not at all.
   * @param moment when the step began, s since the run did
   * @returns why nobody can be had to serve them all, where so
   * @throws RunError for a method that throws, or whose powers are not K numbers from 0 to 1
   */
  share(moment: { round: number; seconds: number }, asked: Asked): Shared;
}

export type Shared = (Shares & { status: Status; iterations: number }) | { refused: string };

export function createSharing(
  { budgets }: Pick<Config, "budgets">,
  { powerMethod: method, radio, margin = 1 }: { powerMethod: PowerMethod; radio: Radio; margin?: number },
): Sharing {
  const { circuitPower } = budgets;
  return {
    share({ round, seconds }, { bits, elapsed, spent, previous, allowed }) {
      const { allocation, problem: asked } = allocateTogether(
        (given, before) => allocated(method, round, before, given),
        (power) => ({
          rates: withMargin(radio.rates(round, { seconds, ...(power && { power }) }), margin),
          ...{ bits, computeLatency: elapsed, fixedEnergy: spent, circuitPower },
          budgets: {
            energy: budgets.energy ?? Number.POSITIVE_INFINITY,
            latency: budgets.latency ?? Number.POSITIVE_INFINITY,
          },
        }),
        { takesTurns: radio.suitsPowers === true, previous },
      );
      const { status, iterations, reason } = allocation;
      if (status === "infeasible") return { refused: `${method.name}: ${reason ?? "no powers serve every client"}` };
      checkPowers(allocation.power, bits.length, method.name, round);
      const { problem, power, silent } =
        allowed === undefined
          ? { problem: asked, power: allocation.power, silent: [] }
          : holdToBatteries(asked, allocation, allowed);
      const { rate } = priceUpload(problem, power);
      const unserved = bits.findIndex((_, client) => problem.bits[client]! > 0 && !(rate[client]! > 0));
      if (unserved >= 0)
        return {
          refused: `${method.name}: client ${unserved} has ${bits[unserved]} bits to send and no rate (${status})`,
        };
      const watts = power.map((coefficient) => problem.rates.transmitPower * coefficient + circuitPower);
      return { power, watts, rate, status, iterations, ...(silent.length > 0 && { silent }) };
    },
  };
}
