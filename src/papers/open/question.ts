import { accuracy, type Outcome } from "../../study/analysis/outcomes.js";
import type { Variant } from "../../study/plan/axes.js";
import { differenceClaim, type MeasuredClaim } from "../claims.js";
import {
  type Experiment,
  type ExperimentGrid,
  type ExperimentIntervals,
  intervalRows,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "../experiment.js";

/** One question of what the papers leave open, at equal budgets: some pairs of cells, each with its difference. */
export interface Question extends Pick<Experiment, "name" | "title" | "about" | "tunings" | "tables" | "figures"> {
  onlyWhereNamed?: true;
  grids(scenario: Scenario): ExperimentGrid[];
  compared(scenario: Scenario): Compared[];
}

/** Two cells of a grid, and in what words the one is better. */
export interface Compared {
  /** Number of the grid; the first unless given */
  grid?: number;
  better: Readonly<Record<string, string>>;
  worse: Readonly<Record<string, string>>;
  statement: string;
  /** Where that is not what the scenario's title says */
  where?: string;
  /** Its row in the figure */
  row: string;
  outcome?: Outcome;
}

const mostSeeds = 3;
const mostDrops = 5;

/** Three seeds of a scale: what comes of it is exploratory, whatever the scale declares. */
export function openExperiment(question: Question): Experiment {
  const { grids, compared, tunings, figures, ...rest } = question;
  return {
    ...rest,
    group: "open",
    evidence: "exploratory",
    ...(tunings && { tunings }),
    grids: (scenario) => grids(fewOf(scenario)),
    claims: (results) => compared(results.scenario).map((pair) => claimOf(results, pair)),
    intervals: (results) => intervalsOf(question, results),
    ...(figures && { figures: (results) => figures({ ...results, scenario: fewOf(results.scenario) }) }),
  };
}

function fewOf(scenario: Scenario): Scenario {
  return {
    ...scenario,
    seeds: scenario.seeds.slice(0, mostSeeds),
    drops: Math.min(scenario.drops, mostDrops),
  };
}

function claimOf({ scenario, grids, runs }: ScenarioResults, pair: Compared): MeasuredClaim {
  const { grid, form } = grids[pair.grid ?? 0]!;
  const about = {
    source: "ours",
    statement: pair.statement,
    form,
    where: pair.where ?? scenario.title,
    published: { bound: "better", value: 0 },
  } as const;
  return differenceClaim(about, grid, runs, pair, pair.outcome ?? accuracy);
}

function intervalsOf({ name, title, compared }: Question, results: ScenarioResults): ExperimentIntervals[] {
  const rows = compared(results.scenario).flatMap((pair) =>
    intervalRows(claimOf(results, pair).ours, { name: pair.row }),
  );
  if (rows.length === 0) return [];
  return [
    {
      file: `${name}-differences.svg`,
      title: `${title}: differences`,
      caption: `95 % intervals over ${seedsOf(fewOf(results.scenario))} (Student's t). ${results.scenario.title}.`,
      x: { label: "points" },
      rows,
    },
  ];
}

/** Variants on one axis, each held against the first. */
export function againstFirst(
  axis: string,
  variants: readonly Variant[],
  more: { sets: readonly string[]; title: string },
): Pick<Question, "grids" | "compared"> {
  const [first] = variants;
  return {
    grids: (scenario) => [
      {
        form: "fair",
        title: more.title,
        plan: planOf(scenario, { axes: [{ name: axis, variants }], sets: more.sets, baseline: first!.label }),
      },
    ],
    compared: () => heldAgainstFirst(axis, variants),
  };
}

/** Each but the first variant of an axis with the first. */
export function heldAgainstFirst(axis: string, variants: readonly Variant[]): Compared[] {
  const [first, ...others] = variants;
  return others.map(({ label }) => ({
    better: { [axis]: label },
    worse: { [axis]: first!.label },
    statement: `${label} better than ${first!.label}`,
    row: label,
  }));
}
