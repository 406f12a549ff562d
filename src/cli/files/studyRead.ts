import { InputError, unknownName } from "../../config/errors.js";
import type { StudyPart } from "../../study/plan/studyPlan.js";
import { type FolderStore, readFolderStore } from "../../study/store/folder.js";
import { sayFindings } from "./findings.js";
import { type LoadedStudy, loadKeptStudy } from "./studyPlan.js";

/** A study's folder opened to be read, also while others write to it. */
export interface ReadStudy extends LoadedStudy {
  store: FolderStore;
}

/** Reads a study's folder and closes it again. @throws InputError where there is none */
export async function readStudy<T>(
  folder: string,
  options: { plugin?: readonly string[] },
  use: (study: ReadStudy) => Promise<T>,
): Promise<T> {
  const store = await readFolderStore(folder, { flag: "DIR" });
  try {
    const study = await loadKeptStudy(folder, store.plan, options);
    sayFindings(store.findings);
    return await use({ ...study, store });
  } finally {
    await store.close();
  }
}

/** The part that a command is about: the only one, or the one named. @throws InputError */
export function partNamed(parts: readonly StudyPart[], name: string | undefined): StudyPart {
  const names = parts.map((part) => part.name);
  if (name === undefined) {
    if (parts.length === 1) return parts[0]!;
    throw new InputError("--part", `the study has several parts: name one of ${names.join(", ")}`);
  }
  const part = parts.find((one) => one.name === name);
  if (part === undefined) throw new InputError("--part", unknownName("part", name, names));
  return part;
}
