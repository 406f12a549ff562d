import {
  able,
  atLeastZero,
  callable,
  flag,
  listOf,
  optional,
  record,
  whole,
  completeConfig as wholeConfig,
} from "../config/arguments.js";
import type { Config } from "../config/config.js";
import { InputError, RunError } from "../config/errors.js";
import { checkPart } from "../config/ownParts.js";
import type { Dataset, Quantizer, StopSignal } from "../config/records.js";
import { checkDataset, openDataset } from "../data/index.js";
import { checkNetwork } from "../network/index.js";
import { quantizerConfigOf, quantizer as quantizerOf } from "../quantizers/index.js";
import { type Devices, drawDevices } from "../system/devices.js";
import { NobodyError } from "../system/selection/index.js";
import { type Account, type AccountRequest, openAccounts, quantizerPart } from "./account.js";
import { checkAggregationParts } from "./aggregation/checks.js";
import { leisurely } from "./breathe.js";
import { checkDelivery, checkExchange, checkParts } from "./checks.js";
import { clientEpochs, epochsOf } from "./epochs.js";
import { type Executor, inProcessExecutor } from "./executor.js";
import { ownPart } from "./fingerprint.js";
import { differences, type TrainingIdentity, trainingIdentity } from "./identity.js";
import { type KeptTrace, mergeTraces } from "./keptTrace.js";
import { type Learning, openLearning } from "./learning.js";
import type { Price } from "./ledger.js";
import type { Observer } from "./observer.js";
import { chooseParticipants, looksAtEnergy } from "./participation.js";
import { looksAtRates, planRound, type RoundPlan } from "./plan.js";
import type { RoundRecord, RunResult } from "./result.js";
import { readState, type StateStore } from "./state.js";
import { type StateKeeper, stateKeeper } from "./stateKeeper.js";
import type { FederatedTraining } from "./training.js";
import { busyIn } from "./waiting/state.js";

/** What a training may be given beside its config and its accounts. */
export interface TogetherOptions {
  /** The data, when they were loaded from files or are one's own; a function is called only where something is trained */
  dataset?: Dataset | (() => Dataset | Promise<Dataset>);
  /** Where the clients train; in this thread unless given. It is closed at the end */
  executor?: Executor;
  /** A quantizer of one's own; config.quantizer does not count then */
  quantizer?: Quantizer;
  /** Rounds of an earlier training of the same config: used as far as they reach */
  kept?: KeptTrace;
  /** Where the training is kept as it goes, and goes on from */
  state?: StateStore;
  /** s between two states at least, 2 unless given; 0: after every round */
  stateInterval?: number;
  /** Ask what the untrained model is worth; so with several accounts unless given */
  initial?: boolean;
  /** Ends all accounts before the next round; what is finished is returned */
  signal?: StopSignal;
  observers?: readonly Observer[];
}

export interface Together {
  /** One an account, in their order */
  results: RunResult[];
  /** The training, to be priced again under other accounts */
  trace: KeptTrace;
  /** False where `kept` was enough */
  trained: boolean;
  /** What `options.state` held: the round gone on from, and why it was not used */
  resumed: { round: number; damaged?: string };
}

/**
 * Trains once and prices every account on it, round by round, until all of them have ended.
 *
 * A round is proposed once and priced on every account that is still open. Those it does not fit end there, with the
 * model as it was; for the others it becomes part of the model. The model is evaluated where a record or an ending
 * needs it.
 *
 * @param config the training; each account may differ from it in what `pricedFields` names
 * @throws InputError for what is wrong with a config, accounts that are no runs of one training, and a kept state of
 *   another training
 * @example
 * const config = parseConfig({ preset: "quick", rounds: 2, data: { trainExamples: 200 } });
 * const strict = { ...config, budgets: { ...config.budgets, energy: 1e-5 } };
 * const { results } = await simulateTogether(config, [{ config }, { config, drop: 1 }, { config: strict }]);
 * results.map(({ ended }) => ended.by); // → ["rounds","rounds","energy"]
 */
