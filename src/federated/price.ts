import type { Config } from "../config/config.js";
import type { RateModel, UploadProblem } from "../config/records.js";
import { priceUpload } from "../power/index.js";

/** What a round's price depends on beside the radio and the powers, each [K]. */
export interface RoundWork {
  /** 0 for clients that do not take part or skip */
  nominalBits: ArrayLike<number>;
  wireBits: ArrayLike<number>;
  /** Examples processed by each client over its local epochs */
  examples: ArrayLike<number>;
}

/** What a round costs. */
export interface RoundPrice {
  /** Of each upload [K]: s, and J with the circuit power while sending */
  perClient: { latency: Float64Array; energy: Float64Array };
  /** s: computation and downlink, then the slowest upload; Infinity where a client with bits to send has no rate */
  latency: number;
  /** J, everything in it */
  energy: number;
  /** The parts of both that no power changes: computation and downlink */
  fixed: { latency: number; energy: number };
}

/**
 * What a round asks of the power allocation: exactly what it will be billed for.
 * @param parameters d, for the downlink
 */
export function uploadProblem(
  { budgets }: Pick<Config, "budgets">,
  rates: RateModel,
  work: RoundWork,
  parameters: number,
): UploadProblem {
  const fixed = fixedCosts(budgets, work.examples, parameters);
  return {
    rates,
    bits: Float64Array.from(budgets.bits === "wire" ? work.wireBits : work.nominalBits),
    computeLatency: fixed.latency,
    circuitPower: budgets.circuitPower,
    fixedEnergy: fixed.energy,
    budgets: {
      energy: budgets.energy ?? Number.POSITIVE_INFINITY,
      latency: budgets.latency ?? Number.POSITIVE_INFINITY,
    },
  };
}

/**
 * The price of a round at given powers: ℓ = ℓ_fixed + max_k ℓ_k, E = E_fixed + Σ_k (P_u p_k + P_c) ℓ_k. There is no
 * other: runs, studies and problem files are all billed by it.
 * @throws InputError naming the field of the problem, or the power that is no finite number of 0 or more
 */
export function priceRound(problem: UploadProblem, power: ArrayLike<number>): RoundPrice {
  const { latency: perLatency, energy: perEnergy } = priceUpload(problem, power);
  const fixed = { latency: problem.computeLatency, energy: problem.fixedEnergy ?? 0 };
  let upload = 0;
  let energy = fixed.energy;
  for (let k = 0; k < perLatency.length; k++) {
    upload = Math.max(upload, perLatency[k]!);
    energy += perEnergy[k]!;
  }
  return { perClient: { latency: perLatency, energy: perEnergy }, latency: fixed.latency + upload, energy, fixed };
}

/** Everything that the powers do not change: local computation ([S]'s 15 ms per 1250 images, or the CPU model) and the downlink. */
export function fixedCosts(
  { compute, downlink }: Config["budgets"],
  examples: ArrayLike<number>,
  parameters: number,
): { latency: number; energy: number } {
  const { enabled, cyclesPerSample, frequency, capacitance } = compute.cpu;
  let slowest = 0;
  for (let k = 0; k < examples.length; k++) slowest = Math.max(slowest, examples[k]!);
  let latency = enabled ? (cyclesPerSample * slowest) / frequency : (compute.latencyPer1250 * slowest) / 1250;
  let energy = 0;
  if (enabled) {
    for (let k = 0; k < examples.length; k++) {
      energy += 0.5 * capacitance * cyclesPerSample * examples[k]! * frequency * frequency;
    }
  }
  if (downlink.enabled) {
    // The broadcast of w_t in full precision, to all clients at once.
    const seconds = (32 * parameters) / downlink.rate;
    latency += seconds;
    energy += downlink.power * seconds;
  }
  return { latency, energy };
}
