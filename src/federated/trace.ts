import type { Config } from "../config/config.js";
import type { Dataset, PowerMethod, Quantizer } from "../config/records.js";
import { type Executor, inProcessExecutor } from "./executor.js";
import { createLedger } from "./ledger.js";
import { type PricedProposal, roundRecord, summarizeRun } from "./record.js";
import type { RoundRecord, RunResult } from "./result.js";
import { createFederatedTraining } from "./training.js";

/** A round that was trained without asking what it costs. */
export interface TraceRound extends PricedProposal {
  accuracy: number | null;
  testLoss: number | null;
}

/**
 * Train once, price many: a round's update depends on the powers only through the round at which a budget ends the
 * run (unless the quantizer is channel-aware), so one training serves any number of power methods, drops and budgets.
 */
export interface Trace {
  /** d */
  readonly parameters: number;
  /** What the untrained model is worth: where a run ends that has no round */
  readonly initial: { accuracy: number | null; testLoss: number };
  /** Rounds trained so far */
  readonly rounds: readonly TraceRound[];
  /** The round's record, trained now if it has not been yet; rounds are 1, 2, … */
  round(number: number): Promise<TraceRound>;
  /** Frees what training holds; the rounds stay */
  close(): Promise<void>;
}

/** What a trace is trained with beside the config. */
export interface TraceOptions {
  dataset: Dataset;
  executor?: Executor;
  quantizer?: Quantizer;
  /** log2(1 + SINR_k) at full power in a round, for a channel-aware quantizer: the trace then belongs to that channel */
  spectralEfficiency?(round: number): Float64Array;
  /** After each trained round; awaited */
  onRound?(round: TraceRound): void | Promise<void>;
}

/**
 * Opens a training run to be priced later, round by round, by `priceTrace`.
 * @param config its `network`, `power` and `budgets` do not count, save the number of clients
 * @throws InputError for what is wrong with the config
 */
export async function openTrace(config: Config, options: TraceOptions): Promise<Trace> {
  const training = await createFederatedTraining({
    config,
    dataset: options.dataset,
    executor: options.executor ?? inProcessExecutor(),
    ...(options.quantizer && { quantizer: options.quantizer }),
  });
  const { accuracy, loss } = await training.evaluate();
  const rounds: TraceRound[] = [];
  async function trainNext(): Promise<void> {
    const proposal = await training.propose(options.spectralEfficiency?.(rounds.length + 1));
    training.commit();
    const due = proposal.round % config.evaluation.every === 0 || proposal.round === config.rounds;
    const evaluation = due ? await training.evaluate() : undefined;
    const round = { ...proposal, accuracy: evaluation?.accuracy ?? null, testLoss: evaluation?.loss ?? null };
    rounds.push(round);
    await options.onRound?.(round);
  }
  return {
    parameters: training.size,
    initial: { accuracy, testLoss: loss },
    rounds,
    async round(number) {
      while (rounds.length < number) await trainNext();
      return rounds[number - 1] as TraceRound;
    },
    close: () => training.close(),
  };
}

/** What prices a trace beside the config. */
export interface PriceOptions {
  drop?: number;
  powerMethod?: PowerMethod;
}

/**
 * What a trace's rounds cost under a config's radio, power method and budgets: the result `simulate` would give,
 * from a trace that is trained only as far as the budgets reach.
 * @param config as the trace's but for `network`, `power`, `budgets` and `rounds`
 */
export async function priceTrace(trace: Trace, config: Config, options: PriceOptions = {}): Promise<RunResult> {
  const ledger = createLedger(config, { parameters: trace.parameters, ...options });
  const rounds: RoundRecord[] = [];
  for (let number = 1; number <= config.rounds; number++) {
    const round = await trace.round(number);
    const price = ledger.price(round);
    if (!price.fits) return summarizeRun(config, trace.parameters, rounds, { by: price.ending, reason: price.reason });
    rounds.push(roundRecord(round, price, rounds.at(-1), { accuracy: round.accuracy, loss: round.testLoss }));
  }
  return summarizeRun(config, trace.parameters, rounds, { by: "rounds", reason: `all ${config.rounds} rounds done` });
}
