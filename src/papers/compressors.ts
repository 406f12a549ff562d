import { cellRuns } from "../study/analysis/cells.js";
import { lateAccuracy, type Measure } from "../study/analysis/outcomes.js";
import { namedAxis, type Variant } from "../study/plan/axes.js";
import {
  bitsRow,
  bothWaysClaims,
  bothWaysGrid,
  bothWaysIntervals,
  bothWaysRuns,
  bothWaysSeries,
  type Held,
  lineOver,
  sentAndHeard,
} from "./bothWays.js";
import { type ClaimAbout, differenceClaim, findCell, type MeasuredClaim, type Pair } from "./claims.js";
import {
  type Experiment,
  type ExperimentFigure,
  type ExperimentGrid,
  type ExperimentIntervals,
  type ExperimentTable,
  intervalRows,
  planOf,
  type Scenario,
  type ScenarioResults,
  seedsOf,
} from "./experiment.js";
import { type Place, placesOf, type Screened, screenedMethods, screeningOf, travelled } from "./screening.js";
import { usualTuningSeeds } from "./tuned.js";
import { equallyMany, equalRounds, families, fullPrecision as full } from "./zoo.js";

/** What more seeds are spent on as long as a screening has not said it. */
const declared = [
  ...["induced:bits=0.1", "rate-distortion:bits=0.1", "rate-distortion:bits=0.3", "eden:bits=0.1", "qsgd:levels=1"],
  ...["emq:errorFeedback=true", "emq", "identity"],
];

/** Where a training takes long: the best of at most a tenth of a bit, the paper's, and what all are held against. */
const headlines = [
  "induced:bits=0.1",
  "rate-distortion:bits=0.1",
  "eden:bits=0.1",
  "eden:bits=0.05",
  "emq",
  "identity",
];

const axis = "quantizer";
/** Whose claim was declared before anything was trained */
const declaredFirst = "rate-distortion:bits=0.1";
/** Ours at a tenth of a bit go on, whatever the screening says. */
const own = [declaredFirst, "induced:bits=0.1"];

/** Always there: the paper's, and what all are held against. */
const references = ["emq", full];
/** Wire bits an entry: of those that had no more the most accurate goes on. */
const limits = [1 / 8, 1 / 4, 1 / 2, 1];

const bothWaysAt = 2;
const finalSeeds = 10;

/** Of a scenario's grids: where a training takes long there are the finals alone. */
function stagesOf({ methods, finalists = declared }: Scenario): {
  finalists: readonly string[];
  finals: number;
  screened: boolean;
} {
  return methods === "headlines"
    ? { finalists: headlines, finals: 0, screened: false }
    : { finalists, finals: 1, screened: true };
}

const labelsOf = (list: readonly string[]): readonly Variant[] => namedAxis(axis, list).variants;

function screening(scenario: Scenario): ExperimentGrid {
  const seen = screeningOf(scenario);
  return {
    form: "fair",
    title: `Every method and resolution over ${equallyMany} rounds, ${seedsOf(seen)}`,
    plan: planOf(
      { ...seen, drops: 1 },
      {
        axes: [{ name: axis, variants: labelsOf(families.flatMap(({ members }) => members)) }],
        sets: equalRounds,
        baseline: full,
      },
    ),
    mapped: true,
    screening: true,
  };
}

function placesIn(results: ScenarioResults): Place[] {
  const seen = screenedMethods(results, { at: 0, axis, outcome: lateAccuracy });
  return placesOf(
    seen.filter(({ label }) => !references.includes(label)),
    limits,
  );
}

/** Ours, whose claims these are, those that the screening chose, and the references. */
const goingOn = (results: ScenarioResults): string[] => [
  ...new Set([...own, ...placesIn(results).map(({ chosen }) => chosen.label), ...references]),
];

function finals(scenario: Scenario): ExperimentGrid {
  const { finalists, screened } = stagesOf(scenario);
  return {
    form: "fair",
    title: `${screened ? "Those that went on" : "Four of them"}, over ${equallyMany} rounds`,
    plan: planOf(
      { ...scenario, seeds: scenario.seeds.slice(0, finalSeeds), drops: 1 },
      { axes: [{ name: axis, variants: labelsOf(finalists) }], sets: equalRounds, baseline: full },
    ),
  };
}

