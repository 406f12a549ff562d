import { RunError } from "../../config/errors.js";

/** Who took part, of whom, and with which chances. */
export interface Participants {
  clients: readonly number[];
  /** Those that could have [≤ K]; all if left out */
  available?: readonly number[] | undefined;
  /** [K] */
  probability: readonly number[];
  round?: number;
}

/**
 * What each participant's update counts in the round's sum, in their order.
 *
 * "share": D_k / Σ_{j in S} D_j, of which the sum is 1. In expectation that is everybody's mean only where all D_k and all
 * chances are alike.
 * "unbiased": (D_k / D) / π_k (Horvitz and Thompson 1952), D = Σ D_j over those that could take part and π_k client k's
 * chance: E Σ_{k in S} w_k v_k = Σ_k (D_k / D) v_k whatever the chances, as long as none is 0. The sum is 1 in
 * expectation only.
 *
 * @param examples D_k [K]
 * @throws RunError for unbiased weights where somebody has no chance
 * @example
 * aggregationWeights([10, 30], { clients: [1], probability: [0.5, 0.5] }, "share"); // → [1]
 * aggregationWeights([10, 30], { clients: [1], probability: [0.5, 0.5] }, "unbiased"); // → [1.5]
 */
export function aggregationWeights(
  examples: ArrayLike<number>,
  { clients, available, probability, round }: Participants,
  weights: "share" | "unbiased",
): number[] {
  const sum = (over: readonly number[]) => over.reduce((total, client) => total + examples[client]!, 0);
  if (weights === "share") {
    const total = sum(clients);
    return clients.map((client) => examples[client]! / total);
  }
  const all = available ?? Array.from({ length: examples.length }, (_, client) => client);
  const without = all.filter((client) => !(probability[client]! > 0));
  if (without.length > 0) {
    throw new RunError(
      `no chance to take part, so that no weights are unbiased (selection.exploration above 0 gives everybody one)`,
      { ...(round !== undefined && { round }), client: without[0]! },
    );
  }
  const total = sum(all);
  return clients.map((client) => examples[client]! / total / probability[client]!);
}
