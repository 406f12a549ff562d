/** Random choices that a seed makes again: mulberry32. */
export interface Random {
  /** Uniform in [0, 1) */
  (): number;
  /** 0 … count − 1 */
  below(count: number): number;
  pick<T>(from: readonly T[]): T;
  chance(probability: number): boolean;
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(uniform() * count);
  return Object.assign(uniform, {
    below,
    pick: <T>(from: readonly T[]) => from[below(from.length)]!,
    chance: (probability: number) => uniform() < probability,
  });
}
