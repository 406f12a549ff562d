import type { Grid, GridPlan } from "../study/plan/grid.js";
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
}

export interface ExperimentGrid {
  form: Form;
  /** What this grid varies */
  title: string;
  plan: GridPlan;
}

/** A table that an experiment itself makes. A cell is a word, a figure, a figure with its interval, or nothing. */
export interface ExperimentTable {
  title: string;
  header: readonly string[];
  rows: readonly (readonly (string | number | { value: number; low: number; high: number } | null)[])[];
}

/** Lines of an experiment's own figure. */
export interface ExperimentFigure {
  file: string;
  title: string;
  x: { label: string; scale?: "linear" | "log" };
  y: { label: string; scale?: "linear" | "log" };
  series: readonly { name: string; x: number[]; y: number[]; low?: number[]; high?: number[] }[];
}

/** What the training grids of a scenario gave. */
export interface ScenarioResults {
  scenario: Scenario;
  /** In the order of `grids(scenario)` */
  grids: readonly { form: Form; title: string; grid: Grid }[];
  runs: ReadonlyMap<string, RunSummary>;
}

/** A named comparison of the papers, on grids of trained runs. */
export interface Experiment {
  name: string;
  title: string;
  /** What it asks, and what the two forms are */
  about: string;
  grids(scenario: Scenario): ExperimentGrid[];
  claims(results: ScenarioResults): MeasuredClaim[];
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
