import { resolveConfig } from "../parts/resolve.js";
import { cellRuns, pairedDifference } from "../study/analysis/cells.js";
import { accuracy } from "../study/analysis/outcomes.js";
import { type Axis, budgetAxis, namedAxis } from "../study/plan/axes.js";
import { findCell, neverTrained } from "./claims.js";
import {
  type Experiment,
  type ExperimentMap,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "./experiment.js";
import { chosenOf, laqTuning } from "./tuned.js";

/** Budgets, as multiples of the scenario's own: larger ones would have every training go on for longer. */
const factors = [0.0625, 0.125, 0.25, 0.5, 1];
/** Of a seed's network drops, for every one is priced under all budgets */
const mostDrops = 3;

const adadelta = ["training.optimizer=adadelta"];
const laqOf = (scenario: Scenario) => laqTuning(scenario, "AdaDelta", adadelta);

const powerRivals = [
  { label: "dinkelbach", name: "Dinkelbach", published: 7 },
  { label: "dinkelbach-one-step", name: "Dinkelbach cut after one step", published: 7 },
  { label: "sum-rate", name: "maximum sum rate", published: 19 },
  { label: "full", name: "full power", published: 19 },
] as const;

/** Where over the budgets the published differences in accuracy lie: trained once, priced many times. */
export const accuracyMaps: Experiment = {
  name: "accuracy-maps",
  title: "Where the published differences in accuracy lie",
  about:
    "“Up to” is a maximum over budgets that no source names. The same trainings are priced under many energy and latency " +
    "budgets, from a sixteenth of the scenario's up; each map has the contour of the published figure, where it is " +
    "reached at all. Means over seeds: a map says where to look, and judges nothing.",
  tunings: (scenario) => [laqOf(scenario)],
  grids: (scenario) => {
    const budget = budgetsOf(scenario);
    if (budget === undefined) return [];
    const few = { ...scenario, drops: dropsOf(scenario) };
    const powers = ["most-rounds", ...powerRivals.map(({ label }) => label)];
    const quantizers = namedAxis("quantizer", "emq,aquila");
    return [
      {
        form: "fair",
        title: "Power methods over the budgets, EMQ and AdaDelta",
        mapped: true,
        plan: planOf(few, {
          axes: [namedAxis("power", powers), budget.axis],
          sets: ["quantizer=emq", ...adadelta],
        }),
      },
      {
        form: "fair",
        title: "Quantizers over the budgets, most-rounds and AdaDelta",
        mapped: true,
        plan: planOf(few, {
          axes: [
            { ...quantizers, variants: [...quantizers.variants, chosenOf(scenario, laqOf(scenario))] },
            budget.axis,
          ],
          sets: ["power=most-rounds", ...adadelta],
        }),
      },
    ];
  },
  claims: () => [],
  maps(results) {
    const { scenario } = results;
    const budget = budgetsOf(scenario);
    if (budget === undefined) return [];
    const laq = chosenOf(scenario, laqOf(scenario)).label;
    const over = [
      ...powerRivals.map((rival) => ({ ...rival, grid: 0, axis: "power", better: "most-rounds", who: "most-rounds" })),
      ...[
        { label: "aquila", name: "AQUILA", published: 36 },
        { label: laq, name: laq, published: 35 },
      ].map((rival) => ({ ...rival, grid: 1, axis: "quantizer", better: "emq", who: "EMQ" })),
    ];
    return over.map(({ label, name, published, grid, axis, better, who }): ExperimentMap => {
      const values = budget.latencies.map((latency) =>
        budget.energies.map((energy) => {
          const at = { budget: budgetLabel(energy, latency) };
          return pointsOver(results, grid, { [axis]: better, ...at }, { [axis]: label, ...at });
        }),
      );
      return {
        file: `accuracy-map-${label.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}.svg`,
        title: `${who} over ${name}, points of accuracy`,
        caption:
          `Mean differences over ${seedsOf(scenario)} × ${dropsOf(scenario)} drops` +
          `${values.flat().includes(null) ? "; blank where one of the two trains no round" : ""}. ${scenario.title}.`,
        x: { label: "energy budget (J)", values: budget.energies },
        y: { label: "latency budget (s)", values: budget.latencies },
        values,
        unit: "points",
        contours: [{ value: published, label: `published: ${published} points` }],
        marks: [{ ...budget.own, label: "the scenario's budgets" }],
      };
    });
  },
};

function dropsOf(scenario: Scenario): number {
  return Math.min(scenario.drops, mostDrops);
}

interface Budgets {
  axis: Axis;
  energies: number[];
  latencies: number[];
  own: { x: number; y: number };
}

/** undefined where a budget is lifted: there is no plane then. */
function budgetsOf({ preset, sets }: Scenario): Budgets | undefined {
  const { energy, latency } = resolveConfig({ preset, sets }).budgets;
  if (energy === null || latency === null) return undefined;
  const energies = factors.map((factor) => factor * energy);
  const latencies = factors.map((factor) => factor * latency);
  const axis = budgetAxis(latencies.flatMap((s) => energies.map((joules) => budgetLabel(joules, s))));
  return { axis, energies, latencies, own: { x: energy, y: latency } };
}

function budgetLabel(energy: number, latency: number): string {
  return `energy=${energy},latency=${latency}`;
}

/** The mean paired difference, in points; null where it was not measured, or one of the two trained no round. */
function pointsOver(
  { grids, runs }: ScenarioResults,
  which: number,
  better: Readonly<Record<string, string>>,
  worse: Readonly<Record<string, string>>,
): number | null {
  const { grid } = grids[which]!;
  const sides = [better, worse].map((labels) => cellRuns(grid, findCell(grid, labels), runs));
  if (sides.some(neverTrained)) return null;
  const difference = pairedDifference(sides[0]!, sides[1]!, accuracy);
  return difference === null ? null : 100 * difference.mean;
}
