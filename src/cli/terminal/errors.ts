import { InputError } from "../../config/errors.js";

/** 2 for what the user can mend (config, file, flag), 1 for everything else. */
export function exitStatus(error: unknown): 1 | 2 {
  return isInputError(error) || isLostFolder(error) ? 2 : 1;
}

/** One message; the stack and the causes only when asked for. */
export function describeError(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  if (verbose) return `error: ${error.stack ?? error.message}${causes(error)}`;
  return `error: ${wording(error)}`;
}

/** Of what an interruption has broken off: what it was, for there is nothing else to say so. */
export function describeInterruption(error: unknown, verbose: boolean): string {
  const isAbort = error instanceof Error && error.name === "AbortError";
  if (isAbort) return "interrupted: nothing was finished, and nothing is kept";
  return describeError(error, verbose).replace(/^error: (interrupted\b:? ?)?/, "interrupted: ");
}

function wording(error: Error): string {
  return isLostFolder(error)
    ? "the folder that this was started in is gone: change to one that is there"
    : error.message;
}

/** What Node throws at every path that is not absolute, once the working folder has been removed. */
function isLostFolder(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall === "uv_cwd";
}

/** By name too, so that an error thrown by another copy of the library (a worker's chunk) counts. */
function isInputError(error: unknown): boolean {
  return error instanceof InputError || (error instanceof Error && error.name === "InputError");
}

function causes(error: Error): string {
  let text = "";
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    text += `\ncaused by ${cause.stack ?? cause.message}`;
  }
  return text;
}
