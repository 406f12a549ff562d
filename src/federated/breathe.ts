/** Lets timers, messages and signals in between two steps: a page stays alive, Ctrl-C is heard. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
