import { beforeAll, describe, expect, it } from "vitest";
import { gridOf, gridRuns, here, memoryStore, runJobs, trainingJobs } from "../../src/index.js";
import { comparisonFigures } from "../../src/report/figures/comparisonFigures.js";
import type { Figure } from "../../src/report/figures/drawing.js";

const file = {
  rounds: 2,
  data: { trainExamples: 60, testExamples: 20 },
  model: "softmax",
  network: { clients: 3, accessPoints: 4 },
  budgets: { energy: null, latency: null },
};

async function figuresOf(quantizers: string[], power: string[], seeds: number[]): Promise<Figure[]> {
  const store = memoryStore();
  const grid = gridOf({ file, quantizers, power, seeds, drops: 2 });
  await runJobs(trainingJobs([grid]), { store, place: here() });
  return comparisonFigures(grid, await gridRuns([grid], store));
}

/** The names of a figure's legend, in order. */
function legend(svg: string): string[] {
  return [...svg.matchAll(/<text x="28" y="4">([^<]*)<\/text>/g)].map(([, name]) => name!);
}

const quantizers = ["laq:bits=4", "laq:bits=8", "emq"];

describe("a comparison's figures", () => {
  let figures: Figure[];
  beforeAll(async () => {
    figures = await figuresOf(quantizers, ["joint:alpha=0.2", "joint:alpha=0.8", "full"], [1, 2]);
  });
  const named = (name: string) => figures.find(({ file }) => file === name)!.svg;

  it("name every setting that differs", () => {
    const powers = ["joint:alpha=0.2", "joint:alpha=0.8", "full"];
    const all = quantizers.flatMap((quantizer) => powers.map((power) => `${quantizer} · ${power}`));
    expect(legend(named("accuracy-over-rounds.svg"))).toEqual(all);
  });

  it("join points of the front that differ by the power method's settings, and by nothing else", () => {
    const lines = quantizers.flatMap((quantizer) => [`${quantizer} · joint`, `${quantizer} · full`]);
    expect(legend(named("energy-latency-front.svg"))).toEqual(lines);
  });

  it("say what their bars are, over how many seeds, of which config", () => {
    const svg = named("accuracy-over-energy.svg").replaceAll(/<[^>]*>\s*/g, " ");
    expect(svg).toMatch(/means over 2 seeds, each the mean of 2 network drops/);
    expect(svg).toMatch(/Bars at the ends: 95 % intervals of the mean/);
    expect(svg).toMatch(/glyphs, iid split, 3 clients; +grid [0-9a-f]{8}/);
  });

  it("have ticks in the unit of the label where an axis is logarithmic", () => {
    expect(named("energy-latency-front.svg")).not.toMatch(/>[\d.]+[mµk]</);
  });
});

it("say that there is no interval of one seed", async () => {
  const [first] = await figuresOf(["emq", "laq"], ["full"], [1]);
  expect(first!.svg.replaceAll(/<[^>]*>\s*/g, " ")).toMatch(/One seed, each the mean of 2 network drops: no interval/);
});
