import type { Config } from "../../config/config.js";
import { simulateTogether } from "../../federated/together.js";
import { holdOut } from "./holdOut.js";
import type { Perform } from "./job.js";
import { keeping } from "./keeping.js";

/** A run that is judged by training examples that are kept from it. */
export interface TuningPayload {
  /** Complete, with its seed. Network drop 0 */
  config: Config;
  /** Of the training examples, held out */
  share: number;
}

/** What a setting was worth under one seed. */
export interface TuningOutcome {
  /** On what was held out, the mean of the last rounds that were measured; null where the run broke off or had no round */
  accuracy: number | null;
  rounds: number;
  /** Why it broke off, else null */
  reason: string | null;
}

/** Rounds whose mean counts: a single one wobbles where shards are unlike. */
const lastRounds = 5;

/** Record "tuning": the outcome. A run that breaks off is an answer, and no failure. */
export const tuning: Perform<TuningPayload> = async (job, context) => {
  const { config, share } = job.payload;
  const { results } = await simulateTogether(config, [{ config, drop: 0 }], {
    dataset: async () => holdOut(await context.dataset(config), share, config.seed),
    ...keeping(context),
    ...(context.signal && { signal: context.signal }),
    observers: [
      {
        onRound: ({ round }, { expected }) =>
          context.onProgress?.({ done: round, expected: Math.max(expected, round) }),
      },
    ],
  });
  context.signal?.throwIfAborted();
  const { rounds, ended } = results[0]!;
  const measured = rounds.flatMap(({ accuracy }) => accuracy ?? []).slice(-lastRounds);
  const broken = ended.by === "failed";
  const mean = measured.reduce((sum, accuracy) => sum + accuracy, 0) / measured.length;
  const outcome: TuningOutcome = {
    accuracy: broken || measured.length === 0 ? null : mean,
    rounds: rounds.length,
    reason: broken ? ended.reason : null,
  };
  return [{ kind: "tuning", key: job.key, value: { ...outcome } }];
};
