import type { ExchangedBits } from "../config/records.js";
import type { SelectionMemory } from "../system/selection/index.js";
import type { AirRound } from "./aggregation/round.js";
import type { ModelAnswers } from "./answers.js";
import type { SentBits } from "./downlink.js";
import type { KeptStep } from "./waiting/step.js";

/** What a model is worth on the test set. */
export interface Worth {
  /** 0 … 1; null where the task has none */
  accuracy: number | null;
  /** null where it is beyond all numbers */
  testLoss: number | null;
  /** Where they were asked for */
  answers?: ModelAnswers;
}

/** Who takes part in a round, and what their updates count. Plain data, kept with the round. */
export interface Participation {
  /** Their numbers, ascending */
  clients: readonly number[];
  /** Of each of them: what its update counts in the round's sum; 0 where it does not arrive */
  weights: readonly number[];
  /** Every client's chance to take part [K] */
  probability: readonly number[];
  /** What the rule remembers */
  memory?: SelectionMemory;
  /** Of each of them: ‖Q(v_k)‖, where a rule looks at it */
  norm?: readonly number[];
  /** Of each of them: times its upload is sent, where uploads are lost */
  attempts?: readonly number[];
  /** Numbers of those whose upload does not arrive */
  lost?: readonly number[];
  /** Numbers of those whose quantizer begins anew, at both ends */
  forgets?: readonly number[];
  /** Numbers of those whose battery did not carry their upload: known when the round was priced, and left out of the sum */
  silent?: readonly number[];
}

/** A round as it was trained, without asking what it costs. Arrays are [K]. */
export interface KeptRound {
  /** 1, 2, … */
  round: number;
  localEpochs: number;
  /** 0 for clients that do not take part or skip */
  nominalBits: number[];
  wireBits: number[];
  skipped: boolean[];
  /** What the server sent back to all in an exchange (`Quantizer.exchange`); absent of the methods that have none */
  exchange?: ExchangedBits;
  /** Examples processed by each client over its local epochs */
  examples: number[];
  /** Of the packet to the clients; absent where they get the model itself */
  downlink?: SentBits;
  /** Mean training loss of the clients' last local epoch, weighted by examples */
  loss: number;
  /** Who took part and what counted, where that does not follow from the config alone */
  participation?: Participation;
  /** Of the model after the round; null where it was not asked for */
  worth: Worth | null;
  /** Where all sent at once: their powers, and how well the sum was received. There are no bits then */
  air?: AirRound;
  /** What it took, and whose updates it has, where the training is on the simulated clock: then its bits are theirs */
  step?: KeptStep;
}

/**
 * A training as it is kept: plain data (it survives JSON) from which any account can be priced again.
 *
 * Train once, price many: a round's update depends on the powers only through the round at which a budget ends the
 * run (unless the plan or the quantizer looks at the channel), so one training serves any number of accounts. The last
 * round may be one that nobody paid for: then it was trained and never became part of the model.
 */
export interface KeptTrace {
  /** d */
  parameters: number;
  /** Of the untrained model; null where it was not asked for */
  initial: Worth | null;
  rounds: KeptRound[];
  /** Where the training broke off: in this round, or, if that is among the rounds, when its updates were added up */
  failure?: { round: number; reason: string /** Nobody could take part */; nobody?: boolean };
}

/** What two kept parts of one training know together. */
export function mergeTraces(a: KeptTrace, b: KeptTrace): KeptTrace {
  const [longer, shorter] = a.rounds.length >= b.rounds.length ? [a, b] : [b, a];
  const failure = a.failure ?? b.failure;
  return {
    parameters: longer.parameters,
    initial: fuller(longer.initial, shorter.initial),
    rounds: longer.rounds.map((round, i) => ({ ...round, worth: fuller(round.worth, shorter.rounds[i]?.worth) })),
    ...(failure !== undefined && { failure }),
  };
}

/** Of two that say what one model is worth, the one that says more. */
function fuller(a: Worth | null, b: Worth | null | undefined): Worth | null {
  return a?.answers === undefined && b?.answers !== undefined ? b : (a ?? b ?? null);
}
