import { constants } from "node:os";
import type { Steps } from "../../config/steps.js";

/**
 * Ctrl-C ends a command in order: the first signal aborts this one, which commands pass on to whatever runs long; they
 * keep what is finished and return. Another one ends the process at once.
 */
const controller = new AbortController();
let received: Interruption | undefined;

/** SIGHUP: the terminal has gone, or the connection to it. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
type Interruption = (typeof interruptions)[number];

/** Aborted at the first Ctrl-C, SIGTERM, SIGHUP or SIGQUIT. */
export const interruption: AbortSignal = controller.signal;

/** The signal that interrupted the command, if one has. */
export function interruptedBy(): Interruption | undefined {
  return received;
}

/** Exit status of a command that a signal has ended, as shells have it. */
export function interruptedStatus(signal: Interruption): number {
  return 128 + constants.signals[signal];
}

/**
 * Called once, by the command's main file.
 * @param leave told the status with which the process has to end at once
 */
export function listenForInterruption(leave: (status: number) => void): void {
  for (const name of interruptions) {
    const listener = () => {
      if (received === undefined) {
        received = name;
        controller.abort();
        return;
      }
      // Of a lost terminal both the system and the shell tell, within a moment: that is nobody's impatience.
      if (name !== "SIGHUP") leave(interruptedStatus(name));
    };
    listeners.set(name, listener);
    process.on(name, listener);
  }
}

const listeners = new Map<Interruption, () => void>();

/**
 * Work in one piece that keeps nothing: a signal ends the process as the system does it, in the middle. Listened to, it
 * would be heard only afterwards.
 */
export function endedBySignals<T>(work: () => T): T {
  for (const [name, listener] of listeners) process.off(name, listener);
  try {
    return work();
  } finally {
    for (const [name, listener] of listeners) process.on(name, listener);
  }
}

/** How long a signal may wait to be heard, ms. */
const longestStretch = 50;

/** The same for work that keeps what it has done. @returns whether a signal has ended it before it was done */
export async function untilInterrupted(steps: Steps<unknown>): Promise<boolean> {
  try {
    await whileHearing(steps);
    return false;
  } catch (error) {
    if (!interruption.aborted) throw error;
    return true;
  }
}

/** Drives long work step by step, hearing signals between them. @throws where one comes */
export async function whileHearing<T>(steps: Steps<T>): Promise<T> {
  let heard = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - heard < longestStretch) continue;
    await new Promise((resolve) => setImmediate(resolve));
    interruption.throwIfAborted();
    heard = performance.now();
  }
}