/** What a bit on the wire is worth, over all methods. */
export const compressors: Experiment = {
  name: "compressors",
  byNameOnly: true,
  title: "Compressors: accuracy against bits that travel",
  about:
    "Every quantizer at a few resolutions over equally many rounds: accuracy (mean of the last five models) against real bits, " +
    "those of whole packets. Two seeds see all methods and choose, by a rule, those that go on to ten others. What methods that look at all " +
    "clients (THC, PowerSGD) send back counts as well. Then both ways: with what the server sends, the model itself or, " +
    "for a few uplinks, its difference quantized. At equal joules and seconds all families meet in `compressor-tasks`.",
  grids: (scenario) =>
    stagesOf(scenario).screened ? [screening(scenario), finals(scenario), bothWaysGrid(scenario)] : [finals(scenario)],
  finalists: goingOn,
  claims: (results) => {
    const { finalists, screened } = stagesOf(results.scenario);
    return [
      ...finalists.filter((label) => label !== full).map((label) => lossOf(results, label)),
      ...rivalsIn(finalists).map((pair) => aheadOf(results, pair)),
      ...(screened ? bothWaysClaims(results, bothWaysAt) : []),
    ];
  },
  tables: (results) => [...placesTable(results), bitsTable(results)],
  figures: (results) => [
    frontier(results),
    frontierNear(results),
    ...(stagesOf(results.scenario).screened ? [bothWays(results)] : []),
  ],
  intervals: (results) =>
    [
      distances(results),
      ...(stagesOf(results.scenario).screened ? [bothWaysIntervals(results, bothWaysAt)] : []),
    ].filter(({ rows }) => rows.length > 0),
};

/** What a method loses against full precision at equal rounds. */
const lossOf = (results: ScenarioResults, label: string): MeasuredClaim =>
  claimOf(results, {
    ...{ better: label, worse: full },
    statement: `${label} at most a point below full precision`,
    published: { bound: "at least", value: -1 },
    family: label === declaredFirst ? "primary" : "secondary",
  });

interface PairClaim extends Pair, Pick<ClaimAbout, "statement" | "published" | "family"> {}

/** Of the later models, which do not hang on how the last round fell out. */
function claimOf({ scenario, grids, runs }: ScenarioResults, pair: PairClaim): MeasuredClaim {
  const { better, worse, published, family } = pair;
  const { grid, form } = grids[stagesOf(scenario).finals]!;
  return differenceClaim(
    {
      source: "ours",
      statement: `${pair.statement} at equal rounds (mean of the last five models)`,
      form,
      where: scenario.title,
      published,
      ...(family && { family }),
    },
    grid,
    runs,
    { better: { [axis]: better }, worse: { [axis]: worse } },
    lateAccuracy,
  );
}

/** All without bias and memory, at about the same bits: which of them has the less noise. */
const rivals: readonly Pair[] = [
  ...[0.1, 0.05, 0.02].map((bits) => ({ better: `induced:bits=${bits}`, worse: `eden:bits=${bits}` })),
  { better: "induced:bits=0.1", worse: "qsgd:levels=1:bucket=4096" },
];

const rivalsIn = (finalists: readonly string[]): Pair[] =>
  rivals.filter(({ better, worse }) => finalists.includes(better) && finalists.includes(worse));

const aheadOf = (results: ScenarioResults, { better, worse }: Pair): MeasuredClaim =>
  claimOf(results, {
    ...{ better, worse },
    statement: `${better} better than ${worse}`,
    published: { bound: "better", value: 0 },
  });

/** A method's runs where it has the most seeds; none where it is in no grid. */
function heldRuns({ scenario, grids, runs }: ScenarioResults, label: string): Held[] {
  const { finalists, finals, screened } = stagesOf(scenario);
  const isFinal = finalists.includes(label);
  if (!isFinal && !screened) return [];
  const { grid } = grids[isFinal ? finals : 0]!;
  const of = (name: string) => cellRuns(grid, findCell(grid, { [axis]: name }), runs);
  return [{ label, own: of(label), reference: of(full) }];
}

