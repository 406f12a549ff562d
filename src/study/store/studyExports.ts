import { oneOf, record } from "../../config/arguments.js";
import { axesOfResults, measuresOf, pointResults } from "../analysis/points.js";
import { aPart } from "../checks.js";
import type { Cell } from "../plan/grid.js";
import type { StudyPart } from "../plan/studyPlan.js";
import { runRequests } from "../plan/trainings.js";
import type { Column } from "./columns.js";
import type { Store } from "./contract.js";
import { checkExport, compareCells, exportRounds, exportRuns, exportTimings } from "./exports.js";
import { type TableFormat, type TableRow, writeTable } from "./table.js";

/** What of a study is exported: its results, of trainings also the course of each, and what the jobs took. */
export const studyTables = ["results", "rounds", "timings"] as const;
export type StudyTable = (typeof studyTables)[number];

/**
 * Writes a part's table: a row a run, a drop or what else its jobs give, with a column for each axis, sorted by axes,
 * seed and drop. Stores with the same results make the same bytes, however many wrote them and in what order.
 * @throws RunError where there can be no such file
 * @example
 * const { parts, jobs } = layOutStudy({ base: "quick", jobs: "pricing", axes: { power: ["full", "min-max"] } });
 * const store = memoryStore();
 * await runJobs(jobs, { store, place: here() });
 * await exportPart(parts[0], store, `${folder}/results.csv`, { format: "csv" });
 */
export async function exportPart(
  part: StudyPart,
  store: Store,
  path: string,
  options: { format: TableFormat; table?: StudyTable },
): Promise<void> {
  record()("options", options);
  const { format, table = "results" } = options;
  aPart("part", part);
  checkExport(store, path, format);
  oneOf("table", studyTables)("table", table);
  if (table === "timings") return exportTimings(store, path, format);
  if (part.kind === "training") {
    const runs = runRequests([part.grid]);
    return table === "rounds" ? exportRounds(store, runs, path, format) : exportRuns(store, runs, path, format);
  }
  const measures = measuresOf(part);
  const own = new Set(["seed", "drop", "reason", ...measures.map(({ name }) => name)]);
  const axes = axesOfResults(part);
  const columns: Column[] = [
    ...axes.map(
      (name): Column => ({ name: own.has(name) ? `axis_${name}` : name, type: "text", about: "of the axis" }),
    ),
    { name: "seed", type: "whole", about: "of everything random" },
    { name: "drop", type: "whole", about: "number of the network drop, from 0" },
    ...measures.map(
      ({ name, unit }): Column => ({ name, type: "real", about: "", ...(unit !== undefined && { unit }) }),
    ),
    { name: "reason", type: "text", about: "why there are no figures" },
  ];
  await writeTable(path, format, columns, iterate());

  async function* iterate(): AsyncGenerator<TableRow> {
    for await (const { labels, seed, drop, values, reason } of pointResults(
      sortedSeeds(part),
      store,
      sortedCells(part),
    )) {
      yield [...axes.map((name) => labels[name] ?? null), seed, drop, ...values, reason];
    }
  }
}

function sortedSeeds(part: StudyPart): StudyPart {
  return { ...part, grid: { ...part.grid, seeds: [...part.grid.seeds].sort((a, b) => a - b) } };
}

function sortedCells({ grid }: StudyPart): Cell[] {
  const names = grid.axes.map(({ name }) => name);
  return [...grid.cells].sort((a, b) => {
    for (const name of names) {
      const order = compareCells(a.labels[name] ?? null, b.labels[name] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  });
}
