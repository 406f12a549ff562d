import { InputError, RunError } from "./errors.js";

/** An error on its way between threads or machines, where its class would be lost. */
export type Failure =
  | { kind: "input"; path: string; message: string; stack?: string }
  | { kind: "run" | "other"; message: string; stack?: string };

/** An error as plain data. */
export function describe(error: unknown): Failure {
  if (!(error instanceof Error)) return { kind: "other", message: String(error) };
  const stack = error.stack === undefined ? {} : { stack: error.stack };
  if (error instanceof InputError) {
    return { kind: "input", path: error.path, message: error.message.slice(error.path.length + 2), ...stack };
  }
  return { kind: error instanceof RunError ? "run" : "other", message: error.message, ...stack };
}

/** The error that was described, of its class. */
export function revive(failure: Failure): Error {
  const error =
    failure.kind === "input"
      ? new InputError(failure.path, failure.message)
      : failure.kind === "run"
        ? new RunError(failure.message)
        : new Error(failure.message);
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}
