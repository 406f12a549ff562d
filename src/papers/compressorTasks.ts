import { cellRuns, overSeeds } from "../study/analysis/cells.js";
import { accuracy } from "../study/analysis/outcomes.js";
import { namedAxis, type Variant } from "../study/plan/axes.js";
import { counted, differenceClaim, findCell, type MeasuredClaim, type Pair } from "./claims.js";
import {
  type Experiment,
  type ExperimentGrid,
  type ExperimentIntervals,
  type ExperimentTable,
  intervalRows,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
  type Tuned,
} from "./experiment.js";
import { placesOf, screenedMethods, screeningOf } from "./screening.js";
import { choicesTable, chosenOf, tuningOver } from "./tuned.js";
import { families } from "./zoo.js";

type Family = (typeof families)[number];

const axis = "compressor";
/** Ours, whose claims these are. */
const own = ["induced", "rate-distortion"];
const reference = "EMQ, decade";

/** Always there: what everybody is held against. */
const references = [reference, "full precision"];
/** As long as a screening has not said it: what did well where everything was tried. */
const declared = [...own, "EDEN", "QSGD", "EMQ, error feedback", ...references];
/** Of the others as many go on, the most accurate. */
const places: readonly number[] = Array.from({ length: 4 }, () => Number.POSITIVE_INFINITY);

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

function gridOf(scenario: Scenario, title: string, names: readonly string[]): ExperimentGrid {
  const shown = families.filter(({ name }) => names.includes(name));
  return {
    form: "fair",
    title,
    plan: planOf(scenario, {
      axes: [{ name: axis, variants: shown.map((family) => variantOf(scenario, family)) }],
      sets: setsOf(scenario),
      baseline: reference,
    }),
  };
}

const finalistsIn = ({ finalists = declared }: Scenario): readonly string[] => finalists;

/** Ours, the most accurate others of the screening, and the references. */
function goingOn(results: ScenarioResults): string[] {
  const seen = screenedMethods(results, { at: 0, axis, outcome: accuracy });
  const best = placesOf(
    seen.filter(({ label }) => !own.includes(label) && !references.includes(label)),
    places,
  );
  return [...own, ...best.map(({ chosen }) => chosen.label), ...references];
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
        goesOn: finalistsIn(scenario).includes(family.name) ? "yes" : "",
      },
    ];
  });
  return {
    title:
      `All families at equal joules and seconds, means over ${counted(grid.seeds.length, "seed")} which see no more than this; ` +
      `${scenario.finalists === undefined ? "declared" : "the best four others"}, ${[...own, ...references].join(", ")} go on`,
    header: ["family", "resolution", "accuracy (%)", "rounds", "bits an entry on the wire", "goes on"],
    rows: rows
      .sort((one, other) => other.accuracy - one.accuracy)
      .map((row) => [row.name, row.chosen, row.accuracy, row.rounds, row.bits, row.goesOn]),
  };
}

/** Each of ours against all others, and the first of them against the other. */
const pairsIn = (scenario: Scenario): Pair[] =>
  own.flatMap((better, i) =>
    finalistsIn(scenario)
      .filter((worse) => !own.slice(0, i + 1).includes(worse))
      .map((worse) => ({ better, worse })),
  );

const leadOf = ({ scenario, grids, runs }: ScenarioResults, { better, worse }: Pair): MeasuredClaim =>
  differenceClaim(
    {
      source: "ours",
      statement: `${better} better than ${worse} at equal joules and seconds, wire bits billed`,
      form: "fair",
      where: scenario.title,
      published: { bound: "better", value: 0 },
    },
    grids[1]!.grid,
    runs,
    { better: { [axis]: better }, worse: { [axis]: worse } },
  );

/** The references lie so far behind that beside them nothing else could be told apart: they stand among the claims. */
function leads(results: ScenarioResults): ExperimentIntervals {
  const { scenario } = results;
  const seen = seedsOf({ ...scenario, seeds: scenario.seeds.slice(0, finalSeeds) });
  return {
    file: "compressor-tasks-leads.svg",
    title: `${own.join(" and ")} over others at equal joules and seconds`,
    caption:
      `Points of accuracy, wire bits billed; 95 % intervals over ${seen} (Student's t). ` +
      `${references.join(" and ")} stand in the table. ${scenario.title}.`,
    x: { label: "points" },
    rows: pairsIn(scenario)
      .filter(({ worse }) => !references.includes(worse))
      .flatMap((pair) => intervalRows(leadOf(results, pair).ours, { name: `${pair.better} over ${pair.worse}` })),
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
    "resolution is chosen on the first task, for all of them; on each task two seeds see all families and choose, by a rule, which go on to ten others.",
  tunings: tuningsOf,
  grids: (scenario) => [
    {
      ...gridOf(
        screeningOf(scenario),
        "All families, each at its chosen resolution",
        families.map(({ name }) => name),
      ),
      mapped: true,
      screening: true,
    },
    gridOf({ ...scenario, seeds: scenario.seeds.slice(0, finalSeeds) }, "Those that went on", finalistsIn(scenario)),
  ],
  finalists: goingOn,
  claims: (results) => pairsIn(results.scenario).map((pair) => leadOf(results, pair)),
  tables: (results) => [...choicesTable(results.scenario, tuningsOf(results.scenario)), screeningTable(results)],
  intervals: (results) => [leads(results)].filter(({ rows }) => rows.length > 0),
};
