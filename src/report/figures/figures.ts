import { type Abscissa, abscissae } from "./abscissae.js";
import type { Series } from "./charts.js";
import { learningCurve, type Ordinate, ordinateOf, type RunGroup } from "./curves.js";
import { drawLines, type Figure } from "./drawing.js";
import type { FigureOptions } from "./plot.js";

/**
 * The learning curves of runs: accuracy (or loss) over rounds, over seconds and over joules, and bits per entry over
 * rounds. One line a group; of groups with several runs the mean and its 95 % interval.
 */
export async function accuracyFigures(
  groups: readonly RunGroup[],
  options: Omit<FigureOptions, "title"> = {},
): Promise<Figure[]> {
  const figures = reported.map((along) => learningFigure(groups, along, options));
  return Promise.all([...figures, bitsFigure(groups, options)]);
}

const reported: readonly Abscissa[] = ["round", "latency", "energy"];

/** Accuracy (or loss) over one of the quantities that a run spends. */
export async function learningFigure(
  groups: readonly RunGroup[],
  along: Abscissa,
  options: Omit<FigureOptions, "title"> = {},
): Promise<Figure> {
  const ordinate = ordinateOf(groups);
  const what = ordinate === "accuracy" ? "Test accuracy" : "Test loss";
  const y = ordinate === "accuracy" ? { label: "test accuracy (%)", percent: true } : { label: "test loss" };
  const { label, unit, over, wall } = abscissae[along];
  const title = `${what} over ${over}`;
  const curves = groups.map((group) => learningCurve(group, along, ordinate));
  const [factor, prefix] = unit === "bit" ? [1e-6, "M"] : unit !== "" && largest(curves) < 0.1 ? [1000, "m"] : [1, ""];
  const series = curves.map((curve) => ({ ...curve, x: Array.from(curve.x, (value) => factor * value) }));
  const drawing = await drawLines({
    ...options,
    title,
    x: { label: unit === "" ? label : `${label} (${prefix}${unit})` },
    y,
    series,
    rules: wall === undefined ? [] : budgetRule(groups, along, factor),
  });
  return {
    file: `${fileStem[ordinate]}-over-${along}${along === "round" ? "s" : ""}.svg`,
    title,
    ...drawing,
  };
}

const fileStem: Record<Ordinate, string> = { accuracy: "accuracy", testLoss: "loss" };

function largest(curves: readonly Series[]): number {
  return Math.max(0, ...curves.map(({ x }) => x[x.length - 1] ?? 0));
}

/** Nominal and wire bits per entry of an upload, of the first run of each group. */
async function bitsFigure(groups: readonly RunGroup[], options: Omit<FigureOptions, "title">): Promise<Figure> {
  const title = "Uploaded bits per entry";
  const series = groups.flatMap(({ name, runs }): Series[] => {
    const run = runs[0];
    if (run === undefined) return [];
    const rounds = run.rounds.filter(({ perClient }) => perClient.skipped.includes(false));
    const line = (kind: "nominalBits" | "wireBits"): number[] =>
      rounds.map((round) => round[kind] / (run.parameters * round.perClient.skipped.filter((skip) => !skip).length));
    const x = rounds.map(({ round }) => round);
    const label = groups.length === 1 ? "" : `${name}, `;
    return [
      { name: `${label}nominal`, x, y: line("nominalBits") },
      { name: `${label}wire`, x, y: line("wireBits") },
    ];
  });
  const drawing = await drawLines({ ...options, title, x: { label: "round" }, y: { label: "bits per entry" }, series });
  return { file: "bits-over-rounds.svg", title, ...drawing };
}

/** A rule at the budget, where all runs have the same and have come near it. */
function budgetRule(groups: readonly RunGroup[], along: Abscissa, factor: number): { x: number; label: string }[] {
  const { of, limit, wall = "" } = abscissae[along];
  const runs = groups.flatMap((group) => group.runs);
  const budgets = new Set(runs.map(({ config }) => limit(config)));
  const [budget] = budgets;
  if (budgets.size !== 1 || budget === null || budget === undefined) return [];
  const reached = Math.max(0, ...runs.map(({ rounds }) => (rounds.length === 0 ? 0 : of(rounds.at(-1)!))));
  return reached < 0.5 * budget ? [] : [{ x: factor * budget, label: wall }];
}
