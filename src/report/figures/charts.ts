import { dashCount, paletteOf } from "./palette.js";
import { type FigureOptions, hollowFill, type LegendEntry, Plot, renderPlot } from "./plot.js";

/** What stands on an axis. */
export interface Axis {
  /** With the unit in brackets: "latency (s)" */
  label: string;
  scale?: "linear" | "log";
  /** Default: what the data span (a linear y axis from 0 on when it comes near) */
  domain?: readonly [number, number];
  /** Values from 0 to 1 shown as percent */
  percent?: boolean;
}

export interface Series {
  name: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Edges of the band around y, such as a 95 % interval */
  low?: ArrayLike<number>;
  high?: ArrayLike<number>;
  /** The edges are those of each point by itself, drawn as a bar through it; NaN where one has none */
  bars?: boolean;
}

/**
 * Lines with markers, one a series, with bands where they have them. Points that are not finite are left out. More lines
 * than there are dashes have a few markers each in any case: print in black and white has no colors to tell them by.
 */
export async function lineFigure(
  figure: FigureOptions & {
    x: Axis;
    y: Axis;
    series: readonly Series[];
    /** Markers on all points; default: where a line has at most 60 */
    markers?: boolean;
    /** Lines across the plot, such as a budget */
    rules?: readonly { x?: number; y?: number; label: string }[];
  },
): Promise<string> {
  const { series, rules = [] } = figure;
  const styles = paletteOf(series.map(({ name }) => name));
  const lines = series.map((line) => ({
    ...{ name: line.name, bars: line.bars === true, ...styles.get(line.name)! },
    points: points(line, figure.y.percent === true ? 1 : Number.POSITIVE_INFINITY),
  }));
  const crowded = lines.length > dashCount;
  const marked = lines.flatMap((line, i) => {
    if (figure.markers ?? line.points.length <= 60) return [line];
    return crowded ? [{ ...line, points: fewOf(line.points, i / lines.length) }] : [];
  });
  const all = lines.flatMap(({ points }) => points);
  const inside = hollowFill(figure.background);
  const spread = lines.filter(({ points }) => points.some((point) => point.low !== undefined));
  const banded = spread.filter(({ bars }) => !bars);
  const marks: Plot.Markish[] = [
    ...banded.map(bandOf(banded)),
    ...spread.filter(({ bars }) => bars).map(({ points, color }) => barsOf(points, color)),
    ...lines.map(({ points, color, dash }) =>
      Plot.line(points, { x: "x", y: "y", stroke: color, strokeWidth: 2, strokeDasharray: dash || undefined }),
    ),
    ...marked.map(({ points, color, symbol, hollow }) => {
      const shape = hollow ? { stroke: color, strokeWidth: 1.5, fill: inside } : { fill: color };
      return Plot.dot(points, { x: "x", y: "y", ...shape, r: 2.8, symbol });
    }),
    ...rules.map((rule) => ruleMark(rule)),
  ];
  // The legend shows what the plot does: a line, its marker, or a marker alone where there is but one point.
  const withMarkers = new Set(marked.map(({ name }) => name));
  const legend = [...new Map(lines.map((line) => [line.name, line])).values()].map((line) => ({
    name: line.name,
    color: line.color,
    dash: line.points.length === 1 && withMarkers.has(line.name) ? null : line.dash,
    ...(withMarkers.has(line.name) && { symbol: line.symbol, hollow: line.hollow }),
  }));
  const xTicks = decades(
    figure.x,
    all.map(({ x }) => x),
  );
  const yTicks = decades(
    figure.y,
    all.map(({ y }) => y),
  );
  return renderPlot(
    {
      x: { ...scale(figure.x, false), ...xTicks },
      y: { ...scale(figure.y, nearZero(all)), ...yTicks },
      // Room for three digits after zeros
      ...(yTicks.domain !== undefined && { marginLeft: 76 }),
      marks,
    },
    { ...figure, legend },
  );
}

