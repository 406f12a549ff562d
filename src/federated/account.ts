import type { Config, PowerConfig } from "../config/config.js";
import { RunError } from "../config/errors.js";
import type { PowerMethod, Quantizer } from "../config/records.js";
import type { Steps } from "../config/steps.js";
import type { Network } from "../network/index.js";
import { checkedMethod, powerConfigOf, powerMethod as powerMethodOf } from "../power/index.js";
import { originalOf } from "../quantizers/index.js";
import { isByAccessPoints } from "./aggregation/checks.js";
import { lateAnswers } from "./answers.js";
import { fingerprint, ownPart, registeredParts } from "./fingerprint.js";
import type { KeptRound, Worth } from "./keptTrace.js";
import { createLedger, type Ledger, type Price } from "./ledger.js";
import { createRadio, type Radio } from "./radio.js";
import { roundRecord, summarizeRun } from "./record.js";
import type { OwnPart, OwnParts, RoundRecord, RunResult } from "./result.js";
import { openSystem } from "./system.js";
import { createSharing, type Sharing } from "./waiting/sharing.js";

/** A run to be priced: which budgets, over which radio, with which powers. */
export interface AccountRequest {
  config: Config;
  /** Which of the seed's network drops */
  drop?: number;
  /** A network instead of a drop, such as one of `importChannel` */
  network?: Network;
  /** A power method of one's own */
  powerMethod?: PowerMethod;
}

/** A run as it is being priced, round by round. */
export interface Account {
  readonly index: number;
  readonly config: Config;
  readonly ledger: Ledger;
  /** Its radio, for a training on the simulated clock */
  readonly sharing: Sharing;
  readonly rounds: RoundRecord[];
  result: RunResult | undefined;
  /** Why it ends before this round; undefined where it pays for it */
  price(round: KeptRound): Steps<(Price & { fits: true }) | RunResult["ended"]>;
  record(round: KeptRound, price: Price & { fits: true }, worth: Worth | undefined): RoundRecord;
  /** Closes the account. @param worth of the model after its last round */
  end(ended: RunResult["ended"], worth: Worth, initial: Worth | null): RunResult;
}

/**
 * Accounts over the same radio share it: what it takes to draw a drop is done once. Clients that move do so for as long
 * as an account's rounds take, so that each account has its own.
 */
export function openAccounts(
  requests: readonly AccountRequest[],
  { parameters, quantizer, own }: { parameters: number; quantizer: Quantizer; own: boolean },
): Account[] {
  const radios = new Map<string | Network, Radio>();
  const part = quantizerPart(quantizer, own);
  return requests.map((request, index) => {
    const { config, drop = 0, network } = request;
    const key = radioKey(config, drop);
    const shared = network === undefined && config.network.mobility.model === "none";
    const radio = (shared ? radios.get(key) : undefined) ?? createRadio(config, request);
    if (shared) radios.set(key, radio);
    return openAccount(request, { index, parameters, radio, quantizer: part, ownQuantizer: own });
  });
}

/** All that the radio of a drop depends on: runs of one key may share it, where clients do not move. */
function radioKey({ seed, network, aggregation }: Config, drop: number): string {
  return fingerprint({ seed, network, alone: isByAccessPoints({ aggregation }), drop });
}

/** A quantizer that was handed in, or registered with its source, is known by it; the built-in ones by their settings. */
export function quantizerPart(quantizer: Quantizer, own: boolean): OwnPart | undefined {
  return own || quantizer.source !== undefined ? ownPart(originalOf(quantizer)) : undefined;
}

function openAccount(
  request: AccountRequest,
  options: { index: number; parameters: number; radio: Radio; quantizer: OwnPart | undefined; ownQuantizer: boolean },
): Account {
  const { index, parameters, radio, ownQuantizer } = options;
  // A built-in method is recorded as such, however it was handed in.
  const power = request.powerMethod && powerConfigOf(request.powerMethod);
  const config = power === undefined ? request.config : { ...request.config, power };
  const own = power === undefined ? request.powerMethod : undefined;
  const method = own === undefined ? powerMethodOf(config.power) : checkedMethod(own);
  const system = openSystem(config);
  const ledger = createLedger(config, { parameters, radio, powerMethod: method, system });
  const parts: OwnParts = {
    ...registeredParts(config),
    ...(options.quantizer && { quantizer: options.quantizer }),
    ...((own !== undefined || method.source !== undefined) && { powerMethod: ownPart(own ?? method) }),
  };
  const recorded = asRecorded(config, ownQuantizer ? parts.quantizer : undefined, own);
  const rounds: RoundRecord[] = [];
  const late = lateAnswers();
  const account: Account = {
    index,
    config,
    ledger,
    sharing: createSharing(config, { radio, powerMethod: method, margin: system.margin }),
    rounds,
    result: undefined,
    *price(round) {
      try {
        const price = yield* ledger.steps(round);
        return price.fits ? price : { by: price.ending, reason: price.reason };
      } catch (error) {
        if (!(error instanceof RunError)) throw error;
        return { by: "failed", reason: error.message };
      }
    },
    record(round, price, worth) {
      const record = roundRecord(
        round,
        price,
        { config, previous: rounds.at(-1), batteries: ledger.system!.batteries },
        worth,
      );
      rounds.push(record);
      late.add(record.round, worth?.answers);
      return record;
    },
    end(ended, worth, initial) {
      const last = rounds.at(-1);
      // The last round is always evaluated, however seldom the others are.
      if (last !== undefined) Object.assign(last, figuresOf(worth));
      late.add(last?.round ?? 0, worth.answers);
      account.result = summarizeRun({
        config: recorded,
        parts: Object.keys(parts).length > 0 ? parts : undefined,
        parameters,
        initial: initialOf(last === undefined ? worth : initial),
        rounds,
        ended,
        worth: figuresOf(worth),
        answers: config.evaluation.answers ? late.answers() : undefined,
      });
      return account.result;
    },
  };
  return account;
}

/** Without the answers, which a result has elsewhere. */
function figuresOf({ accuracy, testLoss }: Worth): Worth {
  return { accuracy, testLoss };
}

function initialOf(worth: Worth | null): Worth | null {
  return worth && figuresOf(worth);
}

/** What was handed in as an object is recorded under its own name, not under that of the part it stood in for. */
function asRecorded(config: Config, quantizer: OwnPart | undefined, method: PowerMethod | undefined): Config {
  if (quantizer === undefined && method === undefined) return config;
  return {
    ...config,
    ...(quantizer && { quantizer: { name: quantizer.name, coder: "auto", errorFeedback: false } }),
    ...(method && { power: { ...config.power, method: method.name as PowerConfig["method"] } }),
  };
}
