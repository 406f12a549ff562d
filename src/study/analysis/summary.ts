import { listOf, optional, record, text } from "../../config/arguments.js";
import { InputError, unknownName } from "../../config/errors.js";
import { aPart, aStore } from "../checks.js";
import type { StudyPart } from "../plan/studyPlan.js";
import type { Store } from "../store/contract.js";
import { quantile } from "./bootstrap.js";
import { type Interval, meanInterval } from "./intervals.js";
import { axesOfResults, measuresOf, pointResults } from "./points.js";

/** The points of a part that agree in some axes, summed up. */
export interface GroupSummary {
  /** Of the axes that it was asked by */
  labels: Readonly<Record<string, string>>;
  /** Results that are there, of all that the plan has; those that failed are in neither figure below */
  results: number;
  asked: number;
  failed: number;
  /** By the names of `measuresOf`; null where there is not one figure */
  measures: Readonly<Record<string, MeasureSummary | null>>;
}

export interface MeasureSummary {
  /**
   * Mean of the means of the independent samples, with Student's 95 % interval over them: seeds of trainings, whose
   * drops share the training; seeds and drops of all else.
   */
  mean: Interval;
  /** Of all results */
  quantiles: { p5: number; p25: number; p50: number; p75: number; p95: number };
  /** Mean of paired differences from the baseline: the same point but for the axes asked by, seed and drop */
  difference: Interval | null;
}

export interface SummaryOptions {
  /** Axes; default: those with several variants */
  by?: readonly string[];
  /** Labels of the group that differences are taken from; default: the first */
  baseline?: string;
}

/**
 * Sums a part of a study up. What it needs in memory is eight bytes for each figure.
 * @throws InputError for an axis or a label that there is not
 * @example
 * const { parts, jobs } = layOutStudy({ base: "quick", jobs: "pricing", axes: { power: ["full", "min-max"] } });
 * const store = memoryStore();
 * await runJobs(jobs, { store, place: here() });
 * (await summarizePart(parts[0], store)).length; // → 2
 */
export async function summarizePart(
  part: StudyPart,
  store: Store,
  options: SummaryOptions = {},
): Promise<GroupSummary[]> {
  aPart("part", part);
  aStore("store", store);
  record({ by: optional(listOf(text)), baseline: optional(text) })("options", options);
  const axes = axesOfResults(part);
  const by =
    options.by ?? axes.filter((axis) => (part.grid.axes.find(({ name }) => name === axis)?.variants.length ?? 2) > 1);
  for (const [i, name] of by.entries()) {
    if (!axes.includes(name)) throw new InputError("--by", unknownName("axis", name, axes));
    if (by.indexOf(name) < i) throw new InputError("--by", `"${name}" is given twice`);
  }
  const measures = measuresOf(part);
  const table = await gather(part, store, by);
  const groups = [...table.values()];
  if (groups.length === 0) return [];
  const baseline = baselineOf(groups, options.baseline);
  return groups.map((group) => ({
    labels: group.labels,
    results: group.results,
    asked: group.asked,
    failed: group.failed,
    measures: Object.fromEntries(
      measures.map(({ name }, i) => [name, summarize(part, group, i, group === baseline ? undefined : baseline)]),
    ),
  }));
}

interface Group {
  labels: Record<string, string>;
  /** For each measure, by the other axes' combination, seed and drop; NaN where there is nothing */
  values: Float64Array[];
  /** Combinations of the other axes, by their labels */
  others: Map<string, number>;
  results: number;
  asked: number;
  failed: number;
}

