import { InputError, unknownName } from "../../config/errors.js";
import type { Dataset } from "../../config/records.js";
import { type CellSummary, summarizeGrid } from "../analysis/cells.js";
import { performJob, type RunSummary } from "../jobs/training.js";
import { type Axis, budgetAxis, fieldAxis, namedAxis } from "../plan/axes.js";
import { type GridPlan, layOutGrid, traceJobs } from "../plan/grid.js";

/** What to compare, by the names and forms of `cellfed compare`. */
export interface ComparePlan extends Pick<GridPlan, "preset" | "file" | "sets" | "baseline"> {
  /** Such as ["emq", "laq:bits=4"] */
  quantizers?: readonly string[];
  power?: readonly string[];
  optimizers?: readonly string[];
  splits?: readonly string[];
  servers?: readonly string[];
  /** Each "path=value,value" */
  vary?: readonly string[];
  /** Each "energy=0.5,latency=5" */
  budgets?: readonly string[];
  /** Default: [1] */
  seeds?: readonly number[];
  /** Default: 1 */
  drops?: number;
}

export interface CompareInProcessOptions {
  /** For all seeds; without it, procedural data are drawn from each */
  dataset?: Dataset;
  onProgress?(progress: { done: number; trainings: number; round: number; expected: number }): void;
  /** Ends the comparison before the next training; what is finished is returned */
  signal?: AbortSignal;
}

export interface Comparison {
  /** In the order of the axes; `summary` is null where no run was finished, `failure` says why one was not */
  cells: {
    id: string;
    labels: Readonly<Record<string, string>>;
    summary: CellSummary | null;
    failure: string | null;
  }[];
  /** Every finished run, with its course */
  runs: RunSummary[];
}

/**
 * Compares methods in this thread, in any JavaScript engine: each training once, priced over all drops, power methods
 * and budgets. `runGrids` of "cellfed/node" does the same on worker threads and keeps what is finished.
 *
 * @throws InputError for a grid that cannot be meant: duplicates, unknown keys and names, settings out of range
 * @example
 * const { cells } = await compare({ preset: "quick", quantizers: ["emq", "identity"], power: ["most-rounds", "full"], seeds: [1, 2] });
 * for (const { id, summary } of cells) console.log(id, summary?.accuracy?.mean, summary?.rounds.mean);
 */
export async function compare(plan: ComparePlan, options: CompareInProcessOptions = {}): Promise<Comparison> {
  const unknown = Object.keys(plan).find((key) => !planKeys.includes(key as keyof ComparePlan));
  if (unknown !== undefined) throw new InputError("compare", unknownName("key", unknown, planKeys));
  const { preset, file, sets, baseline, seeds = [1], drops = 1 } = plan;
  const grid = layOutGrid({
    ...(preset !== undefined && { preset }),
    ...(file !== undefined && { file }),
    ...(sets !== undefined && { sets }),
    ...(baseline !== undefined && { baseline }),
    axes: axesOf(plan),
    seeds,
    drops,
  });
  const jobs = traceJobs([grid]);
  const runs = new Map<string, RunSummary>();
  let done = 0;
  for (const job of jobs) {
    if (options.signal?.aborted) break;
    const outcome = await performJob(job, {
      ...(options.dataset && { dataset: options.dataset }),
      onProgress: ({ round, expected }) => options.onProgress?.({ done, trainings: jobs.length, round, expected }),
    });
    for (const run of outcome.runs) runs.set(run.key, run);
    done++;
  }
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

const planKeys: readonly (keyof ComparePlan)[] = [
  "preset",
  "file",
  "sets",
  "baseline",
  "quantizers",
  "power",
  "optimizers",
  "splits",
  "servers",
  "vary",
  "budgets",
  "seeds",
  "drops",
];

/** The axes of a plan, in the order in which tables show them. */
export function axesOf(plan: ComparePlan): Axis[] {
  const named = [
    ["quantizer", plan.quantizers],
    ["power", plan.power],
    ["optimizer", plan.optimizers],
    ["split", plan.splits],
    ["server", plan.servers],
  ] as const;
  return [
    ...named.flatMap(([name, list]) => (list === undefined ? [] : namedAxis(name, list))),
    ...(plan.vary ?? []).map(fieldAxis),
    ...(plan.budgets === undefined ? [] : [budgetAxis(plan.budgets)]),
  ];
}
