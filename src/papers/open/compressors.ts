import { resolveConfig } from "../../parts/resolve.js";
import { cellRuns, overSeeds, pairedDifference } from "../../study/analysis/cells.js";
import { endsAt, type Interval, scaled } from "../../study/analysis/intervals.js";
import { lateAccuracy, type Measure, type Outcome } from "../../study/analysis/outcomes.js";
import type { Variant } from "../../study/plan/axes.js";
import type { RunSummary } from "../../study/store/columns.js";
import { bitsToReach, type Cost } from "../bitsToReach.js";
import { differenceClaim, findCell, type MeasuredClaim } from "../claims.js";
import {
  type Experiment,
  type ExperimentFigure,
  type ExperimentGrid,
  type ExperimentIntervals,
  type ExperimentTable,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
  type Tuned,
} from "../experiment.js";
import { choicesTable, chosenOf, tuningOver } from "../tuned.js";
import { decade, freeStep, rateDistortion, whole, type ZooMethod, zoo } from "./zoo.js";

const axis = "compressor";

/** Accuracy of a training that nothing cuts short has flattened by then. */
const mostRounds = 30;
const screeningSeeds = 2;
const finalSeeds = 10;
/** Of budgets, so that rounds end a run and powers stand to joules and seconds as the scenario has it. */
const outOfReach = 1000;

/**
 * Who goes on to ten seeds: four that the screening found best within some bits, and the references. Declared, since
 * a study is laid out before its results are there.
 */
const named = (name: string) => zoo.find((method) => method.name === name)!;
const finalists: readonly ZooMethod[] = [
  ...[rateDistortion, named("top-k"), named("eden"), named("powersgd")],
  ...[whole, decade, freeStep, named("laq")],
];
/** Against the paper's decade at K clients and at twice as many. */
const best = rateDistortion;

/** The scenario's training, for as many rounds for all. */
function setsOf({ preset, sets }: Scenario): string[] {
  const config = resolveConfig({ preset, sets: [...sets] });
  const budget = (name: "energy" | "latency") => {
    const value = config.budgets[name];
    return value === null ? [] : [`budgets.${name}=${outOfReach * value}`];
  };
  return [
    ...["training.optimizer=adadelta", "power=most-rounds", "budgets.bits=wire"],
    ...[`rounds=${Math.min(config.rounds, mostRounds)}`, ...budget("energy"), ...budget("latency")],
  ];
}

/** One drop: what is trained does not depend on it. */
function stage(scenario: Scenario, seeds: number): Scenario {
  return { ...scenario, seeds: scenario.seeds.slice(0, seeds), drops: 1 };
}

/** A single seed chooses: a screening's choice, made once for every method that has one to make. */
function tuningOf(scenario: Scenario, { name, candidates }: ZooMethod): Tuned {
  const [seed = 101] = scenario.tuningSeeds ?? [];
  return tuningOver({ ...scenario, tuningSeeds: [seed] }, setsOf(scenario), {
    name: `resolution of ${name}`,
    candidates,
    usual: candidates[Math.floor(candidates.length / 2)]!,
  });
}

function tuningsOf(scenario: Scenario): Tuned[] {
  return zoo.filter(({ candidates }) => candidates.length > 1).map((method) => tuningOf(scenario, method));
}

/** A method at what was chosen, under its own name: a label that no choice changes. */
function variantOf(scenario: Scenario, method: ZooMethod): Variant {
  return { label: method.name, sets: chosenOf(scenario, tuningOf(scenario, method)).sets };
}

function screeningGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: "All methods, for equally many rounds",
    plan: planOf(stage(scenario, screeningSeeds), {
      axes: [{ name: axis, variants: zoo.map((method) => variantOf(scenario, method)) }],
      sets: setsOf(scenario),
      baseline: whole.name,
    }),
  };
}

function finalGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: "The best and the references, for equally many rounds",
    plan: planOf(stage(scenario, finalSeeds), {
      axes: [{ name: axis, variants: finalists.map((method) => variantOf(scenario, method)) }],
      sets: setsOf(scenario),
      baseline: whole.name,
    }),
  };
}

