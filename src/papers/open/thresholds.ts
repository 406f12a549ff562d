import { cellRuns, overSeeds } from "../../study/analysis/cells.js";
import { endsAt, type Interval } from "../../study/analysis/intervals.js";
import { accuracy, type Measure, type Outcome } from "../../study/analysis/outcomes.js";
import type { Variant } from "../../study/plan/axes.js";
import { findCell } from "../claims.js";
import { type ExperimentFigure, type ExperimentTable, planOf, type ScenarioResults, seedsOf } from "../experiment.js";
import { type Compared, openExperiment } from "./question.js";
import { type GradientFigures, gradientDraws, gradientKinds, measureGradients } from "./syntheticGradients.js";

/** Entries below θ ‖v‖_∞ are sent as zeros. */
const thresholds = [0, 0.05, 0.1, 0.2, 0.3, 0.5];

/** Without a digit beyond the first EMQ has a threshold of its own, from 0.05 to 0.5 of the largest entry; with one it lies at a tenth of that. */
const digits = [0, 1];

const labelOf = (digit: number, threshold: number) => `${digit} digits, θ = ${threshold}`;

const variants: readonly Variant[] = digits.flatMap((digit) =>
  thresholds.map((threshold) => ({
    label: labelOf(digit, threshold),
    sets: ["quantizer=emq", `quantizer.digits=${digit}`, `quantizer.threshold=${threshold}`],
  })),
);

const axis = "threshold";

/** EMQ over significance thresholds: what it loses, what it sends, and what it learns for the same joules and seconds. */
export const openThresholds = openExperiment({
  name: "thresholds",
  title: "EMQ over significance thresholds",
  about:
    "Entries below θ ‖v‖_∞ count as insignificant and are sent as zeros, a bit each. On synthetic gradients, of random size: " +
    "the error ‖Q(v) − v‖² / ‖v‖² and the bits, over θ from 0 to 0.5, with no digit beyond the first and with one. In " +
    "learning (AdaDelta, most rounds): bits of the uploads and accuracy at equal budgets. The threshold is not the paper's, whose " +
    "text we had not: a summary of it suggests to look there.",
  grids: (scenario) => [
    {
      form: "fair",
      title: "EMQ's digits and thresholds at equal budgets",
      plan: planOf(scenario, {
        axes: [{ name: axis, variants }],
        sets: ["training.optimizer=adadelta", "power=most-rounds"],
        baseline: labelOf(0, 0),
      }),
    },
  ],
  compared: (): Compared[] =>
    digits.flatMap((digit) =>
      thresholds.slice(1).map((threshold) => ({
        better: { [axis]: labelOf(digit, threshold) },
        worse: { [axis]: labelOf(digit, 0) },
        statement: `EMQ with ${counted(digit)} at a threshold of ${threshold} better than at 0`,
        row: labelOf(digit, threshold),
      })),
    ),
  tables: () => [gradientTable()],
  figures: (results) => [
    ...gradientFigures(),
    learnedFigure(results, accuracy, {
      ...{ file: "thresholds-accuracy.svg", title: "Accuracy at equal budgets" },
      y: { label: "test accuracy (%)", percent: true },
    }),
    learnedFigure(results, ({ final }) => (final.rounds > 0 ? final.nominalBitsPerEntry : null), {
      ...{ file: "thresholds-bits.svg", title: "Nominal bits of uploads in learning" },
      y: { label: "nominal bits an entry" },
    }),
  ],
});

function counted(digit: number): string {
  return digit === 0 ? "no digit beyond the first" : "one digit more";
}

function learnedFigure(
  { scenario, grids, runs }: ScenarioResults,
  outcome: Outcome | Measure,
  shown: Pick<ExperimentFigure, "file" | "title" | "y">,
): ExperimentFigure {
  const { grid } = grids[0]!;
  const at = (digit: number, threshold: number) =>
    overSeeds(cellRuns(grid, findCell(grid, { [axis]: labelOf(digit, threshold) }), runs), outcome);
  return {
    ...shown,
    caption: `Means and 95 % intervals over ${seedsOf(scenario)}. ${scenario.title}.`,
    x: { label: "threshold θ" },
    series: digits.map((digit) => lineOf(`digits = ${digit}`, (threshold) => at(digit, threshold))),
  };
}

/** A line over the thresholds, with its intervals where there are any. */
function lineOf(name: string, of: (threshold: number) => Interval | null): ExperimentFigure["series"][number] {
  const found = thresholds.flatMap((threshold) => {
    const interval = of(threshold);
    if (interval === null) return [];
    return [{ threshold, mean: interval.mean, ends: endsAt(interval) ?? { low: interval.mean, high: interval.mean } }];
  });
  return {
    name,
    x: found.map(({ threshold }) => threshold),
    y: found.map(({ mean }) => mean),
    low: found.map(({ ends }) => ends.low),
    high: found.map(({ ends }) => ends.high),
  };
}

type Measured = { kind: string; digit: number; threshold: number; figures: GradientFigures };
let known: Measured[] | undefined;

/** Some hundred encodings: made when a report first asks for them. */
function gradients(): Measured[] {
  known ??= gradientKinds.flatMap((kind) =>
    digits.flatMap((digit) =>
      thresholds.map((threshold) => {
        const figures = measureGradients(kind, { digits: digit, threshold });
        return { kind, digit, threshold, figures };
      }),
    ),
  );
  return known;
}

function gradientFigures(): ExperimentFigure[] {
  const figure = (of: keyof GradientFigures, file: string, title: string, label: string): ExperimentFigure => ({
    file,
    title: `${title}, ${gradientDraws} draws each`,
    x: { label: "threshold θ" },
    y: { label },
    series: gradientKinds.flatMap((kind) =>
      digits.map((digit) =>
        lineOf(
          `${kind}, digits = ${digit}`,
          (threshold) =>
            gradients().find((one) => one.kind === kind && one.digit === digit && one.threshold === threshold)!.figures[
              of
            ],
        ),
      ),
    ),
  });
  return [
    figure("error", "thresholds-synthetic-error.svg", "Error on synthetic gradients", "‖Q(v) − v‖² / ‖v‖²"),
    figure("nominalBits", "thresholds-synthetic-bits.svg", "Bits on synthetic gradients", "nominal bits an entry"),
  ];
}

function gradientTable(): ExperimentTable {
  const cell = (interval: Interval) => ({ value: interval.mean, ...endsAt(interval)! });
  return {
    title: `EMQ on synthetic gradients: means and 95 % intervals over ${gradientDraws} draws of random size`,
    header: ["gradients", "digits", "θ", "‖Q(v) − v‖² / ‖v‖²", "nominal bits", "wire bits"],
    rows: gradients().map(({ kind, digit, threshold, figures }) => [
      ...[kind, String(digit), String(threshold)],
      ...[cell(figures.error), cell(figures.nominalBits), cell(figures.wireBits)],
    ]),
  };
}
