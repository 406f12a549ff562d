import { cellRuns, overSeeds, pairedDifference } from "../study/analysis/cells.js";
import { endsAt } from "../study/analysis/intervals.js";
import { lateAccuracy, type Measure } from "../study/analysis/outcomes.js";
import { namedAxis, type Variant } from "../study/plan/axes.js";
import { differenceClaim, findCell, type MeasuredClaim } from "./claims.js";
import {
  type Experiment,
  type ExperimentFigure,
  type ExperimentGrid,
  type ExperimentIntervals,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "./experiment.js";

/** Every method, at a few resolutions from coarse to fine where it has one. */
export const families: readonly { name: string; members: readonly string[] }[] = [
  { name: "rate-distortion", members: [0.05, 0.1, 0.3, 1].map((bits) => `rate-distortion:bits=${bits}`) },
  { name: "EMQ, decade", members: ["emq", "emq:digits=1"] },
  { name: "EMQ, free step", members: ["emq:step=fractional", "emq:step=fractional:digits=1"] },
  { name: "EMQ, error feedback", members: ["emq:errorFeedback=true"] },
  { name: "mixed-resolution", members: ["mixed-resolution:bits=4", "mixed-resolution:bits=10"] },
  { name: "LAQ", members: ["laq:bits=4", "laq:bits=6", "laq:bits=8"] },
  { name: "AQUILA", members: ["aquila"] },
  { name: "top-q", members: ["top-q:fraction=0.01", "top-q:fraction=0.1"] },
  { name: "top-k, error feedback", members: ["top-k:fraction=0.002", "top-k:fraction=0.01", "top-k:fraction=0.05"] },
  { name: "rand-k", members: ["rand-k:fraction=0.01", "rand-k:fraction=0.1"] },
  { name: "QSGD", members: ["qsgd:levels=1", "qsgd:levels=4", "qsgd:levels=16"] },
  { name: "NUQSGD", members: ["nuqsgd:levels=2", "nuqsgd:levels=4"] },
  { name: "TernGrad", members: ["terngrad"] },
  { name: "sign", members: ["sign", "sign:errorFeedback=true"] },
  { name: "natural", members: ["natural"] },
  { name: "uniform", members: ["uniform:bits=4", "uniform:bits=8"] },
  { name: "fp16", members: ["fp16"] },
  { name: "bf16", members: ["bf16"] },
  { name: "fp8", members: ["fp8-e4m3", "fp8-e5m2"] },
  { name: "MXFP", members: ["mxfp4", "mxfp8"] },
  { name: "NF4", members: ["nf4"] },
  { name: "DRIVE", members: ["drive"] },
  { name: "EDEN", members: ["eden:bits=0.1", "eden:bits=0.5", "eden:bits=2"] },
  { name: "TurboQuant", members: ["turboquant:bits=1", "turboquant:bits=2"] },
  { name: "QUIC-FL", members: ["quic-fl:bits=1", "quic-fl:bits=2"] },
  { name: "FedBiF", members: ["fedbif"] },
  { name: "THC", members: ["thc"] },
  { name: "PowerSGD", members: ["powersgd:rank=1", "powersgd:rank=4"] },
  { name: "full precision", members: ["identity"] },
];

/**
 * What more seeds are spent on, declared here because a study is laid out before its results are there: what did well on
 * glyphs at few bits, and what everybody knows.
 */
const finalists = [
  ...["rate-distortion:bits=0.1", "rate-distortion:bits=0.3", "eden:bits=0.1", "top-k:fraction=0.01", "qsgd:levels=1"],
  ...["emq:errorFeedback=true", "emq:step=fractional", "emq", "laq:bits=8", "identity"],
];

/** Where a training takes long: the best two, the paper's, and what all are held against. */
const headlines = ["rate-distortion:bits=0.1", "eden:bits=0.1", "emq", "identity"];

const axis = "quantizer";
const [leader, full] = ["rate-distortion:bits=0.1", "identity"];

const screeningSeeds = 2;
const finalSeeds = 10;

/** Of a scenario's grids: where a training takes long there are the finals alone. */
function stagesOf({ methods }: Scenario): { finalists: readonly string[]; finals: number; screened: boolean } {
  return methods === "headlines"
    ? { finalists: headlines, finals: 0, screened: false }
    : { finalists, finals: 1, screened: true };
}

const labelsOf = (list: readonly string[]): readonly Variant[] => namedAxis(axis, list).variants;

/**
 * As many rounds for everybody, whatever they cost: what is asked is what a bit is worth. Without budgets the powers
 * change nothing that is learned.
 */
const equalRounds = [
  ...["training.optimizer=adadelta", "power=min-max", "budgets.energy=null", "budgets.latency=null", "rounds=30"],
];

function screening(scenario: Scenario): ExperimentGrid {
  return {
    form: "fair",
    title: `Every method and resolution over 30 rounds, ${counted(Math.min(screeningSeeds, scenario.seeds.length))}`,
    plan: planOf(
      { ...scenario, seeds: scenario.seeds.slice(0, screeningSeeds), drops: 1 },
      {
        axes: [{ name: axis, variants: labelsOf(families.flatMap(({ members }) => members)) }],
        sets: equalRounds,
        baseline: full,
      },
    ),
    mapped: true,
  };
}

function finals(scenario: Scenario): ExperimentGrid {
  const { finalists, screened } = stagesOf(scenario);
  return {
    form: "fair",
    title: `${screened ? "Ten" : "Four"} of them over 30 rounds`,
    plan: planOf(
      { ...scenario, seeds: scenario.seeds.slice(0, finalSeeds), drops: 1 },
      { axes: [{ name: axis, variants: labelsOf(finalists) }], sets: equalRounds, baseline: full },
    ),
  };
}

const counted = (seeds: number): string => (seeds === 1 ? "1 seed" : `${seeds} seeds`);

/** What a bit on the wire is worth, over all methods. */
export const compressors: Experiment = {
  name: "compressors",
  byNameOnly: true,
  title: "Compressors: accuracy against bits that travel",
  about:
    "Every quantizer at a few resolutions over equally many rounds: accuracy (mean of the last five models) against real bits, " +
    "those of whole packets. Two seeds for all, more for ten that were declared beforehand. What methods that look at all " +
    "clients (THC, PowerSGD) send back counts as well; the model that all others get does not. At equal joules and seconds " +
    "all families meet in `compressor-tasks`.",
  grids: (scenario) => (stagesOf(scenario).screened ? [screening(scenario), finals(scenario)] : [finals(scenario)]),
  claims: (results) => {
    const { finalists } = stagesOf(results.scenario);
    return finalists.filter((label) => label !== full).map((label) => lossOf(results, label));
  },
  figures: (results) => [frontier(results)],
  intervals: (results) => [distances(results)].filter(({ rows }) => rows.length > 0),
};

/** What a method loses against full precision at equal rounds. */
function lossOf({ scenario, grids, runs }: ScenarioResults, label: string): MeasuredClaim {
  const { grid, form } = grids[stagesOf(scenario).finals]!;
  return differenceClaim(
    {
      source: "ours",
      statement: `${label} at most a point below full precision at equal rounds (mean of the last five models)`,
      form,
      where: scenario.title,
      published: { bound: "at least", value: -1 },
      family: label === leader ? "primary" : "secondary",
    },
    grid,
    runs,
    { better: { [axis]: label }, worse: { [axis]: full } },
    lateAccuracy,
  );
}

/** Bits an entry, of uploads and of what a method itself sends back. */
const travelled: Measure = ({ final }) =>
  final.wireBitsPerEntry === null ? null : final.wireBitsPerEntry + (final.downlinkWireBitsPerEntry ?? 0);

/**
 * Points against full precision under the same seeds, over bits. What differs between seeds is mostly the images, so that an
 * interval of accuracies would say nothing of the methods; two seeds have none worth drawing, and those of the finalists are a
 * figure of their own.
 */
function frontier(results: ScenarioResults): ExperimentFigure {
  const { scenario, grids, runs } = results;
  const { finalists, finals, screened } = stagesOf(scenario);
  const pointOf = (label: string) => {
    const isFinal = finalists.includes(label);
    if (!isFinal && !screened) return [];
    const { grid } = grids[isFinal ? finals : 0]!;
    const own = cellRuns(grid, findCell(grid, { [axis]: label }), runs);
    const y = pairedDifference(own, cellRuns(grid, findCell(grid, { [axis]: full }), runs), lateAccuracy);
    const x = overSeeds(own, travelled);
    if (x === null || y === null) return [];
    return [{ x: x.mean, y: 100 * y.mean }];
  };
  const seen = (count: number) => seedsOf({ ...scenario, seeds: scenario.seeds.slice(0, count) });
  return {
    file: "compressors-frontier.svg",
    title: "Accuracy against bits on the wire",
    caption:
      `Points against full precision over 30 rounds, means of the last five models, over ` +
      `${screened ? `${seen(screeningSeeds)}; of ten methods over ` : ""}${seen(finalSeeds)}, whose intervals the other figure has. ${scenario.title}.`,
    x: { label: "bits an entry on the wire", scale: "log" },
    y: { label: "points against full precision" },
    series: families.flatMap(({ name, members }) => {
      const points = members.flatMap(pointOf).sort((one, other) => one.x - other.x);
      if (points.length === 0) return [];
      return [{ name, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }];
    }),
  };
}

function distances(results: ScenarioResults): ExperimentIntervals {
  const { scenario } = results;
  const seen = { ...scenario, seeds: scenario.seeds.slice(0, finalSeeds) };
  return {
    file: "compressors-distances.svg",
    title: "Against full precision at equal rounds",
    caption: `Points of accuracy, mean of the last five models; 95 % intervals over ${seedsOf(seen)} (Student's t). ${scenario.title}.`,
    x: { label: "points" },
    rows: stagesOf(scenario)
      .finalists.filter((label) => label !== full)
      .flatMap((label) => {
        const { ours } = lossOf(results, label);
        return ours === null ? [] : [{ name: label, value: ours.mean, ...endsAt(ours) }];
      }),
  };
}
