import { noncentralAbove, studentQuantile } from "./student.js";

/** What a study is planned for. */
export interface Planned {
  /** Standard deviation of a paired difference from seed to seed */
  deviation: number;
  /** Of both sides together: 0.05, or that over the number of claims of a family */
  tails: number;
  /** Chance that the difference is seen */
  power: number;
}

/** Chance that a paired t test over so many seeds sees a difference, on either side. */
export function powerOf(seeds: number, difference: number, { deviation, tails }: Omit<Planned, "power">): number {
  const degrees = seeds - 1;
  const limit = studentQuantile(tails, degrees);
  const center = (difference / deviation) * Math.sqrt(seeds);
  return noncentralAbove(limit, degrees, center) + noncentralAbove(limit, degrees, -center);
}

/** The fewest seeds that see such a difference with the planned chance. */
export function seedsFor(difference: number, planned: Planned): number {
  let seeds = 2;
  while (powerOf(seeds, difference, planned) < planned.power) seeds++;
  return seeds;
}

/** The smallest difference that so many seeds see with the planned chance. */
export function detectable(seeds: number, planned: Planned): number {
  let [low, high] = [0, planned.deviation];
  while (powerOf(seeds, high, planned) < planned.power) high *= 2;
  for (let halvings = 0; halvings < 40; halvings++) {
    const middle = (low + high) / 2;
    if (powerOf(seeds, middle, planned) < planned.power) low = middle;
    else high = middle;
  }
  return high;
}
