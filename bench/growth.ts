import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { lineFigure, type Series } from "../src/report/figures/charts.js";
import { markdownTable, textTable } from "../src/report/tables/table.js";
import type { JobOptions } from "./comparison.js";
import { axes } from "./growthAxes.js";
import { duration, machineText, thisMachine, writeFragment } from "./report.js";

/** What one size took, in a process of its own: s of the best call, MiB at the peak of the whole process. */
interface Point {
  size: number;
  /** By the clock, and of the processor, all of the process's threads: what neighbors take is not in it */
  seconds: number;
  processor: number;
  memory: number;
}

interface Growth {
  /** The axis, as the figures call it */
  name: string;
  what: string;
  size: string;
  points: Point[];
  /** Sizes that were not reached, and why */
  left: string;
}

const page = "docs/performance.md";
const folder = "docs/performance";
/** s after which a larger size is not tried any more, and those after which one is given up */
const patience = { next: 15, all: 120 };

/** How time and memory grow with each size of the problem: a table with fitted exponents, and two figures. */
export async function run({ docs }: JobOptions): Promise<void> {
  const machine = thisMachine();
  console.log(machineText(machine));
  const growths: Growth[] = [];
  for (const [name, { what, size, sizes }] of Object.entries(axes)) {
    const growth: Growth = { name, what, size, points: [], left: "" };
    for (const next of sizes) {
      const answer = inItsOwnProcess(name, next);
      if (typeof answer === "string") {
        growth.left = `${next}: ${answer}`;
        break;
      }
      growth.points.push(answer);
      if (answer.processor > patience.next && next !== sizes.at(-1)) {
        growth.left = `${next} took ${duration(answer.processor)}: larger ones left out`;
        break;
      }
    }
    console.log(`\n${what}\n${textTable(growth.points, pointColumns(size))}${growth.left && `\n${growth.left}`}`);
    growths.push(growth);
  }
  console.log(`\n${textTable(growths, growthColumns)}`);
  mkdirSync(folder, { recursive: true });
  const figures = { time: await figure(growths, "time"), memory: await figure(growths, "memory") };
  for (const [name, svg] of Object.entries(figures)) writeFileSync(`${folder}/growth-${name}.svg`, svg);
  if (docs)
    writeFragment(
      page,
      "growth",
      `\n${machineText(machine)}.\n\n${markdownTable(growths, growthColumns, { ownWords: true })}\n\n` +
        "![time](performance/growth-time.svg)\n\n![memory](performance/growth-memory.svg)\n",
    );
}

function inItsOwnProcess(name: string, size: number): Point | string {
  const child = spawnSync(process.execPath, [process.argv[1]!, "growth-point", name, String(size)], {
    encoding: "utf8",
    timeout: 1e3 * patience.all,
  });
  if (child.signal !== null) return `over ${patience.all} s`;
  if (child.status !== 0) return child.stderr.trim().split("\n").at(-1) ?? "failed";
  return JSON.parse(child.stdout) as Point;
}

/** `bench growth-point AXIS SIZE`: what the process above starts. */
export async function point(name: string, size: number): Promise<void> {
  const work = await axes[name]!.prepare(size);
  const times: number[] = [];
  const used: number[] = [];
  const begin = performance.now();
  // The first call warms up, unless it was so long that warmth does not matter.
  do {
    const [start, before] = [performance.now(), process.cpuUsage()];
    await work();
    times.push((performance.now() - start) / 1e3);
    const { user, system } = process.cpuUsage(before);
    used.push((user + system) / 1e6);
  } while (times.length < 200 && performance.now() - begin < 1e3);
  const best = { seconds: Math.min(...times), processor: Math.min(...used) };
  console.log(JSON.stringify({ size, ...best, memory: process.resourceUsage().maxRSS / 1024 }));
}

/** Slope of log y over log x by least squares over the larger half of the sizes, at least three. */
function exponent(points: readonly Point[], y: (point: Point) => number): number | null {
  const large = points.slice(-Math.max(3, Math.ceil(points.length / 2)));
  if (large.length < 3) return null;
  const xs = large.map(({ size }) => Math.log(size));
  const ys = large.map((point) => Math.log(y(point)));
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const covariance = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i]! - my), 0);
  return covariance / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}

const pointColumns = (size: string) => [
  { label: size, value: (point: Point) => point.size },
  { label: "best time", value: (point: Point) => duration(point.seconds) },
  { label: "processor", value: (point: Point) => duration(point.processor) },
  { label: "peak memory, MiB", value: (point: Point) => point.memory, digits: 0 },
];

const growthColumns = [
  { label: "what", value: ({ what }: Growth) => what },
  { label: "size", value: ({ size }: Growth) => size },
  {
    label: "processor time",
    value: ({ points }: Growth) => points.map(({ size, processor }) => `${size}: ${duration(processor)}`).join(", "),
  },
  { label: "grows as size to the", value: ({ points }: Growth) => exponent(points, (p) => p.processor), digits: 2 },
  {
    label: "peak memory, MiB",
    value: ({ points }: Growth) =>
      points.length === 0 ? "" : `${points[0]!.memory.toFixed(0)} … ${points.at(-1)!.memory.toFixed(0)}`,
  },
  { label: "left out", value: ({ left }: Growth) => left },
];

/** Both over the size over the smallest one, so that all kinds of sizes share an axis. */
function figure(growths: readonly Growth[], what: "time" | "memory"): Promise<string> {
  const series: Series[] = growths
    .filter(({ points }) => points.length > 1)
    .map(({ name, points }) => ({
      name,
      x: points.map((point) => point.size / points[0]!.size),
      y: points.map((point) => (what === "time" ? 1e3 * point.processor : point.memory)),
    }));
  return lineFigure({
    title: what === "time" ? "Processor time over size" : "Peak memory of the process over size",
    height: 560,
    x: { label: "size over the smallest", scale: "log" },
    y: { label: what === "time" ? "processor time (ms)" : "memory (MiB)", scale: "log" },
    series,
  });
}
