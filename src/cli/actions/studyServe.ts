import { basename } from "node:path";
import { InputError } from "../../config/errors.js";
import { openQueue } from "../../study/run/queue/connection.js";
import { queuePlace } from "../../study/run/queue/place.js";
import { runJobs } from "../../study/run/run.js";
import { unsettled } from "../../study/run/work.js";
import { openFolderStore } from "../../study/store/folder.js";
import type { SharedOptions } from "../commands/options.js";
import { loadStudy } from "../files/studyPlan.js";
import { commandLine } from "../terminal/commandLine.js";
import { interruption } from "../terminal/interruption.js";
import { print, say } from "../terminal/output.js";
import { withProgress } from "../terminal/progress.js";

export interface StudyServeOptions extends SharedOptions {
  queue?: string;
}

/** Workers may be there already, come later, and go; this one only keeps what they bring. */
export async function studyServe(file: string, options: StudyServeOptions): Promise<void> {
  const { queue = process.env.CELLFED_QUEUE, out, writer } = options;
  if (queue === undefined) throw new InputError("--queue", "is missing: where the queue is, such as redis://localhost");
  if (typeof out !== "string") throw new InputError("--out", "is missing: the study's folder");
  const { layout, kept, plugins } = await loadStudy(file, options);
  const connection = await openQueue(queue);
  try {
    const store = await openFolderStore(out, { resume: true, plan: kept, ...(writer !== undefined && { writer }) });
    const study = { plan: layout.hash, name: basename(file).replace(/\.[^.]*$/, "") };
    const place = await queuePlace(connection, { study, plugins: plugins.files });
    try {
      const jobs = unsettled(layout.jobs, store);
      say(`${layout.jobs.length - jobs.length} of ${layout.jobs.length} jobs are done; workers are started with`);
      say(`  cellfed study work --queue ${connection.address.shown}`);
      const { failures, interrupted } = await withProgress(study.name, (onProgress) =>
        runJobs(jobs, { store, place, onProgress, signal: interruption, retries: 0 }),
      );
      if (!interrupted) await place.over();
      for (const { job, reason } of failures) say(`${job.name} failed: ${reason}`);
      const left = unsettled(layout.jobs, store).length;
      print(`${layout.jobs.length - left} of ${layout.jobs.length} jobs done\nresults  ${out}\n`);
      if (interrupted) say(`interrupted: what came back is kept; go on with: ${commandLine()}`);
      else if (store.failed().size > 0) process.exitCode = 1;
    } finally {
      await place.close();
      await store.close();
    }
  } finally {
    await connection.close();
  }
}
