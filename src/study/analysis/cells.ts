import { anyMap } from "../../config/arguments.js";
import type { Ending } from "../../federated/result.js";
import { aGrid } from "../checks.js";
import { baselineOf, type Cell, type Grid } from "../plan/grid.js";
import { runKey } from "../plan/keys.js";
import type { RunSummary } from "../store/columns.js";
import type { SeedExamples } from "./crossed.js";
import { crossedInterval, type Interval } from "./intervals.js";
import { accuracy, exampleIds, lateAccuracy, type Measure, type Outcome, outcomeOf } from "./outcomes.js";

/**
 * A cell's figures over seeds and drops. Seeds are the independent unit: a seed's drops share its data, its training
 * and its initial weights, so they are averaged first, and the interval is Student's over the seeds' averages. Where the
 * answers to the test examples were kept these are a second sample, crossed with the seeds, and the interval of an
 * accuracy holds for other test examples too.
 */
export interface CellSummary {
  cell: Cell;
  /** Runs that count, of all that were asked for */
  runs: number;
  asked: number;
  /** Test accuracy when the run ended; null for tasks without one */
  accuracy: Interval | null;
  /** The mean of the last five models that were tested */
  lateAccuracy: Interval | null;
  testLoss: Interval | null;
  rounds: Interval;
  energy: Interval;
  latency: Interval;
  /** null where no run had a round, and over the air, where nothing is sent in bits */
  nominalBitsPerEntry: Interval | null;
  wireBitsPerEntry: Interval | null;
  /** Against 32 bits an entry */
  nominalSaving: Interval | null;
  wireSaving: Interval | null;
  /** Against the baseline (at the same budget, see `baselineOf`), seed by seed and drop by drop; null for the baseline itself */
  difference: {
    accuracy: Interval | null;
    lateAccuracy: Interval | null;
    testLoss: Interval | null;
    rounds: Interval;
  } | null;
  /** What ended the runs */
  ended: Partial<Record<Ending, number>>;
  /** The first reason for each way of ending, with its seed and drop */
  reasons: readonly { by: Ending; seed: number; drop: number; reason: string }[];
}

/** The runs of one cell, seed by seed; failed and missing ones are left out. */
export function cellRuns(grid: Grid, cell: Cell, runs: ReadonlyMap<string, RunSummary>): RunSummary[][] {
  return grid.seeds.map((seed) =>
    Array.from({ length: grid.drops }, (_, drop) => runs.get(runKey(cell, seed, drop))).filter(
      (run) => run !== undefined && run.ended.by !== "failed",
    ),
  ) as RunSummary[][];
}

/** A cell's runs, [seed][drop]. */
type Runs = readonly (readonly RunSummary[])[];

/** A value a seed, and where all runs tell of their test examples the same of each of these. */
export interface SeedValues {
  values: number[];
  examples: SeedExamples[] | undefined;
}

/** Mean over each seed's drops, then the interval over the seeds; null where no run has the figure. */
export function overSeeds(runs: Runs, outcome: Outcome | Measure): Interval | null {
  const { measure, examples } = outcomeOf(outcome);
  return intervalOf(
    seedValues(runs, (run) => {
      const value = measure(run);
      return value === null ? null : { value, examples: examples?.(run) ?? null };
    }),
  );
}

/** The same of the run's figure less its partner's, which has the same seed and drop under another cell. */
export function pairedDifference(runs: Runs, partners: Runs, outcome: Outcome | Measure): Interval | null {
  return intervalOf(pairedValues(runs, partners, outcome));
}

/** What a paired difference is the mean of. */
export function pairedValues(runs: Runs, partners: Runs, outcome: Outcome | Measure): SeedValues {
  const { measure, examples } = outcomeOf(outcome);
  const partnerOf = new Map(partners.flat().map((run) => [`${run.seed} ${run.drop}`, run]));
  return seedValues(runs, (run) => {
    const partner = partnerOf.get(`${run.seed} ${run.drop}`);
    const own = measure(run);
    const other = partner === undefined ? null : measure(partner);
    if (own === null || other === null) return null;
    const [here, there] = [examples?.(run) ?? null, examples?.(partner!) ?? null];
    const both = here !== null && there !== null && here.length === there.length;
    return { value: own - other, examples: both ? here.map((share, i) => share - there[i]!) : null };
  });
}

export function intervalOf({ values, examples }: SeedValues): Interval | null {
  return values.length === 0 ? null : crossedInterval(values, examples);
}

/** A run's figure, and where it is known the same of every test example. */
interface Unit {
  value: number;
  examples: Float64Array | null;
}

function seedValues(runs: Runs, unitOf: (run: RunSummary) => Unit | null): SeedValues {
  const values: number[] = [];
  const told: SeedExamples[] = [];
  for (const drops of runs) {
    const units = drops.flatMap((run) => unitOf(run) ?? []);
    if (units.length === 0) continue;
    values.push(meanOf(units.map(({ value }) => value)));
    const examples = meanOfExamples(units);
    const { answers } = drops[0]!;
    if (examples !== null && answers !== undefined) {
      told.push({ ids: exampleIds(answers), values: examples });
    }
  }
  return { values, examples: told.length === values.length && told.length > 0 ? told : undefined };
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function meanOfExamples(units: readonly Unit[]): Float64Array | null {
  const [first] = units;
  if (units.some(({ examples }) => examples === null || examples.length !== first!.examples?.length)) return null;
  const sums = new Float64Array(first!.examples!.length);
  for (const { examples } of units) for (let i = 0; i < sums.length; i++) sums[i]! += examples![i]!;
  return sums.map((sum) => sum / units.length);
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
    // Amplitudes are no bits, and save none.
    const packets = cell.config.aggregation.by !== "over-the-air";
    const sent = (figure: (final: RunSummary["final"]) => number) =>
      overSeeds(own, ({ final }) => (packets && final.rounds > 0 ? figure(final) : null));
    const baseline = baselineOf(grid, cell);
    const partners = cellRuns(grid, baseline, runs);
    const difference = (outcome: Outcome | Measure) => pairedDifference(own, partners, outcome);
    const rounds = difference((run) => run.final.rounds);
    return {
      cell,
      failure,
      summary: {
        cell,
        runs: own.flat().length,
        asked: grid.seeds.length * grid.drops,
        accuracy: overSeeds(own, accuracy),
        lateAccuracy: overSeeds(own, lateAccuracy),
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
                accuracy: difference(accuracy),
                lateAccuracy: difference(lateAccuracy),
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
