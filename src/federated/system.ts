import type { Config } from "../config/config.js";
import { allowance, type Batteries, openBatteries } from "../system/battery.js";
import { computeSeconds, type Devices, drawDevices } from "../system/devices.js";
import { marginFactor } from "../system/loss.js";

/** What a run's prices know of its clients beside the radio. */
export interface ClientSystem {
  devices: Devices;
  /** What each has left, and its clock: the run's own */
  batteries: Batteries;
  /** What a rate is set for, of the signal's strength */
  margin: number;
  /** s that each computes [K], where a price does not say it client by client */
  computeSeconds(examples: ArrayLike<number>): Float64Array;
  /** What each client may use in a round [K], J */
  allowed(round: number): Float64Array;
}

/** The clients' devices before the first round. @throws InputError for devices that are none */
export function openSystem(
  config: Pick<Config, "seed" | "rounds" | "network" | "budgets" | "devices" | "loss">,
): ClientSystem {
  const devices = drawDevices(config);
  const batteries = openBatteries(config, devices);
  const { horizon } = config.devices.battery;
  return {
    ...{ devices, batteries, margin: marginFactor(config.loss) },
    computeSeconds: (examples) => computeSeconds(config, devices, examples),
    allowed: (round) => allowance(batteries, horizon, config.rounds - round + 1),
  };
}
