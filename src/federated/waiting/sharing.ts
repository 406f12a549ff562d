import type { Config } from "../../config/config.js";
import type { PowerMethod, Status } from "../../config/records.js";
import { priceUpload } from "../../power/index.js";
import { allocateTogether } from "../allocate.js";
import { allocated, checkPowers } from "../ledger.js";
import type { Radio } from "../radio.js";
import type { Asked, Shares } from "./clock.js";

/** The radio of a run as those share it who send at a moment. */
export interface Sharing {
  /**
   * Powers of the run's method for what is left to send: what the step has cost so far counts as its computation does in
   * a round in which all send together.
   * @param moment when the step began, s since the run did
   * @returns why nobody can be had to serve them all, where so
   * @throws RunError for a method that throws, or whose powers are not K numbers from 0 to 1
   */
  share(moment: { round: number; seconds: number }, asked: Asked): Shared;
}

export type Shared = (Shares & { status: Status; iterations: number }) | { refused: string };

export function createSharing(
  { budgets }: Pick<Config, "budgets">,
  { powerMethod: method, radio }: { powerMethod: PowerMethod; radio: Radio },
): Sharing {
  const { circuitPower } = budgets;
  return {
    share({ round, seconds }, { bits, elapsed, spent, previous }) {
      const { allocation, problem } = allocateTogether(
        (asked, before) => allocated(method, round, before, asked),
        (power) => ({
          rates: radio.rates(round, { seconds, ...(power && { power }) }),
          ...{ bits, computeLatency: elapsed, fixedEnergy: spent, circuitPower },
          budgets: {
            energy: budgets.energy ?? Number.POSITIVE_INFINITY,
            latency: budgets.latency ?? Number.POSITIVE_INFINITY,
          },
        }),
        { takesTurns: radio.suitsPowers === true, previous },
      );
      const { power, status, iterations, reason } = allocation;
      if (status === "infeasible") return { refused: `${method.name}: ${reason ?? "no powers serve every client"}` };
      checkPowers(power, bits.length, method.name, round);
      const { rate } = priceUpload(problem, power);
      const unserved = bits.findIndex((left, client) => left > 0 && !(rate[client]! > 0));
      if (unserved >= 0)
        return {
          refused: `${method.name}: client ${unserved} has ${bits[unserved]} bits to send and no rate (${status})`,
        };
      const watts = power.map((coefficient) => problem.rates.transmitPower * coefficient + circuitPower);
      return { power, watts, rate, status, iterations };
    },
  };
}
