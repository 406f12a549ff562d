import type { Stream } from "../../../bindings/random.js";

/**
 * π_k = min(1, c a_k) with Σ π_k = M over the K entries of which a_k > 0 (fewer than M of those: all of them 1).
 * @param weights a [K], 0 or more
 */
export function inclusionProbabilities(weights: readonly number[], count: number): number[] {
  const probability = weights.map(() => 0);
  let open = weights.flatMap((weight, k) => (weight > 0 ? [k] : []));
  let left = Math.min(count, open.length);
  for (;;) {
    const sum = open.reduce((total, k) => total + weights[k]!, 0);
    const certain = open.filter((k) => left * weights[k]! >= sum);
    if (certain.length === 0) {
      for (const k of open) probability[k] = (left * weights[k]!) / sum;
      return probability;
    }
    for (const k of certain) probability[k] = 1;
    left -= certain.length;
    open = open.filter((k) => !certain.includes(k));
    if (left <= 0 || open.length === 0) return probability;
  }
}

/**
 * A sample in which k is with exactly probability π_k, of ⌊Σπ⌋ or ⌈Σπ⌉ entries: systematic sampling (Madow 1949), from
 * one uniform number u. Entries lie one after the other on a line, each as long as its probability; those are taken that
 * hold a point u + i. The order on the line is drawn anew, so that neighbors are not kept apart for ever.
 */
export function systematicSample(probability: readonly number[], random: Stream): number[] {
  const order = random.shuffle(Int32Array.from(probability, (_, k) => k));
  return sampleAt(probability, order, random.uniform());
}

/** The same for given order and u: what the expectation is taken over. */
export function sampleAt(probability: readonly number[], order: ArrayLike<number>, u: number): number[] {
  const chosen: number[] = [];
  let before = 0;
  let next = u;
  for (let i = 0; i < order.length; i++) {
    const k = order[i]!;
    const after = before + probability[k]!;
    // Sums of rounded numbers must not lose whoever is certain.
    if (probability[k] === 1 || next < after) {
      chosen.push(k);
      next += 1;
    }
    before = after;
  }
  return chosen;
}
