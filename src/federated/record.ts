import type { Config } from "../config/config.js";
import { configFingerprint, fingerprint } from "./fingerprint.js";
import type { Price } from "./ledger.js";
import type { Ending, RoundRecord, RunResult } from "./result.js";
import type { Proposal } from "./training.js";

/** What pricing and recording a round need of its proposal. */
export type PricedProposal = Omit<Proposal, "participants">;

export function roundRecord(
  proposal: PricedProposal,
  price: Price & { fits: true },
  previous: RoundRecord | undefined,
  evaluation: { accuracy: number | null; loss: number | null },
): RoundRecord {
  const nominalBits = sum(proposal.nominalBits);
  const wireBits = sum(proposal.wireBits);
  const before = previous?.totals ?? { nominalBits: 0, wireBits: 0, latency: 0, energy: 0 };
  return {
    round: proposal.round,
    accuracy: evaluation.accuracy,
    testLoss: evaluation.loss,
    loss: proposal.loss,
    nominalBits,
    wireBits,
    latency: price.latency,
    energy: price.energy,
    totals: {
      nominalBits: before.nominalBits + nominalBits,
      wireBits: before.wireBits + wireBits,
      latency: before.latency + price.latency,
      energy: before.energy + price.energy,
    },
    perClient: {
      power: [...price.allocation.power],
      latency: [...price.allocation.latency],
      energy: [...price.allocation.energy],
      nominalBits: [...proposal.nominalBits],
      wireBits: [...proposal.wireBits],
      skipped: proposal.skipped,
    },
    power: { status: price.allocation.status, iterations: price.allocation.iterations },
    localEpochs: proposal.localEpochs,
  };
}

export function summarizeRun(
  config: Config,
  parameters: number,
  rounds: RoundRecord[],
  ended: { by: Ending; reason: string },
): RunResult {
  const totals = rounds.at(-1)?.totals ?? { nominalBits: 0, wireBits: 0, latency: 0, energy: 0 };
  const evaluated = rounds.findLast((record) => record.testLoss !== null);
  let uploads = 0;
  for (const record of rounds) for (const skipped of record.perClient.skipped) if (!skipped) uploads++;
  const entries = Math.max(1, uploads * parameters);
  const participations = Math.max(
    1,
    rounds.length * Math.max(1, Math.round(config.server.participation * config.network.clients)) * parameters,
  );
  return {
    config,
    parameters,
    rounds,
    ended,
    final: {
      accuracy: evaluated?.accuracy ?? null,
      testLoss: evaluated?.testLoss ?? null,
      rounds: rounds.length,
      energy: totals.energy,
      latency: totals.latency,
      nominalBitsPerEntry: totals.nominalBits / entries,
      wireBitsPerEntry: totals.wireBits / entries,
      nominalSaving: rounds.length === 0 ? 0 : 1 - totals.nominalBits / (32 * participations),
      wireSaving: rounds.length === 0 ? 0 : 1 - totals.wireBits / (32 * participations),
    },
    fingerprint: { config: configFingerprint(config), results: fingerprint(rounds) },
  };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