export async function simulateTogether(
  config: Config,
  accounts: readonly AccountRequest[],
  options: TogetherOptions = {},
): Promise<Together> {
  wholeConfig("config", config);
  listOf(record({ config: wholeConfig, drop: optional(whole()) }))("accounts", accounts);
  checkOptions(options);
  checkHandedIn(accounts, options);
  const { quantizer, ...rest } = options;
  const known = quantizer && config.plan.kind === "fixed" ? quantizerConfigOf(quantizer) : undefined;
  if (known !== undefined) {
    // A built-in quantizer is recorded as such, however it was handed in.
    const named = accounts.map((account) => ({ ...account, config: { ...account.config, quantizer: known } }));
    return simulateTogether({ ...config, quantizer: known }, named, rest);
  }
  const executor = options.executor ?? inProcessExecutor();
  try {
    const session = await openSession(config, accounts, options, executor);
    await play(session);
    return {
      results: session.accounts.map((account) => account.result!),
      trace: session.learning.trace,
      trained: session.learning.trained,
      resumed: session.resumed,
    };
  } finally {
    await executor.close();
  }
}

interface Session {
  config: Config;
  identity: TrainingIdentity;
  /** What a round is planned by is the radio of the first account */
  looks: boolean;
  learning: Learning;
  accounts: readonly Account[];
  observers: readonly Observer[];
  keeper: StateKeeper | undefined;
  initial: boolean;
  /** Some account keeps the answers */
  answers: boolean;
  signal: StopSignal | undefined;
  resumed: Together["resumed"];
}

async function openSession(
  config: Config,
  requests: readonly AccountRequest[],
  options: TogetherOptions,
  executor: Executor,
): Promise<Session> {
  const { observers = [], state: store, signal } = options;
  const quantizer = options.quantizer ?? quantizerOf(config.quantizer);
  const own = options.quantizer !== undefined;
  const part = quantizerPart(quantizer, own);
  checkParts(config, requests, own);
  checkExchange(quantizer, config);
  checkAggregationParts(config, quantizer, own);
  checkDelivery(quantizer, config);
  const identity = checkOneTraining(config, requests, ({ config, drop = 0, powerMethod }) =>
    trainingIdentity(config, { quantizer, drop, part, powerPart: powerMethod && ownPart(powerMethod) }),
  );
  const { saved, damaged } = store === undefined ? {} : await readState(store, identity);
  const kept = options.kept && saved ? mergeTraces(options.kept, saved.trace) : (options.kept ?? saved?.trace);
  let accounts: readonly Account[] = [];
  const devices = drawDevices(config);
  const learning = await openLearning({
    config,
    dataset: async () => datasetOf(config, options.dataset),
    executor,
    observers,
    ...(own && { quantizer }),
    kept,
    state: saved?.state,
    sharing: () => accounts[0]!.sharing,
    // All accounts of a training over the air have one radio.
    air: (round) => ({
      network: (accounts.find(isOpen) ?? accounts[0]!).ledger.network(round),
      drop: requests[0]!.drop ?? 0,
    }),
    plan: (round, training, trace) =>
      planOf({
        ...{ config, quantizer, round, training, trace, devices },
        account: accounts.find(isOpen) ?? accounts[0]!,
      }),
  });
  accounts = openAccounts(requests, { parameters: learning.parameters, quantizer, own });
  return {
    config,
    identity,
    looks: looksAtRates(config, quantizer),
    learning,
    accounts,
    observers,
    keeper: store && stateKeeper(store, options.stateInterval ?? 2),
    initial: options.initial ?? requests.length > 1,
    answers: requests.some((request) => request.config.evaluation.answers),
    signal,
    resumed: { round: saved?.state.round ?? 0, ...(damaged !== undefined && { damaged }) },
  };
}

