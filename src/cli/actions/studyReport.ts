import { basename, join, resolve } from "node:path";
import { comparisonFiles, comparisonView } from "../../report/pages/comparison.js";
import { type Content, htmlReport, type Section, tableOf } from "../../report/pages/html.js";
import { summarizePart } from "../../study/analysis/summary.js";
import type { StudyPart } from "../../study/plan/studyPlan.js";
import { gridRuns } from "../../study/run/compare.js";
import type { FolderStore } from "../../study/store/folder.js";
import { writeBelow } from "../files/studyFolder.js";
import { readStudy } from "../files/studyRead.js";
import { commandLine } from "../terminal/commandLine.js";
import { print } from "../terminal/output.js";
import { kernelNotes, versions } from "../terminal/study.js";
import { summaryTables } from "./studySummary.js";

/** Runs whose whole courses fit into memory at once, for curves. */
const mostCourses = 20_000;

/** Writes the page of a study into its folder: of one grid of trainings the page of a comparison, else tables of all parts. */
export async function studyReport(folder: string, options: { plugin?: string[] }): Promise<void> {
  await readStudy(folder, options, async ({ layout, store }) => {
    const name = basename(resolve(folder));
    const [only, ...others] = layout.parts;
    const configs = layout.parts.flatMap(({ grid }) => grid.cells.map(({ config }) => config));
    if (others.length === 0 && only!.kind === "training" && layout.points <= mostCourses) {
      const { grid } = only!;
      const runs = await gridRuns([grid], store);
      const finished = store.finished();
      const interrupted = layout.jobs.some(({ yields }) => yields.some((key) => !finished.has(key)));
      const view = comparisonView(grid, runs, kernelNotes(configs));
      const about = { name, command: commandLine(), versions: versions(configs), interrupted };
      writeBelow(folder, await comparisonFiles(grid, runs, view, about));
    } else {
      const sections = await Promise.all(layout.parts.map((part) => sectionOf(part, store)));
      const page = htmlReport({
        title: `cellfed study: ${name}`,
        lead: `${layout.points} results of ${layout.jobs.length} jobs`,
        command: commandLine(),
        versions: versions(configs),
        config: layout.parts[0]!.grid.baseline.config,
        fingerprint: layout.hash,
        sections,
      });
      writeBelow(folder, [["report.html", page]]);
    }
  });
  print(`${join(folder, "report.html")}\n`);
}

async function sectionOf(part: StudyPart, store: FolderStore): Promise<Section> {
  const { grid, kind, name } = part;
  const groups = await summarizePart(part, store);
  const lead = `${kind}: ${grid.cells.length} points, ${grid.seeds.length} seeds, ${grid.drops} drops.`;
  const missing = groups.reduce((sum, { asked, results }) => sum + asked - results, 0);
  const content: Content[] = [
    { text: missing > 0 ? `${lead} ${missing} results are missing.` : lead },
    ...summaryTables(part, groups).flatMap(({ title, columns }): Content[] => [
      { heading: title },
      { table: tableOf(groups, columns) },
    ]),
  ];
  return { heading: name, content };
}
