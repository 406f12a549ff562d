import { type FigureOptions, Plot, renderPlot } from "./plot.js";

/** Values on a plane of two settings, both on logarithmic axes. */
export interface PlaneFigure extends FigureOptions {
  x: { label: string; values: readonly number[] };
  y: { label: string; values: readonly number[] };
  /** [y][x]; null where there is none */
  values: readonly (readonly (number | null)[])[];
  contours: readonly { value: number; label: string }[];
  marks: readonly { x: number; y: number; label: string }[];
}

/** Shades of the values, from low to high: legible on light and dark, and in gray */
const shades = ["#d8e6f2", "#b3cfe6", "#88b4d8", "#5c97c6", "#3579ae", "#1c5a8d", "#103c63"];
const contourColor = "#d55e00";
const markColor = "#1f2430";

/**
 * A map: every point's value as a shade and in figures, a contour where each published figure lies, and places worth
 * knowing (where a point is one, its value stands below the mark). Contours run between the points by linear interpolation
 * along the axes.
 */
export async function mapFigure(figure: PlaneFigure): Promise<string> {
  const { x, y, contours, marks } = figure;
  const [xEdges, yEdges] = [edges(x.values), edges(y.values)];
  const known = figure.values.flat().filter((value) => value !== null);
  const thresholds = shadeThresholds(known);
  const cells = figure.values.flatMap((row, j) =>
    row.map((value, i) => ({
      value,
      x: x.values[i]!,
      y: y.values[j]!,
      x1: xEdges[i]!,
      x2: xEdges[i + 1]!,
      y1: yEdges[j]!,
      y2: yEdges[j + 1]!,
      shade: value === null ? 0 : thresholds.filter((threshold) => value >= threshold).length,
    })),
  );
  const lines = contours.flatMap(({ value }) => contourSegments(x.values, y.values, figure.values, value));
  const shownCells = cells.filter(({ value }) => value !== null);
  const axis = (label: string, ends: readonly number[]): Plot.ScaleOptions => ({
    label,
    type: "log",
    labelAnchor: "center",
    labelArrow: "none",
    domain: [ends[0]!, ends.at(-1)!],
    tickFormat: (value: number) => String(Number(value.toPrecision(3))),
  });
  return renderPlot(
    {
      grid: false,
      x: axis(x.label, xEdges),
      y: axis(y.label, yEdges),
      marks: [
        Plot.rect(shownCells, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: (cell) => shades[cell.shade]! }),
        ...[false, true].map((marked) =>
          Plot.text(
            shownCells.filter((cell) => marks.some((mark) => mark.x === cell.x && mark.y === cell.y) === marked),
            {
              x: "x",
              y: "y",
              dy: marked ? 16 : 0,
              text: ({ value }) => shortNumber(value!),
              fill: (cell) => (cell.shade >= 3 ? "#ffffff" : markColor),
              fontSize: 10,
            },
          ),
        ),
        Plot.link(lines, { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: contourColor, strokeWidth: 3 }),
        Plot.dot(marks, { x: "x", y: "y", r: 5, stroke: markColor, strokeWidth: 2, fill: "#ffffff" }),
        Plot.text(marks, {
          x: "x",
          y: "y",
          text: "label",
          dy: -11,
          fill: markColor,
          stroke: "#ffffff",
          strokeWidth: 3,
          fontSize: 10,
        }),
      ],
    },
    {
      height: 460,
      ...figure,
      legend: [
        ...contours.map(({ label }) => ({
          name: lines.length > 0 ? label : `${label}: not on this map`,
          color: contourColor,
        })),
        { name: "settings of ours", color: markColor, dash: null, symbol: "circle" as const },
      ],
    },
  );
}

/** Borders between points on a logarithmic axis, and as far beyond the first and the last. */
function edges(values: readonly number[]): number[] {
  const inner = values.slice(1).map((value, i) => Math.sqrt(value * values[i]!));
  const first = values[0]!;
  const last = values.at(-1)!;
  return [(first * first) / (inner[0] ?? first / 2), ...inner, (last * last) / (inner.at(-1) ?? last / 2)];
}

/** Values that part the shades, as many of the known ones between each. */
function shadeThresholds(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return shades
    .slice(1)
    .map((_, i) => sorted[Math.floor(((i + 1) * sorted.length) / shades.length)] ?? Number.POSITIVE_INFINITY);
}

/** A segment of a contour. */
export interface Segment {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/**
 * The contour of a level by marching squares: in each square of four known points the segments that part those above the
 * level from those below, ends interpolated along the sides. Where two diagonals are above, they are kept apart or joined
 * as the mean of the four says.
 */
export function contourSegments(
  x: readonly number[],
  y: readonly number[],
  values: readonly (readonly (number | null)[])[],
  level: number,
): Segment[] {
  const segments: Segment[] = [];
  for (let j = 0; j + 1 < y.length; j++) {
    for (let i = 0; i + 1 < x.length; i++) {
      // Around the square, so that neighbors share a side.
      const corners = [
        [i, j],
        [i + 1, j],
        [i + 1, j + 1],
        [i, j + 1],
      ].map(([a, b]) => ({ x: x[a!]!, y: y[b!]!, value: values[b!]![a!]! as number | null }));
      if (corners.some(({ value }) => value === null)) continue;
      const square = corners as { x: number; y: number; value: number }[];
      const crossings = square.flatMap((from, side) => {
        const to = square[(side + 1) % 4]!;
        if (from.value >= level === to.value >= level) return [];
        const share = (level - from.value) / (to.value - from.value);
        return [{ x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }];
      });
      const mean = square.reduce((sum, { value }) => sum + value, 0) / 4;
      // Crossings go around from the first corner: in pairs they cut off the second and the fourth, one further back the
      // first and the third. Two of them are one pair either way.
      const joined = mean >= level === square[0]!.value >= level;
      const pairs = joined ? crossings : [...crossings.slice(-1), ...crossings.slice(0, -1)];
      for (let k = 0; k + 1 < pairs.length; k += 2) {
        const [a, b] = [pairs[k]!, pairs[k + 1]!];
        segments.push({ x1: a.x, y1: a.y, x2: b.x, y2: b.y });
      }
    }
  }
  return segments;
}

function shortNumber(value: number): string {
  if (Math.abs(value) >= 1e4) return value.toExponential(0).replace("e+", "e");
  return Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(1);
}
