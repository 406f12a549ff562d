import { listOf } from "../../config/arguments.js";
import type { Dataset } from "../../config/records.js";
import { type CellSummary, summarizeGrid } from "../analysis/cells.js";
import { aGrid, aStore, studyOptions } from "../checks.js";
import type { Grid } from "../plan/grid.js";
import { type ComparePlan, gridOf } from "../plan/plan.js";
import { runRequests, trainingJobs } from "../plan/trainings.js";
import type { RunSummary } from "../store/columns.js";
import { runSummary } from "../store/columns.js";
import type { Store, StoreRecord } from "../store/contract.js";
import { memoryStore } from "../store/memory.js";
import { here } from "./here.js";
import { runJobs, type StudyOptions } from "./run.js";

export interface CompareOptions extends StudyOptions {
  /** The examples for all seeds, in this thread; without it, procedural data are drawn from each */
  dataset?: Dataset;
}

export interface Comparison {
  /** In the order of the axes; `summary` is null where no run was finished, `failure` says why one was not */
  cells: {
    id: string;
    labels: Readonly<Record<string, string>>;
    summary: CellSummary | null;
    failure: string | null;
  }[];
  /** Every run, with its course */
  runs: RunSummary[];
}

/**
 * Compares methods, in any JavaScript engine: each training once, priced over all drops, power methods and budgets.
 *
 * @throws InputError for a grid that cannot be meant: duplicates, unknown keys and names, settings out of range
 * @example
 * const { cells } = await compare({
 *   file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } },
 *   ...{ quantizers: ["emq", "identity"], power: ["most-rounds", "full"], seeds: [1, 2] },
 * });
 * for (const { id, summary } of cells) console.log(id, summary?.accuracy?.mean, summary?.rounds.mean);
 * cells.length; // → 4
 */
export async function compare(plan: ComparePlan, options: CompareOptions = {}): Promise<Comparison> {
  studyOptions("options", options);
  const { dataset, place = here(dataset && { dataset }), store = memoryStore(), ...rest } = options;
  const grid = gridOf(plan);
  await runJobs(trainingJobs([grid]), { place, store, ...rest });
  const runs = await gridRuns([grid], store);
  return {
    cells: summarizeGrid(grid, runs).map(({ cell, summary, failure }) => ({
      id: cell.id,
      labels: cell.labels,
      summary,
      failure,
    })),
    runs: [...runs.values()],
  };
}

/** A store that reads whole records once, for several who show the same ones. */
export function remembering(store: Store): Store {
  const known = new Map<string, StoreRecord>();
  return {
    ...store,
    async *select(keys) {
      for (const key of keys) {
        const record = known.get(key) ?? (await store.get(key));
        if (record === undefined) continue;
        known.set(key, record);
        yield record;
      }
    },
  };
}

/**
 * What a store has of the runs that grids ask for, by their keys and under the grids' names.
 * @example
 * const store = memoryStore();
 * const grid = gridOf({ file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } }, seeds: [1, 2] });
 * await runJobs(trainingJobs([grid]), { store, place: here() });
 * [...(await gridRuns([grid], store)).values()].map(({ seed }) => seed); // → [1,2]
 */
export async function gridRuns(grids: readonly Grid[], store: Store): Promise<Map<string, RunSummary>> {
  listOf(aGrid)("grids", grids);
  aStore("store", store);
  const requests = new Map(runRequests(grids).map((request) => [request.key, request]));
  const runs = new Map<string, RunSummary>();
  for await (const record of store.select(requests.keys())) {
    const run = runSummary(record, requests.get(record.key)!);
    if (run !== undefined) runs.set(run.key, run);
  }
  return runs;
}
