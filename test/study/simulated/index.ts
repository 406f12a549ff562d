import { type Stream, stream } from "../../../bindings/random.js";
import { drawn } from "../../../src/data/subset.js";
import { resampledEnds } from "../../../src/study/analysis/bootstrap.js";
import type { SeedExamples } from "../../../src/study/analysis/crossed.js";
import { crossedInterval, endsAt, meanInterval } from "../../../src/study/analysis/intervals.js";
import { normalBelow } from "../../../src/study/analysis/student.js";

/** How a simulated study gives its seeds their test examples. */
export type Design = "fixed" | "drawn" | "own";

/**
 * Two methods whose answers have a known truth: method m answers example i rightly under seed s and drop d where
 * μ_m + a_ms + b_mi + e_msid > 0, all of them normal, so that its accuracy over all seeds and examples is
 * Φ(μ_m / √(1 + σ_a² + σ_b²)).
 */
export interface Truth {
  means: readonly [number, number];
  /** σ_a, and how alike the methods are under a seed */
  seeds: { deviation: number; correlation: number };
  /** σ_b, and how alike the methods find an example */
  examples: { deviation: number; correlation: number };
  drops: number;
}

/** From seeds that hardly differ, where the test set is most of the error, to seeds that are most of it. */
export const truths: Readonly<Record<string, Truth>> = {
  "seeds alike": {
    means: [0.2, 0],
    seeds: { deviation: 0.02, correlation: 0.5 },
    examples: { deviation: 1, correlation: 0.3 },
    drops: 1,
  },
  "seeds apart": {
    means: [0.1, 0.1],
    seeds: { deviation: 0.2, correlation: 0.3 },
    examples: { deviation: 1, correlation: 0.7 },
    drops: 1,
  },
  "two drops": {
    means: [0, -0.3],
    seeds: { deviation: 0.08, correlation: 0.5 },
    examples: { deviation: 0.7, correlation: 0.5 },
    drops: 2,
  },
};

/** Test examples of a seed, and those that a drawn one is drawn from. */
const size = 300;
const available = 1000;

export interface Coverage {
  truth: string;
  design: Design;
  seeds: number;
  studies: number;
  /** Shares of intervals that hold the truth: the two-way one; Student's over the seeds alone; the bootstrap, null below ten seeds */
  crossed: number;
  seedsAlone: number;
  bootstrap: number | null;
}

/**
 * How often intervals hold the truth over simulated studies.
 * @param resampled of the studies so many are resampled too, which takes longer
 */
export function coverage(
  name: string,
  design: Design,
  seeds: number,
  { studies, resampled = 0, seed = 1 }: { studies: number; resampled?: number; seed?: number },
): Coverage {
  const truth = truths[name]!;
  const spread = Math.sqrt(1 + truth.seeds.deviation ** 2 + truth.examples.deviation ** 2);
  const [better, worse] = truth.means.map((mean) => normalBelow(mean / spread));
  const difference = better! - worse!;
  const hits = { crossed: 0, seedsAlone: 0, bootstrap: 0 };
  const holds = (ends: { low: number; high: number } | null) =>
    ends !== null && ends.low <= difference && difference <= ends.high ? 1 : 0;
  for (let study = 0; study < studies; study++) {
    const examples = simulate(truth, design, seeds, stream(seed, "test", study, seeds), study);
    const values = examples.map((one) => mean(one.values));
    hits.crossed += holds(endsAt(crossedInterval(values, examples)));
    hits.seedsAlone += holds(endsAt(meanInterval(values)));
    if (study < resampled) hits.bootstrap += holds(resampledEnds({ values, examples }, study, 400));
  }
  return {
    truth: name,
    design,
    seeds,
    studies,
    crossed: hits.crossed / studies,
    seedsAlone: hits.seedsAlone / studies,
    bootstrap: resampled > 0 && seeds >= 10 ? hits.bootstrap / resampled : null,
  };
}

/** One study: of every seed its examples, and by how much more often the first method answers each. */
function simulate(truth: Truth, design: Design, seeds: number, random: Stream, study: number): SeedExamples[] {
  const universe = design === "fixed" ? size : design === "drawn" ? available : size * seeds;
  const liked = pairs(random, universe, truth.examples);
  const effects = pairs(random, seeds, truth.seeds);
  const noise = new Float64Array(2 * truth.drops * size);
  return Array.from({ length: seeds }, (_, s) => {
    const ids = chosen(design, s, study);
    random.fillNormal(noise);
    const values = Float64Array.from(ids, (id, i) => {
      let more = 0;
      for (let d = 0; d < truth.drops; d++) {
        const at = 2 * (i * truth.drops + d);
        const right = ([0, 1] as const).map(
          (m) => truth.means[m] + effects[m]![s]! + liked[m]![id]! + noise[at + m]! > 0,
        );
        more += Number(right[0]) - Number(right[1]);
      }
      return more / truth.drops;
    });
    return { ids, values };
  });
}

function chosen(design: Design, s: number, study: number): Int32Array {
  if (design === "drawn") return drawn(available, size, "", { seed: 1000 * study + s, part: "test" });
  const first = design === "own" ? s * size : 0;
  return Int32Array.from({ length: size }, (_, i) => first + i);
}

/** Normal values of both methods [2][count], correlated. */
function pairs(random: Stream, count: number, { deviation, correlation }: Truth["seeds"]): Float64Array[] {
  const [a, b] = [new Float64Array(count), new Float64Array(count)];
  random.fillNormal(a, deviation);
  random.fillNormal(b, deviation * Math.sqrt(1 - correlation * correlation));
  return [a, b.map((value, i) => correlation * a[i]! + value)];
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
