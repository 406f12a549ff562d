import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import type { ResultsFolder } from "../../disk/results.js";
import { openStateFile } from "../../disk/state.js";
import type { RunJobsOptions } from "../../study/run/run.js";
import { threads } from "../../study/run/threads.js";
import type { Store } from "../../study/store/contract.js";
import { openFolderStore } from "../../study/store/folder.js";
import { memoryStore } from "../../study/store/memory.js";
import { interruption } from "../terminal/interruption.js";
import { say } from "../terminal/output.js";
import { withProgress } from "../terminal/progress.js";
import type { Plugins } from "./plugins.js";

/** Tells how far a study is while it runs. */
export type ShowProgress = typeof withProgress;

/** Where a study's results go. */
export interface StudyStore {
  store: Store;
  /** Half-done work of a job, by its key; left out where nothing is kept */
  state?: RunJobsOptions["state"];
  /** Takes away what opening it made, where nothing was finished */
  discard?(): unknown;
}

/**
 * Works on the jobs of a study and closes what that took: the store, worker threads, the progress bar, Ctrl-C. After bad
 * input that shows before anything was finished, what opening the store made is taken away again.
 * @param study.label beside the bar
 * @param study.workers threads; also a single one is another than this, which hears signals meanwhile, however long a job is
 * @param study.show how its progress is told
 * @param study.signal what ends it in order, where that is not the user alone
 */
export async function withStudy<T>(
  study: StudyStore & { label: string; workers: number; plugins?: Plugins; show?: ShowProgress; signal?: AbortSignal },
  use: (options: RunJobsOptions) => Promise<T>,
): Promise<T> {
  const { label, workers, plugins, store, state, discard, show = withProgress, signal = interruption } = study;
  for (const { where, reason, lost } of store.findings)
    say(`${where}: ${reason}${lost === false ? "" : "; what is missing is computed again"}`);
  const place = threads(workers, plugins && { plugins: plugins.files });
  try {
    return await show(label, (onProgress) => use({ store, place, onProgress, signal, ...(state && { state }) }));
  } catch (error) {
    if (error instanceof InputError && store.finished().size === 0) await discard?.();
    throw error;
  } finally {
    await place.close();
    await store.close();
  }
}

/** The store of a results folder, beside the rest of its state; one in memory where there is none. */
export async function storeIn(folder: ResultsFolder | undefined): Promise<StudyStore> {
  if (folder === undefined) return { store: memoryStore() };
  return {
    store: await openFolderStore(join(folder.state, "store"), { resume: true }),
    state: (key) => openStateFile(join(folder.state, "jobs"), key, say),
    discard: () => folder.discard(),
  };
}
