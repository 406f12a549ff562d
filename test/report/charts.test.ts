import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { cdfFigure, intervalFigure, lineFigure } from "../../src/report/figures/charts.js";
import { paletteOf } from "../../src/report/figures/palette.js";

/** Luminance of WCAG 2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

test("line colors keep a contrast of 3 : 1 against white and against a dark page", () => {
  const names = Array.from({ length: 8 }, (_, i) => `line ${i}`);
  for (const { color } of paletteOf(names).values()) {
    expect(contrast(color, "#ffffff"), color).toBeGreaterThan(3);
    expect(contrast(color, "#14171c"), color).toBeGreaterThan(3);
  }
});

describe("figures", () => {
  const x = [1, 2, 3];
  const y = [0.2, 0.5, 0.6];

  test("a line figure stands alone: namespace, background, title, legend, no style sheet", async () => {
    const svg = await lineFigure({
      title: "Accuracy <over> rounds",
      x: { label: "round" },
      y: { label: "accuracy (%)", percent: true },
      series: [
        { name: "emq & co", x, y, low: y, high: y },
        { name: "laq", x, y },
      ],
      rules: [{ x: 2, label: "budget" }],
    });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="640" height="400"/);
    expect(svg).toContain('<rect width="640" height="400" fill="white"/>');
    expect(svg).toContain("<title>Accuracy &lt;over&gt; rounds</title>");
    expect(svg).not.toMatch(/<style|NaN|undefined|\{"/);
    const { document } = parseHTML(svg);
    const words = [...document.querySelectorAll("text")].map((node) => node.textContent);
    expect(words).toEqual(expect.arrayContaining(["emq & co", "laq", "budget", "accuracy (%)", "round"]));
    expect(document.querySelectorAll('[aria-label="line"] path').length).toBe(2);
    expect(document.querySelectorAll('[aria-label="area"] path').length).toBe(1);
  });

  test("intervals of single points are bars through those that have one, and no band", async () => {
    const low = [0.1, Number.NaN, 0.55];
    const high = [0.3, Number.NaN, 0.65];
    const svg = await lineFigure({
      ...{ x: { label: "bits" }, y: { label: "points" } },
      series: [
        { name: "ten seeds", x, y, low, high, bars: true },
        { name: "two seeds", x, y },
      ],
    });
    expect(svg).not.toContain("NaN");
    const { document } = parseHTML(svg);
    expect(document.querySelectorAll('[aria-label="area"] path').length).toBe(0);
    expect(document.querySelectorAll('[aria-label="rule"] line').length).toBe(2);
  });

  test("points that are not finite are left out, not drawn at zero", async () => {
    const dots = async (values: number[]): Promise<number> => {
      const svg = await lineFigure({ x: { label: "x" }, y: { label: "y" }, series: [{ name: "a", x, y: values }] });
      return parseHTML(svg).document.querySelectorAll('[aria-label="dot"] > *').length;
    };
    expect(await dots(y)).toBe(3);
    expect(await dots([0.2, Number.NaN, Number.POSITIVE_INFINITY])).toBe(1);
  });

  test("one series needs no legend, a figure without data is still drawn", async () => {
    const one = await lineFigure({ x: { label: "x" }, y: { label: "y" }, series: [{ name: "only", x, y }] });
    expect(one).not.toContain("only");
    const none = await lineFigure({ x: { label: "x" }, y: { label: "y" }, series: [] });
    expect(none).toContain("</svg>");
    expect(none).not.toMatch(/NaN|Infinity/);
  });

  test("the legend shows what the plot does: markers where there are some, and they alone for a single point", async () => {
    const series = Array.from({ length: 10 }, (_, i) => ({
      name: `m${i}`,
      x: i === 0 ? x : [i],
      y: i === 0 ? y : [0.1],
    }));
    const { document } = parseHTML(await lineFigure({ x: { label: "x" }, y: { label: "y" }, series }));
    const entries = [...document.querySelectorAll("svg > g")].slice(0, 10);
    expect(entries.map((one) => one.querySelector("text")?.textContent)).toEqual(series.map(({ name }) => name));
    expect(entries.map((one) => one.querySelectorAll("line").length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const drawn = entries.map((one) => one.querySelector("path")!);
    expect(new Set(drawn.map((path) => `${path.getAttribute("fill")} ${path.getAttribute("d")}`)).size).toBe(10);
    // Markers alone are told apart without colors too.
    const printed = drawn.map((path) => `${path.getAttribute("fill") === "white"} ${path.getAttribute("d")}`);
    expect(new Set(printed).size).toBe(10);
    const lines = [...paletteOf(series.map(({ name }) => name)).values()];
    expect(new Set(lines.map(({ color, dash }) => `${color} ${dash}`)).size).toBe(10);
  });

  test("twelve curves are told apart without their colors, four by their dashes alone", async () => {
    const long = Array.from({ length: 100 }, (_, i) => i);
    const looks = async (count: number) => {
      const series = Array.from({ length: count }, (_, k) => ({ name: `m${k}`, x: long, y: long.map((i) => i + k) }));
      const svg = await lineFigure({ x: { label: "x" }, y: { label: "y" }, series });
      const { document } = parseHTML(svg);
      const entries = [...document.querySelectorAll("svg > g")].slice(0, count);
      const drawn = document.querySelectorAll('[aria-label="dot"] > *').length;
      return { drawn, looks: entries.map((one) => one.innerHTML.replace(/<text.*<\/text>|#[0-9a-f]{6}/g, "")) };
    };
    const [few, many] = [await looks(4), await looks(12)];
    expect([few.drawn, new Set(few.looks).size]).toEqual([0, 4]);
    expect([many.drawn, new Set(many.looks).size]).toEqual([72, 12]);
  });

  test("values within a decade fill a logarithmic axis, which has labels", async () => {
    const axis = { label: "energy (J)", scale: "log" } as const;
    const series = [{ name: "a", x: [1.1e-4, 1.25e-4], y: [0.0077, 0.02] }];
    const svg = await lineFigure({ x: axis, y: axis, series });
    const labels = (which: string) =>
      [...parseHTML(svg).document.querySelectorAll(`[aria-label="${which}-axis tick label"] text`)].map((node) =>
        Number(node.textContent),
      );
    expect(labels("x")).toEqual([0.00011, 0.000115, 0.00012, 0.000125]);
    expect(labels("y")).toEqual([0.01, 0.015, 0.02]);
    const dots = [...parseHTML(svg).document.querySelectorAll('[aria-label="dot"] > *')];
    const places = dots.map((dot) => Number(dot.getAttribute("cx")));
    expect(places[1]! - places[0]!).toBeGreaterThan(300); // of the plot's 540
  });

  test("a distribution rises to 1", async () => {
    const svg = await cdfFigure({ x: { label: "rate" }, series: [{ name: "mr", values: [3, 1, 2] }] });
    expect(svg).toContain("share at or below");
  });

  test("intervals keep a row for each method and group", async () => {
    const svg = await intervalFigure({
      x: { label: "accuracy (%)", percent: true },
      rows: [
        { name: "emq", value: 0.6, low: 0.55, high: 0.65, group: "full" },
        { name: "emq", value: 0.7, low: 0.65, high: 0.75, group: "min-max" },
      ],
    });
    const words = [...parseHTML(svg).document.querySelectorAll("text")].map((node) => node.textContent);
    expect(words).toEqual(expect.arrayContaining(["emq · full", "emq · min-max"]));
  });

  test("a row's long name stands on two lines, whole", async () => {
    const name = "rate-distortion:bits=0.1 up, rate-distortion:bits=0.1 down (0.19)";
    const svg = await intervalFigure({ x: { label: "points" }, rows: [{ name, value: 1 }] });
    const { document } = parseHTML(svg);
    const lines = [...document.querySelectorAll("tspan")].map(({ textContent }) => textContent);
    expect(lines).toEqual(["rate-distortion:bits=0.1 up,", "rate-distortion:bits=0.1 down (0.19)"]);
  });

  test("the same data give the same bytes", async () => {
    const draw = () => lineFigure({ x: { label: "x" }, y: { label: "y" }, series: [{ name: "a", x, y }] });
    expect(await draw()).toBe(await draw());
  });
});
