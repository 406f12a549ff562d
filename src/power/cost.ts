import { log1p } from "../../bindings/math.js";
import type { Allocation, Processors, RateModel, Status, UploadProblem } from "../config/records.js";

/**
 * SINR_k(p) = A_k p_k / (B_k p_k + Σ_j B̃_kj p_j + I_k), 0 for a client without signal or power.
 * (Ngo et al., TWC 2017, eq. 27, in the five arrays of the rate model.)
 */
export function sinr(rates: RateModel, power: ArrayLike<number>, client: number): number {
  const gain = rates.signal[client]! * power[client]!;
  if (!(gain > 0)) return 0;
  return gain / disturbance(rates, power, client);
}

/** D_k(p) = B_k p_k + Σ_j B̃_kj p_j + I_k. */
export function disturbance(rates: RateModel, power: ArrayLike<number>, client: number): number {
  const clients = rates.clients;
  const row = client * clients;
  let sum = 0;
  for (let j = 0; j < clients; j++) sum += rates.interference[row + j]! * power[j]!;
  return rates.selfInterference[client]! * power[client]! + sum + rates.noise[client]!;
}

/** bit/s at a given SINR: W log2(1 + SINR), through log1p so that small rates keep their digits. */
export function rateOf(rates: RateModel, ratio: number): number {
  return rates.bandwidth * Math.LOG2E * log1p(ratio);
}

/**
 * What an upload costs at given powers, and what is billed for it: rate R_k (bit/s), latency ℓ_k = S_k / R_k (s) and
 * energy E_k = (P_u p_k + P_c) ℓ_k (J), each [K]. A client with nothing to send costs nothing, whatever its rate; one
 * with bits and no rate never finishes: latency Infinity, energy Infinity if it draws any power, else 0.
 * `fixedEnergy` is a round's and not in here.
 */
export function priceUpload(
  problem: UploadProblem,
  power: ArrayLike<number>,
): { rate: Float64Array; latency: Float64Array; energy: Float64Array } {
  const { rates, bits } = problem;
  const rate = new Float64Array(rates.clients);
  const latency = new Float64Array(rates.clients);
  const energy = new Float64Array(rates.clients);
  for (let k = 0; k < rates.clients; k++) {
    rate[k] = rateOf(rates, sinr(rates, power, k));
    if (bits[k] === 0) continue;
    latency[k] = secondsFor(bits[k]!, rate[k]!);
    energy[k] = joulesOver(latency[k]!, problem, power[k]!);
  }
  return { rate, latency, energy };
}

/**
 * F + Σ E_k, J, and max ℓ_k, s, as `priceUpload` has them, without the clients' own: nothing is left for the collector.
 * @param problem one that was checked
 */
export function totalUpload(problem: UploadProblem, power: ArrayLike<number>): { latency: number; energy: number } {
  const { rates, bits, fixedEnergy = 0 } = problem;
  let slowest = 0;
  let energy = fixedEnergy;
  for (let k = 0; k < rates.clients; k++) {
    if (bits[k] === 0) continue;
    const latency = secondsFor(bits[k]!, rateOf(rates, sinr(rates, power, k)));
    slowest = Math.max(slowest, latency);
    energy += joulesOver(latency, problem, power[k]!);
  }
  return { latency: slowest, energy };
}

const secondsFor = (bits: number, rate: number): number => (rate === 0 ? Number.POSITIVE_INFINITY : bits / rate);

function joulesOver(latency: number, { rates, circuitPower = 0 }: UploadProblem, power: number): number {
  const draw = rates.transmitPower * power + circuitPower;
  return draw === 0 ? 0 : draw * latency;
}

/** What computation costs each client at given frequencies, each [K]: τ_k = w_k / f_k s and ½ α_k w_k f_k² J. */
export function priceComputation(
  { cyclesPerSample, samples, capacitance }: Processors,
  frequency: ArrayLike<number>,
): { computeLatency: Float64Array; computeEnergy: Float64Array } {
  const computeLatency = samples.map((count, k) => {
    const cycles = cyclesPerSample[k]! * count;
    return cycles === 0 ? 0 : cycles / frequency[k]!;
  });
  const computeEnergy = samples.map(
    (count, k) => 0.5 * capacitance[k]! * cyclesPerSample[k]! * count * frequency[k]! * frequency[k]!,
  );
  return { computeLatency, computeEnergy };
}

/**
 * The record of an allocation: its price, with processors that of the computation at the frequencies, or at those of who
 * chooses none, and "infeasible" with the clients named where somebody who has
 * bits to send got no rate, whatever the method thought of its own convergence.
 */
export function allocation(
  problem: UploadProblem,
  power: Float64Array,
  outcome: { status: Status; iterations: number; reason?: string },
  chosen?: Float64Array,
): Allocation {
  const { cpu } = problem;
  const frequency = chosen ?? cpu?.frequency ?? cpu?.maximumFrequency;
  const upload = priceUpload(problem, power);
  const price =
    cpu === undefined
      ? upload
      : { ...upload, frequency: Float64Array.from(frequency!), ...priceComputation(cpu, frequency!) };
  const silent = endless(price.latency);
  if (silent.length > 0 && outcome.status !== "infeasible") {
    return {
      power,
      ...price,
      status: "infeasible",
      iterations: outcome.iterations,
      reason: `${nameClients(silent)} would never finish: bits to send and no rate`,
    };
  }
  return { power, ...price, ...outcome };
}

/** "client 3", "clients 3, 7". */
export function nameClients(clients: readonly number[]): string {
  return `${clients.length === 1 ? "client" : "clients"} ${clients.join(", ")}`;
}

function endless(latency: Float64Array): number[] {
  const found: number[] = [];
  for (let k = 0; k < latency.length; k++) if (!(latency[k]! < Number.POSITIVE_INFINITY)) found.push(k);
  return found;
}
