import { InputError } from "../../config/errors.js";
import { mergeFolders } from "../../study/store/merge.js";
import { sayFindings } from "../files/findings.js";
import { print, printJson } from "../terminal/output.js";

/** Puts the results of several folders of one study into one. */
export async function studyMerge(folders: readonly string[], options: { out?: string; json?: true }): Promise<void> {
  if (options.out === undefined)
    throw new InputError("--out", "name the folder that takes the results: a new one, or one of this study");
  const merged = await mergeFolders(folders, options.out);
  sayFindings(merged.findings);
  if (options.json) {
    printJson({ folder: options.out, ...merged });
    return;
  }
  const { copied, present, finished, failed } = merged;
  print(
    `${copied} journals copied, ${present} were there; ${finished} records, ${failed} failed\nresults  ${options.out}\n`,
  );
}
