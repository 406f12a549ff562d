import jstat from "jstat";

export interface Interval {
  mean: number;
  /** Half the width of the 95 % interval of the mean (Student's t); NaN-free: 0 for a single value */
  halfWidth: number;
  count: number;
}

/** The mean of independent values with its 95 % interval. */
export function meanInterval(values: readonly number[]): Interval {
  const count = values.length;
  if (count === 0) throw new RangeError("meanInterval: no values");
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / count;
  if (count === 1) return { mean, halfWidth: 0, count };
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  return { mean, halfWidth: jstat.studentt.inv(0.975, count - 1) * standardError, count };
}
