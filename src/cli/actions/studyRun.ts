import type { SharedOptions } from "../commands/options.js";
import { loadStudy } from "../files/studyPlan.js";
import { printJson } from "../terminal/output.js";

export interface StudyRunOptions extends SharedOptions {
  dryRun?: true;
  yes?: true;
  stopAfter?: string;
}

export async function studyRun(file: string, options: StudyRunOptions): Promise<void> {
  const { layout } = await loadStudy(file, options);
  printJson({ hash: layout.hash, points: layout.points, jobs: layout.jobs.length });
}