/** K and 2 K, with energy for twice as many. */
function clientsOf({ preset, sets }: Scenario): Variant[] {
  const { network, budgets } = resolveConfig({ preset, sets: [...sets] });
  return [1, 2].map((factor) => ({
    label: `K = ${factor * network.clients}`,
    sets: [
      `network.clients=${factor * network.clients}`,
      ...(budgets.energy === null ? [] : [`budgets.energy=${factor * outOfReach * budgets.energy}`]),
    ],
  }));
}

function costsGrid(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: "Joules and seconds to an accuracy",
    plan: planOf(stage(scenario, screeningSeeds), {
      axes: [
        { name: axis, variants: [decade, best].map((method) => variantOf(scenario, method)) },
        { name: "clients", variants: clientsOf(scenario) },
      ],
      sets: setsOf(scenario),
      baseline: decade.name,
    }),
  };
}

/** Bits of a client's packets, for an entry and round. */
const upBits: Measure = ({ final }) => (final.rounds > 0 ? final.wireBitsPerEntry : null);
/** Of the server's, where it does not send the model itself. */
const downBits: Measure = ({ final }) => (final.rounds > 0 ? (final.downlinkWireBitsPerEntry ?? null) : null);
const totalBits: Measure = (run) => {
  const up = upBits(run);
  return up === null ? null : up + (downBits(run) ?? 0);
};

type Results = Pick<ScenarioResults, "grids" | "runs">;

function runsOf({ grids, runs }: Results, at: number, name: string): RunSummary[][] {
  const { grid } = grids[at]!;
  return cellRuns(grid, findCell(grid, { [axis]: name }), runs);
}

/** Points of a method over full precision, seed by seed. */
function overWhole(results: Results, at: number, name: string): Interval | null {
  const found = pairedDifference(runsOf(results, at, name), runsOf(results, at, whole.name), lateAccuracy);
  return found && scaled(found, 100);
}

function claimsOf({ scenario, grids, runs }: ScenarioResults): MeasuredClaim[] {
  const final = grids[1]!;
  const about = { source: "ours", form: "fair", where: scenario.title } as const;
  const over = (other: ZooMethod, statement: string, published: MeasuredClaim["published"]) =>
    differenceClaim(
      { ...about, statement, published },
      final.grid,
      runs,
      { better: { [axis]: rateDistortion.name }, worse: { [axis]: other.name } },
      lateAccuracy,
    );
  const costs: [Cost, string][] = [
    ["energy", "joules"],
    ["latency", "seconds"],
  ];
  return [
    over(whole, "rate-distortion at a tenth of a bit or less no more than a point below full precision", {
      bound: "at least",
      value: -1,
    }),
    ...finalists
      .filter((method) => method !== rateDistortion)
      .map((method) => over(method, `rate-distortion better than ${method.name}`, { bound: "better", value: 0 })),
    ...clientsOf(scenario).flatMap(({ label }) =>
      costs.map(([cost, unit]) =>
        bitsToReach(
          {
            ...{ ...about, where: `${scenario.title}; ${label}` },
            statement: `${best.name} needs fewer ${unit} than the decade on the way to an accuracy that both reach`,
            published: { bound: "better", value: 0 },
          },
          grids[2]!.grid,
          runs,
          { cell: { [axis]: best.name, clients: label }, reference: { [axis]: decade.name, clients: label } },
          cost,
        ),
      ),
    ),
  ];
}

const cellOf = (interval: Interval | null) =>
  interval === null
    ? null
    : { value: interval.mean, ...(endsAt(interval) ?? { low: interval.mean, high: interval.mean }) };

/** An interval where there is one: of one seed its value alone. */
function shown(interval: Interval | null): number | ReturnType<typeof cellOf> {
  return interval !== null && endsAt(interval) === null ? interval.mean : cellOf(interval);
}

