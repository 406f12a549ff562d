import type { Config } from "../../config/config.js";
import type { Priced } from "../../federated/identity.js";
import type { KeptTrace } from "../../federated/keptTrace.js";
import type { Observer } from "../../federated/observer.js";
import { simulateTogether } from "../../federated/together.js";
import { roundsKey } from "../plan/keys.js";
import type { RunSummary } from "../store/columns.js";
import type { StoreRecord } from "../store/record.js";
import type { JobContext, Perform } from "./job.js";
import { keeping } from "./keeping.js";
import { plain, roundsRecord, runRecord } from "./runRecord.js";

/** One training and everything that is priced on it. */
export interface TrainingPayload {
  /** Complete, with its seed; its training side is that of all runs */
  config: Config;
  /** Cells of grids: what the runs in them are called, and what their configs may have otherwise than `config` */
  cells: {
    names: Pick<RunSummary, "cell" | "labels">;
    changes: Priced;
  }[];
  /** `cell`: which of the cells */
  runs: { key: string; cell: number; drop: number }[];
  /** Keep the complete rounds of every run too, client by client */
  detail?: boolean;
}

/**
 * Trains as far as the budgets of the wanted runs reach, and prices them all in lockstep: records "trace" (it can be
 * priced again under other powers, drops and budgets) and "run", with "rounds" where details are wanted. A training
 * that breaks off fails only the runs that reach so far.
 */
export const training: Perform<TrainingPayload> = async (job, context) => {
  const { config, cells, runs, detail = false } = job.payload;
  const wanted = runs.filter(({ key }) => context.wanted.has(detail ? roundsKey(key) : key));
  const requests = wanted.map(({ cell, drop }) => ({ config: { ...config, ...cells[cell]!.changes }, drop }));
  const { results, trace } = await simulateTogether(requests[0]!.config, requests, {
    dataset: () => context.dataset(config),
    initial: true, // where the curves begin
    ...(context.kept && { kept: context.kept.value as unknown as KeptTrace }),
    ...keeping(context),
    ...(context.signal && { signal: context.signal }),
    observers: [progressOf(context)],
  });
  context.signal?.throwIfAborted();
  const records = wanted.flatMap(({ key, cell, drop }, i): StoreRecord[] => {
    const about = { key, trace: job.key, ...cells[cell]!.names, seed: config.seed, drop };
    const run = runRecord(about, results[i]!);
    return detail ? [run, roundsRecord(roundsKey(key), results[i]!)] : [run];
  });
  return [{ kind: "trace", key: job.key, value: plain(trace) as StoreRecord["value"] }, ...records];
};

function progressOf({ onProgress }: JobContext): Observer {
  let accuracy: number | null = null;
  return {
    onRound(record, { expected }) {
      accuracy = record.accuracy ?? accuracy;
      onProgress?.({
        done: record.round,
        expected: Math.max(expected, record.round),
        ...(accuracy !== null && { note: `accuracy ${(100 * accuracy).toFixed(1)} %` }),
      });
    },
  };
}
