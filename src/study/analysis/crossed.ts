/** What a seed says of each of its test examples, such as by how much more often one method answers it rightly. */
export interface SeedExamples {
  /** Which examples, ascending: the same number is the same example in every seed */
  ids: ArrayLike<number>;
  values: ArrayLike<number>;
}

/** What the means over seeds share for having test examples in common. */
export interface ExampleComponent {
  /** ĉ, of the mean over all seeds */
  variance: number;
  /** var(ĉ), as if it were a sum of mean squares */
  uncertainty: number;
}

/**
 * The variance that common test examples put into the mean over seeds, by moments: with x_si = μ + a_s + b_i + e_si,
 * two seeds' deviations at an example they share have the covariance σ_b², and two seeds' means that of
 * σ_b² o/(n n′) for o examples in common. Pooled over all pairs of seeds; for S seeds that all have the same n examples
 * σ̂_b² is (MS_example − MS_rest)/S of the two-way table, to the last digit. A negative estimate counts as 0.
 *
 * Seeds may have examples of their own, all the same, or some in common: drawn test sets overlap here and there.
 */
export function exampleComponent(seeds: readonly SeedExamples[]): ExampleComponent {
  const none = { variance: 0, uncertainty: 0 };
  const count = seeds.length;
  let products = 0;
  let freedom = 0;
  let common = 0;
  let factor = 0;
  let overlapping = 0;
  for (let s = 0; s < count; s++) {
    for (let t = s + 1; t < count; t++) {
      const { shared, product } = overlap(seeds[s]!, seeds[t]!);
      factor += shared / (seeds[s]!.ids.length * seeds[t]!.ids.length);
      if (shared < 2) continue;
      products += product;
      freedom += shared - 1;
      common += shared;
      overlapping++;
    }
  }
  if (overlapping === 0) return none;
  factor /= (count * (count - 1)) / 2;
  const ofExamples = products / freedom;
  if (ofExamples <= 0) return none;
  // As for a full table of as many examples as two seeds have in common: with more of them the truth is known better.
  const size = common / overlapping - 1;
  const rest = Math.max(0, variance(seeds) - ofExamples);
  const square = rest + count * ofExamples;
  const uncertainty = (2 / (count * count)) * ((square * square) / size + (rest * rest) / ((count - 1) * size));
  return { variance: factor * ofExamples, uncertainty: factor * factor * uncertainty };
}

/** Examples that two seeds share, and the sum of products of deviations from their means over these. */
function overlap(a: SeedExamples, b: SeedExamples): { shared: number; product: number } {
  let [i, j, shared, sumA, sumB, product] = [0, 0, 0, 0, 0, 0];
  while (i < a.ids.length && j < b.ids.length) {
    const order = a.ids[i]! - b.ids[j]!;
    if (order === 0) {
      const [x, y] = [a.values[i]!, b.values[j]!];
      shared++;
      sumA += x;
      sumB += y;
      product += x * y;
    }
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return { shared, product: shared === 0 ? 0 : product - (sumA * sumB) / shared };
}

/** Within a seed, over its examples; pooled over the seeds. */
function variance(seeds: readonly SeedExamples[]): number {
  let squares = 0;
  let freedom = 0;
  for (const { values } of seeds) {
    let [sum, square] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      sum += values[i]!;
      square += values[i]! * values[i]!;
    }
    squares += square - (sum * sum) / values.length;
    freedom += values.length - 1;
  }
  return freedom > 0 ? Math.max(0, squares / freedom) : 0;
}
