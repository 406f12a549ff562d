import { anyMap } from "../../config/arguments.js";
import type { Ending } from "../../federated/result.js";
import { aGrid } from "../checks.js";
import { baselineOf, type Cell, type Grid } from "../plan/grid.js";
import { runKey } from "../plan/keys.js";
import type { RunSummary } from "../store/columns.js";
import { type Interval, meanInterval } from "./intervals.js";

/**
 * A cell's figures over seeds and drops. Seeds are the independent unit: a seed's drops share its data, its training
 * and its initial weights, so they are averaged first, and the interval is Student's over the seeds' averages.
 */
export interface CellSummary {
  cell: Cell;
  /** Runs that count, of all that were asked for */
  runs: number;
  asked: number;
  /** Test accuracy when the run ended; null for tasks without one */
  accuracy: Interval | null;
  testLoss: Interval | null;
  rounds: Interval;
  energy: Interval;
  latency: Interval;
  /** null where no run had a round */
  nominalBitsPerEntry: Interval | null;
  wireBitsPerEntry: Interval | null;
  /** Against 32 bits an entry */
  nominalSaving: Interval | null;
  wireSaving: Interval | null;
  /** Against the baseline (at the same budget, see `baselineOf`), seed by seed and drop by drop; null for the baseline itself */
  difference: { accuracy: Interval | null; testLoss: Interval | null; rounds: Interval } | null;
  /** What ended the runs */
  ended: Partial<Record<Ending, number>>;
  /** The first reason for each way of ending, with its seed and drop */
  reasons: readonly { by: Ending; seed: number; drop: number; reason: string }[];
}

export type Measure = (run: RunSummary) => number | null;

/** The runs of one cell, seed by seed; failed and missing ones are left out. */
export function cellRuns(grid: Grid, cell: Cell, runs: ReadonlyMap<string, RunSummary>): RunSummary[][] {
  return grid.seeds.map((seed) =>
    Array.from({ length: grid.drops }, (_, drop) => runs.get(runKey(cell, seed, drop))).filter(
      (run) => run !== undefined && run.ended.by !== "failed",
    ),
  ) as RunSummary[][];
}

/** Mean over each seed's drops, then Student's interval over the seeds; null where no run has the figure. */
export function overSeeds(runs: readonly (readonly RunSummary[])[], measure: Measure): Interval | null {
  const averages = runs.flatMap((drops) => average(drops.map(measure)));
  return averages.length === 0 ? null : meanInterval(averages);
}

/** The same of `measure(run) − measure(partner)`, where the partner has the same seed and drop under another cell. */
export function pairedDifference(
  runs: readonly (readonly RunSummary[])[],
  partners: readonly (readonly RunSummary[])[],
  measure: Measure,
): Interval | null {
  const averages = runs.flatMap((drops, i) => {
    const others = new Map(partners[i]!.map((run) => [run.drop, measure(run)]));
    return average(
      drops.map((run) => {
        const own = measure(run);
        const other = others.get(run.drop) ?? null;
        return own === null || other === null ? null : own - other;
      }),
    );
  });
  return averages.length === 0 ? null : meanInterval(averages);
}

/**
 * Every cell of a grid in its order; `null` for those without a single finished run.
 * @example
 * const store = memoryStore();
 * const grid = gridOf({ file: { rounds: 1, model: "softmax", data: { trainExamples: 200 } }, quantizers: ["emq", "laq"] });
 * await runJobs(trainingJobs([grid]), { store, place: here() });
 * const cells = summarizeGrid(grid, await gridRuns([grid], store));
 * cells.map(({ summary }) => summary!.rounds.mean); // → [1,1]
 */
export function summarizeGrid(
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
): { cell: Cell; summary: CellSummary | null; failure: string | null }[] {
  aGrid("grid", grid);
  anyMap("runs", runs);
  return grid.cells.map((cell) => {
    const own = cellRuns(grid, cell, runs);
    const all = allRuns(grid, cell, runs);
    const failure = all.find((run) => run.ended.by === "failed")?.ended.reason ?? null;
    if (own.every((drops) => drops.length === 0)) return { cell, summary: null, failure };
    const of = (measure: Measure) => overSeeds(own, measure) as Interval;
    const sent = (figure: (final: RunSummary["final"]) => number) =>
      overSeeds(own, ({ final }) => (final.rounds > 0 ? figure(final) : null));
    const baseline = baselineOf(grid, cell);
    const partners = cellRuns(grid, baseline, runs);
    const difference = (measure: Measure) => pairedDifference(own, partners, measure);
    const rounds = difference((run) => run.final.rounds);
    return {
      cell,
      failure,
      summary: {
        cell,
        runs: own.flat().length,
        asked: grid.seeds.length * grid.drops,
        accuracy: overSeeds(own, (run) => run.final.accuracy),
        testLoss: overSeeds(own, (run) => run.final.testLoss),
        rounds: of((run) => run.final.rounds),
        energy: of((run) => run.final.energy),
        latency: of((run) => run.final.latency),
        nominalBitsPerEntry: sent((final) => final.nominalBitsPerEntry),
        wireBitsPerEntry: sent((final) => final.wireBitsPerEntry),
        nominalSaving: sent((final) => final.nominalSaving),
        wireSaving: sent((final) => final.wireSaving),
        difference:
          cell === baseline || rounds === null
            ? null
            : {
                accuracy: difference((run) => run.final.accuracy),
                testLoss: difference((run) => run.final.testLoss),
                rounds,
              },
        ended: countEndings(all),
        reasons: firstReasons(all),
      },
    };
  });
}

function allRuns(grid: Grid, cell: Cell, runs: ReadonlyMap<string, RunSummary>): RunSummary[] {
  return grid.seeds.flatMap((seed) =>
    Array.from({ length: grid.drops }, (_, drop) => runs.get(runKey(cell, seed, drop))).filter(
      (run) => run !== undefined,
    ),
  );
}

/** [] where there is nothing to average */
function average(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return [];
  let sum = 0;
  for (const value of known) sum += value;
  return [sum / known.length];
}

function countEndings(runs: readonly RunSummary[]): Partial<Record<Ending, number>> {
  const counts: Partial<Record<Ending, number>> = {};
  for (const { ended } of runs) counts[ended.by] = (counts[ended.by] ?? 0) + 1;
  return counts;
}

function firstReasons(runs: readonly RunSummary[]): CellSummary["reasons"] {
  const first = new Map<Ending, CellSummary["reasons"][number]>();
  for (const { ended, seed, drop } of runs) {
    if (!first.has(ended.by)) first.set(ended.by, { by: ended.by, seed, drop, reason: ended.reason });
  }
  return [...first.values()];
}
