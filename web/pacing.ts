/**
 * Passes on what comes in faster than one can look: the first at once, the others together after a while, the last of
 * them always.
 * @param milliseconds between two
 */
export function atMostEvery(milliseconds: number, pass: () => void): { ask(): void } {
  let last = Number.NEGATIVE_INFINITY;
  let waits = false;
  const go = () => {
    waits = false;
    last = performance.now();
    pass();
  };
  return {
    ask() {
      if (waits) return;
      waits = true;
      setTimeout(go, Math.max(0, last + milliseconds - performance.now()));
    },
  };
}