/** Cumulative distributions, one a series. */
export async function cdfFigure(
  figure: FigureOptions & { x: Axis; series: readonly { name: string; values: ArrayLike<number> }[] },
): Promise<string> {
  const y: Axis = { label: "share at or below", domain: [0, 1] };
  return lineFigure({ ...figure, y, series: cdfSeries(figure.series), markers: false });
}

/** Values in order, each with the share of those at or below it. */
export function cdfSeries(series: readonly { name: string; values: ArrayLike<number> }[]): Series[] {
  return series.map(({ name, values }) => {
    const x = Float64Array.from(values).filter(Number.isFinite).sort();
    return { name, x, y: x.map((_, i) => (i + 1) / x.length) };
  });
}

/** A value with its interval, in the color of its group. */
export interface IntervalRow {
  name: string;
  value: number;
  low?: number;
  high?: number;
  group?: string;
}

/** Values with their intervals, one a row, best for comparing many methods. */
export async function intervalFigure(
  figure: FigureOptions & { x: Axis; rows: readonly IntervalRow[] },
): Promise<string> {
  const rows = figure.rows.filter(({ value }) => Number.isFinite(value));
  const styles = paletteOf(rows.map(({ group = "" }) => group));
  const color = ({ group = "" }: { group?: string }): string => styles.get(group)!.color;
  const labels = rows.map(({ name, group }) => inTwoLines(group === undefined ? name : `${name} · ${group}`));
  const longest = Math.max(0, ...labels.flatMap((label) => label.split("\n").map(({ length }) => length)));
  const marginLeft = Math.min(300, 24 + 7 * longest);
  const rowHeight = labels.some((label) => label.includes("\n")) ? 36 : 26;
  const at = (_: unknown, i: number): string => labels[i]!;
  return renderPlot(
    {
      x: scale(figure.x, false),
      y: { domain: labels, label: null },
      marginLeft,
      marks: [
        Plot.ruleY(rows, {
          y: labels,
          x1: (row) => row.low ?? row.value,
          x2: (row) => row.high ?? row.value,
          stroke: color,
          strokeWidth: 2.5,
        }),
        Plot.dot(rows, { x: "value", y: at as never, fill: color, r: 4.5 }),
      ],
    },
    { height: 90 + rowHeight * labels.length, ...figure, legend: styles.size > 1 ? legendOf(styles) : [] },
  );
}

/** Letters that a row's name may have on one line */
const lineLength = 42;

/** A long name is broken behind the comma nearest to its middle. */
function inTwoLines(name: string): string {
  if (name.length <= lineLength) return name;
  const commas = [...name.matchAll(/, /g)].map(({ index }) => index);
  const distance = (at: number) => Math.abs(at + 1 - name.length / 2);
  const [at] = commas.sort((one, other) => distance(one) - distance(other));
  return at === undefined ? name : `${name.slice(0, at + 1)}\n${name.slice(at + 2)}`;
}

interface Point {
  x: number;
  y: number;
  low: number | undefined;
  high: number | undefined;
}

/** A band ends where the quantity does: no share is below 0 or above 1. */
function points({ x, y, low, high }: Series, most: number): Point[] {
  const inside = (value: number | undefined) =>
    value === undefined || most === Number.POSITIVE_INFINITY ? value : Math.min(most, Math.max(0, value));
  return Array.from(x, (value, i) => ({
    ...{ x: value, y: y[i] ?? Number.NaN },
    ...{ low: inside(low?.[i]), high: inside(high?.[i]) },
  })).filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
}

/** Markers that a line of many points has, enough to follow it by */
const fewMarkers = 6;

/** A few of a line's points, evenly along it; those of lines with other shifts (0 to 1) stand elsewhere. */
function fewOf(points: readonly Point[], shift: number): Point[] {
  const count = Math.min(fewMarkers, points.length);
  return Array.from({ length: count }, (_, i) => points[Math.floor(((i + shift) * points.length) / count)]!);
}

/** Lines up to which bands are filled; of more, fillings would hide one another, and each has a bar at its end. */
export const mostFilled = 4;

