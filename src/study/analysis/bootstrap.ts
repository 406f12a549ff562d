import { stream } from "../../../bindings/random.js";

/** An estimate with its 95 % percentile-bootstrap interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
  count: number;
}

/**
 * How much more a is than b, Σa / Σb − 1, over paired samples, with a bootstrap interval that resamples the pairs.
 * Not a mean of ratios: one pair with b near 0 would decide it.
 * @throws RangeError for samples of unequal length or none
 */
export function pairedGain(a: readonly number[], b: readonly number[], seed: number, resamples = 2000): Estimate {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`pairedGain: ${a.length} and ${b.length} values are no pairs`);
  }
  const count = a.length;
  const gain = (index: (i: number) => number): number => {
    let above = 0;
    let below = 0;
    for (let i = 0; i < count; i++) {
      const pair = index(i);
      above += a[pair]!;
      below += b[pair]!;
    }
    return above / below - 1;
  };
  const random = stream(seed, "bootstrap");
  const gains = Float64Array.from({ length: resamples }, () => gain(() => random.integer(count))).sort();
  return { value: gain((i) => i), low: quantile(gains, 0.025), high: quantile(gains, 0.975), count };
}

/** Quantile of ascending values, linear between neighbors (Hyndman and Fan's type 7). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError("quantile: no values");
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  const a = sorted[low]!;
  const b = sorted[high]!;
  // Infinity − Infinity has no value; equal neighbors need no interpolation.
  return a === b ? a : a + (at - low) * (b - a);
}

export function median(values: Iterable<number>): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}
