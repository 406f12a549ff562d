import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { listOf, text } from "../../config/arguments.js";
import { differingFields, inOneSentence } from "../../config/differences.js";
import { InputError } from "../../config/errors.js";
import { syncFolder, unwritable, writeWhole } from "../../disk/files.js";
import type { Finding } from "./contract.js";
import { journalFolder, openFolderStore, readFolderStore } from "./folder.js";
import { journalEnding } from "./journal.js";
import { namesOfJournals } from "./journals.js";

/** What came of putting folders together. */
export interface Merged {
  /** Journals that were copied, and those that were there already */
  copied: number;
  present: number;
  /** Records that count */
  finished: number;
  failed: number;
  findings: readonly Finding[];
}

/**
 * Puts the results of folders of one study into another folder, new or of the same study: the journals are copied, and
 * whichever records of one key there are, the same one counts in whatever order they come. The sources stay as they
 * are; what another process adds to them meanwhile comes with the next merge.
 * @throws InputError where a folder holds no study, or one of another plan; RunError where the disk takes no more
 * @example
 * for (const name of ["a", "b"]) {
 *   const store = await openFolderStore(`${folder}/${name}`, { plan: { command: "study", plan: "one" } });
 *   await store.close();
 * }
 * await mergeFolders([`${folder}/a`, `${folder}/b`], `${folder}/both`);
 */
export async function mergeFolders(sources: readonly string[], target: string): Promise<Merged> {
  listOf(text)("sources", sources);
  text("target", target);
  if (sources.length === 0) throw new InputError("sources", "no folders to put together");
  const [first, ...others] = await Promise.all(sources.map(planIn));
  for (const [i, plan] of others.entries()) {
    const fields = differingFields(first, plan);
    if (fields.length === 0) continue;
    const difference = inOneSentence(
      fields,
      4,
      ({ path, there = "not set", here = "not set" }) => `${path || "the plan"} is ${there} and ${here}`,
    );
    throw new InputError(sources[i + 1]!, `holds results of another plan than ${sources[0]}: ${difference}`);
  }
  const store = await openFolderStore(target, { resume: true, plan: first! });
  try {
    const counts = { copied: 0, present: 0 };
    for (const source of sources) {
      for (const name of namesOfJournals(join(source, journalFolder))) {
        counts[copyJournal(join(source, journalFolder), name, join(target, journalFolder)) ? "copied" : "present"]++;
      }
    }
    syncFolder(join(target, journalFolder));
    await store.refresh();
    return { ...counts, finished: store.finished().size, failed: store.failed().size, findings: store.findings };
  } finally {
    await store.close();
  }
}

async function planIn(folder: string) {
  const store = await readFolderStore(folder, { flag: folder });
  await store.close();
  return store.plan;
}

/**
 * Journals are only appended to: of two of one name the longer one is the whole, where it begins with the other. Two that
 * are not the same journal stand beside each other.
 */
function copyJournal(from: string, name: string, to: string): boolean {
  const bytes = readFileSync(join(from, name));
  for (let copy = 0; ; copy++) {
    const path = join(to, copy === 0 ? name : `${basename(name, journalEnding)}.${copy}${journalEnding}`);
    if (existsSync(path)) {
      const there = readFileSync(path);
      const common = Math.min(there.length, bytes.length);
      if (!there.subarray(0, common).equals(bytes.subarray(0, common))) continue;
      if (there.length >= bytes.length) return false;
    }
    try {
      writeWhole(path, bytes);
    } catch (error) {
      throw unwritable(path, error);
    }
    return true;
  }
}
