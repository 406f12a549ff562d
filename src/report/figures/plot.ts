import * as Plot from "@observablehq/plot";
import { escapeMarkup, legible } from "../escape.js";
import { ink, type MarkerSymbol } from "./palette.js";

export { Plot };

export interface LegendEntry {
  name: string;
  color: string;
  /** SVG stroke-dasharray; "" is a solid line, null none at all */
  dash?: string | null;
  /** The marker on its points, where they have one */
  symbol?: MarkerSymbol;
  hollow?: boolean;
}

export interface FigureOptions {
  title?: string;
  /** Below the plot, in small type: what a band is, of how many runs, where it comes from */
  caption?: string;
  /** px, default 640 × 400, without the caption */
  width?: number;
  height?: number;
  /** Default "white"; "none" lets the page's own background through */
  background?: "white" | "none";
  /** A page's document; without one there (Node, a worker) a small one of linkedom is made */
  document?: Document;
}

/**
 * Renders a plot to a standalone SVG: own fonts, background, title and legend, no style sheets, readable by any viewer.
 *
 * @param plot marks, scales and margins as `Plot.plot` takes them; colors of `palette.js` are legible on light and dark
 * @param legend drawn above the plot where there is more than one entry
 * @returns the SVG's text
 */
export async function renderPlot(
  plot: Plot.PlotOptions,
  { legend = [], ...figure }: FigureOptions & { legend?: readonly LegendEntry[] } = {},
): Promise<string> {
  const document = figure.document ?? globalThis.document ?? (await headlessDocument());
  const { width = 640, height = 400, background = "white" } = figure;
  const rows = layLegend(legend.length > 1 ? legend : [], width - 64);
  const header = (figure.title === undefined ? 0 : 30) + rows.length * 20;
  const caption = wrapped(figure.caption ?? "", Math.floor((width - 32) / captionLetter));
  const drawn = Plot.plot({
    grid: true,
    marginLeft: 64,
    marginRight: 24,
    marginBottom: 44,
    marginTop: 24,
    ...plot,
    style: { fontFamily: "sans-serif", fontSize: "12px", background: "none" },
    width,
    height: height - header,
    document,
  });
  const svg = drawn.tagName.toLowerCase() === "svg" ? drawn : drawn.querySelector("svg");
  if (svg === null) throw new Error("the plot holds no SVG");
  return standalone(legible(svg.innerHTML), {
    ...figure,
    ...{ width, height, background, header, rows, caption },
  });
}

/** px a letter of a caption takes at most, on average */
const captionLetter = 5.6;

/** Words in lines of so many letters at most, where a word does not take more. */
function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter((one) => one !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Legend entries in rows no wider than `width`, by an estimate of the text's width. */
function layLegend(entries: readonly LegendEntry[], width: number): (LegendEntry & { at: number })[][] {
  const rows: (LegendEntry & { at: number })[][] = [];
  let at = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const needed = 44 + 6.6 * entry.name.length;
    if (at + needed > width) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1)!.push({ ...entry, at });
    at += needed;
  }
  return rows;
}

function standalone(
  inner: string,
  figure: {
    title?: string;
    width: number;
    height: number;
    background: "white" | "none";
    header: number;
    rows: (LegendEntry & { at: number })[][];
    caption: readonly string[];
  },
): string {
  const { title, width, header, rows, caption } = figure;
  const height = figure.height + (caption.length === 0 ? 0 : 14 + 14 * caption.length);
  const top = title === undefined ? 0 : 30;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif" font-size="12" color="${figure.background === "white" ? ink : "currentColor"}" fill="currentColor" role="img"${title === undefined ? "" : ` aria-label="${escapeMarkup(title)}"`}>`,
    figure.background === "white" ? `<rect width="${width}" height="${height}" fill="white"/>` : "",
    title === undefined
      ? ""
      : `<title>${escapeMarkup(title)}</title><text x="16" y="22" font-size="15" font-weight="600">${escapeMarkup(title)}</text>`,
    ...rows.flatMap((row, i) =>
      row.map(({ name, color, dash, symbol, hollow, at }) => {
        const y = top + 12 + 20 * i;
        const dashes = dash ? ` stroke-dasharray="${dash}"` : "";
        const line = dash === null ? "" : `<line x2="22" stroke="${color}" stroke-width="2.5"${dashes}/>`;
        const shape = hollow
          ? `stroke="${color}" stroke-width="1.5" fill="${hollowFill(figure.background)}"`
          : `fill="${color}"`;
        const marker =
          symbol === undefined ? "" : `<path transform="translate(11,0)" ${shape} d="${markers[symbol]}"/>`;
        return `<g transform="translate(${16 + at},${y})">${line}${marker}<text x="28" y="4">${escapeMarkup(name)}</text></g>`;
      }),
    ),
    `<g transform="translate(0,${header})" text-anchor="middle">${tidy(inner)}</g>`,
    ...caption.map(
      (line, i) =>
        `<text x="16" y="${figure.height + 14 + 14 * i}" font-size="10.5" fill-opacity="0.8">${escapeMarkup(line)}</text>`,
    ),
    "</svg>",
  ];
  return `${parts.filter((part) => part !== "").join("\n")}\n`;
}

/** Inside of an outlined marker: the paper's, so that its line does not run through it. */
export function hollowFill(background: FigureOptions["background"]): string {
  return background === "none" ? "none" : "white";
}

/** Markers of the legend around (0, 0), of the sizes that Plot's have. */
const markers: Record<MarkerSymbol, string> = {
  circle: "M4 0A4 4 0 1 1 -4 0A4 4 0 1 1 4 0Z",
  square: "M-3.5 -3.5H3.5V3.5H-3.5Z",
  triangle: "M0 -5L4.5 2.8H-4.5Z",
  diamond: "M0 -5.5L3.2 0L0 5.5L-3.2 0Z",
  star: "M0 -5L1.2 -1.6L4.8 -1.5L1.9 0.6L2.9 4L0 2L-2.9 4L-1.9 0.6L-4.8 -1.5L-1.2 -1.6Z",
};

/** Drops Plot's style sheet, which only browsers read, and digits of coordinates that nobody sees. */
function tidy(inner: string): string {
  return inner
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]*>/g, (tag) =>
      tag.replace(/\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100)),
    );
}

async function headlessDocument(): Promise<Document> {
  const { parseHTML } = await import("linkedom");
  return parseHTML("<!doctype html><html><body></body></html>").document as unknown as Document;
}
