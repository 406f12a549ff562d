import { cellRuns } from "../study/analysis/cells.js";
import { type Interval, meanInterval } from "../study/analysis/intervals.js";
import { namedAxis } from "../study/plan/axes.js";
import type { RunSummary } from "../study/store/columns.js";
import { findCell } from "./claims.js";
import {
  type Experiment,
  type ExperimentFigure,
  type ExperimentTable,
  planOf,
  type ScenarioResults,
  seedsOf,
} from "./experiment.js";

const axis = "quantizer";

/** What the notebooks of [S] keep of one run of each: test accuracy after these rounds, and the mean of its nominal bits an entry. */
const stored = {
  rounds: [1, 5, 10, 20, 30, 40],
  methods: [
    {
      ...{ name: "AQUILA", label: "aquila:variant=authors-code", bits: 4.61 },
      accuracy: [0.095, 0.173, 0.245, 0.287, 0.305, 0.326],
    },
    {
      ...{ name: "LAQ, 10 bits", label: "laq:variant=authors-code:bits=10", bits: 10 },
      accuracy: [0.132, 0.178, 0.242, 0.284, 0.297, 0.312],
    },
  ],
} as const;

type Stored = (typeof stored.methods)[number];

/** Theirs trained on all images of CIFAR-10. */
const storedImages = 50_000;

/** Their set-up; nothing ends a run but its rounds. One run each is all that they keep: no test image is told apart from others. */
const sets = [
  "evaluation.answers=false",
  ...["training.optimizer=sgd", "training.optimizer.learningRate=0.001", "power=full"],
  ...["budgets.energy=null", "budgets.latency=null", `rounds=${stored.rounds.at(-1)}`],
];

function runsOf({ grids, runs }: ScenarioResults, { label }: Stored): RunSummary[] {
  const { grid } = grids[0]!;
  return cellRuns(grid, findCell(grid, { [axis]: label }), runs).flat();
}

/** Test accuracy after a round, or between two of them; of the runs that came so far. */
function accuracyAt(runs: readonly RunSummary[], round: number): number[] {
  const [before, after] = [Math.floor(round), Math.ceil(round)];
  return runs.flatMap(({ course: { accuracy } }) => {
    const [low, high] = [accuracy[before], accuracy[after]];
    return low == null || high == null ? [] : [low + (round - before) * (high - low)];
  });
}

/**
 * Where one more seed would lie, with 95 %: the mean of n seeds is off by s/√n and a seed by s, so that it is the
 * mean's own interval times √(n + 1) (Student's t). The stored curve is one run.
 */
function anotherSeed({ mean, halfWidth, count }: Interval): { low: number; high: number } | undefined {
  if (halfWidth === null) return undefined;
  const half = halfWidth * Math.sqrt(count + 1);
  return { low: mean - half, high: mean + half };
}

type Cell = ExperimentTable["rows"][number][number];

/** Ours in percent, and whether the stored figure lies where another seed would. */
function held(values: readonly number[], theirs: number): Cell[] {
  if (values.length === 0) return [null, ""];
  const ours = meanInterval(values);
  const ends = anotherSeed(ours);
  if (ends === undefined) return [100 * ours.mean, ""];
  const inside = theirs >= ends.low && theirs <= ends.high;
  return [{ value: 100 * ours.mean, low: 100 * ends.low, high: 100 * ends.high }, inside ? "yes" : "no"];
}

function tableOf(results: ScenarioResults, method: Stored): ExperimentTable {
  const { grid } = results.grids[0]!;
  const runs = runsOf(results, method);
  const steps = storedImages / grid.cells[0]!.config.data.trainExamples;
  const bits = runs.map(({ final }) => final.nominalBitsPerEntry).filter((one) => one !== null);
  return {
    title:
      `${method.name}: the stored curve, and ours with where another seed would lie (95 %); nominal bits an entry, mean of all ` +
      `rounds: ${method.bits} stored, ours ${bits.length === 0 ? "–" : meanInterval(bits).mean.toFixed(2)}`,
    header: [
      ...["round", "stored (%)", "ours (%)", "stored lies there"],
      ...["ours after as many steps (%)", "stored lies there too"],
    ],
    rows: stored.rounds.map((round, i) => {
      const theirs = method.accuracy[i]!;
      const [sameRound, sameSteps] = [round, steps * round].map((at) => held(accuracyAt(runs, at), theirs));
      return [`${round}`, 100 * theirs, ...sameRound!, ...sameSteps!];
    }),
  };
}

function curves(results: ScenarioResults): ExperimentFigure {
  const { scenario } = results;
  return {
    file: "stored-curves.svg",
    title: "The authors' stored curves, and ours",
    caption: `Ours with where another seed would lie (95 %, Student's t, ${seedsOf(scenario)}); each stored curve is one run. ${scenario.title}.`,
    x: { label: "round" },
    y: { label: "test accuracy (%)", percent: true },
    series: stored.methods.flatMap((method) => {
      const runs = runsOf(results, method);
      const points = Array.from({ length: stored.rounds.at(-1)! }, (_, i) => i + 1).flatMap((round) => {
        const values = accuracyAt(runs, round);
        return values.length === 0 ? [] : [{ round, ours: meanInterval(values) }];
      });
      const ends = points.map(({ ours }) => anotherSeed(ours) ?? { low: ours.mean, high: ours.mean });
      return [
        {
          name: `${method.name}, ours`,
          x: points.map(({ round }) => round),
          y: points.map(({ ours }) => ours.mean),
          low: ends.map(({ low }) => low),
          high: ends.map(({ high }) => high),
        },
        { name: `${method.name}, stored`, x: [...stored.rounds], y: [...method.accuracy] },
      ];
    }),
  };
}

/** The sibling paper's own set-up, and what its notebooks keep of it. */
export const storedCurves: Experiment = {
  name: "stored-curves",
  byNameOnly: true,
  onlyWhereNamed: true,
  evidence: "exploratory",
  title: "The authors' stored curves",
  about:
    "The notebooks of [S] keep the test accuracy of AQUILA and of LAQ with 10 bits, quantizers as the authors have them (on the weights, " +
    "without a lazy rule), on CIFAR-10 with 40 clients, Dirichlet 0.4, five epochs and SGD at 1e-3. The same here, on the images at hand: " +
    "of fewer a client makes fewer steps in a round, so that the curves are held against one another by rounds and by steps.",
  grids: (scenario) => [
    {
      form: "as published",
      title: "AQUILA and LAQ as the authors have them",
      // Without budgets there is no course over them: the tables and the figure are all.
      mapped: true,
      plan: planOf(
        { ...scenario, drops: 1 },
        { axes: [namedAxis(axis, stored.methods.map(({ label }) => label).join(","))], sets },
      ),
    },
  ],
  claims: () => [],
  tables: (results) => stored.methods.map((method) => tableOf(results, method)),
  figures: (results) => [curves(results)],
};
