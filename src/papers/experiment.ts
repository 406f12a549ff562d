import { endsAt, type Interval } from "../study/analysis/intervals.js";
import type { Variant } from "../study/plan/axes.js";
import type { Grid, GridPlan } from "../study/plan/grid.js";
import type { Choice, Tuning } from "../study/plan/tunings.js";
import type { RunSummary } from "../study/store/columns.js";
import type { Evidence, Form, MeasuredClaim } from "./claims.js";

/** Where an experiment is carried out: data, split, number of clients. */
export interface Scenario {
  /** "CIFAR-10, Dirichlet 0.4, K = 20" */
  title: string;
  preset: string;
  sets: readonly string[];
  seeds: readonly number[];
  drops: number;
  /** What its claims may come to; "exploratory" unless declared otherwise */
  evidence?: Evidence;
  /** Left out, with a note, where its files are not there */
  optional?: true;
  /** The experiments that are made of it; all if left out */
  experiments?: readonly string[];
  /**
   * About how many rounds with EMQ and most-rounds powers fit into its budgets, where an upload takes longer than computing: what
   * is left of a round beside that is the upload
   */
  fittingRounds?: number;
  /** Settings of budgets for compressors, instead of its own: within them the coarsest come near the rounds that a run may have */
  scarceBudgets?: readonly string[];
  /** Where a training takes long: no more methods than those that the papers' claims name */
  methods?: "headlines";
  /** Of the runs by which settings are chosen: others than the seeds, which see the choice */
  tuningSeeds?: readonly number[];
  /** What was chosen by then, by name */
  choices?: ReadonlyMap<string, Choice>;
  /** Who goes on after the screening of the experiment that is laid out, as long as that is not known left out */
  finalists?: readonly string[];
}

export interface ExperimentGrid {
  form: Form;
  /** What this grid varies */
  title: string;
  plan: GridPlan;
  /** Shown as the experiment's maps alone, without a table and curves of its own */
  mapped?: true;
  /** Made before the others: who is in those follows from it */
  screening?: true;
}

/** A table that an experiment itself makes. A cell is a word, a figure, a figure with its interval, or nothing. */
export interface ExperimentTable {
  title: string;
  header: readonly string[];
  rows: readonly (readonly (string | number | { value: number; low: number; high: number } | null)[])[];
}

/** A figure over a plane of two settings: shades, and a contour where a published figure lies. */
export interface ExperimentMap {
  file: string;
  title: string;
  /** Below it: what its intervals are, of how many seeds, where it holds */
  caption?: string;
  x: { label: string; values: readonly number[] };
  y: { label: string; values: readonly number[] };
  /** [y][x]; null where there is none */
  values: readonly (readonly (number | null)[])[];
  /** What the values are: "more rounds (%)" */
  unit: string;
  contours: readonly { value: number; label: string }[];
  /** Places worth knowing, such as the budgets of another figure */
  marks: readonly { x: number; y: number; label: string }[];
}

/** Lines of an experiment's own figure. */
export interface ExperimentFigure {
  file: string;
  title: string;
  /** Below it: what its intervals are, of how many seeds, where it holds */
  caption?: string;
  x: { label: string; scale?: "linear" | "log" };
  /** percent: values from 0 to 1, shown as percent */
  y: { label: string; scale?: "linear" | "log"; percent?: boolean };
  /** With `bars`, low and high are each point's own, NaN where it has none; else edges of a band */
  series: readonly { name: string; x: number[]; y: number[]; low?: number[]; high?: number[]; bars?: boolean }[];
}

/** Figures with their intervals, one a row. */
export interface ExperimentIntervals {
  file: string;
  title: string;
  /** Below it: what its intervals are, of how many seeds, where it holds */
  caption?: string;
  x: { label: string };
  /** Those of one group in one color */
  rows: readonly { name: string; group?: string; value: number; low?: number; high?: number }[];
}

/** A figure's row of an interval; none where nothing was measured. */
export function intervalRows(
  interval: Interval | null,
  names: Pick<ExperimentIntervals["rows"][number], "name" | "group">,
): ExperimentIntervals["rows"] {
  return interval === null ? [] : [{ ...names, value: interval.mean, ...endsAt(interval) }];
}

/** What the training grids of a scenario gave. */
export interface ScenarioResults {
  scenario: Scenario;
  /** In the order of `grids(scenario)` */
  grids: readonly (Omit<ExperimentGrid, "plan"> & { grid: Grid })[];
  runs: ReadonlyMap<string, RunSummary>;
}

/** A choice to be made, and what is taken as long as it is not. */
export interface Tuned extends Tuning {
  usual: Variant;
}

/** "open": what the papers leave open. */
export type ExperimentGroup = "open";

/** A named comparison of the papers, on grids of trained runs. */
export interface Experiment {
  name: string;
  /** What it is asked for by beside its own name, with others */
  group?: ExperimentGroup;
  /** Instead of the scale's */
  evidence?: Evidence;
  /** Made where somebody asks for it by name, not among all */
  byNameOnly?: true;
  /** Made where a scenario names it among its experiments, and nowhere else */
  onlyWhereNamed?: true;
  title: string;
  /** What it asks, and what the two forms are */
  about: string;
  /** Choices that have to be made before the grids are laid out, on the scale's first scenario for all of them */
  tunings?(scenario: Scenario): Tuned[];
  grids(scenario: Scenario): ExperimentGrid[];
  /** Who goes on, by what the screening grids gave; the other grids are not there yet */
  finalists?(results: ScenarioResults): readonly string[];
  claims(results: ScenarioResults): MeasuredClaim[];
  /** Tables beside those of the grids */
  tables?(results: ScenarioResults): ExperimentTable[];
  maps?(results: ScenarioResults): ExperimentMap[];
  /** Figures of its own beside the grids' */
  figures?(results: ScenarioResults): ExperimentFigure[];
  intervals?(results: ScenarioResults): ExperimentIntervals[];
}

/** For captions: "3 seeds" */
export function seedsOf({ seeds }: Scenario): string {
  return seeds.length === 1 ? "1 seed" : `${seeds.length} seeds`;
}

/** A plan over a scenario: its settings first, the axes' after them. */
export function planOf(
  scenario: Scenario,
  plan: Pick<GridPlan, "axes" | "baseline"> & { sets?: readonly string[] },
): GridPlan {
  return {
    preset: scenario.preset,
    sets: [...scenario.sets, ...(plan.sets ?? [])],
    axes: plan.axes,
    seeds: scenario.seeds,
    drops: scenario.drops,
    ...(plan.baseline !== undefined && { baseline: plan.baseline }),
  };
}
