import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { atMostEvery } from "../../web/pacing.js";

describe("what comes in faster than one can look", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** When a pass was made of asks at these times, in ms. */
  function passes(asks: readonly number[], act: (pacing: ReturnType<typeof atMostEvery>) => void = ({ ask }) => ask()) {
    const begun = performance.now();
    const made: number[] = [];
    const pacing = atMostEvery(100, () => void made.push(performance.now() - begun));
    for (const at of asks) {
      vi.advanceTimersByTime(begun + at - performance.now());
      act(pacing);
    }
    vi.runAllTimers();
    return made;
  }

  test("is passed on at once where nothing has been for a while", () => {
    expect(passes([0, 300, 900])).toEqual([0, 300, 900]);
  });

  test("is passed on together, the last of it always", () => {
    expect(passes([0, 10, 20, 30])).toEqual([0, 100]);
    expect(passes(Array.from({ length: 30 }, (_, i) => 10 * i))).toEqual([0, 100, 200, 300]);
  });
});
