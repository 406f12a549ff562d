import Benchmark from "benchmark";

export interface Candidate {
  name: string;
  run: () => void;
}
export interface Measured {
  name: string /** s a call, the median of the rounds' means */;
  seconds: number /** the first candidate's time over this one's, median of the rounds */;
  ratio: number;
}

/**
 * Times candidates in turn (A B C, A B C, …), so that a machine whose speed drifts treats them alike.
 * Ratios are taken within a round; the medians over the rounds are what is printed.
 */
export function interleave(candidates: readonly Candidate[], { rounds = 7, secondsEach = 0.15 } = {}): Measured[] {
  const times = candidates.map(() => [] as number[]);
  for (const candidate of candidates) for (let i = 0; i < 3; i++) candidate.run(); // past the baseline compiler
  for (let round = 0; round < rounds; round++) {
    candidates.forEach((candidate, i) => {
      const one = new Benchmark(candidate.name, candidate.run, { maxTime: secondsEach, minSamples: 3, async: false });
      one.run();
      if (one.error !== undefined) throw one.error;
      times[i]!.push(one.stats.mean);
    });
  }
  return candidates.map((candidate, i) => ({
    name: candidate.name,
    seconds: median(times[i]!),
    ratio: median(times[i]!.map((seconds, round) => times[0]![round]! / seconds)),
  }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