/** The loop: there is no other. */
async function play(session: Session): Promise<void> {
  const { learning, accounts, observers, signal } = session;
  for (const { onStart } of observers) onStart?.({ config: session.config, parameters: learning.parameters });
  if (session.initial) await learning.worth(0, session.answers);
  for (let round = 1; ; round++) {
    const open = accounts.filter((account) => account.result === undefined);
    if (open.length === 0) return;
    const ready = await orFailed(async () => {
      if (session.looks) await leisurely(accounts[0]!.ledger.ready(round), signal);
    });
    if (signal?.aborted) {
      await keepState(session, round - 1, true);
      return endAll(session, open, round - 1, stoppedBefore(round));
    }
    const proposal = ready ?? (await orFailed(() => learning.proposal(round)));
    if ("by" in proposal) return endAll(session, open, round - 1, proposal);
    const paying: { account: Account; price: Price & { fits: true } }[] = [];
    for (const account of open) {
      const price = await leisurely(account.price(proposal), signal);
      if (price === undefined) return endAll(session, open, round - 1, stoppedBefore(round));
      if ("by" in price) await endAll(session, [account], round - 1, price);
      else paying.push({ account, price });
    }
    if (paying.length === 0) return;
    // With batteries all accounts are alike.
    const failed = await orFailed(() => learning.commit(round, paying[0]!.price.silent));
    if (failed !== undefined) {
      return endAll(
        session,
        paying.map(({ account }) => account),
        round - 1,
        failed,
      );
    }
    const isDue = ({ config }: Account) => round % config.evaluation.every === 0 || round === config.rounds;
    const worth = paying.some(({ account }) => isDue(account))
      ? await learning.worth(round, session.answers)
      : undefined;
    const records: (RoundRecord | null)[] = accounts.map(() => null);
    for (const { account, price } of paying) {
      records[account.index] = account.record(proposal, price, isDue(account) ? worth : undefined);
    }
    await keepState(
      session,
      round,
      paying.every(({ account }) => round === account.config.rounds),
    );
    await tell(session, records);
    for (const { account } of paying) {
      const { rounds } = account.config;
      if (round === rounds)
        await endAll(session, [account], round, { by: "rounds", reason: `all ${rounds} rounds done` });
    }
  }
}

function stoppedBefore(round: number): RunResult["ended"] {
  return { by: "stopped", reason: `stopped before round ${round}` };
}

/** Ends accounts whose last round was `round`. */
async function endAll(
  { learning, observers, initial, answers }: Session,
  accounts: readonly Account[],
  round: number,
  ended: RunResult["ended"],
): Promise<void> {
  const worth = await learning.worth(round, answers);
  const listening = observers.filter(({ onEnd }) => onEnd !== undefined);
  for (const account of accounts) {
    const result = account.end(ended, worth, initial ? learning.trace.initial : null);
    if (listening.length === 0) continue;
    const training = ended.by === "stopped" ? learning.standing(round) : await learning.live(round);
    const view = { account: account.index, model: training?.state.parameters, tensors: training?.tensors ?? [] };
    for (const { onEnd } of listening) await onEnd?.(result, view);
  }
}

/** An error of the run's own is an ending. */
async function orFailed<T>(action: () => Promise<T>): Promise<T | { by: "failed" | "infeasible"; reason: string }> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return { by: error instanceof NobodyError ? "infeasible" : "failed", reason: error.message };
  }
}

async function keepState({ keeper, learning, identity }: Session, round: number, last: boolean): Promise<void> {
  const training = learning.standing(round);
  if (keeper === undefined || training === undefined) return;
  await keeper.keep({ identity, trace: learning.trace, state: training.state }, last);
}

async function tell(
  { accounts, learning, observers }: Session,
  records: readonly (RoundRecord | null)[],
): Promise<void> {
  const first = records.find((record) => record !== null)!;
  const expected = records.reduce((most, record, i) => Math.max(most, reach(accounts[i]!.config, record)), 0);
  const view = {
    parameters: learning.parameters,
    records,
    expected,
    trained: learning.standing(first.round) !== undefined,
  };
  for (const { onRound } of observers) await onRound?.(first, view);
}

