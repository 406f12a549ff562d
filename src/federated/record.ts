import type { Config } from "../config/config.js";
import { configFingerprint, resultsFingerprint } from "./fingerprint.js";
import type { KeptRound, Worth } from "./keptTrace.js";
import type { Price } from "./ledger.js";
import type { RoundRecord, RunResult } from "./result.js";

export function roundRecord(
  round: KeptRound,
  price: Price & { fits: true },
  previous: RoundRecord | undefined,
  worth: Worth | undefined,
): RoundRecord {
  const nominalBits = sum(round.nominalBits);
  const wireBits = sum(round.wireBits);
  const before = previous?.totals ?? { nominalBits: 0, wireBits: 0, latency: 0, energy: 0 };
  return {
    round: round.round,
    accuracy: worth?.accuracy ?? null,
    testLoss: worth?.testLoss ?? null,
    loss: round.loss,
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
      power: [...price.power],
      latency: [...price.perClient.latency],
      energy: [...price.perClient.energy],
      ...(price.computation === undefined ? {} : { frequency: [...price.computation.frequency] }),
      nominalBits: [...round.nominalBits],
      wireBits: [...round.wireBits],
      skipped: [...round.skipped],
    },
    power: { status: price.allocation.status, iterations: price.allocation.iterations },
    localEpochs: round.localEpochs,
    ...(round.exchange && {
      exchange: { nominalBits: round.exchange.nominal, wireBits: round.exchange.wire },
    }),
  };
}

export interface FinishedRun {
  config: Config;
  parts: RunResult["parts"];
  parameters: number;
  initial: Worth | null;
  rounds: RoundRecord[];
  ended: RunResult["ended"];
  /** Of the model after the last round */
  worth: Worth;
  answers: RunResult["answers"];
}

export function summarizeRun(run: FinishedRun): RunResult {
  const { config, parts, parameters, initial, rounds, ended, worth, answers } = run;
  const totals = rounds.at(-1)?.totals ?? { nominalBits: 0, wireBits: 0, latency: 0, energy: 0 };
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
    initial,
    rounds,
    ended,
    final: {
      ...worth,
      rounds: rounds.length,
      energy: totals.energy,
      latency: totals.latency,
      nominalBitsPerEntry: totals.nominalBits / entries,
      wireBitsPerEntry: totals.wireBits / entries,
      nominalSaving: rounds.length === 0 ? 0 : 1 - totals.nominalBits / (32 * participations),
      wireSaving: rounds.length === 0 ? 0 : 1 - totals.wireBits / (32 * participations),
    },
    fingerprint: { version: 2, config: configFingerprint(config, parts), results: resultsFingerprint(rounds) },
    ...(parts && { parts }),
    ...(answers && { answers }),
  };
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
