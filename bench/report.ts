import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { markdownTable, textTable } from "../src/report/tables/table.js";
import type { Missing, Work } from "./comparison.js";
import type { Measured, Ratio } from "./measure.js";
import { measuredPeak } from "./peak.js";

export interface Machine {
  processor: string;
  cores: number;
  /** Of the last minute, before measuring */
  load: number;
  engine: string;
  /** GFLOP/s of 128-bit multiplications and additions, no fused ones: WebAssembly's bound without relaxed SIMD */
  peak: { float32: number; float64: number };
}

export interface Result extends Measured {
  name: string;
  what: string;
  work?: Work;
  missing: Missing[];
}

export interface Record {
  machine: Machine;
  results: Result[];
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    load: Math.round(100 * loadavg()[0]!) / 100,
    engine: `Node ${process.versions.node} (V8 ${process.versions.v8}), ${process.platform} ${process.arch}`,
    peak: { float32: measuredPeak("float32"), float64: measuredPeak("float64") },
  };
}

export function machineText({ processor, cores, load, engine, peak }: Machine): string {
  return (
    `${processor}, ${cores} core${cores > 1 ? "s" : ""}, load ${load}, ${engine}; 128-bit peak ` +
    `${peak.float32.toFixed(1)} GFLOP/s float32, ${peak.float64.toFixed(1)} float64`
  );
}

export function duration(seconds: number): string {
  if (seconds < 1e-6) return `${(1e9 * seconds).toFixed(1)} ns`;
  if (seconds < 1e-3) return `${(1e6 * seconds).toFixed(seconds < 1e-5 ? 2 : 1)} µs`;
  if (seconds < 1) return `${(1e3 * seconds).toFixed(seconds < 1e-2 ? 3 : 1)} ms`;
  return `${seconds.toFixed(2)} s`;
}

/** Three significant digits, thousands apart. */
function grouped(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} million`;
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}

/** What a second does, and the share of the peak where that has a meaning. */
export function rateText(work: Work | undefined, seconds: number, machine: Machine): string {
  if (work === undefined) return "";
  const rate = work.amount / seconds;
  const text = `${grouped(rate)} ${work.unit}/s`;
  if (work.unit !== "GFLOP" || work.precision === undefined) return text;
  return `${text} (${Math.round((100 * rate) / machine.peak[work.precision])} %)`;
}

const times = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** Of the bests, of processor times, and the turns' median with its interval. */
export function ratioText({ best, processor, median, interval }: Ratio): string {
  const range = interval === undefined ? "" : ` [${times(interval[0])}, ${times(interval[1])}]`;
  return `${times(best)}, ${processor === undefined ? "–" : times(processor)} (${times(median)}${range})`;
}

const noted = (text: string, note: string | undefined) => (note === undefined ? text : `${text}: ${note}`);

interface Row {
  what: string;
  ours: string;
  middle: string;
  processor: string;
  rate: string;
  peer: string;
  theirs: string;
  ratio: string;
}

/** A row for each peer; a result without one has a row of its own. */
function rowsOf(result: Result, machine: Machine): Row[] {
  const { what, ours, work, peers, missing } = result;
  const first = {
    what: noted(what, ours.note),
    ours: duration(ours.best),
    middle: duration(ours.median),
    processor: ours.processor === undefined ? "" : duration(ours.processor),
    rate: rateText(work, ours.best, machine),
  };
  const blank = { what: "", ours: "", middle: "", processor: "", rate: "" };
  const others = [
    ...peers.map((peer) => ({
      peer: noted(peer.name, peer.note),
      theirs: duration(peer.best),
      ratio: ratioText(peer.ratio),
    })),
    ...missing.map((one) => ({ peer: one.name, theirs: "not here", ratio: one.missing })),
  ];
  if (others.length === 0) return [{ ...first, peer: "", theirs: "", ratio: "" }];
  return others.map((other, i) => ({ ...(i === 0 ? first : blank), ...other }));
}

const columns = [
  { label: "what", value: (row: Row) => row.what },
  { label: "here, best", value: (row: Row) => row.ours },
  { label: "median", value: (row: Row) => row.middle },
  { label: "processor", value: (row: Row) => row.processor },
  { label: "rate (of the 128-bit peak)", value: (row: Row) => row.rate },
  { label: "beside", value: (row: Row) => row.peer },
  { label: "best", value: (row: Row) => row.theirs },
  { label: "times ours: bests, processor (median [95 %])", value: (row: Row) => row.ratio },
];

export function resultsText(results: readonly Result[], machine: Machine): string {
  return textTable(
    results.flatMap((result) => rowsOf(result, machine)),
    columns,
  );
}

export function resultsMarkdown(results: readonly Result[], machine: Machine): string {
  return markdownTable(
    results.flatMap((result) => rowsOf(result, machine)),
    columns.filter(({ label }) => label !== "median"),
    { ownWords: true },
  );
}

/** Peers by name: found, or why not. */
export function peersText(results: readonly Result[]): string {
  const peers = new Map<string, string>();
  for (const { peers: found, missing } of results) {
    for (const { name } of found) peers.set(name, "found");
    for (const one of missing) peers.set(one.name, `not here: ${one.missing}`);
  }
  return [...peers]
    .sort()
    .map(([name, state]) => `${name}: ${state}`)
    .join("\n");
}

/** Puts `text` between the marks `<!-- bench NAME -->` and `<!-- end NAME -->` of a page. */
export function writeFragment(page: string, name: string, text: string): void {
  const [open, close] = [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
  const old = readFileSync(page, "utf8");
  const [from, to] = [old.indexOf(open), old.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`${page} has no ${open} … ${close}`);
  writeFileSync(page, `${old.slice(0, from + open.length)}\n${text}\n${old.slice(to)}`);
}