/** The rounds that an account gets if every round costs what this one did. */
function reach({ rounds, budgets }: Config, record: RoundRecord | null): number {
  if (record === null) return 0;
  const left = (["energy", "latency"] as const).map((name) => {
    const budget = budgets[name];
    if (budget === null || record[name] === 0) return rounds;
    return Math.floor((budget - record.totals[name]) / record[name]);
  });
  return Math.min(rounds, record.round + Math.min(...left));
}

function planOf(given: {
  config: Config;
  quantizer: Quantizer;
  round: number;
  training: FederatedTraining;
  trace: KeptTrace;
  devices: Devices;
  account: Account;
}): RoundPlan {
  const { config, quantizer, round, training, trace, devices, account } = given;
  const { ledger } = account;
  const { weights, examples } = training;
  const { plan, measurements } = training.state;
  const localEpochs = epochsOf(config, round, training.state.localEpochs);
  const participation = chooseParticipants({
    ...{ config, round, examples, rounds: trace.rounds, localEpochs, radio: ledger, devices },
    epochs: clientEpochs(config, devices, examples, localEpochs),
    ...{ energyLeft: ledger.system!.batteries.left, busy: busyIn(training.state.waiting) },
  });
  if (!looksAtRates(config, quantizer)) return { participation };
  const before = trace.rounds[round - 2];
  const planned = planRound({
    config,
    quantizer,
    round,
    radio: ledger,
    weights,
    ...(before && { last: { problem: ledger.problem(before), plan, measurements } }),
  });
  return { ...planned, participation };
}

const isOpen = ({ result }: Account): boolean => result === undefined;

function datasetOf(config: Config, given: TogetherOptions["dataset"]): Dataset | Promise<Dataset> {
  if (typeof given === "function") return given();
  return given === undefined ? openDataset(config.data, config.seed) : checkDataset(given, config.data.name);
}

/** @throws InputError for an option that is none */
export const checkOptions = (options: TogetherOptions): void => checkTogetherOptions("options", options);

const observer = record({
  ...{ onStart: optional(callable), onRound: optional(callable), onEnd: optional(callable) },
  ...{ onUpdate: optional(callable), onTrained: optional(callable), wantsTrained: optional(callable) },
});

const checkTogetherOptions = record({
  executor: optional(able("executor", "start", "run", "evaluate", "close")),
  kept: optional(record({ parameters: whole(), rounds: listOf(record()) })),
  state: optional(able("state's store", "read", "write")),
  stateInterval: optional(atLeastZero),
  initial: optional(flag),
  signal: optional(able("AbortSignal", "addEventListener")),
  observers: optional(listOf(observer)),
});

/** @throws InputError for an object that is no part */
function checkHandedIn(accounts: readonly AccountRequest[], { quantizer }: TogetherOptions): void {
  if (quantizer !== undefined) checkPart(quantizer, "quantizer", "quantizer");
  for (const { powerMethod, network } of accounts) {
    if (powerMethod !== undefined) checkPart(powerMethod, "power method", "powerMethod");
    if (network !== undefined) checkNetwork(network);
  }
}

/** @throws InputError where the accounts are not runs of one training, with the fields in which they differ */
function checkOneTraining(
  config: Config,
  requests: readonly AccountRequest[],
  identify: (request: AccountRequest) => TrainingIdentity,
): TrainingIdentity {
  const identity = identify({ ...requests[0]!, config });
  for (const [index, request] of requests.entries()) {
    const differing = differences(identity, identify(request));
    if (differing.length > 0) {
      throw new InputError(`accounts[${index}]`, `is no run of this training: ${differing.join("; ")}`);
    }
    if ("drop" in identity && request.network !== requests[0]!.network) {
      throw new InputError(`accounts[${index}].network`, "is another, and this training looks at the channel");
    }
    if (looksAtEnergy(config) && request.powerMethod !== requests[0]!.powerMethod) {
      throw new InputError(`accounts[${index}].powerMethod`, "is another, and this training looks at what was spent");
    }
  }
  return identity;
}
