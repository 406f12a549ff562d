import type { Config } from "../config/config.js";
import type { Batteries } from "../system/battery.js";
import type { AirRound } from "./aggregation/round.js";
import type { DownlinkRecord } from "./downlinkPrice.js";
import { configFingerprint, resultsFingerprint } from "./fingerprint.js";
import type { KeptRound, Worth } from "./keptTrace.js";
import type { Price } from "./ledger.js";
import { isPlain } from "./participation.js";
import type { AirRecord, RoundRecord, RunResult, WaitingRecord } from "./result.js";
import type { KeptStep } from "./waiting/step.js";

export function roundRecord(
  round: KeptRound,
  price: Price & { fits: true },
  { config, previous, batteries }: { config: Config; previous: RoundRecord | undefined; batteries: Batteries },
  worth: Worth | undefined,
): RoundRecord {
  const { downlink, fronthaul } = price;
  const sent = { nominalBits: sentOf(round.nominalBits, price), wireBits: sentOf(round.wireBits, price) };
  const nominalBits = sum(sent.nominalBits);
  const wireBits = sum(sent.wireBits);
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
      ...(downlink && { downlink: addBits(before.downlink, downlink) }),
    },
    ...(downlink && { downlink }),
    perClient: {
      power: [...price.power],
      latency: [...price.perClient.latency],
      energy: [...price.perClient.energy],
      ...(price.computation === undefined ? {} : { frequency: [...price.computation.frequency] }),
      ...sent,
      skipped: round.skipped.map((skipped, client) => skipped || (price.silent?.includes(client) ?? false)),
      ...(!isPlain(config) && participationRecord(round, price)),
      ...(batteries.bounded && { battery: [...batteries.left], clock: [...batteries.clock] }),
    },
    power: { status: price.allocation.status, iterations: price.allocation.iterations },
    localEpochs: round.localEpochs,
    ...(fronthaul && { fronthaul }),
    ...(round.air && { air: airRecord(round.air) }),
    ...(round.step && { waiting: waitingRecord(round, round.step) }),
    ...(round.exchange && {
      exchange: { nominalBits: round.exchange.nominal, wireBits: round.exchange.wire },
    }),
  };
}

function airRecord({ uses, signal, expectedError, error }: AirRound): AirRecord {
  return { uses, signal, expectedError, error };
}

function waitingRecord({ round }: KeptRound, { updates, dropped, lost, out, spans }: KeptStep): WaitingRecord {
  return {
    updates: updates.map(({ client, began, weight }) => ({ client, staleness: round - began, weight })),
    dropped: [...dropped],
    ...(lost && { lost: [...lost] }),
    ...(out && { out: [...out] }),
    spans: spans.map((span) => ({ ...span })),
  };
}

/** Bits that were sent: none of those whose battery did not carry it. */
function sentOf(bits: readonly number[], { silent = [] }: Price & { fits: true }): number[] {
  return bits.map((size, client) => (silent.includes(client) ? 0 : size));
}

/** Who took part, and what came of it [K]. */
function participationRecord(
  { examples, participation, step }: KeptRound,
  { silent = [] }: Price & { fits: true },
): Pick<RoundRecord["perClient"], "participates" | "weight" | "delivered"> {
  const { clients, weights, lost = [] } = participation!;
  if (step !== undefined) {
    // Who begins in a step is not who is there by its end.
    const used = (client: number) => step.updates.find((update) => update.client === client);
    return {
      participates: examples.map((_, client) => clients.includes(client)),
      weight: examples.map((_, client) => used(client)?.weight ?? 0),
      delivered: examples.map((_, client) => used(client) !== undefined),
    };
  }
  const of = (client: number) => clients.indexOf(client);
  const gone = (client: number) => lost.includes(client) || silent.includes(client);
  return {
    participates: examples.map((_, client) => of(client) >= 0),
    weight: examples.map((_, client) => (gone(client) ? 0 : (weights[of(client)] ?? 0))),
    delivered: examples.map((_, client) => of(client) >= 0 && !gone(client)),
  };
}

function addBits(before: RoundRecord["totals"]["downlink"], { nominalBits, wireBits }: DownlinkRecord) {
  return { nominalBits: (before?.nominalBits ?? 0) + nominalBits, wireBits: (before?.wireBits ?? 0) + wireBits };
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
  const totals: RoundRecord["totals"] = rounds.at(-1)?.totals ?? { nominalBits: 0, wireBits: 0, latency: 0, energy: 0 };
  let uploads = 0;
  for (const record of rounds) for (const skipped of record.perClient.skipped) if (!skipped) uploads++;
  const entries = Math.max(1, uploads * parameters);
  const participations = Math.max(1, participants(config, rounds) * parameters);
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
      ...(totals.downlink && downlinkPerEntry(totals.downlink, rounds.length * parameters)),
    },
    fingerprint: { version: 2, config: configFingerprint(config, parts), results: resultsFingerprint(rounds, config) },
    ...(parts && { parts }),
    ...(answers && { answers }),
  };
}

/** Over all rounds. */
function participants({ server, selection, network }: Config, rounds: readonly RoundRecord[]): number {
  const share = selection.rule === "all" ? 1 : server.participation;
  const each = Math.max(1, Math.round(share * network.clients));
  return rounds.reduce((total, { perClient: { participates }, waiting }) => {
    if (waiting !== undefined) return total + waiting.updates.length + (waiting.lost?.length ?? 0);
    return total + (participates?.filter((takesPart) => takesPart).length ?? each);
  }, 0);
}

function downlinkPerEntry({ nominalBits, wireBits }: { nominalBits: number; wireBits: number }, entries: number) {
  return { downlinkNominalBitsPerEntry: nominalBits / entries, downlinkWireBitsPerEntry: wireBits / entries };
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
