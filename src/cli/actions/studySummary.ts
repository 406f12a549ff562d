import { type Column, csv, textTable } from "../../report/tables/table.js";
import { measuresOf } from "../../study/analysis/points.js";
import { type GroupSummary, summarizePart } from "../../study/analysis/summary.js";
import type { StudyPart } from "../../study/plan/studyPlan.js";
import { partNamed, readStudy } from "../files/studyRead.js";
import { namesOf } from "../terminal/options.js";
import { print, printJson } from "../terminal/output.js";

export interface StudySummaryOptions {
  by?: string;
  baseline?: string;
  part?: string;
  plugin?: string[];
  csv?: true;
  json?: true;
}

/** Means, intervals, quantiles and paired differences over the points that agree in some axes. */
export async function studySummary(folder: string, options: StudySummaryOptions): Promise<void> {
  await readStudy(folder, options, async ({ layout, store }) => {
    const part = partNamed(layout.parts, options.part);
    const groups = await summarizePart(part, store, {
      ...(options.by !== undefined && { by: namesOf("--by", options.by) }),
      ...(options.baseline !== undefined && { baseline: options.baseline }),
    });
    if (options.json) printJson({ folder, part: part.name, kind: part.kind, groups });
    else
      print(
        `${options.csv ? csv(groups, csvColumns(part, groups)) : textTable(groups, summaryColumns(part, groups))}\n`,
      );
  });
}

/** Labels and counts, then of each measure the mean with its interval, the median and the difference. */
export function summaryColumns(part: StudyPart, groups: readonly GroupSummary[]): Column<GroupSummary>[] {
  return [
    ...labelColumns(groups),
    { label: "results", value: ({ results, asked }) => (results === asked ? `${results}` : `${results} of ${asked}`) },
    ...measuresOf(part).flatMap(({ name, unit }): Column<GroupSummary>[] => {
      if (groups.every(({ measures }) => measures[name] === null)) return [];
      const label = `${name.replaceAll("_", " ")}${unit === undefined ? "" : ` (${unit})`}`;
      const of = (group: GroupSummary) => group.measures[name];
      const differs = groups.some((group) => of(group)?.difference);
      return [
        { label, value: (group) => of(group)?.mean.mean ?? null },
        { label: "±", value: (group) => of(group)?.mean.halfWidth ?? null },
        { label: "5 %", value: (group) => of(group)?.quantiles.p5 ?? null },
        { label: "95 %", value: (group) => of(group)?.quantiles.p95 ?? null },
        ...(differs
          ? [{ label: "vs. baseline", value: (group: GroupSummary) => intervalText(of(group)?.difference) }]
          : []),
      ];
    }),
  ];
}

function intervalText(interval: { mean: number; halfWidth: number } | null | undefined): string {
  if (!interval) return "";
  const digits = (value: number) => `${Number(value.toPrecision(3))}`;
  return `${interval.mean < 0 ? "−" : "+"}${digits(Math.abs(interval.mean))} ± ${digits(interval.halfWidth)}`;
}

function labelColumns(groups: readonly GroupSummary[]): Column<GroupSummary>[] {
  return Object.keys(groups[0]?.labels ?? {}).map((axis) => ({
    label: axis,
    value: ({ labels }) => labels[axis] ?? null,
  }));
}

function csvColumns(part: StudyPart, groups: readonly GroupSummary[]): Column<GroupSummary>[] {
  const counts = (["results", "asked", "failed"] as const).map((name) => ({
    label: name,
    value: (group: GroupSummary) => group[name],
  }));
  const figures = measuresOf(part).flatMap(({ name }): Column<GroupSummary>[] => {
    const of = (group: GroupSummary) => group.measures[name];
    return [
      { label: `${name}_mean`, value: (group) => of(group)?.mean.mean ?? null },
      { label: `${name}_half_width`, value: (group) => of(group)?.mean.halfWidth ?? null },
      { label: `${name}_samples`, value: (group) => of(group)?.mean.count ?? null },
      ...(["p5", "p25", "p50", "p75", "p95"] as const).map(
        (at): Column<GroupSummary> => ({ label: `${name}_${at}`, value: (group) => of(group)?.quantiles[at] ?? null }),
      ),
      { label: `${name}_difference`, value: (group) => of(group)?.difference?.mean ?? null },
      { label: `${name}_difference_half_width`, value: (group) => of(group)?.difference?.halfWidth ?? null },
    ];
  });
  return [...labelColumns(groups), ...counts, ...figures];
}
