/** Text and axes on white. */
export const ink = "#1f2430";

/**
 * Line colors after Okabe and Ito's palette for every kind of color vision, brought to a luminance at which each keeps
 * a contrast of 3 : 1 and more against white and against a dark page alike. Dashes and symbols say the same once more.
 */
const colors = ["#0b74b8", "#d55e00", "#00926b", "#c2649a", "#a67c00", "#7a6cc9", "#7d7d7d", "#3d8fc4"];
const dashes = ["", "7 3", "2 3", "10 3 2 3"];
/** Lines that dashes alone tell apart */
export const dashCount = dashes.length;
const symbols = ["circle", "square", "triangle", "diamond", "star"] as const;

export type MarkerSymbol = (typeof symbols)[number];

export interface LineStyle {
  color: string;
  /** SVG stroke-dasharray; "" is a solid line */
  dash: string;
  symbol: MarkerSymbol;
  /** Only the symbol's outline */
  hollow: boolean;
}

/** A style for each name, in their order; the same names always get the same. */
export function paletteOf(names: readonly string[]): Map<string, LineStyle> {
  return new Map(
    [...new Set(names)].map((name, i) => [
      name,
      {
        color: colors[i % colors.length]!,
        // A color that comes round again has another dash.
        dash: dashes[(i + Math.floor(i / colors.length)) % dashes.length]!,
        symbol: symbols[i % symbols.length]!,
        hollow: Math.floor(i / symbols.length) % 2 === 1,
      },
    ]),
  );
}
