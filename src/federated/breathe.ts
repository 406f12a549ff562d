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