async function gather(part: StudyPart, store: Store, by: readonly string[]): Promise<Map<string, Group>> {
  const { grid } = part;
  const units = grid.seeds.length * grid.drops;
  const axes = axesOfResults(part);
  const rest = axes.filter((axis) => !by.includes(axis));
  const keyOf = (labels: Readonly<Record<string, string>>, names: readonly string[]) =>
    JSON.stringify(names.map((name) => labels[name]));
  const groups = new Map<string, Group>();
  const groupOf = (labels: Readonly<Record<string, string>>): Group => {
    const key = keyOf(labels, by);
    let group = groups.get(key);
    if (group === undefined) {
      const own = Object.fromEntries(by.map((name) => [name, labels[name] ?? ""]));
      group = {
        labels: own,
        values: measuresOf(part).map(() => new Float64Array(0)),
        others: new Map(),
        results: 0,
        asked: 0,
        failed: 0,
      };
      groups.set(key, group);
    }
    return group;
  };
  const roomOf = (group: Group, labels: Readonly<Record<string, string>>): number => {
    const other = keyOf(labels, rest);
    let index = group.others.get(other);
    if (index === undefined) {
      index = group.others.size;
      group.others.set(other, index);
      group.asked += units;
      group.values = group.values.map((before) => {
        const grown = new Float64Array(before.length + units).fill(Number.NaN);
        grown.set(before);
        return grown;
      });
    }
    return index;
  };
  // Groups without a result are shown too, in the order of the plan.
  if (axes.length === grid.axes.length) for (const { labels } of grid.cells) roomOf(groupOf(labels), labels);
  for await (const { labels, seedIndex, drop, values, failure } of pointResults(part, store)) {
    const group = groupOf(labels);
    const place = (roomOf(group, labels) * grid.seeds.length + seedIndex) * grid.drops + drop;
    if (failure === null) group.results++;
    else group.failed++;
    for (const [i, value] of values.entries()) if (value !== null) group.values[i]![place] = value;
  }
  return groups;
}

function summarize(part: StudyPart, group: Group, measure: number, baseline: Group | undefined): MeasureSummary | null {
  const values = group.values[measure]!;
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  if (known.length === 0) return null;
  const at = (share: number) => quantile(known, share);
  return {
    mean: meanInterval(independent(part, values)),
    quantiles: { p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) },
    difference: baseline === undefined ? null : differenceOf(part, group, baseline, measure),
  };
}

function differenceOf(part: StudyPart, group: Group, baseline: Group, measure: number): Interval | null {
  const units = part.grid.seeds.length * part.grid.drops;
  const [own, theirs] = [group.values[measure]!, baseline.values[measure]!];
  const differences = new Float64Array(own.length).fill(Number.NaN);
  for (const [other, index] of group.others) {
    const partner = baseline.others.get(other);
    if (partner === undefined) continue;
    for (let i = 0; i < units; i++)
      differences[index * units + i] = own[index * units + i]! - theirs[partner * units + i]!;
  }
  const samples = independent(part, differences);
  return samples.length === 0 ? null : meanInterval(samples);
}

/** Means of what is not independent: over all drops of a training's seed, over the other axes at a drop. */
function independent({ kind, grid }: StudyPart, values: Float64Array): number[] {
  const { drops, seeds } = grid;
  const together = kind === "training" ? drops : 1;
  const samples = (seeds.length * drops) / together;
  const sums = new Float64Array(samples);
  const counts = new Uint32Array(samples);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    const sample = Math.floor((i % (seeds.length * drops)) / together);
    sums[sample] = sums[sample]! + values[i]!;
    counts[sample] = counts[sample]! + 1;
  }
  return Array.from(sums, (sum, i) => sum / counts[i]!).filter((mean) => !Number.isNaN(mean));
}

/** The group that has all the labels named; "," or "·" between them. */
function baselineOf(groups: readonly Group[], name: string | undefined): Group {
  if (name === undefined) return groups[0]!;
  const all = new Set(groups.flatMap(({ labels }) => Object.values(labels)));
  const wanted = name
    .split("·")
    .map((label) => label.trim())
    .flatMap((label) => (all.has(label) ? [label] : label.split(",").map((part) => part.trim())));
  const unknown = wanted.find((label) => !all.has(label));
  if (unknown !== undefined) throw new InputError("--baseline", unknownName("label", unknown, [...all]));
  const group = groups.find(({ labels }) => wanted.every((label) => Object.values(labels).includes(label)));
  if (group === undefined) throw new InputError("--baseline", `no group is "${name}"`);
  return group;
}
