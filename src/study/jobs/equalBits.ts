import type { Config } from "../../config/config.js";
import { simulate } from "../../federated/simulate.js";
import type { JobContext } from "./job.js";

/** A course of learning with one quantizer, and what it cost in bits. */
export interface Learning {
  /** After each round: what one client has uploaded so far, bits per parameter, and the test accuracy */
  nominalBits: number[];
  wireBits: number[];
  accuracy: number[];
  /** Why it ended, where that was not by the rounds */
  failure: string | null;
}

/**
 * Federated learning that is followed bit by bit.
 * @param context of the job that it is the whole of
 * @throws where the signal ended it
 */
export async function learnWith(config: Config, context: JobContext): Promise<Learning> {
  const { state, signal, onProgress } = context;
  const result = await simulate(config, {
    dataset: await context.dataset(config),
    ...(state && { state }),
    ...(signal && { signal }),
    onRound: ({ round }) => onProgress?.({ done: round, expected: config.rounds }),
  });
  signal?.throwIfAborted();
  const perParameter = result.parameters * result.config.network.clients;
  return {
    nominalBits: result.rounds.map((round) => round.totals.nominalBits / perParameter),
    wireBits: result.rounds.map((round) => round.totals.wireBits / perParameter),
    accuracy: result.rounds.map((round) => round.accuracy ?? Number.NaN),
    failure: result.ended.by === "rounds" ? null : result.ended.reason,
  };
}

/** The accuracy reached with at most that many nominal bits per parameter; null when not one round fits. */
export function accuracyAtBits({ nominalBits, accuracy }: Learning, bits: number): number | null {
  const last = nominalBits.filter((spent) => spent <= bits * (1 + 1e-9)).length - 1;
  return last < 0 ? null : (accuracy[last] ?? null);
}
