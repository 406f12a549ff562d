import { basename, resolve } from "node:path";
import { readStudy } from "../files/studyRead.js";
import { say } from "../terminal/output.js";
import { runStudy, type StudyRunOptions } from "./studyRun.js";

/** Tries the failed jobs of a folder again, and no others. */
export async function studyRetry(folder: string, options: StudyRunOptions): Promise<void> {
  const { study, failed } = await readStudy(folder, options, async ({ store, ...study }) => ({
    study,
    failed: store.failed().size,
  }));
  if (failed === 0) say("nothing has failed");
  await runStudy(study, { folder, name: basename(resolve(folder)), retry: true }, options);
}
