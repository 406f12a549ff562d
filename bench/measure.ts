import type { Side, Turn } from "./sides.js";

/** One side's times over all turns, s a call. */
export interface Times {
  name: string;
  note?: string;
  best: number;
  median: number;
  /** Processor time, the least of the turns */
  processor?: number;
}

/** How much faster than a peer ours is: above 1, ours. */
export interface Ratio {
  /** Of the best times: what is left when nobody disturbs either side */
  best: number;
  /** Of the least processor times: what others take from the machine is hardly in it */
  processor?: number;
  /** Median of the turns' ratios, each of two neighbors in time */
  median: number;
  /** Interval of that median, by order statistics: whatever the distribution, at least 95 %; absent below six turns */
  interval?: readonly [number, number];
}

export interface Measured {
  ours: Times;
  peers: (Times & { ratio: Ratio })[];
  turns: number;
}

/**
 * Times sides in turn (A B C, A B C, …), so that a machine whose speed drifts treats them alike; at least six turns, and
 * more until `seconds` have passed.
 */
export async function interleave(sides: readonly Side[], seconds: number, most = 41): Promise<Measured> {
  const turns: Turn[][] = [];
  for (const side of sides) await side.turn(); // warms up, and finds how many calls a sample takes
  const begin = performance.now();
  while (turns.length < 6 || (turns.length < most && performance.now() - begin < 1e3 * seconds)) {
    const round: Turn[] = [];
    for (const side of sides) round.push(await side.turn());
    turns.push(round);
  }
  const times = sides.map(({ name, note }, i): Times => {
    const used = turns.flatMap((round) => round[i]!.processor ?? []);
    return {
      name,
      ...(note !== undefined && { note }),
      best: Math.min(...turns.map((round) => round[i]!.best)),
      median: median(turns.flatMap((round) => round[i]!.samples)),
      ...(used.length > 0 && { processor: Math.min(...used) }),
    };
  });
  const [ours, ...peers] = times as [Times, ...Times[]];
  return {
    ours,
    peers: peers.map((peer, i) => {
      const ratios = turns.map((round) => round[i + 1]!.best / round[0]!.best);
      const interval = medianInterval(ratios);
      const ratio: Ratio = { best: peer.best / ours.best, median: median(ratios), ...(interval && { interval }) };
      if (peer.processor && ours.processor) ratio.processor = peer.processor / ours.processor;
      return { ...peer, ratio };
    }),
    turns: turns.length,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The narrowest pair of order statistics, as far from the one end as from the other, between which the median lies with
 * at least 95 %: the number of values below it is binomial with 1/2. @returns undefined below six values
 */
export function medianInterval(values: readonly number[]): readonly [number, number] | undefined {
  const n = values.length;
  const sorted = [...values].sort((a, b) => a - b);
  let outside = 0; // probability that at most `cut` values are below the median
  let term = 2 ** -n;
  let cut = -1;
  for (let k = 0; k < n / 2; k++) {
    if (2 * (outside + term) > 0.05) break;
    outside += term;
    term *= (n - k) / (k + 1);
    cut = k;
  }
  return cut < 0 ? undefined : [sorted[cut]!, sorted[n - 1 - cut]!];
}
