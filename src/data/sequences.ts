import type { Examples } from "../config/records.js";
import type { Allocate } from "./storage.js";
import type { Subset } from "./subset.js";

/** Sequences `start` … `start + count − 1` of one owner's tokens. */
export interface OwnedSequences {
  tokens: Int32Array;
  start: number;
  count: number;
}

/**
 * Examples of next-token prediction: sequence j has tokens j·L … j·L + L − 1 as inputs and the same, one
 * further on, as targets.
 *
 * @param length L
 * @param subset which of all of them
 * @returns inputs and targets [count · L], and each example's owner
 * @throws InputError when more are wanted than there are
 */
export function cutSequences(
  owners: readonly OwnedSequences[],
  length: number,
  subset: Subset,
  allocate: Allocate,
): { examples: Examples; owners: Int32Array; available: number } {
  const available = owners.reduce((sum, owner) => sum + owner.count, 0);
  const pick = subset(available);
  const inputs = allocate.i32(pick.length * length);
  const targets = allocate.i32(pick.length * length);
  const ownerOf = allocate.i32(pick.length);
  let first = 0;
  let next = 0;
  for (const [number, { tokens, start, count }] of owners.entries()) {
    for (; next < pick.length && pick[next]! < first + count; next++) {
      const from = (start + pick[next]! - first) * length;
      inputs.set(tokens.subarray(from, from + length), next * length);
      targets.set(tokens.subarray(from + 1, from + length + 1), next * length);
      ownerOf[next] = number;
    }
    first += count;
  }
  return { examples: { count: pick.length, inputs, targets }, owners: ownerOf, available };
}
