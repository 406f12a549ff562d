import type { Ending, RunResult } from "../../federated/result.js";
import type { Json, StoreRecord } from "../store/record.js";

/** A run of a grid: the closing figures, and its course as plain numbers. */
export interface RunSummary {
  key: string;
  /** Key of the training it was priced on */
  trace: string;
  cell: string;
  labels: Readonly<Record<string, string>>;
  seed: number;
  drop: number;
  ended: { by: Ending; reason: string };
  final: RunResult["final"];
  fingerprint: RunResult["fingerprint"];
  course: Course;
}

/** Round by round; entry 0 of `accuracy` and `loss` is the untrained model, entry t of all of them is after round t. */
export interface Course {
  /** Test accuracy; null where it was not measured */
  accuracy: (number | null)[];
  /** Test loss, likewise */
  loss: (number | null)[];
  /** Used so far: J, s, bits; entry 0 is 0 */
  energy: number[];
  latency: number[];
  nominalBits: number[];
  wireBits: number[];
}

/**
 * A run as it is kept, under the names of who asked first: they are no part of the result, and the same run has other
 * names in another comparison. A training that broke off leaves a failure, with the rounds before it.
 */
export function runRecord(
  about: Pick<RunSummary, "key" | "trace" | "cell" | "labels" | "seed" | "drop">,
  result: RunResult,
): StoreRecord {
  const { rounds, ended, final, initial, fingerprint } = result;
  return {
    kind: "run",
    key: about.key,
    ...(ended.by === "failed" && { failure: ended.reason }),
    value: {
      cell: about.cell,
      labels: about.labels,
      trace: about.trace,
      seed: about.seed,
      drop: about.drop,
      ended: ended.by,
      reason: ended.reason,
      accuracy: finite(final.accuracy),
      test_loss: finite(final.testLoss),
      rounds: final.rounds,
      energy: final.energy,
      latency: final.latency,
      nominal_bits_per_entry: final.nominalBitsPerEntry,
      wire_bits_per_entry: final.wireBitsPerEntry,
      nominal_saving: final.nominalSaving,
      wire_saving: final.wireSaving,
      fingerprint_version: fingerprint.version,
      config_fingerprint: fingerprint.config,
      results_fingerprint: fingerprint.results,
      course: {
        accuracy: [finite(initial?.accuracy), ...rounds.map((round) => finite(round.accuracy))],
        loss: [finite(initial?.testLoss), ...rounds.map((round) => finite(round.testLoss))],
        energy: [0, ...rounds.map((round) => round.totals.energy)],
        latency: [0, ...rounds.map((round) => round.totals.latency)],
        nominal_bits: [0, ...rounds.map((round) => round.totals.nominalBits)],
        wire_bits: [0, ...rounds.map((round) => round.totals.wireBits)],
      },
    },
  };
}

/** The run again, under the names of whoever asks. undefined for a job that failed before there was a run. */
export function runSummary(record: StoreRecord, names: Pick<RunSummary, "cell" | "labels">): RunSummary | undefined {
  const row = record.value as Record<string, never>;
  if (row.ended === undefined) return undefined;
  const course = row.course as unknown as Record<string, never>;
  return {
    key: record.key,
    trace: row.trace!,
    cell: names.cell,
    labels: names.labels,
    seed: row.seed!,
    drop: row.drop!,
    ended: { by: row.ended, reason: row.reason! },
    final: {
      accuracy: row.accuracy!,
      testLoss: row.test_loss!,
      rounds: row.rounds!,
      energy: row.energy!,
      latency: row.latency!,
      nominalBitsPerEntry: row.nominal_bits_per_entry!,
      wireBitsPerEntry: row.wire_bits_per_entry!,
      nominalSaving: row.nominal_saving!,
      wireSaving: row.wire_saving!,
    },
    fingerprint: {
      version: row.fingerprint_version!,
      config: row.config_fingerprint!,
      results: row.results_fingerprint!,
    },
    course: {
      accuracy: course.accuracy!,
      loss: course.loss!,
      energy: course.energy!,
      latency: course.latency!,
      nominalBits: course.nominal_bits!,
      wireBits: course.wire_bits!,
    },
  };
}

/** A whole result as it is kept, client by client. */
export function roundsRecord(key: string, result: RunResult): StoreRecord {
  return {
    kind: "rounds",
    key,
    ...(result.ended.by === "failed" && { failure: result.ended.reason }),
    value: { result: plain(result) },
  };
}

/** The result again; undefined for a job that failed before there was one. */
export function resultOf(record: StoreRecord): RunResult | undefined {
  return record.value.result as unknown as RunResult | undefined;
}

/** What JSON would make of a value, numbers beyond all numbers being null. */
export function plain(value: unknown): Json {
  if (typeof value === "number") return finite(value);
  if (typeof value !== "object" || value === null) return value as Json;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, plain);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(fields.map(([name, inner]) => [name, plain(inner)]));
}

function finite(value: number | null | undefined): number | null {
  return value !== null && value !== undefined && Number.isFinite(value) ? value : null;
}