/** px between the bars of lines that end at one place, as those of equal budgets do */
const barStep = 4;

function bandOf(lines: readonly { points: readonly Point[] }[]) {
  const ends = lines.map(({ points }) => points.at(-1)?.x ?? Number.NaN);
  const near = 0.02 * Math.max(...ends.filter(Number.isFinite).map(Math.abs));
  return ({ points, color }: { points: readonly Point[]; color: string }, i: number): Plot.Markish => {
    if (lines.length <= mostFilled) {
      return Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: color, fillOpacity: 0.15 });
    }
    const dx = -barStep * ends.slice(i + 1).filter((end) => Math.abs(end - ends[i]!) < near).length;
    return Plot.ruleX(points.slice(-1), { x: "x", y1: "low", y2: "high", stroke: color, strokeWidth: 1.5, dx });
  };
}

function barsOf(points: readonly Point[], color: string): Plot.Markish {
  const known = points.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  return Plot.ruleX(known, { x: "x", y1: "low", y2: "high", stroke: color, strokeWidth: 1.5 });
}

function legendOf(styles: ReadonlyMap<string, { color: string; dash: string }>): LegendEntry[] {
  return [...styles].map(([name, { color, dash }]) => ({ name, color, dash }));
}

function scale(axis: Axis, fromZero: boolean): Plot.ScaleOptions {
  return {
    label: axis.label,
    labelAnchor: "center",
    labelArrow: "none",
    type: axis.scale ?? "linear",
    percent: axis.percent,
    ...(axis.domain === undefined
      ? { nice: true, zero: fromZero && axis.scale !== "log" }
      : { domain: axis.domain.map((end) => (axis.percent ? end * 100 : end)) }),
  };
}

/**
 * Ticks of a logarithmic axis in the unit that its label names: at 1, 2 and 5 of each decade, of many at 1 alone. Values
 * within a decade are not lost in the corner of a whole one: the axis spans them alone.
 */
function decades({ scale, domain }: Axis, values: readonly number[]): Plot.ScaleOptions {
  if (scale !== "log") return {};
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (domain === undefined && least > 0 && most < 10 * least) {
    const room = 1 + 0.02 * (most / least);
    const ends: [number, number] = [least / room, most * room];
    const tickFormat = (value: number) => String(Number(value.toPrecision(3)));
    return { nice: false, domain: ends, ticks: evenTicks(...ends), tickFormat };
  }
  const few = most / least < 400;
  const tickFormat = (value: number) => {
    const first = Number(value.toExponential(0)[0]);
    return first === 1 || (few && (first === 2 || first === 5)) ? String(Number(value.toPrecision(2))) : "";
  };
  return { tickFormat };
}

/** At most five round values between two ends, evenly apart. */
function evenTicks(least: number, most: number): number[] {
  const raw = (most - least) / 5;
  const decade = Number(`1e${raw.toExponential().split("e")[1]}`);
  const step = decade * ([1, 2, 5].find((each) => each * decade >= raw) ?? 10);
  const first = Math.ceil(least / step);
  return Array.from({ length: Math.floor(most / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** An axis that would start near 0 anyway starts there. */
function nearZero(points: readonly { y: number }[]): boolean {
  const values = points.map(({ y }) => y);
  const least = Math.min(...values);
  return least >= 0 && least < 0.5 * Math.max(...values);
}

function ruleMark({ x, y, label }: { x?: number; y?: number; label: string }): Plot.Markish {
  const line = { stroke: "currentColor", strokeOpacity: 0.6, strokeDasharray: "4 3" };
  const text = { text: [label], fill: "currentColor", fillOpacity: 0.8 };
  return x === undefined
    ? [
        Plot.ruleY([y!], line),
        Plot.text([y!], { y: [y!], frameAnchor: "right", textAnchor: "end", lineAnchor: "bottom", dy: -3, ...text }),
      ]
    : [
        Plot.ruleX([x], line),
        Plot.text([x], { x: [x], frameAnchor: "bottom", textAnchor: "end", dx: -4, dy: -8, ...text }),
      ];
}
