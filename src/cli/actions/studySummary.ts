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
    const all = options.part === undefined && !options.json && !options.csv;
    const parts = all ? layout.parts : [partNamed(layout.parts, options.part)];
    for (const part of parts) {
      const groups = await summarizePart(part, store, {
        ...(options.by !== undefined && { by: namesOf("--by", options.by) }),
        ...(options.baseline !== undefined && { baseline: options.baseline }),
      });
      if (options.json) printJson({ folder, part: part.name, kind: part.kind, groups });
      else if (options.csv) print(csv(groups, csvColumns(part, groups)));
      else show(part, groups, parts.length > 1);
    }
  });
}

function show(part: StudyPart, groups: readonly GroupSummary[], named: boolean): void {
  if (named) print(`── ${part.name}\n\n`);
  const tables = summaryTables(part, groups);
  if (tables.length === 0) print("no results yet\n\n");
  for (const { title, columns } of tables) print(`${title}\n${textTable(groups, columns)}\n\n`);
}

/** A table a measure: labels and counts, the mean with its interval, quantiles, and the difference from the baseline. */
export function summaryTables(
  part: StudyPart,
  groups: readonly GroupSummary[],
): { title: string; columns: Column<GroupSummary>[] }[] {
  return measuresOf(part).flatMap(({ name, unit }) => {
    const of = (group: GroupSummary) => group.measures[name];
    if (groups.every((group) => !of(group))) return [];
    const title = `${name.replaceAll("_", " ")}${unit === undefined ? "" : ` (${unit})`}`;
    const differs = groups.some((group) => of(group)?.difference);
    const columns: Column<GroupSummary>[] = [
      ...labelColumns(groups),
      {
        label: "results",
        value: ({ results, asked }) => (results === asked ? `${results}` : `${results} of ${asked}`),
      },
      { label: "mean", value: (group) => of(group)?.mean.mean ?? null },
      { label: "±", value: (group) => of(group)?.mean.halfWidth ?? null },
      { label: "5 %", value: (group) => of(group)?.quantiles.p5 ?? null },
      { label: "median", value: (group) => of(group)?.quantiles.p50 ?? null },
      { label: "95 %", value: (group) => of(group)?.quantiles.p95 ?? null },
      ...(differs
        ? [{ label: "vs. baseline", value: (group: GroupSummary) => intervalText(of(group)?.difference) }]
        : []),
    ];
    return [{ title, columns }];
  });
}

function intervalText(interval: { mean: number; halfWidth: number | null } | null | undefined): string {
  if (!interval) return "";
  const digits = (value: number) => `${Number(value.toPrecision(3))}`;
  const mean = `${interval.mean < 0 ? "−" : "+"}${digits(Math.abs(interval.mean))}`;
  // One seed has no interval.
  return interval.halfWidth === null ? mean : `${mean} ± ${digits(interval.halfWidth)}`;
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