/** How the screening chose; none as long as it has not. */
function placesTable(results: ScenarioResults): ExperimentTable[] {
  const { finalists, tuningSeeds = usualTuningSeeds } = results.scenario;
  if (finalists === undefined || !stagesOf(results.scenario).screened) return [];
  const shown = (one: Screened | undefined) => [one?.label ?? null, one?.bits ?? null, one && 100 * one.accuracy];
  return [
    {
      title:
        `Who went on: ${own.join(", ")}, ${references.join(", ")}, and the most accurate within each limit of bits under seeds ` +
        `${tuningSeeds.join(" and ")}, which see no more than this; ${results.scenario.title}`,
      header: ["bits at most", "went on", "bits", "accuracy (%)", "next", "bits", "accuracy (%)"],
      rows: placesIn(results).map(({ within, chosen, next }) =>
        [within, ...shown(chosen), ...shown(next)].map((cell) => cell ?? null),
      ),
    },
  ];
}

/** All methods, the fewest bits both ways first. */
function bitsTable(results: ScenarioResults): ExperimentTable {
  const { scenario } = results;
  const held = families.flatMap(({ members }) => members.flatMap((label) => heldRuns(results, label)));
  if (stagesOf(scenario).screened) held.push(...bothWaysRuns(results, bothWaysAt));
  const rows = held.flatMap((one) => bitsRow(one) ?? []);
  return {
    title: `Bits an entry and round that a client sends and hears, and accuracy after ${equallyMany} rounds; ${scenario.title}`,
    header: ["method", "seeds", "up", "down", "both", "accuracy (%)", "over full precision (points)"],
    rows: rows.sort((one, other) => one.both - other.both).map(({ cells }) => cells),
  };
}

/**
 * A line a family, from few bits to many, against full precision under the same seeds: what differs between seeds is mostly
 * the images, so that an interval of accuracies would say nothing of the methods.
 */
function familySeries(results: ScenarioResults, bits: Measure, least?: number): ExperimentFigure["series"] {
  return families.flatMap(({ name, members }) => {
    const held = members.flatMap((label) => heldRuns(results, label));
    return lineOver(name, held, bits, least);
  });
}

/** Points within which it shows who is ahead of whom */
const near = 4;

/** For captions: under which seeds whose points are. */
function seedsBehind({ scenario }: ScenarioResults): string {
  const first = stagesOf(scenario).screened ? `${seedsOf(screeningOf(scenario))}; of those that went on over ` : "";
  return `${first}${seedsOf({ ...scenario, seeds: scenario.seeds.slice(0, finalSeeds) })}`;
}

function frontier(results: ScenarioResults): ExperimentFigure {
  return {
    file: "compressors-frontier.svg",
    title: "Accuracy against bits on the wire",
    caption:
      `Points against full precision over ${equallyMany} rounds, means of the last five models, over ` +
      `${seedsBehind(results)}, with 95 % intervals (Student's t; two seeds have none). ${results.scenario.title}.`,
    x: { label: "bits an entry on the wire", scale: "log" },
    y: { label: "points against full precision" },
    series: familySeries(results, travelled),
  };
}

/** The same where the better ones are: a method that learns nothing leaves no room for their differences. */
function frontierNear(results: ScenarioResults): ExperimentFigure {
  return {
    ...frontier(results),
    file: "compressors-near.svg",
    title: `Accuracy against bits on the wire, those within ${near} points of full precision`,
    series: familySeries(results, travelled, -near),
  };
}

/** All that a client sends and hears: where the server sends the model itself, that is most of it. */
function bothWays(results: ScenarioResults): ExperimentFigure {
  return {
    file: "compressors-both-ways.svg",
    title: "Accuracy against bits up and down",
    caption:
      `Points against full precision over ${equallyMany} rounds, means of the last five models, over bits that a client sends and ` +
      `hears, for each entry and round. The server sends the model itself (32 bits) but where a broadcast is quantized, by EMQ or by ` +
      `rate-distortion at a tenth of a bit, or the mean sent back (THC, PowerSGD). Over ${seedsBehind(results)}; of quantized ` +
      `broadcasts as the figure of their distances says. With 95 % intervals (Student's t; two seeds have none). ${results.scenario.title}.`,
    x: { label: "bits an entry and round, up and down", scale: "log" },
    y: { label: "points against full precision" },
    series: [...bothWaysSeries(results, bothWaysAt), ...familySeries(results, sentAndHeard)],
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
      .flatMap((label) => intervalRows(lossOf(results, label).ours, { name: label })),
  };
}
