import type { ClientTask } from "./task.js";

/** What one client's decoded update [d] counts in each of the round's sums. */
export interface WeightedUpdate {
  weights: readonly number[];
  decoded: Float32Array;
}

/** Room for a round's sums, all 0: as many as its tasks have weights, [d] each. */
export function emptySums(
  tasks: readonly ClientTask[],
  size: number,
  zeros: (length: number) => Float64Array = (length) => new Float64Array(length),
): Float64Array[] {
  return (tasks[0]?.weights ?? []).map(() => zeros(size));
}

/**
 * Adds weight · decoded to each sum, in the order of the updates, which is part of the result.
 * @param first and `end`: the entries, all unless given
 */
export function addUpdates(
  sums: readonly Float64Array[],
  updates: readonly WeightedUpdate[],
  first = 0,
  end = sums[0]?.length ?? 0,
): void {
  for (const { weights, decoded } of updates) {
    for (const [s, sum] of sums.entries()) {
      const weight = weights[s]!;
      for (let i = first; i < end; i++) sum[i] = sum[i]! + weight * decoded[i]!;
    }
  }
}
