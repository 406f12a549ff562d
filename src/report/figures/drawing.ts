import { cdfFigure, cdfSeries, intervalFigure, lineFigure } from "./charts.js";
import { mapFigure } from "./maps.js";
import { intervalsTable, planeTable, pointsTable } from "./points.js";

/** A figure, and the numbers that it draws. */
export interface Drawing {
  /** A standalone SVG */
  svg: string;
  /** Comma-separated values, for pgfplots and whatever else draws */
  csv: string;
}

/** A drawing that has a place in a folder and in a page. */
export interface Figure extends Drawing {
  /** File name, without folder; ends in .svg */
  file: string;
  title: string;
}

/** `lineFigure` with its points. */
export async function drawLines(figure: Parameters<typeof lineFigure>[0]): Promise<Drawing> {
  return { svg: await lineFigure(figure), csv: pointsTable(figure.series) };
}

/** `cdfFigure` with its steps. */
export async function drawDistributions(figure: Parameters<typeof cdfFigure>[0]): Promise<Drawing> {
  return { svg: await cdfFigure(figure), csv: pointsTable(cdfSeries(figure.series)) };
}

/** `intervalFigure` with its rows. */
export async function drawIntervals(figure: Parameters<typeof intervalFigure>[0]): Promise<Drawing> {
  return { svg: await intervalFigure(figure), csv: intervalsTable(figure.rows) };
}

/** `mapFigure` with its points. */
export async function drawMap(figure: Parameters<typeof mapFigure>[0]): Promise<Drawing> {
  return { svg: await mapFigure(figure), csv: planeTable(figure) };
}

/** The files of a drawing: its own, and its numbers beside it under the same name, ending in .csv. */
export function drawingFiles(path: string, { svg, csv }: Drawing): [svg: [string, string], csv: [string, string]] {
  return [
    [path, svg],
    [numbersBeside(path), csv],
  ];
}

/** Where the numbers of a drawing go that is written to `path`. */
export function numbersBeside(path: string): string {
  return `${path.replace(/\.svg$/i, "")}.csv`;
}
