import type { QuantizerConfig } from "../../config/config.js";
import { simulate } from "../../federated/simulate.js";

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
 * Federated learning on the embedded images with one quantizer, no budgets: `rounds` rounds of the preset "quick".
 * @throws where the signal ended it
 */
export async function learnWith(
  quantizer: QuantizerConfig,
  options: { rounds: number; seed?: number; signal?: AbortSignal; onRound?(round: number): void },
): Promise<Learning> {
  const { rounds, seed = 1, signal, onRound } = options;
  const result = await simulate(
    { preset: "quick", rounds, seed, budgets: { energy: null, latency: null }, quantizer },
    { ...(signal && { signal }), ...(onRound && { onRound: ({ round }) => onRound(round) }) },
  );
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
