import type { StopSignal } from "../config/records.js";
import type { Steps } from "../config/steps.js";

/** How long others may wait, ms. */
const longestStretch = 50;

let breathed = 0;

/**
 * Lets timers, messages and signals in between two steps: a page stays alive, Ctrl-C is heard. Steps may be short: it
 * does so only where the last time is a while ago.
 */
export async function breathe(): Promise<void> {
  if (performance.now() - breathed < longestStretch) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  breathed = performance.now();
}

/** What is nearly done when a signal comes is finished, ms: whoever is asked to stop may take so long. */
const grace = 500;

/**
 * Long work in short steps, others let in between.
 * @returns undefined where the signal broke it off, which it does to what takes longer than a moment from then on
 */
export async function leisurely<T>(steps: Steps<T>, signal?: StopSignal): Promise<T | undefined> {
  let asked: number | undefined;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await breathe();
    if (signal?.aborted) asked ??= performance.now();
    if (asked !== undefined && performance.now() - asked > grace) {
      steps.return(undefined as never); // what it holds of the kernels' memory is let go
      return undefined;
    }
  }
}
