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
    const { label, unit, over, budget } = abscissae[along];
    const title = `${what} over ${over}`;
    const curves = groups.map((group) => learningCurve(group, along, ordinate));
    const scale = unit !== undefined && largest(curves) < 0.1 ? 1000 : 1;
    const svg = await lineFigure({
      ...options,
      title,
      x: { label: unit === undefined ? label : `${label} (${scale === 1 ? "" : "m"}${unit})` },
      y,
      series: curves.map((curve) => ({ ...curve, x: Array.from(curve.x, (value) => scale * value) })),
      rules: budget === undefined ? [] : budgetRule(groups, budget, scale),
    });
    return { file: `${fileStem[ordinate]}-over-${along}${along === "round" ? "s" : ""}.svg`, title, svg };
  });
  return Promise.all([...figures, bitsFigure(groups, options)]);
}

const abscissae: Record<Abscissa, { label: string; unit?: string; over: string; budget?: "energy" | "latency" }> = {
  round: { label: "round", over: "rounds" },
  latency: { label: "time", unit: "s", over: "time", budget: "latency" },
  energy: { label: "transmit energy", unit: "J", over: "energy", budget: "energy" },
};

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
  const svg = await lineFigure({ ...options, title, x: { label: "round" }, y: { label: "bits per entry" }, series });
  return { file: "bits-over-rounds.svg", title, svg };
}

/** A rule at the budget, where all runs have the same and have come near it. */
function budgetRule(
  groups: readonly RunGroup[],
  of: "energy" | "latency",
  scale: number,
): { x: number; label: string }[] {
  const runs = groups.flatMap((group) => group.runs);
  const budgets = new Set(runs.map(({ config }) => config.budgets[of]));
  const [budget] = budgets;
  if (budgets.size !== 1 || budget === null || budget === undefined) return [];
  const reached = Math.max(0, ...runs.map(({ final }) => final[of]));
  return reached < 0.5 * budget ? [] : [{ x: scale * budget, label: "budget" }];
}
