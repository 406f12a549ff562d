import { join } from "node:path";
import { InputError, RunError } from "../../config/errors.js";
import { loadDataset } from "../../data/files.js";
import { writeWhole } from "../../disk/files.js";
import { here } from "../../study/run/here.js";
import type { RunJobsOptions } from "../../study/run/run.js";
import { threads } from "../../study/run/threads.js";
import { type FolderStore, openFolderStore } from "../../study/store/folder.js";
import { memoryStore } from "../../study/store/memory.js";
import type { Json } from "../../study/store/record.js";
import { interruption } from "../terminal/interruption.js";
import { say } from "../terminal/output.js";
import { withProgress } from "../terminal/progress.js";
import type { Plugins } from "./plugins.js";

/** What commands that keep a study in a folder have in common on the command line. */
export interface StudyFlags {
  out: string | false | undefined;
  resume?: true;
  writer?: string;
}

/** Where `--out` and `--no-out` say that results go. @param unnamed the folder of a study that was given none */
export function studyFolder({ out, resume, writer }: StudyFlags, unnamed: string): string | undefined {
  if (out !== false) return out ?? unnamed;
  if (resume === true)
    throw new InputError("--resume", "nothing is kept that could be gone on with: leave out --no-out");
  if (writer !== undefined) throw new InputError("--writer", "nothing is written: leave out --no-out");
  return undefined;
}

/**
 * Opens what a study needs and closes it again: its store (one in memory where nothing is kept), worker threads, the
 * progress bar, Ctrl-C. After bad input that shows before anything was finished a new folder is taken away again.
 * @param study.plan what the folder's results are those of: going on with another one is refused
 */
export async function withStudyFolder<T>(
  study: {
    label: string;
    folder: string | undefined;
    plan: object;
    workers: number;
    plugins?: Plugins;
    flags: StudyFlags;
  },
  use: (options: RunJobsOptions) => Promise<T>,
): Promise<T> {
  const { label, folder, workers, plugins, flags } = study;
  const kept =
    folder === undefined
      ? undefined
      : await openFolderStore(folder, {
          // A folder named after the study can hold nothing but its results.
          resume: flags.resume === true || flags.out === undefined,
          plan: study.plan as Json,
          ...(flags.writer !== undefined && { writer: flags.writer }),
        });
  const store = kept ?? memoryStore();
  for (const { where, reason, lost } of store.findings) {
    say(`${where}: ${reason}${lost === false ? "" : "; what is missing is computed again"}`);
  }
  const place = workers > 1 ? threads(workers, plugins && { plugins: plugins.files }) : here({ load: loadDataset });
  try {
    return await withProgress(label, (onProgress) =>
      use({ store, place, onProgress, signal: interruption, ...(kept && { state: (key) => kept.state(key) }) }),
    );
  } catch (error) {
    if (error instanceof InputError) await kept?.discard();
    throw error;
  } finally {
    await place.close();
    await close(kept);
  }
}

/** A finished study leaves no half-done work behind. */
async function close(store: FolderStore | undefined): Promise<void> {
  if (store === undefined) return;
  const finished = store.finished();
  store.clean((key) => finished.has(key));
  await store.close();
}

/**
 * Writes files below a study's folder, in their order and each whole or not at all: where the last one is, all are.
 * @throws RunError where one cannot be written
 */
export function writeBelow(folder: string, files: Iterable<readonly [file: string, content: string]>): void {
  for (const [file, content] of files) {
    const path = join(folder, file);
    try {
      writeWhole(path, content);
    } catch (cause) {
      throw new RunError(`${path} cannot be written: ${(cause as Error).message}`, {}, { cause });
    }
  }
}
