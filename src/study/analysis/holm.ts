import { endsAt, type Interval, pValue } from "./intervals.js";

/** A difference among several that are looked at together. */
export interface Adjusted {
  /** Holm's; null for a single value */
  p: number | null;
  /** Of an interval that holds together with those of the family */
  low: number;
  high: number;
}

/** Share of families in which anything at all is said wrongly. */
const familyTails = 0.05;

/**
 * Holm's step-down p-values: the k-th smallest of m times m − k + 1, never below one before it.
 * Which of them are below 5 % holds for all of them together, with any dependence between them.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let most = 0;
  order.forEach((index, rank) => {
    most = Math.max(most, Math.min(1, (values.length - rank) * values[index]!));
    adjusted[index] = most;
  });
  return adjusted;
}

/**
 * Every difference of a family with Holm's p-value and an interval of 1 − 5 %/m, so that with a chance of 95 % all of them
 * hold at once. Where Holm's test sees a difference that such an interval does not, the interval ends at 0.
 */
export function adjust(family: readonly Interval[]): Adjusted[] {
  const single = ({ mean }: Interval): Adjusted => ({ p: null, low: mean, high: mean });
  const tested = family.filter((interval) => interval.standardError !== null);
  const stepped = holm(tested.map((interval) => pValue(interval)!));
  const known = new Map(tested.map((interval, i) => [interval, stepped[i]!]));
  return family.map((interval) => {
    const ends = endsAt(interval, familyTails / Math.max(1, tested.length));
    if (ends === null) return single(interval);
    const p = known.get(interval)!;
    if (p >= familyTails) return { p, ...ends };
    return interval.mean > 0
      ? { p, low: Math.max(0, ends.low), high: ends.high }
      : { p, low: ends.low, high: Math.min(0, ends.high) };
  });
}
