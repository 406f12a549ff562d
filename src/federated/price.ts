import { numberArray } from "../config/arguments.js";
import type { Config } from "../config/config.js";
import type { Processors, RateModel, UploadProblem } from "../config/records.js";
import type { DownlinkRates } from "../network/index.js";
import { priceComputation, priceUpload, totalUpload } from "../power/index.js";
import type { Devices } from "../system/devices.js";
import type { SentBits } from "./downlink.js";
import { type DownlinkPrice, priceDownlink, serverSent } from "./downlinkPrice.js";

/** What a round's price depends on beside the radio and the powers, each [K]. */
export interface RoundWork {
  /** 0 for clients that do not take part or skip */
  nominalBits: ArrayLike<number>;
  wireBits: ArrayLike<number>;
  /** Examples processed by each client over its local epochs */
  examples: ArrayLike<number>;
  /** Of the packet to the clients; the model itself, at 32 bits an entry, if left out */
  downlink?: SentBits;
  /** Sent back to all, by a method that looks at all clients */
  exchange?: SentBits;
}

/** What a round has beside its uploads, where it is not as usual. */
export interface FixedBeside {
  devices?: Devices | undefined;
  /** J that each client may use in the round [K], where the power method is to know */
  allowances?: Float64Array | undefined;
  downlink?: DownlinkRates | undefined;
  fronthaul?: { latency: number; energy: number } | undefined;
}

/** What a round costs. */
export interface RoundPrice {
  /** Of each upload [K]: s, and J with the circuit power while sending */
  perClient: { latency: Float64Array; energy: Float64Array };
  /** Where frequencies are chosen, of each client: f_k [K] Hz, and what its computation takes, [K] s and [K] J */
  computation?: { frequency: Float64Array; latency: Float64Array; energy: Float64Array };
  /** s: computation and downlink, then the slowest upload, or the slowest of both; Infinity where a client with bits to send has no rate */
  latency: number;
  /** J, everything in it */
  energy: number;
  /** The parts of both that nothing chosen changes: downlink, and computation at a fixed frequency */
  fixed: { latency: number; energy: number };
}

/**
 * What a round asks of the power allocation: exactly what it will be billed for.
 * @param parameters d, for the downlink
 * @param beside.devices where the clients' processors differ each computes at its own pace, and sends once it is done
 * @param beside.downlink its rates, where they are those of the run's own channels
 * @param beside.fronthaul what the access points' links take beside
 */
export function uploadProblem(
  { budgets }: Pick<Config, "budgets">,
  rates: RateModel,
  work: RoundWork,
  parameters: number,
  { devices, allowances, downlink, fronthaul }: FixedBeside = {},
): UploadProblem {
  const own = devices?.differ === true ? devices : undefined;
  const fixed = fixedCosts(
    budgets,
    own === undefined ? work.examples : [],
    priceDownlink(budgets, { sent: serverSent(work), parameters }, downlink),
  );
  return {
    rates,
    bits: new Float64Array(budgets.bits === "wire" ? work.wireBits : work.nominalBits),
    computeLatency: fixed.latency + (fronthaul?.latency ?? 0),
    circuitPower: budgets.circuitPower,
    fixedEnergy: fixed.energy + (fronthaul?.energy ?? 0),
    ...(devices?.charge.some((joules) => joules < Number.POSITIVE_INFINITY) && { batteries: devices.charge }),
    ...(allowances && { allowances }),
    ...(choosesFrequency(budgets) || own ? { cpu: processorsOf(budgets, work.examples, own) } : {}),
    budgets: {
      energy: budgets.energy ?? Number.POSITIVE_INFINITY,
      latency: budgets.latency ?? Number.POSITIVE_INFINITY,
    },
  };
}

/**
 * The price of a round at given powers: ℓ = ℓ_fixed + max_k ℓ_k, E = E_fixed + Σ_k (P_u p_k + P_c) ℓ_k; with processors
 * ℓ = ℓ_fixed + max_k (τ_k + ℓ_k), and E has Σ_k ½ α_k w_k f_k² beside it. There is no other: runs, studies and problem
 * files are all billed by it.
 * @param frequency Hz [K], with processors; those of who chooses none if left out
 * @throws InputError naming the field of the problem, or the power that is no finite number of 0 or more
 * @example
 * const { network, seed } = parseConfig({ network: { clients: 2 } });
 * const rates = closedFormRates(createNetwork(network, { seed }));
 * const problem = { rates, bits: Float64Array.of(1e5, 1e5), computeLatency: 0.075 };
 * const full = priceRound(problem, [1, 1]);
 * const half = priceRound(problem, [0.5, 0.5]);
 * full.latency < half.latency && half.energy < full.energy; // → true
 */
