import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../config/errors.js";
import { unwritable, writeWhole } from "../../disk/files.js";
import type { RunJobsOptions } from "../../study/run/run.js";
import { openFolderStore } from "../../study/store/folder.js";
import { memoryStore } from "../../study/store/memory.js";
import type { Json } from "../../study/store/record.js";
import type { SharedOptions } from "../commands/options.js";
import type { Plugins } from "./plugins.js";
import { type ShowProgress, withStudy } from "./study.js";

type StudyFlags = Pick<SharedOptions, "out" | "resume" | "writer">;

/** Where `--out` and `--no-out` say that results go. @param unnamed the folder of a study that was given none */
export function studyFolder({ out, resume, writer }: StudyFlags, unnamed: string): string | undefined {
  if (out !== false) return out ?? unnamed;
  if (resume === true)
    throw new InputError("--resume", "nothing is kept that could be gone on with: leave out --no-out");
  if (writer !== undefined) throw new InputError("--writer", "nothing is written: leave out --no-out");
  return undefined;
}

/**
 * Works on a study that is kept in a folder of its own, see `withStudy`.
 * @param study.plan what the folder's results are those of: going on with another one is refused
 */
export async function withStudyFolder<T>(
  study: {
    label: string;
    folder: string | undefined;
    plan: object;
    /** The plan that the folder may have instead and that this one takes the place of */
    replaces?: Json;
    workers: number;
    plugins?: Plugins;
    flags: StudyFlags;
    show?: ShowProgress;
    signal?: AbortSignal;
  },
  use: (options: RunJobsOptions) => Promise<T>,
): Promise<T> {
  const { label, folder, plan, replaces, workers, plugins, flags, show, signal } = study;
  const about = { label, workers, ...(plugins && { plugins }), ...(show && { show }), ...(signal && { signal }) };
  if (folder === undefined) return withStudy({ ...about, store: memoryStore() }, use);
  const store = await openFolderStore(folder, {
    // A folder named after the study can hold nothing but its results.
    resume: flags.resume === true || flags.out === undefined,
    plan: plan as Json,
    ...(replaces !== undefined && { replaces }),
    ...(flags.writer !== undefined && { writer: flags.writer }),
  });
  return withStudy({ ...about, store, discard: () => store.discard() }, async (options) => {
    const result = await use(options);
    // A finished study leaves no half-done work behind.
    const finished = store.finished();
    store.clean((key) => finished.has(key));
    return result;
  });
}

/**
 * Writes files below a study's folder, in their order and each whole or not at all: where the last one is, all are.
 * @throws RunError where one cannot be written
 */
export function writeBelow(
  folder: string,
  files: Iterable<readonly [file: string, content: string | Uint8Array]>,
): void {
  for (const [file, content] of files) {
    const path = join(folder, file);
    try {
      writeWhole(path, content);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }
}

/**
 * Takes away what an earlier report of the same folder drew and this one does not: a choice that was made since has
 * other figures, and nothing else says which are its own. What is no SVG or CSV in `figures/` is somebody else's.
 */
export function removeOtherFigures(folder: string, written: ReadonlySet<string>): void {
  const figures = join(folder, "figures");
  if (!existsSync(figures)) return;
  for (const entry of readdirSync(figures, { withFileTypes: true })) {
    const file = `figures/${entry.name}`;
    if (entry.isFile() && /\.(svg|csv)$/.test(file) && !written.has(file)) rmSync(join(folder, file), { force: true });
  }
}
