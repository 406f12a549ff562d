import { type ExampleComponent, exampleComponent, type SeedExamples } from "./crossed.js";
import { studentQuantile, studentTails } from "./student.js";

/** A mean over independent values. What needs two of them is null where there is one: no spread, no interval. */
export interface Interval {
  mean: number;
  /** Half the width of the 95 % interval of the mean (Student's t) */
  halfWidth: number | null;
  /** Independent values: seeds */
  count: number;
  standardError: number | null;
  /** Of freedom; no whole number where two sources of variance were put together (Satterthwaite) */
  degrees: number | null;
  /** How much of the squared standard error is the test set's; null where it was not estimated */
  testShare: number | null;
}

/** Share of intervals that miss, of those that are given without another. */
export const usualTails = 0.05;

/** The mean of independent values with its 95 % interval. */
export function meanInterval(values: readonly number[]): Interval {
  return crossedInterval(values, undefined);
}

/**
 * The mean over seeds whose test examples are a second, crossed sample: with those examples told one by one, what the
 * seeds' means share for having been tested on the same ones is added to their own spread,
 *
 *   V = s²/S + ĉ,   ν = V² / ((s²/S)²/(S − 1) + var(ĉ)/2),
 *
 * which for all seeds on all the same examples is (MS_seed + MS_example − MS_rest)/(S·n) with Satterthwaite's degrees.
 * Of fewer than five seeds ν is S − 1.
 *
 * @param values one a seed
 * @param examples of each seed; undefined where they were not kept: then the interval holds for these test examples
 */
export function crossedInterval(values: readonly number[], examples: readonly SeedExamples[] | undefined): Interval {
  const count = values.length;
  if (count === 0) throw new RangeError("crossedInterval: no values");
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / count;
  if (count === 1) return studentInterval(mean, 1, null);
  const between = differByRoundings(values) ? 0 : squaresFrom(values, mean) / (count - 1) / count;
  const shared = examples === undefined ? undefined : exampleComponent(examples);
  const { variance, degrees } = together(between, count - 1, shared);
  const standardError = Math.sqrt(variance);
  return {
    mean,
    halfWidth: studentQuantile(usualTails, degrees) * standardError,
    count,
    standardError,
    degrees,
    testShare: shared === undefined ? null : variance > 0 ? shared.variance / variance : 0,
  };
}

/**
 * Whether values are one figure but for the roundings of what they were summed up from, at most 4096 addends (rounds
 * times clients): a sum of n of one sign is off by less than n/2 units in its last place, two of them by n. That is no spread.
 */
function differByRoundings(values: readonly number[]): boolean {
  let [low, high] = [values[0]!, values[0]!];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low <= 4096 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high));
}

function squaresFrom(values: readonly number[], mean: number): number {
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return squares;
}

/** Below so many seeds their own spread is too badly known for Satterthwaite's degrees: those of the seeds alone are taken. */
const fewestSeeds = 5;

function together(
  between: number,
  degrees: number,
  shared: ExampleComponent | undefined,
): { variance: number; degrees: number } {
  if (shared === undefined || shared.variance === 0) return { variance: between, degrees };
  const variance = between + shared.variance;
  if (degrees < fewestSeeds - 1) return { variance, degrees };
  const uncertainty = (between * between) / degrees + shared.uncertainty / 2;
  return { variance, degrees: (variance * variance) / uncertainty };
}

/** An estimate from so many independent values and its standard error. */
export function studentInterval(mean: number, count: number, standardError: number | null): Interval {
  if (standardError === null) return { mean, halfWidth: null, count, standardError, degrees: null, testShare: null };
  const degrees = count - 1;
  return {
    mean,
    halfWidth: studentQuantile(usualTails, degrees) * standardError,
    count,
    standardError,
    degrees,
    testShare: null,
  };
}

/** The same in another unit, and counted from another zero. */
export function scaled(interval: Interval, factor: number, from = 0): Interval {
  const { mean, halfWidth, standardError } = interval;
  const times = (value: number | null) => (value === null ? null : factor * value);
  return { ...interval, mean: factor * mean - from, halfWidth: times(halfWidth), standardError: times(standardError) };
}

/** The ends of the interval that misses with probability `tails`; null for a single value. */
export function endsAt(interval: Interval, tails = usualTails): { low: number; high: number } | null {
  const { mean, standardError, degrees } = interval;
  if (standardError === null || degrees === null) return null;
  const half = tails === usualTails ? interval.halfWidth! : studentQuantile(tails, degrees) * standardError;
  return { low: mean - half, high: mean + half };
}

/** Two-sided p-value of a mean of 0; null for a single value. */
export function pValue({ mean, standardError, degrees }: Interval): number | null {
  if (standardError === null || degrees === null) return null;
  if (standardError === 0) return mean === 0 ? 1 : 0;
  return studentTails(mean / standardError, degrees);
}
