import { stream } from "../../../bindings/random.js";
import type { SeedValues } from "./cells.js";
import { type Interval, studentInterval } from "./intervals.js";

/** The ends of a 95 % interval. */
export interface Ends {
  low: number;
  high: number;
}

/** An estimate with its 95 % percentile-bootstrap interval. */
export interface Estimate extends Ends {
  value: number;
  count: number;
}

/** Below so many independent values a percentile bootstrap's intervals are known to be too short. */
export const leastResampled = 10;

/**
 * The 95 % percentile interval of a mean over seeds and test examples, both drawn anew: seeds with replacement, and
 * with other weights the examples, the same for all seeds. It counts what neither explains a little too often (Owen's
 * pigeonhole bootstrap), so that it is rather too wide.
 * @returns null for fewer than ten seeds
 */
export function resampledEnds({ values, examples }: SeedValues, seed: number, resamples = 1000): Ends | null {
  const count = values.length;
  if (count < leastResampled) return null;
  const places = examples?.map(({ ids }) => placesOf(examples, ids));
  const size = examples === undefined ? 0 : distinctIds(examples).size;
  const { weights, chosen } = drawingOf({ seed, size, count, resamples });
  const means = Float64Array.from({ length: resamples }, (_, resample) => {
    const own = weights.subarray(resample * size, (resample + 1) * size);
    let sum = 0;
    for (let i = resample * count; i < (resample + 1) * count; i++) {
      const at = chosen[i]!;
      sum += examples === undefined ? values[at]! : weighted(examples[at]!.values, places![at]!, own);
    }
    return sum / count;
  }).sort();
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

interface Drawing {
  seed: number;
  /** Distinct test examples */
  size: number;
  /** Seeds */
  count: number;
  resamples: number;
}

/** How often each example is drawn [resamples · size], and which seeds are [resamples · count]. */
type Drawn = { weights: Uint16Array; chosen: Int32Array };

let lastDrawn: { of: Drawing; drawn: Drawn } | undefined;

/** The last one is kept: claims of one scenario stand together, and to draw takes most of the time. */
function drawingOf(of: Drawing): Drawn {
  const last = lastDrawn?.of;
  const same =
    last?.seed === of.seed && last.size === of.size && last.count === of.count && last.resamples === of.resamples;
  if (!same) lastDrawn = { of, drawn: draw(of) };
  return lastDrawn!.drawn;
}

function draw({ seed, size, count, resamples }: Drawing): Drawn {
  const random = stream(seed, "bootstrap");
  const weights = new Uint16Array(resamples * size);
  const chosen = new Int32Array(resamples * count);
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < size; i++) weights[resample * size + random.integer(size)]!++;
    for (let i = 0; i < count; i++) chosen[resample * count + i] = random.integer(count);
  }
  return { weights, chosen };
}

type Examples = NonNullable<SeedValues["examples"]>;

const numbered = new WeakMap<Examples, Map<number, number>>();

/** Every example of any seed, numbered from 0. */
function distinctIds(examples: Examples): Map<number, number> {
  let known = numbered.get(examples);
  if (known === undefined) {
    known = new Map();
    for (const { ids } of examples)
      for (let i = 0; i < ids.length; i++) known.set(ids[i]!, known.get(ids[i]!) ?? known.size);
    numbered.set(examples, known);
  }
  return known;
}

function placesOf(examples: Examples, ids: ArrayLike<number>): Int32Array {
  const known = distinctIds(examples);
  return Int32Array.from({ length: ids.length }, (_, i) => known.get(ids[i]!)!);
}

function weighted(values: ArrayLike<number>, places: Int32Array, weights: Uint16Array): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < places.length; i++) {
    const weight = weights[places[i]!]!;
    sum += weight * values[i]!;
    total += weight;
  }
  return total === 0 ? 0 : sum / total;
}

/**
 * How much more a is than b, Σa / Σb − 1, over paired samples, with a bootstrap interval that resamples the pairs.
 * Not a mean of ratios: one pair with b near 0 would decide it.
 * @throws RangeError for samples of unequal length or none
 */
export function pairedGain(a: readonly number[], b: readonly number[], seed: number, resamples = 2000): Estimate {
  checkPairs(a, b);
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

/**
 * The same gain with Student's interval, by how much each pair moves it: (a_i − (Σa/Σb) b_i) / b̄ in the first order.
 * null where Σb is 0, so that there is nothing to compare with.
 * @throws RangeError for samples of unequal length or none
 */
export function gainInterval(a: readonly number[], b: readonly number[]): Interval | null {
  checkPairs(a, b);
  const count = a.length;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const [above, below] = [sum(a), sum(b)];
  if (below === 0) return null;
  const ratio = above / below;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += ((count * (a[i]! - ratio * b[i]!)) / below) ** 2;
  return studentInterval(ratio - 1, count, count === 1 ? null : Math.sqrt(squares / (count - 1) / count));
}

function checkPairs(a: readonly number[], b: readonly number[]): void {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`pairedGain: ${a.length} and ${b.length} values are no pairs`);
  }
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
