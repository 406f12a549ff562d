import { callable, optional, record, whole } from "../config/arguments.js";
import type { ConfigInput } from "../parts/input.js";
import { completeConfig } from "../parts/resolve.js";
import type { AccountRequest } from "./account.js";
import type { Observer } from "./observer.js";
import type { RoundRecord, RunResult } from "./result.js";
import { checkOptions, simulateTogether, type TogetherOptions } from "./together.js";

export { completeConfig } from "../parts/resolve.js";

/** What a run may be given beside its config. */
export interface SimulateOptions extends TogetherOptions, Omit<AccountRequest, "config"> {
  /** After each finished round; awaited, so a caller can pause the run */
  onRound?(record: RoundRecord, run: { parameters: number }): void | Promise<void>;
  /** After each client's update has been decoded (a view, valid during the call) */
  onUpdate?(client: number, round: number, decoded: Float32Array): void;
}

/**
 * Runs federated learning over one network drop until the rounds or a budget end it.
 *
 * @param input a preset's name, or a config with defaults for what it leaves out
 * @returns the finished rounds and why the run ended; a failure inside the run is an ending too ("failed"),
 *   with the results so far
 * @throws InputError for what is wrong with the config
 * @example
 * const input = { preset: "quick", rounds: 2, quantizer: { name: "emq", digits: 1 } } as const;
 * const { final, ended } = await simulate(input, { onRound: ({ round, accuracy }) => console.log(round, accuracy) });
 * ended.reason; // → all 2 rounds done
 * final.nominalBitsPerEntry < 32; // → true
 */
export async function simulate(input: ConfigInput, options: SimulateOptions = {}): Promise<RunResult> {
  const config = completeConfig(input);
  record({ onRound: optional(callable), onUpdate: optional(callable), drop: optional(whole()) })("options", options);
  checkOptions(options);
  const { drop, network, powerMethod, onRound, onUpdate, observers = [], ...rest } = options;
  const own: Observer = { ...(onRound && { onRound }), ...(onUpdate && { onUpdate }) };
  const account: AccountRequest = {
    config,
    ...(drop !== undefined && { drop }),
    ...(network && { network }),
    ...(powerMethod !== undefined && { powerMethod }),
  };
  const { results } = await simulateTogether(config, [account], { ...rest, observers: [...observers, own] });
  return results[0]!;
}
