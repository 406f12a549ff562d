import type { QuantizerConfig } from "../../config/config.js";
import type { Quantizer } from "../../config/records.js";
import { simulate } from "../../federated/simulate.js";

export interface Learning {
  label: string;
  /** After each round: what one client has uploaded so far, bits per parameter, and the test accuracy */
  nominalBits: number[];
  wireBits: number[];
  accuracy: number[];
  /** Why it ended, where that was not by the rounds */
  failure: string | null;
}

/**
 * Federated learning on the embedded images with one quantizer, no budgets: `rounds` rounds of the preset "quick".
 * A name with settings, or a quantizer of one's own.
 */
export async function learnWith(
  label: string,
  subject: Quantizer | QuantizerConfig,
  { rounds, seed = 1, signal }: { rounds: number; seed?: number; signal?: AbortSignal },
): Promise<Learning> {
  const own = "encode" in subject ? (subject as Quantizer) : undefined;
  const result = await simulate(
    {
      preset: "quick",
      rounds,
      seed,
      budgets: { energy: null, latency: null },
      ...(own === undefined ? { quantizer: subject as QuantizerConfig } : {}),
    },
    { ...(own === undefined ? {} : { quantizer: own }), ...(signal === undefined ? {} : { signal }) },
  );
  const perParameter = result.parameters * result.config.network.clients;
  return {
    label,
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