export function priceRound(
  problem: UploadProblem,
  power: ArrayLike<number>,
  frequency?: ArrayLike<number>,
): RoundPrice {
  return priceSending(problem, priceUpload(problem, power), frequency);
}

/** The price of a round in which sending takes each client `latency` s and `energy` J, both [K]. */
export function priceSending(
  problem: UploadProblem,
  { latency: perLatency, energy: perEnergy }: RoundPrice["perClient"],
  frequency?: ArrayLike<number>,
): RoundPrice {
  const fixed = { latency: problem.computeLatency, energy: problem.fixedEnergy ?? 0 };
  const computation = problem.cpu === undefined ? undefined : computationAt(problem.cpu, frequency);
  let slowest = 0;
  let energy = fixed.energy;
  for (let k = 0; k < perLatency.length; k++) {
    slowest = Math.max(slowest, perLatency[k]! + (computation?.latency[k] ?? 0));
    energy += perEnergy[k]! + (computation?.energy[k] ?? 0);
  }
  return {
    perClient: { latency: perLatency, energy: perEnergy },
    ...(computation === undefined ? {} : { computation }),
    ...{ latency: fixed.latency + slowest, energy, fixed },
  };
}

/**
 * The latency and energy of `priceRound`, bit for bit, for millions of drops: what each client pays is not kept.
 * @param problem one that a power method was given, and `power` its answer: both are checked
 */
export function totalRound(
  problem: UploadProblem,
  power: ArrayLike<number>,
  frequency?: ArrayLike<number>,
): Pick<RoundPrice, "latency" | "energy"> {
  if (problem.cpu !== undefined) return priceRound(problem, power, frequency);
  const { latency, energy } = totalUpload(problem, power);
  return { latency: problem.computeLatency + latency, energy };
}

function computationAt(cpu: Processors, given?: ArrayLike<number>): NonNullable<RoundPrice["computation"]> {
  const frequency = Float64Array.from(given ?? cpu.frequency ?? cpu.maximumFrequency);
  numberArray("frequency", frequency);
  const { computeLatency: latency, computeEnergy: energy } = priceComputation(cpu, frequency);
  return { frequency, latency, energy };
}

const choosesFrequency = ({ compute: { cpu } }: Config["budgets"]): boolean => cpu.enabled && cpu.choose;

/** Every client's processor: all alike, or each its own, at one frequency unless that is chosen. */
function processorsOf(
  { compute: { cpu } }: Config["budgets"],
  examples: ArrayLike<number>,
  devices: Devices | undefined,
): Processors {
  const each = (value: number): Float64Array => new Float64Array(examples.length).fill(value);
  if (devices !== undefined) {
    const { frequency, cyclesPerSample, capacitance } = devices;
    const least = cpu.choose ? frequency.map((most) => Math.min(most, cpu.minimumFrequency)) : frequency.slice();
    return {
      ...{
        cyclesPerSample: cyclesPerSample.slice(),
        samples: Float64Array.from(examples),
        capacitance: capacitance.slice(),
      },
      ...{ minimumFrequency: least, maximumFrequency: frequency.slice(), frequency: frequency.slice() },
    };
  }
  return {
    cyclesPerSample: each(cpu.cyclesPerSample),
    samples: Float64Array.from(examples),
    capacitance: each(cpu.capacitance),
    minimumFrequency: each(cpu.minimumFrequency),
    maximumFrequency: each(cpu.maximumFrequency),
    frequency: each(cpu.frequency),
  };
}

/** Everything that the powers do not change, nor frequencies that are chosen: local computation ([S]'s 15 ms per 1250 images, or the CPU model) and the downlink. */
export function fixedCosts(
  { compute }: Config["budgets"],
  examples: ArrayLike<number>,
  downlink: DownlinkPrice = { latency: 0, energy: 0 },
): { latency: number; energy: number } {
  const { enabled, choose, cyclesPerSample, frequency, capacitance } = compute.cpu;
  let slowest = 0;
  for (let k = 0; k < examples.length; k++) slowest = Math.max(slowest, examples[k]!);
  if (enabled && choose) slowest = 0;
  let latency = enabled ? (cyclesPerSample * slowest) / frequency : (compute.latencyPer1250 * slowest) / 1250;
  let energy = 0;
  if (enabled && !choose) {
    for (let k = 0; k < examples.length; k++) {
      energy += 0.5 * capacitance * cyclesPerSample * examples[k]! * frequency * frequency;
    }
  }
  latency += downlink.latency;
  energy += downlink.energy;
  return { latency, energy };
}
