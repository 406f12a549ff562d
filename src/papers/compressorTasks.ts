import { cellRuns, overSeeds } from "../study/analysis/cells.js";
import { endsAt } from "../study/analysis/intervals.js";
import { accuracy } from "../study/analysis/outcomes.js";
import { namedAxis, type Variant } from "../study/plan/axes.js";
import { counted, differenceClaim, findCell, type MeasuredClaim } from "./claims.js";
import {
  type Experiment,
  type ExperimentGrid,
  type ExperimentIntervals,
  type ExperimentTable,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
  type Tuned,
} from "./experiment.js";
import { choicesTable, chosenOf, tuningOver } from "./tuned.js";
import { families } from "./zoo.js";

type Family = (typeof families)[number];

const axis = "compressor";
const [leader, reference] = ["rate-distortion", "EMQ, decade"];

/** Four that did well where everything was tried, and the two that everybody is held against: declared before these runs. */
const finalists = [leader, "EDEN", "QSGD", "EMQ, error feedback", reference, "full precision"];

const screeningSeeds = 2;
const finalSeeds = 10;

/** At equal joules and seconds, of which the bits that really travel take their share. */
const setsOf = ({ scarceBudgets = [] }: Scenario): string[] => [
  ...["training.optimizer=adadelta", "power=most-rounds", "budgets.bits=wire"],
  ...scarceBudgets,
];

function tuningOf(scenario: Scenario, { name, members }: Family): Tuned {
  const candidates = namedAxis("quantizer", members).variants;
  return tuningOver(scenario, setsOf(scenario), {
    name: `resolution of ${name}`,
    candidates,
    usual: candidates[Math.floor(candidates.length / 2)]!,
  });
}

const tuningsOf = (scenario: Scenario): Tuned[] =>
  families.filter(({ members }) => members.length > 1).map((family) => tuningOf(scenario, family));

/** A family at what was chosen, under its own name: a label that no choice changes. */
function variantOf(scenario: Scenario, family: Family): Variant {
  return { label: family.name, sets: chosenOf(scenario, tuningOf(scenario, family)).sets };
}

function gridOf(scenario: Scenario, title: string, names: readonly string[], seeds: number): ExperimentGrid {
  const shown = families.filter(({ name }) => names.includes(name));
  return {
    form: "fair",
    title,
    plan: planOf(
      { ...scenario, seeds: scenario.seeds.slice(0, seeds) },
      {
        axes: [{ name: axis, variants: shown.map((family) => variantOf(scenario, family)) }],
        sets: setsOf(scenario),
        baseline: reference,
      },
    ),
  };
}

/** All families, the most accurate first; of two seeds an interval would say nothing. */
function screeningTable({ scenario, grids, runs }: ScenarioResults): ExperimentTable {
  const { grid } = grids[0]!;
  const rows = families.flatMap((family) => {
    const own = cellRuns(grid, findCell(grid, { [axis]: family.name }), runs);
    const reached = overSeeds(own, accuracy);
    if (reached === null) return [];
    const meanOf = (measure: Parameters<typeof overSeeds>[1]) => overSeeds(own, measure)?.mean ?? null;
    return [
      {
        accuracy: 100 * reached.mean,
        rounds: meanOf(({ final }) => final.rounds),
        bits: meanOf(({ final }) => final.wireBitsPerEntry),
        ...{ name: family.name, chosen: chosenOf(scenario, tuningOf(scenario, family)).label },
      },
    ];
  });
  return {
    title: `All families at equal joules and seconds, means over ${counted(grid.seeds.length, "seed")}`,
    header: ["family", "resolution", "accuracy (%)", "rounds", "bits an entry on the wire"],
    rows: rows
      .sort((one, other) => other.accuracy - one.accuracy)
      .map((row) => [row.name, row.chosen, row.accuracy, row.rounds, row.bits]),
  };
}

const leadOver = ({ scenario, grids, runs }: ScenarioResults, name: string): MeasuredClaim =>
  differenceClaim(
    {
      source: "ours",
      statement: `${leader} better than ${name} at equal joules and seconds, wire bits billed`,
      form: "fair",
      where: scenario.title,
      published: { bound: "better", value: 0 },
    },
    grids[1]!.grid,
    runs,
    { better: { [axis]: leader }, worse: { [axis]: name } },
  );

const others = finalists.filter((name) => name !== leader);

function leads(results: ScenarioResults): ExperimentIntervals {
  const { scenario } = results;
  const seen = seedsOf({ ...scenario, seeds: scenario.seeds.slice(0, finalSeeds) });
  return {
    file: "compressor-tasks-leads.svg",
    title: `${leader} over others at equal joules and seconds`,
    caption: `Points of accuracy, wire bits billed; 95 % intervals over ${seen} (Student's t). ${scenario.title}.`,
    x: { label: "points" },
    rows: others.flatMap((name) => {
      const { ours } = leadOver(results, name);
      return ours === null ? [] : [{ name, value: ours.mean, ...endsAt(ours) }];
    }),
  };
}

/** Which compressor learns most from the same joules and seconds, on several tasks. */
export const compressorTasks: Experiment = {
  name: "compressor-tasks",
  byNameOnly: true,
  title: "Compressors at equal joules and seconds",
  about:
    "Every family of quantizers on several tasks at equal joules and seconds, the bits that really travel billed: images (CIFAR-10 by " +
    "Dirichlet and IID, MNIST, glyphs) and text. Budgets are scarce, so that the coarsest come to about a hundred rounds. A family's " +
    "resolution is chosen on the first task, for all of them; two seeds see all families, ten see six that were declared before.",
  tunings: tuningsOf,
  grids: (scenario) => [
    {
      ...gridOf(
        scenario,
        "All families, each at its chosen resolution",
        families.map(({ name }) => name),
        screeningSeeds,
      ),
      mapped: true,
    },
    gridOf(scenario, "Six of them", finalists, finalSeeds),
  ],
  claims: (results) => others.map((name) => leadOver(results, name)),
  tables: (results) => [...choicesTable(results.scenario, tuningsOf(results.scenario)), screeningTable(results)],
  intervals: (results) => [leads(results)].filter(({ rows }) => rows.length > 0),
};
