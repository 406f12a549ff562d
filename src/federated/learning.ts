import { RunError } from "../config/errors.js";
import type { Dataset } from "../config/records.js";
import { NobodyError } from "../system/selection/index.js";
import type { KeptRound, KeptTrace, Worth } from "./keptTrace.js";
import type { RoundPlan } from "./plan.js";
import { createFederatedTraining, type FederatedTraining, type TrainingSetup } from "./training.js";
import type { TrainingState } from "./trainingState.js";

/** The rounds of a training, one after the other, wherever they come from: kept ones as far as they reach, else trained now. */
export interface Learning {
  /** d */
  readonly parameters: number;
  /** Everything known of the training so far */
  readonly trace: KeptTrace;
  /** Whether what was kept did not suffice */
  readonly trained: boolean;
  /** The round, in its order. @throws RunError where it cannot be trained */
  proposal(round: number): Promise<KeptRound>;
  /**
   * Makes the round part of the model.
   * @param silent clients that did not send after all, as its price says
   * @throws RunError where its sum is not finite; the model is then as it was
   */
  commit(round: number, silent?: readonly number[]): Promise<void>;
  /**
   * What the model is worth after `round` rounds: those committed so far, or fewer
   * @param answers also which test examples it answers rightly; what is kept without is looked at again
   */
  worth(round: number, answers?: boolean): Promise<Worth>;
  /** The training itself after `round` rounds */
  live(round: number): Promise<FederatedTraining>;
  /** The training, where it stands after exactly this round and nothing has been proposed since */
  standing(round: number): FederatedTraining | undefined;
}

export interface LearningSetup extends Omit<TrainingSetup, "from" | "dataset"> {
  /** Asked for once something is trained */
  dataset(): Promise<Dataset>;
  kept: KeptTrace | undefined;
  /** A training of an earlier session to go on with */
  state: TrainingState | undefined;
  /** How a round is planned that follows on what `training` has done so far */
  plan(round: number, training: FederatedTraining, trace: KeptTrace): RoundPlan;
}

/** @throws InputError for what is wrong with the config or the data */
export async function openLearning(setup: LearningSetup): Promise<Learning> {
  const { kept, state } = setup;
  const trace: KeptTrace = kept === undefined ? { parameters: 0, initial: null, rounds: [] } : structuredClone(kept);
  const rounds = liveRounds(setup, trace);
  if (kept === undefined) await rounds.live(state?.round ?? 0);

  /** A failure leaves the training's memories undefined: it is not asked again, and its reason is kept. */
  async function orFailure<T>(round: number, action: () => Promise<T>): Promise<T> {
    if (trace.failure?.round === round) {
      const { reason, nobody } = trace.failure;
      throw nobody === true ? new NobodyError(reason) : new RunError(reason);
    }
    try {
      return await action();
    } catch (error) {
      if (error instanceof RunError) {
        const nobody = error instanceof NobodyError;
        trace.failure = { round, reason: error.message, ...(nobody && { nobody }) };
      }
      throw error;
    }
  }

  return {
    get parameters() {
      return trace.parameters;
    },
    trace,
    get trained() {
      return rounds.begun();
    },
    async proposal(round) {
      const known = trace.rounds[round - 1];
      if (known !== undefined) return known;
      return orFailure(round, async () => {
        const made = await rounds.propose(round);
        trace.rounds.push(made);
        return made;
      });
    },
    async commit(round, silent = []) {
      if (silent.length > 0) leaveOut(trace.rounds[round - 1]!, silent);
      // Of all but the last kept round it is known that it became part of the model: that need not be done again.
      const { failure, rounds: known } = trace;
      const after = known.length > round || known[round - 1]!.worth !== null || (failure?.round ?? 0) > round;
      if (!after) await orFailure(round, () => rounds.live(round));
    },
    async worth(round, answers = false) {
      const known = round === 0 ? trace.initial : trace.rounds[round - 1]!.worth;
      const whole = known !== null && (!answers || known.answers !== undefined || known.accuracy === null);
      if (whole) return known;
      const worth = await (await rounds.live(round)).evaluate(answers);
      if (round === 0) trace.initial = worth;
      else trace.rounds[round - 1]!.worth = worth;
      return worth;
    },
    live: rounds.live,
    standing: rounds.standing,
  };
}

/** Keeps with a round who did not send after all, so that it is the same when it is trained again. */
function leaveOut(round: KeptRound, silent: readonly number[]): void {
  if (round.participation === undefined) throw new Error("commit: a round in which everybody sends");
  round.participation = { ...round.participation, silent };
}

/** The training that is under way, if one is: opened when it is first asked for, and anew when it has gone too far. */
function liveRounds({ state, plan, dataset, ...setup }: LearningSetup, trace: KeptTrace) {
  let saved = state;
  let data: Promise<Dataset> | undefined;
  let training: FederatedTraining | undefined;
  let last: KeptRound | undefined;

  async function open(round: number): Promise<FederatedTraining> {
    const from = saved !== undefined && saved.round <= round ? saved : undefined;
    // What a training is given it changes, so that it can be given but once.
    if (from !== undefined) saved = undefined;
    data ??= dataset();
    last = undefined;
    const opened = await createFederatedTraining({ ...setup, dataset: await data, ...(from && { from }) });
    trace.parameters = opened.size;
    return opened;
  }

  /** The next round's proposal, made once; a round that is trained again gives the same again. */
  async function proposeOn(on: FederatedTraining): Promise<KeptRound> {
    const round = on.state.round + 1;
    if (last?.round !== round) last = await on.propose(plan(round, on, trace));
    return last;
  }

  async function live(round: number): Promise<FederatedTraining> {
    if (training === undefined || training.state.round > round) training = await open(round);
    while (training.state.round < round) {
      await proposeOn(training);
      training.commit(trace.rounds[training.state.round]?.participation?.silent);
    }
    return training;
  }

  return {
    live,
    begun: () => training !== undefined,
    propose: async (round: number) => proposeOn(await live(round - 1)),
    standing: (round: number) =>
      training?.state.round === round && (last === undefined || last.round === round) ? training : undefined,
  };
}
