import type { Drawing } from "./drawing.js";
import { ink } from "./palette.js";
import { type FigureOptions, Plot, renderPlot } from "./plot.js";
import { table as textOf } from "./points.js";

/** `labelFigure` with its counts: a row a client, a column a class. */
export async function drawLabels(figure: Parameters<typeof labelFigure>[0]): Promise<Drawing> {
  const { table, classNames } = figure;
  const rows = table.map((row, client) => [client, ...classNames.map((_, label) => row[label] ?? 0)]);
  return { svg: await labelFigure(figure), csv: textOf(["client", ...classNames], rows) };
}

/** `shardFigure` with its counts: a row a client. */
export async function drawShards(figure: Parameters<typeof shardFigure>[0]): Promise<Drawing> {
  const rows = figure.sizes.map((size, client) => [client, size]);
  return { svg: await shardFigure(figure), csv: textOf(["client", "examples"], rows) };
}

/**
 * Who holds what: a column a client, a row a class, darker where it holds more; the numbers stand in the cells where
 * they fit.
 *
 * @param figure.table examples of each class, [clients][classes]
 * @returns the SVG's text
 */
export async function labelFigure(
  figure: FigureOptions & { table: readonly ArrayLike<number>[]; classNames: readonly string[] },
): Promise<string> {
  const { table, classNames } = figure;
  const cells = table.flatMap((row, client) =>
    classNames.map((name, label) => ({ client, name, count: row[label] ?? 0 })),
  );
  const most = Math.max(1, ...cells.map(({ count }) => count));
  const longest = Math.max(...classNames.map((name) => name.length));
  const marginLeft = Math.min(180, 20 + 7 * longest);
  const width = figure.width ?? Math.min(1600, Math.max(480, marginLeft + 40 + 30 * table.length));
  const cellWidth = (width - marginLeft - 24) / table.length;
  const cellHeight = classNames.length <= 20 ? 24 : 12;
  const fits = cellHeight >= 20 && cellWidth >= 8 + 7 * String(most).length;
  const height = figure.height ?? 90 + cellHeight * classNames.length + (figure.title === undefined ? 0 : 30);
  return renderPlot(
    {
      grid: false,
      marginLeft,
      x: {
        label: "client",
        labelArrow: "none",
        labelAnchor: "center",
        ticks: everyTick(table.length, cellWidth),
        tickSize: 0,
      },
      y: { domain: classNames, label: null, tickSize: 0 },
      color: { type: "linear", domain: [0, most], range: ["#eef3f8", "#0b4f82"] },
      marks: [
        Plot.cell(cells, { x: "client", y: "name", fill: "count", inset: 0.5, title: (cell) => title(cell) }),
        fits
          ? Plot.text(cells, {
              x: "client",
              y: "name",
              text: ({ count }) => (count === 0 ? "" : String(count)),
              fill: ({ count }) => (count > 0.55 * most ? "white" : ink),
              fontSize: 10,
            })
          : null,
      ],
    },
    { ...figure, width, height },
  );
}

/** How many examples each client holds, as bars: for tasks that have no classes. */
export async function shardFigure(figure: FigureOptions & { sizes: readonly number[] }): Promise<string> {
  const { sizes } = figure;
  const bars = sizes.map((size, client) => ({ client, size }));
  const width = figure.width ?? 640;
  return renderPlot(
    {
      x: {
        label: "client",
        labelArrow: "none",
        labelAnchor: "center",
        ticks: everyTick(sizes.length, (width - 80) / sizes.length),
        tickSize: 0,
      },
      y: { label: "training examples", labelArrow: "none", labelAnchor: "center" },
      marks: [
        Plot.barY(bars, { x: "client", y: "size", fill: "#0b74b8", insetLeft: 0.5, insetRight: 0.5 }),
        Plot.ruleY([0]),
      ],
    },
    { ...figure, width },
  );
}

/** Client numbers that stand apart enough to be read. */
function everyTick(clients: number, cellWidth: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((each) => each * cellWidth >= 24) ?? 1000;
  return Array.from({ length: Math.ceil(clients / step) }, (_, i) => i * step);
}

function title({ client, name, count }: { client: number; name: string; count: number }): string {
  return `client ${client}, ${name}: ${count}`;
}
