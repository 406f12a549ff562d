import type { Moments } from "./moments.js";

/**
 * What a standard error is multiplied with for the half width of a 95 % confidence interval: the 0.975 quantile of the
 * normal distribution, and of Student's t with 9 degrees of freedom, which ten independent parts leave.
 */
export const normal975 = 1.959964;
export const student975With9 = 2.262157;

/** Bit/s/Hz of each client, prelog included, and half the width of its 95 % confidence interval (0 in closed form). */
export interface Rates {
  spectralEfficiency: Float64Array;
  interval: Float64Array;
}

/** Mean and interval of log2(1 + SINR) over all realizations. */
export function meanRates(sums: Float64Array[], counts: number[], share: number): Rates {
  const K = sums[0]!.length / 2;
  const count = counts.reduce((a, b) => a + b, 0);
  const spectralEfficiency = new Float64Array(K);
  const interval = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    const mean = sums.reduce((s, x) => s + x[2 * k]!, 0) / count;
    const square = sums.reduce((s, x) => s + x[2 * k + 1]!, 0) / count;
    const variance = (Math.max(0, square - mean * mean) * count) / Math.max(1, count - 1);
    spectralEfficiency[k] = share * mean;
    interval[k] = share * normal975 * Math.sqrt(variance / count);
  }
  return { spectralEfficiency, interval };
}

/**
 * The rates of all parts together, and the interval that they make one by one left out: of ten parts, Student's t with
 * 9 degrees of freedom. Infinite for a single part.
 */
export function jackknife(moments: Moments[], counts: number[], rates: (moments: Moments) => Float64Array): Rates {
  const spectralEfficiency = rates(together(moments, counts));
  const interval = new Float64Array(spectralEfficiency.length);
  const n = moments.length;
  if (n < 2) return { spectralEfficiency, interval: interval.fill(Number.POSITIVE_INFINITY) };
  const without = moments.map((_, part) =>
    rates(
      together(
        moments.filter((_, p) => p !== part),
        counts.filter((_, p) => p !== part),
      ),
    ),
  );
  for (let k = 0; k < interval.length; k++) {
    const mean = without.reduce((s, x) => s + x[k]!, 0) / n;
    const spread = without.reduce((s, x) => s + (x[k]! - mean) * (x[k]! - mean), 0);
    interval[k] = student975With9 * Math.sqrt(((n - 1) / n) * spread);
  }
  return { spectralEfficiency, interval };
}

/** The means over several parts together, each weighted by its number of realizations. */
export function together(moments: Moments[], counts: number[]): Moments {
  const count = counts.reduce((a, b) => a + b, 0);
  const weigh = (pick: (m: Moments) => Float64Array) => {
    const out = new Float64Array(pick(moments[0]!).length);
    moments.forEach((m, part) => {
      const values = pick(m);
      const weight = counts[part]! / count;
      for (let i = 0; i < out.length; i++) out[i]! += weight * values[i]!;
    });
    return out;
  };
  const { offset, accessPoint } = moments[0]!;
  return {
    offset,
    accessPoint,
    mean: weigh((m) => m.mean),
    square: weigh((m) => m.square),
    norm: weigh((m) => m.norm),
  };
}
