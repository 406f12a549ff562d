import { lineFigure, type Series } from "./charts.js";
import { type Abscissa, learningCurve, type Ordinate, ordinateOf, type RunGroup } from "./curves.js";
import type { FigureOptions } from "./plot.js";

export interface Figure {
  /** File name, without folder */
  file: string;
  title: string;
  /** A standalone SVG */
  svg: string;
}

/**
 * The learning curves of runs: accuracy (or loss) over rounds, over seconds and over joules, and bits per entry over
 * rounds. One line a group; of groups with several runs the mean and its 95 % interval.
 */
export async function accuracyFigures(
  groups: readonly RunGroup[],
  options: Omit<FigureOptions, "title"> = {},
): Promise<Figure[]> {
  const ordinate = ordinateOf(groups);
  const what = ordinate === "accuracy" ? "Test accuracy" : "Test loss";
  const y = ordinate === "accuracy" ? { label: "test accuracy (%)", percent: true } : { label: "test loss" };
  const figures = (Object.keys(abscissae) as Abscissa[]).map(async (along): Promise<Figure> => {
    const { label, over, budget } = abscissae[along];
    const title = `${what} over ${over}`;
    const svg = await lineFigure({
      ...options,
      title,
      x: { label },
      y,
      series: groups.map((group) => learningCurve(group, along, ordinate)),
      rules: budget === undefined ? [] : budgetRule(groups, budget),
    });
    return { file: `${fileStem[ordinate]}-over-${along}${along === "round" ? "s" : ""}.svg`, title, svg };
  });
  return Promise.all([...figures, bitsFigure(groups, options)]);
}

const abscissae: Record<Abscissa, { label: string; over: string; budget?: "energy" | "latency" }> = {
  round: { label: "round", over: "rounds" },
  latency: { label: "time (s)", over: "time", budget: "latency" },
  energy: { label: "transmit energy (J)", over: "energy", budget: "energy" },
};

const fileStem: Record<Ordinate, string> = { accuracy: "accuracy", testLoss: "loss" };

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
  const svg = await lineFigure({ ...options, title, x: { label: "round" }, y: { label: "bits per entry" }, series });
  return { file: "bits-over-rounds.svg", title, svg };
}

/** A rule at the budget, where all runs have the same and have come near it. */
function budgetRule(groups: readonly RunGroup[], of: "energy" | "latency"): { x: number; label: string }[] {
  const runs = groups.flatMap((group) => group.runs);
  const budgets = new Set(runs.map(({ config }) => config.budgets[of]));
  const [budget] = budgets;
  if (budgets.size !== 1 || budget === null || budget === undefined) return [];
  const reached = Math.max(0, ...runs.map(({ final }) => final[of]));
  return reached < 0.5 * budget ? [] : [{ x: budget, label: "budget" }];
}
