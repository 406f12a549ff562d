import type { RunResult } from "../../federated/result.js";
import { aRecord } from "../checks.js";
import { type Course, type RunSummary, runValue } from "../store/columns.js";
import type { Json, StoreRecord } from "../store/record.js";

/**
 * A run as it is kept, under the names of who asked first: they are no part of the result, and the same run has other
 * names in another comparison. A training that broke off leaves a failure, with the rounds before it.
 */
export function runRecord(
  about: Pick<RunSummary, "key" | "trace" | "cell" | "labels" | "seed" | "drop">,
  result: RunResult,
): StoreRecord {
  const { rounds, ended, final, initial, fingerprint, answers } = result;
  const course: Course = {
    accuracy: [initial?.accuracy ?? null, ...rounds.map((round) => round.accuracy)],
    loss: [initial?.testLoss ?? null, ...rounds.map((round) => round.testLoss)],
    energy: [0, ...rounds.map((round) => round.totals.energy)],
    latency: [0, ...rounds.map((round) => round.totals.latency)],
    nominalBits: [0, ...rounds.map((round) => round.totals.nominalBits)],
    wireBits: [0, ...rounds.map((round) => round.totals.wireBits)],
  };
  return {
    kind: "run",
    key: about.key,
    ...(ended.by === "failed" && { failure: ended.reason }),
    value: plain(
      runValue({ ...about, ended, final, fingerprint, course, ...(answers && { answers }) }),
    ) as StoreRecord["value"],
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

/**
 * The result again; undefined for a job that failed before there was one.
 * @example
 * const store = memoryStore();
 * const jobs = trainingJobs([gridOf({ file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } } })], { detail: true });
 * await runJobs(jobs, { store, place: here() });
 * const results: RunResult[] = [];
 * for await (const record of store.select(store.keys("rounds"))) results.push(resultOf(record)!);
 * results.map(({ rounds }) => rounds.length); // → [1]
 */
export function resultOf(record: StoreRecord): RunResult | undefined {
  aRecord("record", record);
  return record.value.result as unknown as RunResult | undefined;
}

/** What JSON would make of a value, numbers beyond all numbers being null. */
export function plain(value: unknown): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return value as Json;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, plain);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(fields.map(([name, inner]) => [name, plain(inner)]));
}
