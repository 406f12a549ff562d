import { lateAccuracy } from "../study/analysis/outcomes.js";
import type { Variant } from "../study/plan/axes.js";
import { differenceClaim, type Pair } from "./claims.js";
import {
  type Experiment,
  type ExperimentIntervals,
  intervalRows,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "./experiment.js";
import { processors } from "./processors.js";

const axis = "method";

/** Bits an entry common to all clients; the plan's ladder goes from an eighth of a tenth to eight tenths. */
const commonBits = [0.05, 0.1, 0.2, 0.4];
/** Of those that choose no frequencies, with one common to all; GHz */
const commonFrequencies = [0.5, 1, 2];
/** Rounds that joint communication and computation shares the energy between; nobody knows beforehand how many fit */
const sharedRounds = [40, 50, 80];
/** Rounds that computing at 1 GHz would use the whole energy budget up in */
const computedRounds = 90;

const planned = "bits, powers and frequencies planned";
const plannedInduced = "induced: bits, powers and frequencies planned";
const paper = "EMQ's decade, most-rounds, 1 GHz";

const chosen = "budgets.compute.cpu.choose=true";
const common = (bits: number, quantizer = "rate-distortion"): string[] => [
  `quantizer=${quantizer}`,
  `quantizer.bits=${bits}`,
];
const powers = (method: string): string => `power=${method}`;
const planOfRates = (quantizer: string): string[] => [
  `quantizer=${quantizer}`,
  powers("most-rounds"),
  "plan=joint-rate",
];

/** The compressor without bias and memory, at bits common to all. */
const inducedVariants = [0.05, 0.1, 0.2].map(
  (bits): Variant => ({
    label: `induced: ${bits} bits, most-rounds and frequencies`,
    sets: [...common(bits, "induced"), powers("most-rounds"), chosen],
  }),
);

/** Everybody has rate–distortion's packets, the choice of their size, and of frequencies; `induced` with the best powers. */
const variants: readonly Variant[] = [
  { label: paper, sets: ["quantizer=emq", powers("most-rounds")] },
  { label: "EMQ's decade, most-rounds and frequencies", sets: ["quantizer=emq", powers("most-rounds"), chosen] },
  { label: "EMQ's steps, powers and frequencies planned", sets: [...planOfRates("emq"), chosen] },
  { label: planned, sets: [...planOfRates("rate-distortion"), chosen] },
  { label: "bits and powers planned, 1 GHz", sets: planOfRates("rate-distortion") },
  ...commonBits.flatMap((bits): Variant[] => {
    const variant = (how: string, ...sets: string[]) => ({
      label: `${bits} bits, ${how}`,
      sets: [...common(bits), ...sets],
    });
    return [
      variant("most-rounds and frequencies", powers("most-rounds"), chosen),
      ...sharedRounds.map((rounds) =>
        variant(
          `joint-computation for ${rounds} rounds, with frequencies`,
          powers("joint-computation"),
          `power.rounds=${rounds}`,
          chosen,
        ),
      ),
      variant("most-rounds, 1 GHz", powers("most-rounds")),
      ...commonFrequencies.map((frequency) =>
        variant(
          `dinkelbach, ${frequency} GHz`,
          powers("dinkelbach"),
          `budgets.compute.cpu.frequency=${frequency * 1e9}`,
        ),
      ),
    ];
  }),
  { label: plannedInduced, sets: [...planOfRates("induced"), "quantizer.bits=0.05", chosen] },
  ...inducedVariants,
];

const mostSeeds = 3;

/** A plan is trained for each drop: there is one. */
function fewOf(scenario: Scenario): Scenario {
  return {
    ...scenario,
    sets: [...scenario.sets, ...(scenario.scarceBudgets ?? [])],
    seeds: scenario.seeds.slice(0, mostSeeds),
    drops: 1,
  };
}

const pairs: readonly Pair[] = [
  ...variants.filter(({ label }) => label !== planned).map(({ label }) => ({ better: planned, worse: label })),
  ...inducedVariants.map(({ label }) => ({ better: plannedInduced, worse: label })),
];

function claimOf({ scenario, grids, runs }: ScenarioResults, { better, worse }: Pair) {
  return differenceClaim(
    {
      source: "ours",
      statement: `${better} better than ${worse}`,
      form: "fair",
      where: scenario.title,
      published: { bound: "better", value: 0 },
    },
    grids[0]!.grid,
    runs,
    { better: { [axis]: better }, worse: { [axis]: worse } },
    lateAccuracy,
  );
}

/** As long as a figure's rows have room for. */
function rowName(label: string): string {
  return label
    .replace(", with frequencies", "")
    .replace(/(steps|bits), powers and frequencies planned/, "$1 planned")
    .replace(/^(induced: .*), most-rounds and frequencies/, "$1");
}

/** A plan against the others that it is held against. */
function differences(results: ScenarioResults, plan: string, { file, title }: { file: string; title: string }) {
  const { scenario } = results;
  const rows = pairs
    .filter(({ better }) => better === plan)
    .flatMap((pair) => intervalRows(claimOf(results, pair).ours, { name: rowName(pair.worse) }));
  const caption = `95 % intervals over ${seedsOf(fewOf(scenario))} (Student's t), mean of the last five models. ${scenario.title}.`;
  return { file, title, caption, x: { label: "points over" }, rows };
}

const figures = [
  {
    plan: planned,
    file: "compressor-plans-differences.svg",
    title: "What planning bits, powers and frequencies together gains",
  },
  {
    plan: plannedInduced,
    file: "compressor-plans-induced.svg",
    title: "What planning induced's bits, powers and frequencies gains",
  },
];

/** The joint method with the compressor that leads: everybody with the same packets, budgets and freedom. */
export const compressorPlans: Experiment = {
  name: "compressor-plans",
  byNameOnly: true,
  evidence: "exploratory",
  title: "Bits, powers and frequencies planned together",
  about:
    "Every client's bits of the curve of rate–distortion or induced, its power and its frequency, chosen together by one program a round " +
    "(plan=joint-rate), against bits common to all with the paper's powers, with joint communication and computation, both choosing " +
    "frequencies, and with Dinkelbach's, which chooses none and is given some common to all. Computing costs energy here, and the " +
    "bits that really travel are billed. Which common bits, frequencies and numbers of rounds are best is known afterwards only: " +
    "the best of a group is more than anybody could have chosen.",
  grids: (scenario) => {
    const few = fewOf(scenario);
    return [
      {
        form: "fair",
        title: "Bits planned and bits common to all, at equal budgets",
        plan: planOf(few, {
          axes: [{ name: axis, variants }],
          sets: ["training.optimizer=adadelta", "budgets.bits=wire", ...processors(few, computedRounds)],
          baseline: paper,
        }),
      },
    ];
  },
  claims: (results) => pairs.map((pair) => claimOf(results, pair)),
  intervals: (results) =>
    figures
      .map(({ plan, ...figure }): ExperimentIntervals => differences(results, plan, figure))
      .filter(({ rows }) => rows.length > 0),
};
