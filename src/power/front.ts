import { pow } from "../../bindings/math.js";
import { whole } from "../config/arguments.js";
import type { Allocation, UploadProblem } from "../config/records.js";
import { joint } from "./joint.js";
import { checkProblem } from "./problem.js";
import { totals } from "./totals.js";

/** One allocation of the energy–latency front. */
export interface FrontPoint {
  alpha: number;
  /** Σ E_k, J */
  energy: number;
  /** Round latency ℓ_c + max ℓ_k, s */
  latency: number;
  allocation: Allocation;
}

/**
 * The energy–latency front of a problem: `joint` at α from 0 (least latency) to 1 (least energy), each started from the
 * one before. No allocation is below and left of it. α lies evenly on the logarithm of α / (1 − α).
 * @param count points, 1 or more
 * @throws InputError naming the field of the problem
 * @example
 * const { network, seed } = parseConfig({ network: { clients: 4 } });
 * const rates = closedFormRates(createNetwork(network, { seed }));
 * const front = energyLatencyFront({ rates, bits: new Float64Array(4).fill(1e5), computeLatency: 0.075 }, 5);
 * front[0]!.latency < front[4]!.latency && front[0]!.energy > front[4]!.energy; // → true
 */
export function energyLatencyFront(problem: UploadProblem, count = 33): FrontPoint[] {
  checkProblem(problem);
  whole(1)("count", count);
  const front: FrontPoint[] = [];
  let previous: Float64Array | undefined;
  for (let i = 0; i < count; i++) {
    const odds = pow(10, -3 + (8 * (i - 1)) / Math.max(1, count - 3));
    const alpha = i === 0 ? 0 : i === count - 1 ? 1 : odds / (1 + odds);
    const allocation = joint({ alpha }).allocate(problem, previous);
    if (allocation.status !== "converged") continue;
    previous = allocation.power;
    front.push({ alpha, ...totals(problem, allocation), allocation });
  }
  return front;
}
