import { fingerprint, withoutDefaults } from "../../federated/fingerprint.js";
import { cellRuns } from "../../study/analysis/cells.js";
import { type Curve, meanOverBudget, meanOverRounds, meanOverUse, roundCost } from "../../study/analysis/curves.js";
import type { Cell, Grid } from "../../study/plan/grid.js";
import type { RunSummary } from "../../study/store/columns.js";
import { version } from "../../version.js";
import { mostFilled, type Series } from "./charts.js";
import { drawLines, type Figure } from "./drawing.js";

/**
 * The figures of a comparison: accuracy over rounds, seconds, joules and budget, and what a round costs.
 * @param cells which of the grid's; all of them if left out
 */
export async function comparisonFigures(
  grid: Grid,
  runs: ReadonlyMap<string, RunSummary>,
  cells: readonly Cell[] = grid.cells,
): Promise<Figure[]> {
  const { nameOf, common } = naming(grid, cells);
  const lines = cells.map((cell) => ({ cell, name: nameOf(cell), runs: cellRuns(grid, cell, runs) }));
  const drawn = lines.filter((line) => line.runs.some((drops) => drops.some((run) => run.final.rounds > 0)));
  const accurate = drawn.some(({ runs }) => runs.some((drops) => drops.some((run) => run.final.accuracy !== null)));
  const ordinate = accurate || drawn.length === 0 ? "accuracy" : "loss";
  const y = ordinate === "accuracy" ? { label: "test accuracy (%)", percent: true } : { label: "test loss" };
  const what = ordinate === "accuracy" ? "Test accuracy" : "Test loss";
  const about = captionOf(grid);
  const figure = async (file: string, title: string, label: string, of: (line: (typeof lines)[number]) => Curve) => {
    const series = drawn.map((line): Series => ({ name: line.name, ...of(line) }));
    const drawing = await drawLines({
      title: `${title}${common}`,
      caption: `${bandWords(grid, drawn.length)} ${about}`,
      x: { label },
      y,
      markers: false,
      series,
    });
    return { file, title, ...drawing };
  };
  return [
    await figure(`${ordinate}-over-rounds.svg`, `${what} over rounds`, "round", (line) =>
      meanOverRounds(line.runs, ordinate),
    ),
    await figure(`${ordinate}-over-latency.svg`, `${what} over time`, "time used (s)", (line) =>
      meanOverUse(line.runs, "latency", ordinate),
    ),
    await figure(`${ordinate}-over-energy.svg`, `${what} over energy`, "transmit energy used (J)", (line) =>
      meanOverUse(line.runs, "energy", ordinate),
    ),
    await figure(`${ordinate}-against-budget.svg`, `${what} against the budgets`, "share of both budgets", (line) =>
      meanOverBudget(line.runs, line.cell.config.budgets, ordinate),
    ),
    await frontFigure(drawn, common, about),
  ];
}

/** What a band is, or a bar at a line's end, where there are any. */
function bandWords({ seeds, drops }: Grid, lines: number): string {
  const over = drops === 1 ? "" : `, each the mean of ${drops} network drops`;
  if (seeds.length === 1) return `One seed${over}: no interval.`;
  return `Lines: means over ${seeds.length} seeds${over}. ${lines <= mostFilled ? "Bands" : "Bars at the ends"}: 95 % intervals of the mean (Student's t).`;
}

/** Which config, without what is as it is by default, which a new field would move; so that a figure on its own says where it comes from. */
function captionOf({ baseline, cells }: Grid): string {
  const { data, network } = baseline.config;
  const hash = fingerprint(cells.map(({ config }) => withoutDefaults(config))).slice(0, 8);
  return `${data.name}, ${data.split.kind} split, ${network.clients} clients; grid ${hash}, cellfed ${version}.`;
}

/**
 * What a round costs in joules and in seconds. A line joins what differs by the settings of the power method alone:
 * "emq · joint:alpha=0.1" and "emq · joint:alpha=0.9" are points of "emq · joint", quantizers of other settings others.
 */
async function frontFigure(
  lines: readonly { cell: Cell; name: string; runs: RunSummary[][] }[],
  common: string,
  caption: string,
): Promise<Figure> {
  const groups = new Map<string, { energy: number; latency: number }[]>();
  for (const { cell, name: id, runs } of lines) {
    const mean = (what: "energy" | "latency") => {
      const costs = runs.flat().flatMap((run) => roundCost(run, what) ?? []);
      return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
    };
    const power = cell.labels.power ?? "";
    const name = id
      .split(" · ")
      .map((part) => (part === power ? power.replace(/:.*/, "") : part))
      .join(" · ");
    groups.set(name, [...(groups.get(name) ?? []), { energy: mean("energy"), latency: mean("latency") }]);
  }
  const title = "Energy and latency of a round";
  const series = [...groups].map(([name, points]) => {
    const sorted = points.sort((a, b) => a.energy - b.energy);
    return { name, x: sorted.map(({ energy }) => energy), y: sorted.map(({ latency }) => latency) };
  });
  const drawing = await drawLines({
    title: `${title}${common}`,
    caption: `Means over all rounds, seeds and drops. ${caption}`,
    x: { label: "energy of a round (J)", scale: "log" },
    y: { label: "latency of a round (s)", scale: "log" },
    markers: true,
    series,
  });
  return { file: "energy-latency-front.svg", title, ...drawing };
}

/** What tells the cells of a figure apart is a line's name; what they all share stands in the title. */
function naming({ axes }: Grid, cells: readonly Cell[]): { nameOf(cell: Cell): string; common: string } {
  const varied = axes.filter(({ variants }) => variants.length > 1).map(({ name }) => name);
  const differs = (name: string) => cells.some(({ labels }) => labels[name] !== cells[0]!.labels[name]);
  const apart = varied.filter(differs);
  if (apart.length === 0) return { nameOf: ({ id }) => id, common: "" };
  const shared = varied.filter((name) => !differs(name)).map((name) => cells[0]!.labels[name]);
  return {
    nameOf: ({ labels }) => apart.map((name) => labels[name]).join(" · "),
    common: shared.length === 0 ? "" : ` (${shared.join(" · ")})`,
  };
}
