/**
 * Ctrl-C ends a command in order: the first one aborts this signal, which commands pass on to whatever runs long;
 * they keep what is finished and return. The second one ends the process at once.
 */
const controller = new AbortController();
let received: NodeJS.Signals | undefined;

/** Aborted at the first Ctrl-C (or SIGTERM). */
export const interruption: AbortSignal = controller.signal;

/** The signal that interrupted the command, if one has. */
export function interruptedBy(): NodeJS.Signals | undefined {
  return received;
}

/** Called once, by the command's main file. */
export function listenForInterruption(): void {
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (received !== undefined) process.exit(name === "SIGINT" ? 130 : 143);
      received = name;
      controller.abort();
    });
  }
}
