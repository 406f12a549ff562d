import type { JobsOutcome } from "../../study/run/run.js";
import { version } from "../../version.js";

/** Jobs that gave nothing, a sentence each. */
export function failureNotes(failures: JobsOutcome["failures"]): string[] {
  return failures.map(({ job, wanted, reason }) => `${job.name}: ${wanted.size} results failed: ${reason}`);
}

/** What made a page or a table. */
export function versions(): Record<string, string> {
  return { cellfed: version, node: process.version, platform: `${process.platform} ${process.arch}` };
}