function stageTable(results: ScenarioResults, at: number, methods: readonly ZooMethod[]): ExperimentTable {
  const rows = methods.map((method) => {
    const own = runsOf(results, at, method.name);
    const of = (outcome: Outcome | Measure) => overSeeds(own, outcome);
    const difference = overWhole(results, at, method.name);
    // Ten per cent of two sides are five per cent of one.
    const bound = difference === null ? null : (endsAt(difference, 0.1)?.low ?? null);
    const accuracy = of(lateAccuracy);
    return [
      chosenOf(results.scenario, tuningOf(results.scenario, method)).label,
      of(upBits)?.mean ?? null,
      of(downBits)?.mean ?? null,
      shown(accuracy && scaled(accuracy, 100)),
      ...(method === whole ? [null, null] : [shown(difference), bound]),
    ];
  });
  return {
    title: `${results.grids[at]!.title}: real bits an entry and round, mean accuracy of the last five rounds`,
    header: ["method", "up", "down", "accuracy (%)", "over full precision (points)", "one-sided 95 % bound"],
    rows,
  };
}

function frontierFigure(results: ScenarioResults, at: number, methods: readonly ZooMethod[]): ExperimentFigure {
  const series = methods.flatMap(({ name }) => {
    const own = runsOf(results, at, name);
    const [bits, accuracy] = [overSeeds(own, totalBits), overSeeds(own, lateAccuracy)];
    if (bits === null || accuracy === null || !(bits.mean > 0)) return [];
    const ends = endsAt(accuracy) ?? { low: accuracy.mean, high: accuracy.mean };
    return [{ name, x: [bits.mean], y: [accuracy.mean], low: [ends.low], high: [ends.high] }];
  });
  const seeds = results.grids[at]!.grid.seeds;
  return {
    file: `compressors-${at === 0 ? "screening" : "final"}.svg`,
    title: `Accuracy against real bits${at === 0 ? ", all methods" : ", the best and the references"}`,
    caption:
      `Mean of the last five rounds, 95 % intervals over ${seedsOf({ ...results.scenario, seeds })} (Student's t). Bits an entry ` +
      `and round of a client's packets and of the server's, where that does not send the model itself (32 bits). ${results.scenario.title}.`,
    x: { label: "wire bits an entry, up and down", scale: "log" },
    y: { label: "test accuracy (%)", percent: true },
    series,
  };
}

/** Differences from full precision, of all and of the best. */
function differences(results: ScenarioResults, at: number, methods: readonly ZooMethod[]): ExperimentIntervals[] {
  const rows = methods.flatMap((method) => {
    const found = method === whole ? null : overWhole(results, at, method.name);
    return found === null ? [] : [{ name: method.name, value: found.mean, ...endsAt(found) }];
  });
  if (rows.length === 0) return [];
  const seeds = results.grids[at]!.grid.seeds;
  return [
    {
      file: `compressors-${at === 0 ? "screening" : "final"}-differences.svg`,
      title: `Over full precision${at === 0 ? ", all methods" : ", the best and the references"}`,
      caption: `95 % intervals over ${seedsOf({ ...results.scenario, seeds })} (Student's t). ${results.scenario.title}.`,
      x: { label: "points" },
      rows,
    },
  ];
}

const stages = [zoo, finalists] as const;

/** Every method of the zoo by what it sends and what it learns: the frontier, then ten seeds for the best of it. */
export const openCompressors: Experiment = {
  name: "compressors",
  byNameOnly: true,
  evidence: "exploratory",
  title: "The compressors' frontier",
  about:
    `Every quantizer for ${mostRounds} rounds that no budget cuts short, all with AdaDelta, each at the resolution that was ` +
    "best on held-out images: what it learns, by the mean of the last five rounds, against the bits that really travel. Two " +
    "seeds screen all methods; ten are for those that were declared the best and for the references. Then joules and seconds " +
    "on the way to an accuracy, of the paper's method and the best found, with K clients and with 2 K. Methods that look at " +
    "all clients send the mean back, and that is counted; the others' server sends the model itself, which is the same for " +
    "all and is not.",
  tunings: tuningsOf,
  grids: (scenario) => [screeningGrid(scenario), finalGrid(scenario), costsGrid(scenario)],
  claims: claimsOf,
  tables: (results) => [
    ...choicesTable(results.scenario, tuningsOf(results.scenario)),
    ...stages.map((methods, at) => stageTable(results, at, methods)),
  ],
  figures: (results) => stages.map((methods, at) => frontierFigure(results, at, methods)),
  intervals: (results) => stages.flatMap((methods, at) => differences(results, at, methods)),
};
