import { InputError } from "../../config/errors.js";
import type { ResultsPlan } from "../../disk/plan.js";
import { openResults, type ResultsFolder } from "../../disk/results.js";
import { numerics } from "../../version.js";
import type { SharedOptions } from "../commands/options.js";
import { resumingLine } from "../terminal/commandLine.js";
import { say } from "../terminal/output.js";

/**
 * The results folder that the command line asks for.
 * @param unnamed where the results go without `--out`, and whose they are there; undefined where they are then not kept
 * @param plan what they depend on, beside the command and the numerics
 * @param first files that are there from the beginning
 * @returns undefined where none is wanted
 * @throws InputError before anything is written
 */
export function openFolder(
  { out, resume }: Pick<SharedOptions, "out" | "resume">,
  unnamed: { path: string; byDefault: "plan" | "last" } | undefined,
  { command, ...plan }: { command: string; [field: string]: unknown },
  first: Readonly<Record<string, string>> = {},
): ResultsFolder | undefined {
  const path = out === false ? undefined : (out ?? unnamed?.path);
  if (path === undefined) {
    if (resume) throw new InputError("--resume", "no folder is kept that could be gone on with: give --out");
    return undefined;
  }
  const complete: ResultsPlan = { command, numerics, ...plan };
  const folder = openResults(path, complete, {
    first,
    resume: resume === true,
    say,
    ...(out === undefined && unnamed && { byDefault: unnamed.byDefault }),
  });
  if (folder.found === "unfinished") say(`going on with what ${path} holds`);
  if (folder.found === "finished") say(`${path} is finished: what it holds is shown`);
  return folder;
}

/**
 * After Ctrl-C: what is kept, and the command that goes on with it.
 * @param kept the rest of the sentence
 * @param folder undefined where there is none to go on with
 */
export function sayInterrupted(kept: string, folder: ResultsFolder | string | undefined): void {
  say(`interrupted${kept}`);
  if (folder !== undefined) sayHowToGoOn();
}

/** The command that goes on with what is kept. */
export function sayHowToGoOn(): void {
  say(`go on with: ${resumingLine()}`);
}
