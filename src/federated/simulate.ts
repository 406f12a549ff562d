import type { Config } from "../config/config.js";
import { RunError } from "../config/errors.js";
import type { PartialConfig } from "../config/presets.js";
import type { Dataset, PowerMethod, Quantizer } from "../config/records.js";
import { parseConfig, resolveConfig } from "../config/resolve.js";
import { createDataset } from "../data/index.js";
import type { Network } from "../network/index.js";
import { quantizer as quantizerOf } from "../quantizers/index.js";
import { type Executor, inProcessExecutor } from "./executor.js";
import { createLedger, fullPowerSpectralEfficiency } from "./ledger.js";
import { roundRecord, summarizeRun } from "./record.js";
import type { RoundRecord, RunResult } from "./result.js";
import { createFederatedTraining } from "./training.js";

/** A preset's name, or any part of a config; what it leaves out comes from its `preset`, or from the defaults. */
export type ConfigInput = string | (PartialConfig & { preset?: string });

/** What a run may be given beside its config. */
export interface SimulateOptions {
  /** The data, when it was loaded from files (`loadDataset` of cellfed/node) or is one's own */
  dataset?: Dataset;
  /** A quantizer of one's own; config.quantizer is then only recorded */
  quantizer?: Quantizer;
  /** A power method of one's own */
  powerMethod?: PowerMethod;
  /** Where the clients train; in this thread unless given. It is closed at the end */
  executor?: Executor;
  /** Which of the seed's network drops */
  drop?: number;
  /** A network instead of a drop, such as one of `importChannel` */
  network?: Network;
  /** After each finished round; awaited, so a caller can pause the run */
  onRound?(record: RoundRecord, run: { parameters: number }): void | Promise<void>;
  /** After each client's update has been decoded (a view, valid during the call) */
  onUpdate?(client: number, round: number, decoded: Float32Array): void;
  /** Ends the run before the next round; what is finished is returned */
  signal?: AbortSignal;
}

/**
 * Runs federated learning over one network drop until the rounds or a budget end it.
 *
 * @param input a preset's name, or a config with defaults for what it leaves out
 * @returns the finished rounds and why the run ended; a failure inside the run is an ending too ("failed"),
 *   with the results so far
 * @throws InputError for what is wrong with the config
 * @example
 * const result = await simulate({ preset: "quick", quantizer: { name: "emq", digits: 1 } });
 * console.log(result.final.accuracy, result.ended.reason);
 */
export async function simulate(input: ConfigInput, options: SimulateOptions = {}): Promise<RunResult> {
  const config = completeConfig(input);
  const dataset = options.dataset ?? createDataset(config.data, config.seed);
  const executor = options.executor ?? inProcessExecutor();
  const rounds: RoundRecord[] = [];
  let ended: RunResult["ended"] | undefined;
  let parameters = 0;
  try {
    const training = await createFederatedTraining({
      config,
      dataset,
      executor,
      ...(options.quantizer && { quantizer: options.quantizer }),
      ...(options.onUpdate && { onUpdate: options.onUpdate }),
    });
    parameters = training.size;
    const ledger = createLedger(config, {
      parameters,
      ...(options.powerMethod && { powerMethod: options.powerMethod }),
      ...(options.drop !== undefined && { drop: options.drop }),
      ...(options.network && { network: options.network }),
    });
    const channelAware = (options.quantizer ?? quantizerOf(config.quantizer)).channelAware === true;
    for (let round = 1; round <= config.rounds && ended === undefined; round++) {
      if (options.signal?.aborted) {
        ended = { by: "stopped", reason: `stopped before round ${round}` };
        break;
      }
      const proposal = await training.propose(
        channelAware ? fullPowerSpectralEfficiency(ledger.rates(round)) : undefined,
      );
      const price = ledger.price(proposal);
      if (!price.fits) {
        ended = { by: price.ending, reason: price.reason };
        await evaluateLast(rounds, training.evaluate);
        break;
      }
      training.commit();
      const due = round % config.evaluation.every === 0 || round === config.rounds;
      const evaluation = due ? await training.evaluate() : { accuracy: null, loss: null };
      const record = roundRecord(proposal, price, rounds.at(-1), evaluation);
      rounds.push(record);
      await options.onRound?.(record, { parameters });
    }
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    ended = { by: "failed", reason: error.message };
  } finally {
    await executor.close();
  }
  return summarizeRun(
    config,
    parameters,
    rounds,
    ended ?? { by: "rounds", reason: `all ${config.rounds} rounds done` },
  );
}

export function completeConfig(input: ConfigInput): Config {
  return typeof input === "string" ? resolveConfig({ preset: input }) : parseConfig(input);
}

/** A run ended by a budget still says what its last model is worth. */
async function evaluateLast(
  rounds: RoundRecord[],
  evaluate: () => Promise<{ accuracy: number | null; loss: number }>,
): Promise<void> {
  const last = rounds.at(-1);
  if (last === undefined || last.testLoss !== null) return;
  const { accuracy, loss } = await evaluate();
  last.accuracy = accuracy;
  last.testLoss = loss;
}
