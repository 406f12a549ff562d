import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import { loadDataset } from "../../data/files.js";
import type { ResultsFolder } from "../../disk/results.js";
import { openStateFile } from "../../disk/state.js";
import { here } from "../../study/run/here.js";
import type { StudyOptions } from "../../study/run/options.js";
import { threads } from "../../study/run/threads.js";
import { openFolderStore } from "../../study/store/folder.js";
import { memoryStore } from "../../study/store/memory.js";
import { interruption } from "../terminal/interruption.js";
import { say } from "../terminal/output.js";
import { withProgress } from "../terminal/progress.js";
import type { Plugins } from "./plugins.js";

/** What a command wants its study to work with. */
export interface StudyRequest {
  /** Beside the bar */
  label: string;
  folder: ResultsFolder | undefined;
  /** Threads; 1 works in this one */
  workers: number;
  plugins: Plugins;
}

/**
 * Opens what a study needs and closes it again: the store in its results folder (one in memory where nothing is kept),
 * worker threads, the progress bar, Ctrl-C. After bad input that shows before anything was finished the folder is taken
 * away again.
 */
export async function withStudy<T>(
  { label, folder, workers, plugins }: StudyRequest,
  use: (study: Required<StudyOptions> & { state?: StateOfJob }) => Promise<T>,
): Promise<T> {
  const store =
    folder === undefined ? memoryStore() : await openFolderStore(join(folder.state, "store"), { resume: true });
  for (const { where, reason } of store.findings) say(`${where}: ${reason}; it is computed again`);
  const place = workers > 1 ? threads(workers, { plugins: plugins.files }) : here({ load: loadDataset });
  try {
    return await withProgress(label, (onProgress) =>
      use({
        store,
        place,
        onProgress,
        signal: interruption,
        ...(folder !== undefined && { state: (key) => openStateFile(join(folder.state, "jobs"), key, say) }),
      }),
    );
  } catch (error) {
    if (error instanceof InputError && store.finished().size === 0) folder?.discard();
    throw error;
  } finally {
    await place.close();
    await store.close();
  }
}

/** Where the half-done work of a job is kept, by the job's key. */
export type StateOfJob = (key: string) => ReturnType<typeof openStateFile>;
