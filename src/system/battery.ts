import { stream } from "../../bindings/random.js";
import type { Config } from "../config/config.js";
import type { Devices } from "./devices.js";

/** What each client's battery holds, from round to round. */
export interface Batteries {
  /** Whether there are any: without them `left` is minus what each client has spent */
  readonly bounded: boolean;
  /** Whether energy comes in */
  readonly harvesting: boolean;
  /** J [K] */
  readonly left: Float64Array;
  /** What the rounds have had each client busy, s [K]: computing and sending */
  readonly clock: Float64Array;
  /**
   * A round's energy out, what was harvested during it in, up to the charge at the start.
   * @param used J [K]
   * @param busy s [K]
   * @param seconds that the round took
   */
  spend(round: number, used: ArrayLike<number>, busy: ArrayLike<number>, seconds: number): void;
  /**
   * After a step in which time passed on the simulated clock, where energy comes in as it goes out.
   * @param left J [K]
   * @param busy s [K]
   */
  stand(left: ArrayLike<number>, busy: ArrayLike<number>): void;
}

/** Batteries as they are before the first round. */
export function openBatteries({ seed, devices }: Pick<Config, "seed" | "devices">, { charge }: Devices): Batteries {
  const { enabled, harvest } = devices.battery;
  const left = enabled ? charge.slice() : new Float64Array(charge.length);
  const clock = new Float64Array(charge.length);
  return {
    bounded: enabled,
    harvesting: enabled && harvest.kind !== "none" && harvest.power > 0,
    left,
    clock,
    spend(round, used, busy, seconds) {
      for (let k = 0; k < left.length; k++) {
        clock[k] = clock[k]! + busy[k]!;
        const rest = left[k]! - used[k]!;
        if (!enabled) left[k] = rest;
        // A battery that held to its last joule may be below 0 by a rounding.
        else left[k] = Math.min(charge[k]!, Math.max(0, rest) + seconds * harvested(harvest, seed, round, k));
      }
    },
    stand(now, busy) {
      left.set(now);
      for (let k = 0; k < left.length; k++) clock[k] = clock[k]! + busy[k]!;
    },
  };
}

/** W, in the mean over a round. */
export function harvested(
  { kind, power, probability }: Config["devices"]["battery"]["harvest"],
  seed: number,
  round: number,
  client: number,
): number {
  if (kind === "none") return 0;
  if (kind === "constant") return power;
  return stream(seed, "harvest", client, round).uniform() < probability ? power / probability : 0;
}

/**
 * What each client may use in a round [K], J: all that is left, or with a horizon its share of it, so that the charge
 * lasts for the rounds to come.
 * @param roundsLeft this one included
 */
export function allowance({ left }: Pick<Batteries, "left">, horizon: boolean, roundsLeft: number): Float64Array {
  return left.map((joules) => (horizon ? joules / Math.max(1, roundsLeft) : joules));
}
